"""The README's calls by the client that openapi-python-client made: story.py BASE KEY. Ends with 1 where one fails."""

import sys
import time
from datetime import UTC, datetime

from wearlink_client import AuthenticatedClient
from wearlink_client.api.health_data import list_timeseries
from wearlink_client.api.sdk import get_sdk_sync, sync_sdk_data
from wearlink_client.api.users import users_create, users_list, users_token
from wearlink_client.models import (
    AccessToken,
    CreatedEndUser,
    EndUserInputRequest,
    EndUserPage,
    JobStatusEnum,
    ListTimeseriesResolution,
    SdkProviderEnum,
    SyncAccepted,
    SyncDataRequest,
    SyncRecordRequest,
    SyncRequest,
    SyncStatus,
    TimeseriesPage,
)

AT = datetime(2026, 4, 23, 6, 30, tzinfo=UTC)


def main(base: str, key: str) -> None:
    """Go from a new user to the first reading."""
    server = AuthenticatedClient(base, token=key)
    user = users_create.sync(
        client=server, body=EndUserInputRequest(email="generated@example.com", time_zone="Europe/Paris")
    )
    assert isinstance(user, CreatedEndUser), user
    assert user.warnings == []

    token = users_token.sync(user.id, client=server)
    assert isinstance(token, AccessToken), token
    phone = AuthenticatedClient(base, token=token.access_token)
    record = SyncRecordRequest(
        type_="HKQuantityTypeIdentifierHeartRate", start_date=AT, end_date=AT, value=72, unit="count/min"
    )
    upload = SyncRequest(
        provider=SdkProviderEnum.APPLE, sdk_version="1.0.0", sync_timestamp=AT, data=SyncDataRequest(records=[record])
    )
    sent = sync_sdk_data.sync(user.id, client=phone, body=upload)
    assert isinstance(sent, SyncAccepted), sent

    job = get_sdk_sync.sync(user.id, sent.id, client=server)
    while isinstance(job, SyncStatus) and job.status in (JobStatusEnum.QUEUED, JobStatusEnum.RUNNING):
        time.sleep(0.2)
        job = get_sdk_sync.sync(user.id, sent.id, client=server)
    assert isinstance(job, SyncStatus), job
    assert (job.status, job.inserted) == (JobStatusEnum.DONE, 1)

    page = list_timeseries.sync(
        user.id,
        client=server,
        start_time=AT.replace(hour=0),
        end_time=AT.replace(hour=23),
        types="heart_rate",
        resolution=ListTimeseriesResolution.RAW,
    )
    assert isinstance(page, TimeseriesPage), page
    assert [(one.series_type, one.value, one.unit) for one in page.data] == [("heart_rate", 72, "bpm")]

    found = users_list.sync(client=server, email="GENERATED@example.com")
    assert isinstance(found, EndUserPage), found
    assert [one.id for one in found.data] == [user.id]
    sys.stdout.write(f"a reading of {page.data[0].value} {page.data[0].unit}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
