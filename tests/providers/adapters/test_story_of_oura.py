"""Oura from consent to goodbye, against the simulator over real HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from accounts.models import EndUser
from healthdata.models import DailyValue, HealthScore, Origin, SampleChunk, SleepSession, SleepStage, Workout
from providers.connections import lifecycle, revocations
from providers.models import Connection, ConnectionToken, Payload, Revocation, SyncRun
from providers.runs import sync_runs
from providers.simulator.world import SimulatedWorld
from tests.providers import simulated
from tests.providers.simulated import connect, counts, order, pushed, run_of, subscribe, work, world
from wearlink.lib import clock

__all__ = ["world"]


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, "oura")
    work(found)
    return found


def connect_for_a_week(world: SimulatedWorld, user: EndUser) -> Connection:
    """Return a connection whose first run asks for seven days: the whole history takes seconds."""
    found = connect(world, user, "oura")
    SyncRun.objects.filter(connection_key=found.pk).update(start=F("end") - timedelta(days=7))
    return found


def again(connection: Connection) -> SyncRun:
    """Return a manual run to its end."""
    sync_runs.open_latest(Connection.objects.get(pk=connection.pk), SyncRun.Trigger.MANUAL, 3)
    work(connection)
    return run_of(connection)


def test_the_first_history_arrives(world: SimulatedWorld, connected: Connection) -> None:
    run = run_of(connected)
    assert (run.state, run.problems, run.rejected) == ("success", [], {})
    assert run.inserted > 50_000
    key = connected.user_key
    assert 29 <= SleepSession.objects.filter(user_key=key, is_nap=False).count() <= 32
    night = SleepSession.objects.filter(user_key=key).latest("start")
    assert night.avg_hrv_rmssd_ms is not None
    assert night.avg_heart_rate_bpm is not None
    assert night.avg_respiratory_rate is not None
    assert {*HealthScore.objects.filter(user_key=key, provider="oura").values_list("category", flat=True)} == {
        "sleep", "readiness", "activity", "resilience",
    }  # fmt: skip
    assert DailyValue.objects.filter(user_key=key, stream__series="steps").count() >= 30
    assert Workout.objects.filter(user_key=key).count() >= 13
    assert SampleChunk.objects.filter(user_key=key).exists()
    assert counts(world, "oura").get("limit_violations", 0) == 0


def test_a_second_run_stores_nothing_twice(connected: Connection) -> None:
    key = connected.user_key
    before = (SleepStage.objects.filter(user_key=key).count(), Origin.objects.filter(user_key=key).count())
    run = again(connected)
    assert run.state == "success"
    assert (SleepStage.objects.filter(user_key=key).count(), Origin.objects.filter(user_key=key).count()) == before


def test_a_scope_that_was_not_given_costs_only_its_collections(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect(world, jane, "oura", scope="daily personal")
    work(connection)
    assert connection.scopes == ["daily", "personal"]
    assert run_of(connection).state == "success"
    assert not Workout.objects.filter(user_key=jane.key).exists()
    assert SleepSession.objects.filter(user_key=jane.key).exists()


def test_a_refusal_connects_nobody(world: SimulatedWorld, jane: EndUser) -> None:
    with pytest.raises(AssertionError):
        connect(world, jane, "oura", decision="deny")
    assert not Connection.objects.filter(user_key=jane.key).exists()


@pytest.mark.parametrize(
    ("fault", "code"),
    [("html", "bad_answer"), ("year_zero", "refused"), ("string_number", "refused"), ("empty_page", None)],
)
def test_a_bad_page_ends_the_run_with_its_reason_and_the_next_run_recovers(
    world: SimulatedWorld, jane: EndUser, fault: str, code: str | None
) -> None:
    order(world, "faults", vendor="oura", kind=fault, path="/daily_activity")
    connection = connect_for_a_week(world, jane)
    work(connection)
    run = run_of(connection)
    assert run.state == ("completed_with_errors" if code else "success")
    assert [problem["code"] for problem in run.problems][:1] == ([code] if code else [])
    assert bool(run.rejected) is (code == "refused")
    connection.refresh_from_db()
    assert connection.synced_to == (max(run.start, run.end - timedelta(days=30)) if code else run.end)
    if code == "refused":
        assert run.problems[0]["kind"] == "daily_activity"
        assert ("bad_date (day)" if fault == "year_zero" else "not_a_number (") in run.problems[0]["detail"]
    following = again(connection)
    assert (following.state, following.rejected) == ("success", {})
    assert DailyValue.objects.filter(user_key=jane.key, stream__series="steps").count() >= 4


@pytest.mark.parametrize("fault", ["error", "cut"])
def test_a_failing_vendor_is_asked_again_later(world: SimulatedWorld, jane: EndUser, fault: str) -> None:
    order(world, "faults", vendor="oura", kind=fault, path="/daily_readiness")
    connection = connect_for_a_week(world, jane)
    work(connection)
    run = run_of(connection)
    assert run.state == "queued"
    SyncRun.objects.filter(pk=run.pk).update(due_at=run.due_at - timedelta(hours=2))
    work(connection)
    assert run_of(connection).state == "success"
    assert HealthScore.objects.filter(user_key=jane.key, category="readiness").exists()


def test_a_limit_is_obeyed(world: SimulatedWorld, jane: EndUser) -> None:
    order(world, "faults", vendor="oura", kind="rate_limit", path="/daily_readiness", seconds=600)
    connection = connect(world, jane, "oura")
    work(connection)
    run, calls = run_of(connection), counts(world, "oura")["api_calls"]
    assert run.state == "queued"
    assert (run.due_at - run.created_at).total_seconds() > 200
    work(connection)
    assert counts(world, "oura")["api_calls"] == calls


def test_tokens_are_renewed_and_rotate(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect_for_a_week(world, jane)
    ConnectionToken.objects.update(expires_at=clock.now())
    work(connection)
    counted = counts(world, "oura")
    assert run_of(connection).state == "success"
    assert counted["refreshes"] >= 1
    assert "refresh_refused" not in counted


def test_a_grant_taken_back_at_the_vendor_expires_the_connection(world: SimulatedWorld, jane: EndUser) -> None:
    connected = connect_for_a_week(world, jane)
    work(connected)
    order(world, "revoke", vendor="oura", account=simulated.account_of(world, "oura"))
    again(connected)
    connected.refresh_from_db()
    assert connected.status == "expired"
    refused = counts(world, "oura")["refresh_refused"]
    work(connected)
    assert counts(world, "oura")["refresh_refused"] == refused


def test_disconnecting_gives_the_grant_back_and_stops_everything(world: SimulatedWorld, jane: EndUser) -> None:
    connected = connect_for_a_week(world, jane)
    work(connected)
    nights = SleepSession.objects.filter(user_key=connected.user_key).count()
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    counted = counts(world, "oura")
    assert counted["revocations"] == 1
    assert world.states["oura"].connected() == []
    work(connected)
    assert counts(world, "oura")["api_calls"] == counted["api_calls"]
    assert SleepSession.objects.filter(user_key=connected.user_key).count() == nights


@pytest.mark.django_db(transaction=True)
def test_pushes_arrive_revise_and_delete(world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    connection = connect_for_a_week(world, jane)
    work(connection)
    assert subscribe("oura") == 33
    assert len(world.states["oura"].subscriptions) == 33
    assert subscribe("oura") == 0
    night = SleepSession.objects.filter(user_key=jane.key).latest("start")
    change = {"vendor": "oura", "account": simulated.account_of(world, "oura"), "kind": "sleep"}

    order(world, "revise", **change)
    assert pushed(world, "oura", "sleep", "update", times=2) == [200, 200]
    work(connection)
    revised = SleepSession.objects.get(pk=night.pk)
    assert revised.end - night.end == timedelta(minutes=10)

    assert pushed(world, "oura", "sleep", "update", spoiled=True) == [401]
    world.states["oura"].deleted.add(order(world, "delete", **change)["object_id"])
    assert pushed(world, "oura", "sleep", "delete", object_id=world.states["oura"].deleted.copy().pop()) == [200]
    work(connection)
    assert not SleepSession.objects.filter(pk=night.pk).exists()
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()

    lifecycle.revoke(connection.pk, reason="disconnected")
    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, "oura", "daily_sleep", "update") == [200]
    assert Payload.objects.filter(user_key=jane.key).count() == held
