"""Google Health from consent to goodbye, against the simulator over real HTTP."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from accounts.models import EndUser
from healthdata import queries
from healthdata.models import DailyValue, Origin, SleepSession, SleepStage, Workout
from providers.adapters.google_health.collections import ACTIVITY, METRICS, SLEEP
from providers.connections import lifecycle, revocations
from providers.models import Connection, IgnoredEvent, Payload, Revocation, SyncRun
from providers.runs import sync_runs
from providers.simulator.world import SECRET, SimulatedWorld
from providers.vendor_api import key_sets
from tests import factories
from tests.providers import simulated
from tests.providers.simulated import change, connect, counts, newest, order, pushed, run_of, waiting, work, world

__all__ = ["world"]
SLUG = "google_health"
TYPES = ["steps", "sleep", "exercise", "weight", "nutrition-log", "heart-rate"]
END = 4_102_444_800_000


@pytest.fixture(autouse=True)
def no_keys_of_others() -> None:
    key_sets.forget()


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, SLUG)
    work(found)
    return found


def samples(user: EndUser, series: str) -> list[float]:
    page = queries.page(user.key, series=[series], start=0, end=END, after=None, limit=10_000)
    return [row.value for row in page.rows if not row.is_daily]


def register(world: SimulatedWorld, address: str, word: str = SECRET) -> int:
    """Return what an operator does once with the service account; Google then verifies the address."""
    body = {
        "endpointUri": address,
        "subscriberConfigs": [{"dataTypes": TYPES, "subscriptionCreatePolicy": "AUTOMATIC"}],
        "endpointAuthorization": {"secret": f"Bearer {word}"},
    }
    url = f"{world.url}/{SLUG}/v4/projects/1234567890/subscribers"
    return requests.post(url, json=body, params={"subscriberId": "wearlink"}, timeout=10).status_code


def test_the_first_history_arrives(world: SimulatedWorld, jane: EndUser, connected: Connection) -> None:
    run = run_of(connected)
    assert (run.state, run.problems, run.rejected) == ("success", [], {})
    assert 29 <= SleepSession.objects.filter(user_key=jane.key, is_nap=False).count() <= 32
    daily = {*DailyValue.objects.filter(user_key=jane.key).values_list("stream__series", flat=True)}
    assert {"steps", "total_calories", "resting_heart_rate", "heart_rate_variability_rmssd", "spo2"} <= daily
    held = {one.series for one in queries.count(jane.key)}
    assert {"steps", "heart_rate", "distance_unspecified", "weight", "hydration", "dietary_protein"} <= held
    assert counts(world, SLUG).get("limit_violations", 0) == 0


def test_a_run_that_another_app_copied_in_is_the_same_and_counted_once(jane: EndUser, connected: Connection) -> None:
    rows = Workout.objects.filter(user_key=jane.key)
    own = rows.filter(source__apps__contains=["Google Health"])
    copied = rows.filter(source__apps__contains=["com.example.runs"])
    assert own.count() == copied.count() >= 12
    # the other app names a watch, which goes before a band; whichever it is, one of each two stands for both
    assert not copied.exclude(same_as=None).exists()
    assert {*own.values_list("same_as", flat=True)} == {*copied.values_list("id", flat=True)}


def test_totals_of_days_stand_beside_their_minutes_and_are_not_added(jane: EndUser, connected: Connection) -> None:
    day = run_of(connected).end - timedelta(days=2)
    total = DailyValue.objects.get(user_key=jane.key, stream__series="steps", day=day).value
    asked = {"start_date": str(day), "end_date": str(day)}
    answer = factories.key_client(jane.organization).get(f"/api/v1/users/{jane.id}/summaries/activity", asked)
    assert [row["steps"] for row in answer.json()["data"]] == [total]


def test_a_second_run_stores_nothing_twice(jane: EndUser, connected: Connection) -> None:
    tables = (SleepStage, Origin, Workout, DailyValue)
    before = [table.objects.filter(user_key=jane.key).count() for table in tables]
    held = {one.series: one.n for one in queries.count(jane.key)}
    sync_runs.open_latest(Connection.objects.get(pk=connected.pk), SyncRun.Trigger.MANUAL, 7)
    work(connected)
    run = run_of(connected)
    assert (run.state, run.updated) == ("success", 0)
    assert [table.objects.filter(user_key=jane.key).count() for table in tables] == before
    assert {one.series: one.n for one in queries.count(jane.key)} == held


def test_a_page_that_is_empty_and_has_a_token_does_not_end_the_pull(world: SimulatedWorld, jane: EndUser) -> None:
    order(world, "faults", vendor=SLUG, kind="empty_page", path="/sleep/dataPoints")
    work(connect(world, jane, SLUG))
    assert SleepSession.objects.filter(user_key=jane.key).count() >= 29


def test_a_scope_that_was_not_given_costs_only_its_types(world: SimulatedWorld, jane: EndUser) -> None:
    connection = connect(world, jane, SLUG, scope=f"{SLEEP} {METRICS}")
    work(connection)
    assert run_of(connection).state == "success"
    assert connection.scopes == [SLEEP, METRICS]
    assert not Workout.objects.filter(user_key=jane.key).exists()
    assert SleepSession.objects.filter(user_key=jane.key).exists()


def test_a_token_that_ends_in_the_middle_is_renewed_with_the_same_refresh_token(
    world: SimulatedWorld, jane: EndUser
) -> None:
    connection = connect(world, jane, SLUG, scope=ACTIVITY)
    world.states[SLUG].access.clear()  # an hour later
    work(connection)
    assert run_of(connection).state == "success"
    world.states[SLUG].access.clear()
    sync_runs.open_latest(Connection.objects.get(pk=connection.pk), SyncRun.Trigger.MANUAL, 1)
    work(connection)
    assert (run_of(connection).state, counts(world, SLUG)["refreshes"]) == ("success", 2)


def test_a_grant_taken_back_at_google_expires_the_connection(world: SimulatedWorld, connected: Connection) -> None:
    order(world, "revoke", vendor=SLUG, account=simulated.account_of(world, SLUG))
    sync_runs.open_latest(Connection.objects.get(pk=connected.pk), SyncRun.Trigger.MANUAL, 1)
    work(connected)
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("expired", "refresh_failed")


def test_an_answer_that_breaks_off_is_asked_for_again(world: SimulatedWorld, jane: EndUser) -> None:
    order(world, "faults", vendor=SLUG, kind="cut", path="/exercise/dataPoints")
    connection = connect(world, jane, SLUG, scope=ACTIVITY)
    work(connection)
    run = run_of(connection)
    assert (run.state, run.attempts) == ("queued", 1)
    SyncRun.objects.filter(pk=run.pk).update(due_at=run.created_at)
    work(connection)
    assert run_of(connection).state == "success"


def test_disconnecting_gives_the_grant_back(world: SimulatedWorld, jane: EndUser, connected: Connection) -> None:
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    assert world.states[SLUG].connected() == []
    assert SleepSession.objects.filter(user_key=jane.key).exists()


@pytest.mark.django_db(transaction=True)
def test_the_address_is_verified_with_our_word_and_without(world: SimulatedWorld, live_server: Any) -> None:
    address = f"{live_server.url}/v1/webhooks/{SLUG}"
    assert register(world, address) == 200
    assert register(world, address, "another-word") == 400
    assert requests.post(address, json={"type": "verification"}, timeout=10).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_pushes_arrive_revise_delete_and_end(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    assert register(world, f"{live_server.url}/v1/webhooks/{SLUG}") == 200
    connection = connect(world, jane, SLUG)
    work(connection)
    rows, nights = Workout.objects.filter(user_key=jane.key), SleepSession.objects.filter(user_key=jane.key)
    run_id, night = newest(world, SLUG, "exercise"), nights.filter(is_nap=False).latest("start")
    first, state = rows.get(external_id=run_id), world.states[SLUG]
    assert len(night.stages) > 3

    # revised: more energy, fewer stages, another lunch
    for kind in ("exercise", "sleep", "nutrition-log"):
        order(world, "revise", **change(world, SLUG, kind))
        assert pushed(world, SLUG, kind, "update", times=2, object_id=newest(world, SLUG, kind)) == [200, 200]
    eaten, salt = sum(samples(jane, "dietary_energy_consumed")), len(samples(jane, "dietary_sodium"))
    work(connection)
    assert rows.get(external_id=run_id).calories_kcal == pytest.approx((first.calories_kcal or 0) + 100)
    edited = nights.get(start=night.start)
    assert [stage for _, _, stage in edited.stages] == ["sleeping"]
    assert sum(samples(jane, "dietary_energy_consumed")) == eaten + 100
    assert len(samples(jane, "dietary_sodium")) == salt - 1

    # forged: neither the word nor the signature may be wrong
    assert pushed(world, SLUG, "exercise", "delete", object_id=run_id, spoiled=True) == [401]
    assert not waiting()

    # deleted: Google names the time and nothing else
    count, walked = rows.count(), len(samples(jane, "steps"))
    for kind in ("exercise", "sleep", "nutrition-log", "weight", "steps"):
        gone = order(world, "delete", **change(world, SLUG, kind))["object_id"]
        assert pushed(world, SLUG, kind, "delete", object_id=gone) == [200]
    weighed = len(samples(jane, "weight"))
    work(connection)
    assert rows.count() == count - 1
    assert not rows.filter(external_id=run_id).exists()
    assert not nights.filter(start=night.start).exists()
    assert sum(samples(jane, "dietary_energy_consumed")) == pytest.approx(eaten - 520)
    assert len(samples(jane, "weight")) == weighed - 1
    assert len(samples(jane, "steps")) < walked
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()
    assert state.counts["keys"] == 1

    lifecycle.revoke(connection.pk, reason="disconnected")
    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, SLUG, "sleep", "update") == [200]
    assert Payload.objects.filter(user_key=jane.key).count() == held
    assert IgnoredEvent.objects.filter(provider=SLUG, reason="unknown_account").exists()


@pytest.mark.django_db(transaction=True)
def test_a_push_in_another_order_or_for_somebody_else_does_no_harm(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    assert register(world, f"{live_server.url}/v1/webhooks/{SLUG}") == 200
    connection = connect(world, jane, SLUG)
    work(connection)
    before = sorted(Workout.objects.filter(user_key=jane.key).values_list("external_id", flat=True))
    assert pushed(world, SLUG, "exercise", "delete", "update", reordered=True) == [200, 200]
    stranger = list(world.vendors[SLUG].people)[1]
    name = world.vendors[SLUG].newest(stranger, "sleep", world.now())
    found = order(world, "events", vendor=SLUG, account=stranger, kind="sleep", actions=["delete"], object_id=name)
    assert found["statuses"] == [200]
    work(connection)
    assert sorted(Workout.objects.filter(user_key=jane.key).values_list("external_id", flat=True)) == before
    assert SleepSession.objects.filter(user_key=jane.key).count() >= 29
