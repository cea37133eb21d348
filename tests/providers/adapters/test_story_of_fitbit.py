"""Fitbit from consent to its end, and on to Google Health, against the simulator over real HTTP."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client

from accounts.models import EndUser
from accounts.webhooks.models import Message
from healthdata import queries
from healthdata.models import DailyValue, Origin, SleepSession, SleepStage, Workout
from providers.adapters.fitbit.provider import Fitbit
from providers.connections import connect as connecting
from providers.connections import lifecycle, revocations
from providers.contract import Allowance
from providers.models import Connection, Payload, Revocation, SyncRun
from providers.runs import sync_runs
from providers.simulator.world import SECRET, SimulatedWorld
from tests import factories
from tests.providers import simulated
from tests.providers.connecting import agree
from tests.providers.simulated import change, connect, counts, newest, order, pushed, run_of, work, world

__all__ = ["world"]
SLUG, SUCCESSOR = "fitbit", "google_health"
END = 4_102_444_800_000


@pytest.fixture(autouse=True)
def roomy(world: SimulatedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of Fitbit's has room for a whole month here."""
    monkeypatch.setattr(Fitbit, "allowances", (Allowance("hour", 10_000, 3600, per_user=True),))
    order(world, "limits", vendor=SLUG, windows={"hour": 10_000})


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, SLUG)
    work(found)
    return found


def again(connection: Connection) -> None:
    sync_runs.open_latest(Connection.objects.get(pk=connection.pk), SyncRun.Trigger.MANUAL, 1)
    work(connection)


def retire(world: SimulatedWorld) -> None:
    """Let Fitbit answer 410 from now on, to tokens and calls alike."""
    order(world, "faults", vendor=SLUG, kind="gone", times=1_000)


def weights(user: EndUser) -> list[float]:
    page = queries.page(user.key, series=["weight"], start=0, end=END, after=None, limit=1_000)
    return [row.value for row in page.rows]


def test_the_first_history_arrives(world: SimulatedWorld, jane: EndUser, connected: Connection) -> None:
    run = run_of(connected)
    assert (run.state, run.problems, run.rejected) == ("success", [], {})
    assert 29 <= SleepSession.objects.filter(user_key=jane.key, is_nap=False).count() <= 32
    daily = {*DailyValue.objects.filter(user_key=jane.key).values_list("stream__series", flat=True)}
    assert {"steps", "total_calories", "active_calories", "resting_heart_rate", "hydration", "vo2_max"} <= daily
    assert {"heart_rate", "steps", "weight", "height"} <= {one.series for one in queries.count(jane.key)}
    assert Workout.objects.filter(user_key=jane.key, type="running").count() >= 12
    assert set(world.states[SLUG].subscriptions) == {
        f"7QZWRX/{name}" for name in ("activities", "sleep", "body", "foods", "userRevokedAccess")
    }


def test_a_second_run_stores_nothing_twice(jane: EndUser, connected: Connection) -> None:
    tables = (SleepStage, Origin, Workout, DailyValue)
    before = [table.objects.filter(user_key=jane.key).count() for table in tables]
    held = {one.series: one.n for one in queries.count(jane.key)}
    sync_runs.open_latest(Connection.objects.get(pk=connected.pk), SyncRun.Trigger.MANUAL, 7)
    work(connected)
    assert run_of(connected).state == "success"
    assert [table.objects.filter(user_key=jane.key).count() for table in tables] == before
    assert {one.series: one.n for one in queries.count(jane.key)} == held


def test_the_limit_of_an_hour_is_kept_and_the_run_goes_on_later(
    world: SimulatedWorld, jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Fitbit, "allowances", (Allowance("hour", 150, 3600, per_user=True),))
    order(world, "limits", vendor=SLUG, windows={"hour": 150})
    connection = connect(world, jane, SLUG)
    work(connection)
    counted = counts(world, SLUG)
    assert counted.get("limit_violations", 0) == 0
    assert counted["api_calls"] <= 150
    assert run_of(connection).state == "queued"
    assert SleepSession.objects.filter(user_key=jane.key).exists()


