"""WHOOP from consent to goodbye, against the simulator over real HTTP."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from accounts.models import EndUser
from healthdata.models import DailyValue, HealthScore, Origin, SleepSession, SleepStage, Workout
from providers.connections import lifecycle, revocations
from providers.models import Connection, Payload, Revocation, SyncRun
from providers.runs import sync_runs
from providers.simulator.world import SimulatedWorld
from tests.providers import simulated
from tests.providers.simulated import connect, counts, order, pushed, run_of, work, world

__all__ = ["world"]


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, "whoop")
    work(found)
    return found


def newest(world: SimulatedWorld, kind: str) -> str:
    return world.vendors["whoop"].newest(simulated.account_of(world, "whoop"), kind, world.now())


def change(world: SimulatedWorld, kind: str) -> dict[str, str]:
    return {"vendor": "whoop", "account": simulated.account_of(world, "whoop"), "kind": kind}


def test_the_first_history_arrives(world: SimulatedWorld, connected: Connection) -> None:
    run = run_of(connected)
    assert (run.state, run.problems, run.rejected) == ("success", [], {})
    key = connected.user_key
    assert 29 <= SleepSession.objects.filter(user_key=key, is_nap=False).count() <= 33
    assert SleepSession.objects.filter(user_key=key, is_nap=True).exists()
    scores = HealthScore.objects.filter(user_key=key, provider="whoop")
    assert {*scores.values_list("category", flat=True)} == {"sleep", "recovery"}
    series = {*DailyValue.objects.filter(user_key=key).values_list("stream__series", flat=True)}
    assert {"day_strain", "total_calories", "resting_heart_rate", "heart_rate_variability_rmssd", "spo2"} <= series
    assert Workout.objects.filter(user_key=key, type="strength_training").exists()
    assert counts(world, "whoop").get("limit_violations", 0) == 0


def test_each_day_has_one_cycle_although_some_begin_before_midnight(connected: Connection) -> None:
    rows = DailyValue.objects.filter(user_key=connected.user_key, stream__series="total_calories").order_by("day")
    days = list(rows.values_list("day", flat=True))
    assert days == [days[0] + timedelta(days=ahead) for ahead in range(len(days))]
    assert len(days) >= 30


def test_a_second_run_stores_nothing_twice(connected: Connection) -> None:
    tables = (SleepStage, Origin, Workout, HealthScore, DailyValue)
    before = [table.objects.filter(user_key=connected.user_key).count() for table in tables]
    sync_runs.open_latest(Connection.objects.get(pk=connected.pk), SyncRun.Trigger.MANUAL, 7)
    work(connected)
    assert run_of(connected).state == "success"
    assert [table.objects.filter(user_key=connected.user_key).count() for table in tables] == before


def test_without_offline_the_connection_says_at_once_that_it_will_not_last(
    world: SimulatedWorld, jane: EndUser
) -> None:
    connection = connect(world, jane, "whoop", scope="read:profile read:sleep")
    assert connection.status == "error"
    assert connection.reason == "not_renewable"


def test_a_scope_that_was_not_given_costs_only_its_collection(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect(world, jane, "whoop", scope="offline read:profile read:sleep read:recovery")
    work(connection)
    assert run_of(connection).state == "success"
    assert not Workout.objects.filter(user_key=jane.key).exists()
    assert SleepSession.objects.filter(user_key=jane.key).exists()


def test_disconnecting_gives_the_grant_back_although_the_token_has_ended(
    world: SimulatedWorld, connected: Connection
) -> None:
    world.states["whoop"].access.clear()  # an hour later
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    counted = counts(world, "whoop")
    assert (counted["revocations"], counted["refreshes"]) == (1, 1)
    assert world.states["whoop"].connected() == []
    assert not Revocation.objects.exists()
    assert SleepSession.objects.filter(user_key=connected.user_key).exists()


@pytest.mark.django_db(transaction=True)
def test_pushes_arrive_revise_delete_and_end(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    connection = connect(world, jane, "whoop")
    work(connection)
    hook = {"url": f"{live_server.url}/v1/webhooks/whoop"}
    assert requests.post(f"{world.url}/whoop/dashboard/webhooks", json=hook, timeout=10).status_code == 204
    workout, sleep_id = newest(world, "workout"), newest(world, "sleep")
    rows, nights = Workout.objects.filter(user_key=jane.key), SleepSession.objects.filter(user_key=jane.key)
    recoveries = HealthScore.objects.filter(user_key=jane.key, category="recovery", superseded=False)
    first, night, mornings = (
        rows.get(external_id=workout),
        nights.filter(is_nap=False).latest("start"),
        recoveries.count(),
    )

    order(world, "revise", **change(world, "workout"))
    assert pushed(world, "whoop", "workout", "updated", times=2) == [200, 200]
    order(world, "revise", **change(world, "sleep"))
    assert pushed(world, "whoop", "sleep", "updated") == [200]
    work(connection)
    assert rows.get(external_id=workout).calories_kcal == pytest.approx((first.calories_kcal or 0) + 100)
    assert nights.filter(is_nap=False).latest("start").end - night.end == timedelta(minutes=10)

    assert pushed(world, "whoop", "workout", "deleted", spoiled=True) == [401]
    # the recovery goes by its sleep's id, and the sleep stays
    world.states["whoop"].deleted.add(f"recovery-{sleep_id}")
    assert pushed(world, "whoop", "recovery", "deleted", object_id=sleep_id) == [200]
    work(connection)
    assert recoveries.count() == mornings - 1
    assert nights.filter(is_nap=False).latest("start").start == night.start

    for kind, name in (("sleep", sleep_id), ("workout", workout)):
        world.states["whoop"].deleted.add(name)
        assert pushed(world, "whoop", kind, "deleted", object_id=name) == [200]
    work(connection)
    assert not nights.filter(start=night.start).exists()
    assert not rows.filter(external_id=workout).exists()
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()

    lifecycle.revoke(connection.pk, reason="disconnected")
    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, "whoop", "workout", "updated") == [200]
    assert Payload.objects.filter(user_key=jane.key).count() == held
