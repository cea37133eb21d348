"""Runs against a vendor on loopback: windows, cursors, limits, faults, crashes."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection as database

from accounts.models import EndUser
from healthdata.models import DailyValue, SampleChunk
from providers import adapters
from providers.contract import Allowance
from providers.models import Connection, Payload, SyncRun
from providers.payloads import process
from providers.pull import connection_lease, pull
from providers.runs import sync_runs
from providers.vendor_api import circuit_breaker, credentials
from tests import factories, machine
from tests.providers.connecting import connect, work
from tests.providers.vendor import Vendor
from wearlink.lib import clock
from wearlink.lib.work.leases import LeaseLost

pytestmark = pytest.mark.django_db


def day(ago: int, steps: int = 1000, **more: Any) -> dict[str, Any]:
    on = clock.now().date() - timedelta(days=ago)
    return {"id": f"d-{on}", "day": on.isoformat(), "steps": steps + ago, **more}


def history(vendor: Vendor, days: int = 25) -> None:
    vendor.days["user-1"] = [day(ago) for ago in range(days)]


def order(user: EndUser, which: str = "sync") -> Any:
    return factories.key_client(user.organization).post(f"/api/v1/providers/acme/users/{user.id}/{which}")


def test_the_first_sync_brings_the_first_days(vendor: Vendor, jane: EndUser) -> None:
    history(vendor)
    row = connect(vendor, jane)
    work(row)
    run = SyncRun.objects.get()
    assert (run.state, run.inserted, run.problems) == ("success", 25, [])
    assert DailyValue.objects.filter(user_key=jane.key).count() == 25
    row.refresh_from_db()
    assert row.synced_to == run.end == clock.now().date()
    assert row.last_sync_at is not None
    assert row.lease is None


def test_a_run_goes_from_the_newest_window_to_the_oldest_and_all_pages_of_each(vendor: Vendor, jane: EndUser) -> None:
    history(vendor)
    work(connect(vendor, jane))
    asked = [query for _, path, query in vendor.seen if path == "/v1/days"]
    starts = [query["start_date"] for query in asked if "next" not in query]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == 4  # 31 days in windows of ten
    assert sum("next" in query for query in asked) == 10


def test_a_sync_again_stores_nothing_twice(vendor: Vendor, jane: EndUser) -> None:
    history(vendor)
    row = connect(vendor, jane)
    work(row)
    answer = order(jane)
    assert answer.status_code == 202
    work(row)
    run = SyncRun.objects.get(id=answer.json()["run_id"])
    assert (run.trigger, run.state, run.inserted, run.updated) == ("manual", "success", 0, 0)
    assert run.start == clock.now().date() - timedelta(days=3)
    assert DailyValue.objects.count() == 25


def test_an_order_while_one_is_under_way_answers_the_same_run(vendor: Vendor, jane: EndUser) -> None:
    connect(vendor, jane)
    assert order(jane).json()["run_id"] == order(jane).json()["run_id"]


def test_a_revised_day_replaces_the_old_one_and_what_it_lacks_goes(vendor: Vendor, jane: EndUser) -> None:
    vendor.days["user-1"] = [day(0, 100)]
    row = connect(vendor, jane)
    work(row)
    vendor.days["user-1"] = [day(0, 5000)]
    order(jane)
    work(row)
    assert [value.value for value in DailyValue.objects.all()] == [5000]
    vendor.days["user-1"] = [{**day(0), "steps": None}]
    order(jane)
    work(row)
    assert not DailyValue.objects.exists()


def test_history_goes_back_as_far_as_the_vendor_does(vendor: Vendor, jane: EndUser) -> None:
    history(vendor, 80)
    row = connect(vendor, jane)
    work(row)
    answer = order(jane, "sync/historical")
    assert answer.json()["start_date"] == (clock.now().date() - timedelta(days=90)).isoformat()
    work(row)
    assert DailyValue.objects.count() == 80
    row.refresh_from_db()
    assert row.synced_to == clock.now().date()


@pytest.mark.parametrize("fault", [(500, b"oops", {}), (503, b"<html>busy</html>", {})])
def test_a_vendor_that_fails_is_asked_again_later(vendor: Vendor, jane: EndUser, fault: Any) -> None:
    history(vendor)
    row = connect(vendor, jane)
    vendor.faults.append(fault)
    pull.work(row.pk)
    run = SyncRun.objects.get()
    assert (run.state, run.attempts) == ("queued", 1)
    assert timedelta(seconds=10) < run.due_at - clock.now() < timedelta(seconds=60)
    SyncRun.objects.update(due_at=clock.now())
    work(row)
    run.refresh_from_db()
    assert (run.state, run.inserted) == ("success", 25)


def test_after_its_last_attempt_a_run_fails_and_the_next_begins_where_it_began(vendor: Vendor, jane: EndUser) -> None:
    history(vendor)
    row = connect(vendor, jane)
    for _ in range(pull.ATTEMPTS):
        vendor.faults = [(500, b"", {})]
        SyncRun.objects.update(due_at=clock.now())
        circuit_breaker.record_success("acme:platform")
        pull.work(row.pk)
    run = SyncRun.objects.get()
    assert (run.state, run.error_code) == ("failed", "vendor_unavailable")
    vendor.faults.clear()
    circuit_breaker.record_success("acme:platform")
    order(jane)
    work(row)
    assert DailyValue.objects.count() == 25


def test_html_for_json_is_kept_and_the_next_run_recovers(vendor: Vendor, jane: EndUser) -> None:
    history(vendor, 5)
    row = connect(vendor, jane)
    vendor.faults.append((200, b"<html>maintenance</html>", {}))
    work(row)
    run = SyncRun.objects.get()
    assert run.state == "completed_with_errors"
    assert {problem["code"] for problem in run.problems} == {"bad_answer", "unreadable"}
    assert Payload.objects.filter(state="dead", kind="days").exists()
    row.refresh_from_db()
    assert row.synced_to == run.start
    order(jane)
    work(row)
    assert DailyValue.objects.count() == 5


def test_a_string_for_a_number_ends_a_run_with_errors_and_the_next_recovers(vendor: Vendor, jane: EndUser) -> None:
    vendor.page_size = 10
    vendor.days["user-1"] = [{**day(0), "steps": "many"}, day(1)]
    row = connect(vendor, jane)
    work(row)
    assert SyncRun.objects.get().state == "completed_with_errors"
    vendor.days["user-1"] = [day(0), day(1)]
    order(jane)
    work(row)
    assert DailyValue.objects.count() == 2


def test_a_scope_that_was_not_given_leaves_out_its_collection_only(vendor: Vendor, jane: EndUser) -> None:
    history(vendor, 3)
    vendor.extra_status = 401
    row = connect(vendor, jane)
    work(row)
    run = SyncRun.objects.get()
    assert run.state == "completed_with_errors"
    assert [(one["kind"], one["code"]) for one in run.problems] == [("extra", "not_granted")]
    row.refresh_from_db()
    assert (row.status, row.synced_to) == ("active", run.end)
    assert DailyValue.objects.count() == 3


def test_a_token_that_no_call_accepts_expires_the_connection(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    vendor.access.clear()
    vendor.refresh.clear()
    pull.work(row.pk)
    row.refresh_from_db()
    assert row.status == "expired"
    assert not pull.is_due(row.pk)


def test_retry_after_is_obeyed(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    vendor.faults.append((429, b"{}", {"Retry-After": "90"}))
    pull.work(row.pk)
    run = SyncRun.objects.get()
    assert (run.state, run.attempts) == ("queued", 0)
    assert timedelta(seconds=85) < run.due_at - clock.now() < timedelta(seconds=95)


@pytest.mark.django_db(transaction=True)
def test_the_vendors_limit_is_kept_by_all_workers_without_one_refused_call(vendor: Vendor, jane: EndUser) -> None:
    history(vendor)
    max_ = factories.end_user(jane.organization, email="max@example.com")
    vendor.days["user-2"] = vendor.days["user-1"]
    vendor.limit = 6  # from the first call on, so that it is known before two workers call at the same time
    rows = [connect(vendor, jane), connect(vendor, max_, "user-2")]

    def labour(row: Connection) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and SyncRun.objects.get(connection_key=row.pk).is_open:
            SyncRun.objects.filter(connection_key=row.pk, state="queued").update(due_at=clock.now())
            work(row)
            time.sleep(0.05)
        database.close()

    workers = [threading.Thread(target=labour, args=(row,)) for row in rows]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert set(SyncRun.objects.values_list("state", flat=True)) == {"success"}
    assert vendor.violations == 0


def test_five_failures_in_a_row_open_the_circuit(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    now = time.time()
    for _ in range(5):
        circuit_breaker.record_failure("acme:platform", now)
    calls = sum(vendor.calls.values())
    pull.work(row.pk)
    assert sum(vendor.calls.values()) == calls
    assert SyncRun.objects.get().state == "queued"
    assert 0 < circuit_breaker.open_until("acme:platform") - now < 60


def test_periodic_runs_open_when_their_time_has_come_and_only_once(vendor: Vendor, jane: EndUser) -> None:
    history(vendor, 3)
    row = connect(vendor, jane)
    work(row)
    assert pull.open_periodic() == 0
    Connection.objects.update(next_sync_at=clock.now())
    assert (pull.open_periodic(), pull.open_periodic()) == (1, 0)
    row.refresh_from_db()
    assert row.next_sync_at is not None
    assert timedelta(hours=20) < row.next_sync_at - clock.now() < timedelta(hours=28)
    assert SyncRun.objects.filter(trigger="periodic", state="queued").count() == 1


def test_only_one_worker_has_the_turn(vendor: Vendor, jane: EndUser) -> None:
    row = connect(vendor, jane)
    lease = connection_lease.acquire(row.pk)
    assert lease is not None
    assert connection_lease.acquire(row.pk) is None
    lease.release()
    assert connection_lease.acquire(row.pk) is not None


def test_a_disconnect_in_mid_sync_stops_it(vendor: Vendor, jane: EndUser) -> None:
    history(vendor)
    row = connect(vendor, jane)
    lease = connection_lease.acquire(row.pk)
    assert lease is not None
    client = factories.key_client(jane.organization)
    assert client.delete(f"/api/v1/users/{jane.id}/connections/acme").status_code == 204
    with pytest.raises(LeaseLost):
        lease.renew()
    assert SyncRun.objects.get().state == "cancelled"


def test_an_expired_connection_cannot_be_synced(vendor: Vendor, jane: EndUser) -> None:
    connect(vendor, jane)
    Connection.objects.update(status="expired", reason="refresh_failed")
    answer = order(jane)
    assert (answer.status_code, answer.json()["code"]) == (409, "connection_ended")


def test_without_a_connection_there_is_nothing_to_sync(vendor: Vendor, jane: EndUser) -> None:
    assert order(jane).status_code == 404


def test_the_list_of_runs_costs_the_same_for_one_as_for_many(
    vendor: Vendor, jane: EndUser, django_assert_num_queries: Any
) -> None:
    row = connect(vendor, jane)
    client = factories.key_client(jane.organization)
    client.get(f"/api/v1/users/{jane.id}/sync-runs")
    SyncRun.objects.update(state="success")
    for _ in range(10):
        sync_runs.open_run(row, "manual", date(2026, 1, 1), date(2026, 1, 2))
        SyncRun.objects.update(state="success")
    with django_assert_num_queries(2):
        found = client.get(f"/api/v1/users/{jane.id}/sync-runs").json()
    assert found["pagination"]["total_count"] == 11
    run = found["data"][0]
    assert (run["trigger"], run["status"], run["start_date"]) == ("manual", "done", "2026-01-01")


CHILD = """
import sys, django
django.setup()
from providers.pull import pull
from tests.providers.connecting import forget_providers
from providers import adapters
from django.conf import settings
adapters.__path__ = [*adapters.__path__, sys.argv[1]]
forget_providers()
settings.PROVIDERS = eval(sys.argv[2])
settings.DATABASES["default"]["NAME"] = sys.argv[3]
pull.work(int(sys.argv[4]))
"""


@pytest.mark.fault
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_sync_loses_and_doubles_nothing(vendor: Vendor, jane: EndUser, settings: Any) -> None:
    history(vendor)
    vendor.delay = 0.15
    row = connect(vendor, jane)
    name = database.settings_dict["NAME"]
    child = subprocess.Popen(
        [
            sys.executable,
            "-c",
            textwrap.dedent(CHILD),
            adapters.__path__[-1],
            repr(settings.PROVIDERS),
            name,
            str(row.pk),
        ],
        env={**os.environ, "PYTHONPATH": "."},
    )
    wait_for(lambda: Payload.objects.filter(user_key=jane.key).count() >= 3)
    child.send_signal(signal.SIGKILL)
    child.wait()
    vendor.delay = 0
    assert SyncRun.objects.get().state == "fetching"
    Connection.objects.update(locked_until=clock.now() - timedelta(seconds=1))
    SyncRun.objects.update(due_at=clock.now())
    assert (row.pk, row.organization_id) in pull.connections_waiting() or pull.is_due(row.pk)
    work(row)
    run = SyncRun.objects.get()
    assert run.state == "success"
    assert DailyValue.objects.filter(user_key=jane.key).count() == 25
    assert not SampleChunk.objects.exists()


def wait_for(condition: Any, seconds: float = 15) -> None:
    machine.until(condition, lambda: "it takes too long", seconds)


def test_the_last_payload_ends_the_run_whoever_is_faster(vendor: Vendor, jane: EndUser) -> None:
    history(vendor, 4)
    row = connect(vendor, jane)
    pull.work(row.pk)
    assert SyncRun.objects.get().state == "storing"
    process.drain(jane.key)
    assert SyncRun.objects.get().state == "success"
    order(jane)
    process.drain(jane.key)
    pull.work(row.pk)
    process.drain(jane.key)
    assert not SyncRun.objects.exclude(state="success").exists()
    assert sync_runs.stuck() == []


def test_a_vendor_that_counts_days_of_data_is_asked_for_no_more_of_them(
    vendor: Vendor, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of ten days costs ten of the 45 that an hour may bring, and that for each of two documents."""
    monkeypatch.setattr(
        type(credentials.get_cloud("acme")), "allowances", (Allowance("days of data", 45, 3600, per_user=True),)
    )
    vendor.page_size = 50
    history(vendor)
    work(connect(vendor, jane))
    run = SyncRun.objects.get()
    assert (run.state, run.attempts) == ("queued", 0)
    assert (vendor.calls["/v1/days"], vendor.calls["/v1/extra"]) == (2, 2)
    assert DailyValue.objects.filter(user_key=jane.key).count() == 20
