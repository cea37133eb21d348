"""The days that demo users' phones still have to send."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from accounts.authentication import sdk_token
from accounts.models import EndUser
from healthdata import queries
from wearlink.demo import cloud, upload, wire
from wearlink.demo.day import HOUR, DemoDay, day_of
from wearlink.demo.demo_users import DemoUser
from wearlink.demo.tenant import DemoTenant

DAYS: Final = 60


def fill(tenant: DemoTenant, base_url: str, now: int, days: int = DAYS) -> int:
    """Send every day that is missing up to the last full hour before `now` (ms) and wait until all can be read.

    Returns how many days were sent. Raises UploadFailed.
    """
    until, sent = now // HOUR * HOUR, 0
    phones = []
    with upload.connected(base_url) as connection:
        for demo_user, end_user in tenant.demo_users:
            token = sdk_token(end_user)
            phone = upload.DemoPhone(connection, f"/api/v1/sdk/users/{end_user.id}/sync", token)
            phones.append(phone)
            for day in missing(demo_user, end_user, until, days):
                phone.send(wire.body(cloud.with_reports(day), until))
                sent += 1
        upload.wait(phones)
    return sent


def missing(demo_user: DemoUser, end_user: EndUser, until: int, days: int) -> Iterator[DemoDay]:
    """Yield oldest first, without days on which no device was there. Days were sent in order, so those before the
    newest heart rate are whole.
    """
    newest = queries.latest(end_user.key, series=("heart_rate",)).get("heart_rate")
    today = day_of(demo_user, until)
    known = day_of(demo_user, newest.timestamp).date if newest else today.date - timedelta(days=days - 1)
    first = max(known, today.date - timedelta(days=days - 1))
    for ahead in range((today.date - first).days + 1):
        day = DemoDay(demo_user, first + timedelta(days=ahead))
        if day.start < until and not day.is_silent:
            yield day
