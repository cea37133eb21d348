"""Strava from consent to goodbye, against the simulator over real HTTP."""

import time
from typing import Any

import pytest
import requests

from accounts.models import EndUser
from healthdata import queries
from healthdata.models import Stream, Workout
from providers.connections import lifecycle, revocations
from providers.models import Connection, Payload, Revocation
from providers.runs import sync_runs
from providers.simulator.world import SimulatedWorld
from tests.providers import simulated
from tests.providers.simulated import connect, counts, order, pushed, run_of, subscribe, work, world

__all__ = ["world"]


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, "strava")
    work(found)
    return found


def newest(world: SimulatedWorld) -> str:
    return world.vendors["strava"].newest(simulated.account_of(world, "strava"), "activity", world.now())


def test_the_first_history_arrives_with_streams(world: SimulatedWorld, connected: Connection) -> None:
    run = run_of(connected)
    assert (run.state, run.problems, run.rejected) == ("success", [], {})
    rows = Workout.objects.filter(user_key=connected.user_key)
    assert 9 <= rows.count() <= 12
    assert set(rows.filter(day__gte=run.start).values_list("version", flat=True)) == {3}
    row = rows.get(external_id=newest(world))
    assert row.calories_kcal is not None
    assert len(row.laps) == 2
    assert row.details["gear_name"] == "Road trainer"
    assert any(name.startswith("heart_rate_zone_") for row in rows for name in row.details)
    series = {*Stream.objects.filter(user_key=connected.user_key).values_list("series", flat=True)}
    assert {"heart_rate", "latitude", "running_speed", "step_cadence", "weight", "functional_threshold_power"} <= series
    assert counts(world, "strava").get("limit_violations", 0) == 0


def test_the_scopes_of_the_redirect_count(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect(world, jane, "strava", scope="read,activity:read")
    work(connection)
    assert connection.scopes == ["read", "activity:read"]
    run = run_of(connection)
    assert run.state == "completed_with_errors"
    assert [problem["code"] for problem in run.problems] == ["not_granted"]  # the athlete's zones
    assert Workout.objects.filter(user_key=jane.key).exists()


def test_without_activities_the_connection_says_what_is_missing(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect(world, jane, "strava", scope="read")
    assert (connection.status, connection.reason) == ("error", "scopes_missing")


def test_the_limit_is_kept_without_one_call_too_many(world: SimulatedWorld, jane: EndUser) -> None:
    order(world, "limits", vendor="strava", windows={"read-15min": 20})
    connection = connect(world, jane, "strava")
    work(connection)
    counted = counts(world, "strava")
    assert counted.get("limit_violations", 0) == 0
    assert counted["api_calls"] <= 20
    run = run_of(connection)
    assert run.state == "queued"
    assert run.due_at.timestamp() >= time.time() // 900 * 900 + 900


def test_a_refused_refresh_expires_the_connection(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect(world, jane, "strava")
    order(world, "revoke", vendor="strava", account=simulated.account_of(world, "strava"))
    work(connection)
    connection.refresh_from_db()
    assert (connection.status, connection.reason) == ("expired", "refresh_failed")


def test_streams_that_cannot_be_had_do_not_cost_the_activity(world: SimulatedWorld, jane: EndUser) -> None:
    order(world, "faults", vendor="strava", kind="html", path="/streams")
    order(world, "faults", vendor="strava", kind="not_found", path="/streams")
    connection = connect(world, jane, "strava")
    work(connection)
    run = run_of(connection)
    assert run.state == "completed_with_errors"
    assert [problem["kind"] for problem in run.problems] == ["streams"]
    rows = Workout.objects.filter(user_key=jane.key, day__gte=run.start)
    assert set(rows.values_list("version", flat=True)) == {3}


def test_disconnecting_gives_the_grant_back(world: SimulatedWorld, connected: Connection) -> None:
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    assert world.states["strava"].connected() == []
    assert Workout.objects.filter(user_key=connected.user_key).exists()


@pytest.mark.django_db(transaction=True)
def test_pushes_arrive_revise_delete_and_end(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    connection = connect(world, jane, "strava")
    assert subscribe("strava") == 1
    sync_runs.mark_failed(run_of(connection), "test", "Only pushes here.")
    state, activity = world.states["strava"], newest(world)
    change = {"vendor": "strava", "account": simulated.account_of(world, "strava"), "kind": "activity"}
    rows = Workout.objects.filter(user_key=jane.key)

    assert pushed(world, "strava", "activity", "create", times=2) == [200, 200]
    work(connection)
    first = rows.get()
    assert first.external_id == activity
    assert {one.series for one in queries.count(jane.key)} >= {"heart_rate", "latitude"}

    world.shift += 2_000
    order(world, "revise", **change)
    assert pushed(world, "strava", "activity", "update", "create", reordered=True) == [200, 200]
    work(connection)
    revised = rows.get()
    assert revised.calories_kcal == (first.calories_kcal or 0) + 100
    assert revised.title == f"{first.title} (renamed)"

    # nobody vouches for these: what Strava still has, stays
    assert pushed(world, "strava", "activity", "delete", object_id=activity, spoiled=True) == [200]
    assert pushed(world, "strava", "athlete", "deauthorise", spoiled=True) == [200]
    work(connection)
    assert rows.count() == 1
    connection.refresh_from_db()
    assert connection.status == "active"

    state.deleted.add(order(world, "delete", **change)["object_id"])
    world.shift += 60_000
    assert pushed(world, "strava", "activity", "delete", object_id=activity, spoiled=True) == [200]
    work(connection)
    assert not rows.exists()
    # its positions and heart rate went with it; what stays is the athlete's
    assert {one.series for one in queries.count(jane.key)} <= {"weight", "functional_threshold_power"}

    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, "strava", "athlete", "deauthorise") == [200]
    connection.refresh_from_db()
    assert (connection.status, connection.reason) == ("revoked", "deregistration")
    assert pushed(world, "strava", "activity", "create") == [200]
    assert Payload.objects.filter(user_key=jane.key).count() <= held


@pytest.mark.django_db(transaction=True)
def test_strava_is_answered_403_to_a_wrong_word(world: SimulatedWorld, live_server: Any) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "x", "hub.verify_token": "guess"}
    answer = requests.get(f"{live_server.url}/v1/webhooks/strava", params=query, timeout=10)
    assert answer.status_code == 403