def test_a_token_that_ends_is_renewed_and_a_refused_refresh_expires_the_connection(
    world: SimulatedWorld, connected: Connection
) -> None:
    world.states[SLUG].access.clear()  # eight hours later
    again(connected)
    assert (run_of(connected).state, counts(world, SLUG)["refreshes"]) == ("success", 1)
    order(world, "revoke", vendor=SLUG, account=simulated.account_of(world, SLUG))
    again(connected)
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("expired", "refresh_failed")


def test_disconnecting_gives_the_grant_back(world: SimulatedWorld, jane: EndUser, connected: Connection) -> None:
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    assert world.states[SLUG].connected() == []
    assert SleepSession.objects.filter(user_key=jane.key).exists()


# --- the end of the API, and the way on ---


def test_the_end_of_the_api_expires_the_connection_and_leads_to_the_successor(
    world: SimulatedWorld, jane: EndUser, connected: Connection
) -> None:
    retire(world)
    again(connected)
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("expired", "vendor_retired")
    assert SleepSession.objects.filter(user_key=jane.key).exists()

    client = factories.key_client(jane.organization)
    diagnosis = client.get(f"/api/v1/users/{jane.id}/connections/{SLUG}/diagnosis").json()
    check = next(one for one in diagnosis["checks"] if one["name"] == "connection")
    assert (check["status"], check["code"]) == ("problem", "vendor_retired")
    assert f"/providers/{SUCCESSOR}/authorize" in check["next_step"]

    link = urlsplit(connecting.create_link(jane, jane.organization, "").url)
    page = Client().get(link.path).content.decode()
    assert "Now part of Google Health" in page
    assert "Connect Google Health" in page


def test_a_token_endpoint_that_is_gone_says_the_same(world: SimulatedWorld, connected: Connection) -> None:
    world.states[SLUG].access.clear()
    order(world, "faults", vendor=SLUG, kind="gone", path="/oauth/token", times=10)
    again(connected)
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("expired", "vendor_retired")


def test_who_still_wants_to_connect_is_told_that_it_is_over(world: SimulatedWorld, jane: EndUser) -> None:
    asked = factories.key_client(jane.organization).get(
        f"/api/v1/providers/{SLUG}/authorize", {"user_id": str(jane.id)}
    )
    away = Client().get(urlsplit(asked.json()["authorization_url"]).path)["Location"]
    back = simulated.consent(away, simulated.account_of(world, SLUG))
    order(world, "faults", vendor=SLUG, kind="gone", path="/oauth/token", times=10)
    parts = urlsplit(back)
    answer = agree(parts.path, dict(parse_qsl(parts.query)))
    assert "vendor_retired" in answer.content.decode()
    assert not Connection.objects.filter(user_key=jane.key).exists()


def test_the_former_account_is_found_by_its_legacy_id(
    world: SimulatedWorld, jane: EndUser, connected: Connection
) -> None:
    retire(world)
    again(connected)
    fresh = connect(world, jane, SUCCESSOR)
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("revoked", "moved")
    assert (fresh.status, fresh.account) == ("active", "204060801030")
    ended = Message.objects.filter(type="connection.revoked")
    assert ended.count() <= 1
    work(fresh)
    # the same nights by both roads are one: the figures of a day do not double
    nights = SleepSession.objects.filter(user_key=jane.key, is_nap=False)
    assert nights.filter(same_as=None).count() < nights.count()

    link = urlsplit(connecting.create_link(jane, jane.organization, "").url)
    assert "Goes on as Google Health" in Client().get(link.path).content.decode()
    page = factories.key_client(jane.organization).get(f"/api/v1/users/{jane.id}/connections/{SLUG}/diagnosis").json()
    assert next(one for one in page["checks"] if one["name"] == "connection")["next_step"] is None


