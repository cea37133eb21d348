"""Limits of what may wait: bytes of an end user and of an organization, and the sources of an end user."""

from typing import Any

import pytest

from accounts.models import EndUser
from healthdata.models import Source
from healthdata.store import sources
from providers.models import Payload
from providers.payloads import backlog
from providers.payloads.process import drain
from tests import factories
from tests.providers.sync_bodies import PHONE, WATCH, heart_rates, record, sync

pytestmark = pytest.mark.django_db
MB = 1024 * 1024


@pytest.fixture
def jane() -> EndUser:
    """An end user of Alice's."""
    return factories.end_user(factories.alice().organization)


@pytest.fixture
def _small(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of a megabyte and of two bodies, and no memory of what waited a moment ago."""
    settings.PAYLOAD_BACKLOG_BYTES, settings.ORGANIZATION_BACKLOG_BYTES = MB, 2 * len(body(0)) + 100_000
    monkeypatch.setattr(backlog, "REMEMBERED", 0.0)
    monkeypatch.setattr(backlog, "REMEMBERED_NEARLY_FULL", 0.0)


def body(number: int) -> bytes:
    """Return some seven hundred thousand bytes."""
    return sync(records=heart_rates(2_200, first=5_000 * number))


def post(user: EndUser, content: bytes) -> Any:
    path = f"/api/v1/sdk/users/{user.id}/sync"
    return factories.sdk_client(user).post(path, data=content, content_type="application/json")


@pytest.mark.usefixtures("_small")
def test_an_end_user_may_have_so_many_bytes_waiting(jane: EndUser) -> None:
    assert MB / 2 < len(body(0)) < MB
    assert post(jane, body(0)).status_code == 202
    refused = post(jane, body(1))
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (429, "backlog", "30")
    assert refused.json()["detail"].startswith("More than 1 MB of this user wait to be processed.")
    assert post(jane, body(0)).status_code == 202  # a repeat adds nothing
    assert post(factories.end_user(jane.organization), body(1)).status_code == 202
    drain(jane.key)
    assert post(jane, body(1)).status_code == 202


@pytest.mark.usefixtures("_small")
def test_an_organization_may_have_so_many_bytes_waiting_and_its_neighbour_its_own(jane: EndUser) -> None:
    june, jack, charlies = (
        factories.end_user(owner) for owner in (jane.organization, jane.organization, factories.charlie().organization)
    )
    assert [post(user, body(0)).status_code for user in (jane, june)] == [202, 202]
    refused = post(jack, body(0))
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert refused.json()["detail"].startswith("More than 1 MB of this organization wait to be processed.")
    assert post(charlies, body(0)).status_code == 202
    drain(jane.key)
    assert post(jack, body(0)).status_code == 202


def test_what_waits_is_not_summed_up_at_every_post(jane: EndUser, settings: Any) -> None:
    settings.ORGANIZATION_BACKLOG_BYTES = 10 * MB
    assert backlog.has_room(jane.organization_id, 4 * MB)
    assert backlog.has_room(jane.organization_id, 4 * MB)  # what this process took is added
    assert not backlog.has_room(jane.organization_id, 4 * MB)
    assert backlog.has_room(jane.organization_id, MB)


def test_records_of_sources_beyond_the_bound_are_counted_and_the_others_stay(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MAX_SOURCES", 1)
    other = factories.end_user(factories.charlie().organization)
    post(jane, sync(records=heart_rates(3)))
    drain(jane.key)
    crowd = [
        record(id=f"p-{n}", startDate=(at := f"2026-04-16T06:0{n}:00Z"), endDate=at, source=PHONE) for n in range(4)
    ]
    answer = post(jane, sync(records=[*heart_rates(2, first=10), *crowd]))
    drain(jane.key)
    batch = Payload.objects.get(batch_id=answer.json()["batch_id"])
    assert (batch.state, batch.inserted, batch.rejected) == ("done", 2, {"too_many_sources": 4})
    assert Source.objects.get(user_key=jane.key).model == WATCH["deviceModel"]
    sync_status = factories.sdk_client(jane).get(f"/api/v1/sdk/users/{jane.id}/sync/{batch.batch_id}").json()
    assert sync_status["status"] == "done_with_errors"
    post(other, sync(records=[record(source=PHONE)]))
    drain(other.key)
    assert Source.objects.get(user_key=other.key).model == PHONE["deviceModel"]
