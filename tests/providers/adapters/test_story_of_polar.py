"""Polar from consent to goodbye, against the simulator over real HTTP."""

from typing import Any

import pytest

from accounts.models import EndUser
from healthdata import queries
from healthdata.models import DailyValue, HealthScore, SleepSession, Workout
from providers.connections import lifecycle, revocations
from providers.models import Connection, Payload, Revocation, SyncRun, VendorSubscription
from providers.runs import sync_runs
from providers.simulator.world import SimulatedWorld
from tests.providers import simulated
from tests.providers.simulated import connect, counts, order, pushed, run_of, subscribe, work, world

__all__ = ["world"]


def again(connection: Connection) -> None:
    """A manual run to its end."""
    sync_runs.open_latest(Connection.objects.get(pk=connection.pk), SyncRun.Trigger.MANUAL, 3)
    work(connection)


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, "polar")
    work(found)
    return found


def newest(world: SimulatedWorld, kind: str) -> str:
    return world.vendors["polar"].newest(simulated.account_of(world, "polar"), kind, world.now())


def test_connecting_registers_and_the_first_history_arrives(world: SimulatedWorld, connected: Connection) -> None:
    assert counts(world, "polar")["registrations"] == 1
    run = run_of(connected)
    assert (run.state, run.problems, run.rejected) == ("success", [], {})
    mine = {"user_key": connected.user_key}
    assert Workout.objects.filter(**mine).count() >= 12
    assert Workout.objects.get(external_id=newest(world, "EXERCISE"), **mine).type == "trail_running"
    assert SleepSession.objects.filter(**mine).count() >= 26
    assert set(HealthScore.objects.filter(**mine).values_list("category", flat=True)) == {"sleep", "recovery"}
    loads = DailyValue.objects.filter(stream__series="training_load", **mine)
    assert loads.count() >= 28
    series = {one.series for one in queries.count(connected.user_key)}
    assert {"heart_rate", "heart_rate_variability_rmssd", "respiratory_rate", "steps", "weight"} <= series
    assert counts(world, "polar").get("limit_violations", 0) == 0


def test_who_connects_again_is_registered_already(world: SimulatedWorld, jane: EndUser, connected: Connection) -> None:
    again = connect(world, jane, "polar")
    assert again.status == "active"


def test_a_grant_taken_back_at_the_vendor_expires_the_connection(world: SimulatedWorld, connected: Connection) -> None:
    order(world, "revoke", vendor="polar", account=simulated.account_of(world, "polar"))
    again(connected)
    connected.refresh_from_db()
    assert connected.status == "expired"


def test_disconnecting_deregisters(world: SimulatedWorld, connected: Connection) -> None:
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    assert counts(world, "polar")["revocations"] == 1
    assert world.states["polar"].connected() == []
    assert Workout.objects.filter(user_key=connected.user_key).exists()


@pytest.mark.django_db(transaction=True)
def test_pushes_arrive_and_revise(world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any) -> None:
    settings.BASE_URL = live_server.url
    connection = connect(world, jane, "polar")
    assert subscribe("polar") == 1
    assert subscribe("polar") == 0
    sync_runs.mark_failed(run_of(connection), "test", "Only pushes here.")
    change = {"vendor": "polar", "account": simulated.account_of(world, "polar")}
    workouts, nights = Workout.objects.filter(user_key=jane.key), SleepSession.objects.filter(user_key=jane.key)

    assert pushed(world, "polar", "EXERCISE", "create", times=2) == [200, 200]
    work(connection)
    first = workouts.get()
    assert first.external_id == newest(world, "EXERCISE")
    assert DailyValue.objects.filter(user_key=jane.key, stream__series="training_load").count() == 1

    world.shift += 2_000
    order(world, "revise", kind="EXERCISE", **change)
    assert pushed(world, "polar", "EXERCISE", "create") == [200]
    work(connection)
    assert workouts.get().calories_kcal == (first.calories_kcal or 0) + 100

    assert pushed(world, "polar", "SLEEP", "create") == [200]
    work(connection)
    night = nights.get()
    assert HealthScore.objects.filter(user_key=jane.key, category="recovery").count() == 1
    world.shift += 2_000
    order(world, "revise", kind="SLEEP", **change)
    assert pushed(world, "polar", "SLEEP", "create") == [200]
    work(connection)
    assert (nights.get().end - night.end).total_seconds() == 600

    assert pushed(world, "polar", "SLEEP", "create", spoiled=True) == [401]
    for kind in ("ACTIVITY_SUMMARY", "CONTINUOUS_HEART_RATE", "PHYSICAL_INFORMATION", "SLEEP_WISE_ALERTNESS"):
        assert pushed(world, "polar", kind, "create") == [200]
    work(connection)
    assert DailyValue.objects.filter(user_key=jane.key, stream__series="steps").count() == 1
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()

    lifecycle.revoke(connection.pk, reason="disconnected")
    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, "polar", "SLEEP", "create") == [200]
    assert Payload.objects.filter(user_key=jane.key).count() == held


@pytest.mark.django_db(transaction=True)
def test_a_webhook_switched_off_is_woken_and_one_whose_secret_is_lost_is_made_anew(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    connect(world, jane, "polar")
    subscribe("polar")
    row = VendorSubscription.objects.get(provider="polar")
    state = world.states["polar"]

    def due() -> int:
        VendorSubscription.objects.update(next_check_at=row.checked_at)
        return subscribe("polar")

    assert due() == 0
    for held in state.subscriptions.values():
        held["active"] = False
    assert pushed(world, "polar", "SLEEP", "create") == []
    assert due() == 1
    assert pushed(world, "polar", "SLEEP", "create") == [200]
    assert counts(world, "polar")["webhooks"] == 1

    VendorSubscription.objects.update(signing_secret="")
    assert pushed(world, "polar", "SLEEP", "create") == [401]
    assert due() == 1
    assert counts(world, "polar")["webhooks"] == 2
    assert pushed(world, "polar", "SLEEP", "create") == [200]
    assert VendorSubscription.objects.get(provider="polar").vendor_id != row.vendor_id
