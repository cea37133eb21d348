"""Workers and servers whose clock is wrong: turns, runs and notifications go by the database's."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import EndUser
from providers.models import Connection, SyncRun
from providers.pull import connection_lease, notifications, pull
from tests.providers.connecting import connect, push, work
from tests.providers.vendor import Vendor
from tests.wrong_clock import TEN_MINUTES, Off

pytestmark = pytest.mark.django_db


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> Off:
    """Sets this process's clock wrong."""
    return Off(monkeypatch)


def right_now() -> datetime:
    return datetime.now(UTC)


def test_a_worker_ten_minutes_ahead_takes_nobodys_turn(vendor: Vendor, jane: EndUser, off: Off) -> None:
    row = connect(vendor, jane)
    held = connection_lease.acquire(row.pk)
    assert held is not None
    off(TEN_MINUTES)
    assert connection_lease.acquire(row.pk) is None
    assert pull.connections_waiting() == []
    assert notifications.connections_waiting(10, grace=0) == []
    assert pull.work(row.pk) is False
    held.renew()
    assert Connection.objects.get().lease == held.held.token


@pytest.mark.parametrize("seconds", [TEN_MINUTES, -TEN_MINUTES])
def test_a_turn_lasts_as_long_whoever_takes_it(vendor: Vendor, jane: EndUser, off: Off, seconds: float) -> None:
    row = connect(vendor, jane)
    off(seconds)
    lease = connection_lease.acquire(row.pk)
    assert lease is not None
    for step in (lambda: None, lease.renew):
        step()
        until = Connection.objects.values_list("locked_until", flat=True).get()
        assert (
            timedelta(seconds=connection_lease.LEASE_SECONDS - 5)
            < until - right_now()
            <= timedelta(seconds=connection_lease.LEASE_SECONDS)
        )


def test_a_run_that_is_fetched_is_not_due_to_a_worker_ten_minutes_ahead(
    vendor: Vendor, jane: EndUser, off: Off
) -> None:
    row = connect(vendor, jane)
    SyncRun.objects.update(state="fetching", due_at=right_now() + timedelta(seconds=connection_lease.LEASE_SECONDS))
    off(TEN_MINUTES)
    assert (pull.is_due(row.pk), pull.connections_waiting()) == (False, [])


@pytest.mark.parametrize("seconds", [TEN_MINUTES, -TEN_MINUTES])
def test_a_run_opened_by_a_wrong_clock_is_done_at_once_and_tried_again_in_time(
    vendor: Vendor, jane: EndUser, off: Off, seconds: float
) -> None:
    off(seconds)
    row = connect(vendor, jane)
    vendor.faults.append((500, b"oops", {}))
    work(row)
    run = SyncRun.objects.get()
    assert (run.state, run.attempts) == ("queued", 1)
    assert 20 < (run.due_at - right_now()).total_seconds() < 40
    SyncRun.objects.update(due_at=right_now())
    work(row)
    assert SyncRun.objects.get().state == "success"


@pytest.mark.parametrize("seconds", [TEN_MINUTES, -TEN_MINUTES])
def test_the_next_appointment_is_by_the_right_clock(vendor: Vendor, jane: EndUser, off: Off, seconds: float) -> None:
    row = connect(vendor, jane)
    work(row)
    before = right_now() + timedelta(minutes=5)
    Connection.objects.update(next_sync_at=before)
    off(seconds)
    assert pull.open_periodic() == 0
    Connection.objects.update(next_sync_at=right_now())
    assert pull.open_periodic() == 1
    hours = (Connection.objects.get().next_sync_at - right_now()).total_seconds() / 3600
    assert 21 < hours < 27


def test_what_a_server_ten_minutes_ahead_is_told_is_looked_into_at_once(
    vendor: Vendor, jane: EndUser, off: Off
) -> None:
    row = connect(vendor, jane)
    work(row)
    vendor.days["user-1"] = [{"id": "d1", "day": right_now().date().isoformat(), "steps": 9000}]
    off(TEN_MINUTES)
    event = {"kind": "days", "user": "user-1", "id": "d1", "action": "update", "at": 1}
    assert push(event, at=time.time() + TEN_MINUTES).status_code == 200  # else the signature is too old for it
    off(0)  # the worker's is right
    assert notifications.connections_waiting(10, grace=0) == [(row.pk, row.organization_id)]