def test_a_live_connection_is_moved_too_and_another_account_is_left_alone(
    world: SimulatedWorld, jane: EndUser, connected: Connection
) -> None:
    Connection.objects.filter(pk=connected.pk).update(account="7OTHER")
    connect(world, jane, SUCCESSOR)
    connected.refresh_from_db()
    assert connected.status == "active"
    Connection.objects.filter(pk=connected.pk).update(account="7QZWRX")
    connect(world, jane, SUCCESSOR)
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("revoked", "moved")
    for planned in list(Revocation.objects.filter(provider=SLUG).values_list("pk", flat=True)):
        revocations.revoke(planned)
    assert world.states[SLUG].connected() == []  # the old grant is given back


# --- pushes ---


@pytest.mark.django_db(transaction=True)
def test_pushes_arrive_revise_delete_and_end(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    hook = {"url": f"{live_server.url}/v1/webhooks/{SLUG}", "code": SECRET}
    assert requests.post(f"{world.url}/{SLUG}/dashboard/webhooks", json=hook, timeout=10).status_code == 204
    wrong = {**hook, "code": "another"}
    assert requests.post(f"{world.url}/{SLUG}/dashboard/webhooks", json=wrong, timeout=10).status_code == 400
    connection = connect(world, jane, SLUG)
    work(connection)
    rows, nights = Workout.objects.filter(user_key=jane.key), SleepSession.objects.filter(user_key=jane.key)
    run_id, night = newest(world, SLUG, "activities"), nights.filter(is_nap=False).latest("start")
    first = rows.get(external_id=run_id)
    eaten = DailyValue.objects.filter(user_key=jane.key, stream__series="dietary_energy_consumed")
    lunches, food = eaten.count(), newest(world, SLUG, "foods")
    lunch = eaten.get(day=food.removeprefix("foods-"))

    for kind in ("activities", "sleep", "foods"):
        order(world, "revise", **change(world, SLUG, kind))
        assert pushed(world, SLUG, kind, "update", times=2, object_id=newest(world, SLUG, kind)) == [204, 204]
    work(connection)
    assert rows.get(external_id=run_id).calories_kcal == pytest.approx((first.calories_kcal or 0) + 100)
    assert night.end - nights.get(start=night.start).end == timedelta(minutes=30)
    assert eaten.get(day=lunch.day).value == lunch.value + 100

    assert pushed(world, SLUG, "activities", "update", object_id=run_id, spoiled=True) == [404]
    count, weighed = rows.count(), len(weights(jane))
    for kind in ("activities", "sleep", "foods", "body"):
        gone = order(world, "delete", **change(world, SLUG, kind))["object_id"]
        assert pushed(world, SLUG, kind, "update", object_id=gone) == [204]
    work(connection)
    assert rows.count() == count - 1
    assert not rows.filter(external_id=run_id).exists()
    assert not nights.filter(start=night.start).exists()
    assert eaten.count() == lunches - 1
    assert len(weights(jane)) == weighed - 1
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()

    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, SLUG, "userRevokedAccess", "update", object_id="-") == [204]
    connection.refresh_from_db()
    assert (connection.status, connection.reason) == ("revoked", "deregistration")
    assert pushed(world, SLUG, "sleep", "update") == [204]
    assert Payload.objects.filter(user_key=jane.key).count() <= held


@pytest.mark.django_db(transaction=True)
def test_a_push_for_somebody_else_or_after_the_end_does_no_harm(
    world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    hook = {"url": f"{live_server.url}/v1/webhooks/{SLUG}", "code": SECRET}
    assert requests.post(f"{world.url}/{SLUG}/dashboard/webhooks", json=hook, timeout=10).status_code == 204
    connection = connect(world, jane, SLUG)
    work(connection)
    before = Workout.objects.filter(user_key=jane.key).count()
    stranger = list(world.vendors[SLUG].people)[1]
    name = world.vendors[SLUG].newest(stranger, "activities", world.now())
    more = {"account": stranger, "kind": "activities", "actions": ["update"], "object_id": name}
    assert order(world, "events", vendor=SLUG, **more)["statuses"] == [204]
    retire(world)
    assert pushed(world, SLUG, "sleep", "update") == [204]
    work(connection)
    connection.refresh_from_db()
    assert (connection.status, connection.reason) == ("expired", "vendor_retired")
    assert Workout.objects.filter(user_key=jane.key).count() == before
