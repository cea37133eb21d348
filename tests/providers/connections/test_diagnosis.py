"""A diagnosis names the cause and what helps, whatever is wrong."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import EndUser
from providers.connections.diagnosis import _some
from providers.models import Connection, SyncRun
from providers.runs import sync_runs
from providers.vendor_api import circuit_breaker
from tests import factories
from tests.providers.connecting import connect, push, work
from tests.providers.vendor import Vendor
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
Found = dict[str, dict[str, Any]]


def diagnosis(user: EndUser) -> Found:
    answer = factories.key_client(user.organization).get(f"/api/v1/users/{user.id}/connections/acme/diagnosis").json()
    troubles = [one for one in answer["checks"] if one["status"] in ("problem", "warning")]
    assert all(one["next_step"] for one in troubles if one["name"] != "last_error"), troubles
    return {one["name"]: one for one in answer["checks"]}


def sync(row: Connection, user: EndUser) -> None:
    factories.key_client(user.organization).post(f"/api/v1/providers/acme/users/{user.id}/sync")
    work(row)


@pytest.fixture
def row(vendor: Vendor, jane: EndUser) -> Connection:
    """A connection whose first sync is over."""
    found = connect(vendor, jane)
    work(found)
    circuit_breaker.record_success("acme:platform")
    return found


def test_a_limit_of_the_vendors_is_named_with_its_end(vendor: Vendor, row: Connection, jane: EndUser) -> None:
    vendor.faults.append((429, b"{}", {"Retry-After": "90"}))
    sync(row, jane)
    found = diagnosis(jane)
    assert (found["quota"]["status"], found["quota"]["code"]) == ("warning", "vendor_limit")
    assert clock.rfc3339(clock.now_ms() + 90_000)[:13] in found["quota"]["next_step"]
    assert found["last_sync"]["code"] == "sync_waits"
    assert "waits until" in found["last_sync"]["message"]


def test_an_open_circuit_is_named_with_its_end(vendor: Vendor, row: Connection, jane: EndUser) -> None:
    vendor.faults += [(500, b"", {})] * 10
    for _ in range(6):
        sync(row, jane)
        SyncRun.objects.update(due_at=clock.now() - timedelta(seconds=1))
    found = diagnosis(jane)
    assert (found["calls"]["status"], found["calls"]["code"]) == ("problem", "circuit_open")
    assert "calls pause until 20" in found["calls"]["message"]
    assert "by themselves" in found["calls"]["next_step"]


def test_a_page_instead_of_data_is_an_outage_of_the_vendors(vendor: Vendor, row: Connection, jane: EndUser) -> None:
    vendor.faults.append((200, b"<html>maintenance</html>", {}))
    sync(row, jane)
    found = diagnosis(jane)["last_sync"]
    assert found["code"] == "completed_with_errors"
    assert "outage" in found["next_step"]


def test_refused_data_are_shown_by_example(vendor: Vendor, row: Connection, jane: EndUser) -> None:
    run = sync_runs.open_run(row, SyncRun.Trigger.MANUAL, clock.now().date(), clock.now().date())
    problem = {"kind": "sleep", "code": "refused", "detail": "Refused: 3 × wrong_type (bedtime_start)."}
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.COMPLETED_WITH_ERRORS, problems=[problem])
    found = diagnosis(jane)["last_sync"]
    assert "3 × wrong_type (bedtime_start)" in found["message"]
    assert "sync-runs" in found["next_step"]


def test_a_wrong_client_secret_is_a_matter_of_the_settings(vendor: Vendor, row: Connection, jane: EndUser) -> None:
    vendor.access.clear()
    vendor.token_faults += [(401, b'{"error": "invalid_client"}', {})] * 5
    sync(row, jane)
    found = diagnosis(jane)
    assert (found["credentials"]["status"], found["credentials"]["code"]) == ("problem", "app_refused")
    assert "client id and secret" in found["credentials"]["next_step"]
    assert "client id and secret" in found["last_sync"]["next_step"]


def test_wrong_signatures_are_told_of(row: Connection, jane: EndUser) -> None:
    event = {"kind": "days", "user": "user-1", "id": "d1", "event_id": "e1"}
    assert push(event, secret="another secret than ours").status_code == 401
    found = diagnosis(jane)["signatures"]
    assert (found["status"], found["code"]) == ("warning", "signatures_wrong")
    assert "secret" in found["next_step"]


def test_many_missing_subscriptions_are_some_and_a_number() -> None:
    assert _some({"a", "b"}) == "a, b"
    assert _some({f"t{number:02}" for number in range(33)}) == "t00, t01, t02, t03, t04 and 28 more"
