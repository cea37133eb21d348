"""Garmin's history: asked for part by part, pushed by the simulator, lost, refused, cancelled and asked for again."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from accounts.models import EndUser, UserZone
from healthdata.models import DailyValue, SleepSession, Workout
from providers.connections import lifecycle
from providers.models import Backfill, BackfillPart, Connection, Payload
from providers.pull import pull
from providers.runs import backfills
from providers.simulator.world import SimulatedWorld
from tests import factories
from tests.providers.simulated import connect, counts, order, work, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = 15  # of an end user who allows everything but data on cycles
WITHOUT = {"moveIQActivities", "bloodPressures", "healthSnapshot"}  # of which the simulated people have none
DAILY = {"sleeps", "hrv", "allDayRespiration", "skinTemp", "dailies", "epochs", "stressDetails"}


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any) -> Connection:
    """Jane's connection, whose history is waiting to be asked for."""
    settings.BASE_URL = live_server.url
    return connect(world, jane, "garmin")


def age(seconds: float) -> None:
    """Let time pass for whatever is in flight or waits."""
    span = timedelta(seconds=seconds)
    for part in BackfillPart.objects.all():
        for name in ("requested_at", "received_at", "due_at"):
            if (moment := getattr(part, name)) is not None:
                setattr(part, name, moment - span)
        part.save()


def step(world: SimulatedWorld, connection: Connection, *, lose_every: int = 0) -> None:
    """One part: asked for, pushed, and over."""
    work(connection)
    order(world, "deliver", lose_every=lose_every)
    work(connection)
    age(3 * 3600)
    backfills.settle_overdue()


def finish(world: SimulatedWorld, connection: Connection, *, lose_every: int = 0) -> Backfill:
    for _ in range(60):
        row = Backfill.objects.filter(connection_key=connection.pk).latest("key")
        if row.finished_at is not None:
            return row
        step(world, connection, lose_every=lose_every)
    raise AssertionError([(part.kind, part.state) for part in BackfillPart.objects.all()])


def call(user: EndUser, what: str, *, method: str = "post", provider: str = "garmin") -> Any:
    client = factories.key_client(user.organization)
    path = f"/api/v1/providers/{provider}/users/{user.id}/{what}"
    return client.get(path) if method == "get" else client.post(path, content_type="application/json")


def status(user: EndUser) -> dict[str, Any]:
    answer = call(user, "backfill/status", method="get")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def states(user: EndUser) -> dict[str, str]:
    return {one["summary"]: one["state"] for kind in status(user)["types"] for one in kind["summaries"]}


def test_connecting_asks_for_thirty_days_one_kind_at_a_time(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    found = status(jane)
    assert [one["type_name"] for one in found["types"]] == ["workouts", "sleep", "body", "daily"]
    assert (found["status"], found["start_date"], found["end_date"]) == ("queued", "2026-03-24", "2026-04-22")
    assert len(states(jane)) == KINDS
    assert "mct" not in states(jane)
    for asked in (1, 2, 3):
        work(connected)
        work(connected)
        counted = counts(world, "garmin")
        assert sum(count for name, count in counted.items() if name.startswith("backfill:")) == asked
        assert BackfillPart.objects.filter(state__in=("requested", "receiving")).count() == 1
        order(world, "deliver")
        assert BackfillPart.objects.filter(state="receiving").count() == 1
        age(600)
        assert backfills.settle_overdue() == 1
    assert status(jane)["status"] == "running"


def test_the_whole_history_arrives_and_what_nobody_has_is_no_data(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    row = finish(world, connected)
    found = status(jane)
    assert (row.status, found["status"], found["error"]) == ("done", "done", None)
    assert {kind for kind, state in states(jane).items() if state == "no_data"} == WITHOUT
    assert {kind for kind, state in states(jane).items() if state == "done"} == set(states(jane)) - WITHOUT
    assert {(one["summary"], one["state"], one["reason"]) for one in found["missing"]} == {
        (kind, "no_data", "nothing_came") for kind in WITHOUT
    }
    assert SleepSession.objects.filter(user_key=jane.key, is_nap=False).count() == 30
    assert DailyValue.objects.filter(user_key=jane.key, stream__series="steps").count() == 30
    assert Workout.objects.filter(user_key=jane.key).count() >= 14
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()
    assert pull.connections_waiting() == []


def test_with_every_third_push_lost_it_ends_and_says_what_is_missing(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    row = finish(world, connected, lose_every=3)
    found = status(jane)
    assert (row.status, found["status"]) == ("done_with_errors", "done_with_errors")
    gaps = {one["summary"]: one["days"] for one in found["missing"] if one["state"] == "done"}
    assert set(gaps) == DAILY
    held = {day.isoformat() for day in SleepSession.objects.filter(user_key=jane.key).values_list("day", flat=True)}
    assert gaps["sleeps"]
    assert held.isdisjoint(gaps["sleeps"])
    assert len(held) + len(gaps["sleeps"]) == 29  # the third push and the last, whose day is not over
    days = DailyValue.objects.filter(user_key=jane.key, stream__series="steps").values_list("day", flat=True)
    assert {day.isoformat() for day in days}.isdisjoint(gaps["dailies"])


def test_what_comes_late_is_stored_and_said(world: SimulatedWorld, connected: Connection, jane: EndUser) -> None:
    work(connected)
    age(3 * 3600)
    backfills.settle_overdue()
    assert states(jane)["activities"] == "no_data"
    order(world, "deliver")
    work(connected)
    assert states(jane)["activities"] == "done"
    assert Workout.objects.filter(user_key=jane.key).exists()


def test_a_token_that_ends_in_between_is_renewed(world: SimulatedWorld, connected: Connection, jane: EndUser) -> None:
    step(world, connected)
    world.states["garmin"].access.clear()  # as after a day
    step(world, connected)
    step(world, connected)
    assert counts(world, "garmin")["refreshes"] == 1
    assert list(states(jane).values()).count("done") == 3


def test_a_grant_that_is_gone_ends_the_backfill_with_its_connection(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    step(world, connected)
    order(world, "revoke", vendor="garmin", account=connected.account)
    work(connected)
    connected.refresh_from_db()
    assert connected.status == "expired"
    found = status(jane)
    assert (found["status"], found["finished_at"] is not None) == ("failed", True)
    assert set(states(jane).values()) == {"done", "cancelled"}
    assert call(jane, "backfill/sleep/retry").status_code == 409


def test_without_the_permission_nothing_is_asked(world: SimulatedWorld, jane: EndUser) -> None:
    found = connect(world, jane, "garmin", scope="HEALTH_EXPORT")
    work(found)
    backfill = status(jane)
    assert backfill["status"] == "failed"
    assert set(states(jane).values()) == {"failed"}
    assert {one["reason"] for one in backfill["missing"]} == {"not_granted"}
    assert "activities" not in states(jane)
    assert not any(name.startswith("backfill:") for name in counts(world, "garmin"))


def test_asked_twice_is_done_and_says_so(world: SimulatedWorld, connected: Connection, jane: EndUser) -> None:
    finish(world, connected)
    Backfill.objects.all().delete()
    assert call(jane, "sync/historical").status_code == 202
    again = finish(world, connected)
    assert again.status == "done"
    reasons = {part.reason for part in again.parts.filter(kind="sleeps")}
    assert reasons <= {"", "already_asked"}


def test_a_range_that_was_asked_before_ends_at_once(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    step(world, connected)
    first = BackfillPart.objects.get(kind="activities")
    BackfillPart.objects.filter(pk=first.pk).update(state="failed")
    assert call(jane, "backfill/workouts/retry").status_code == 202
    work(connected)
    (activities,) = [one for one in status(jane)["types"][0]["summaries"] if one["summary"] == "activities"]
    assert (activities["state"], activities["windows"][0]["reason"]) == ("done", "already_asked")


@pytest.mark.parametrize(
    ("fault", "state"), [("error", "pending"), ("rate_limit", "pending"), ("not_found", "failed"), ("cut", "pending")]
)
def test_a_vendor_in_trouble_is_asked_again_and_a_refusal_is_told(
    world: SimulatedWorld, connected: Connection, jane: EndUser, fault: str, state: str
) -> None:
    order(world, "faults", vendor="garmin", kind=fault, path="/backfill/activities", seconds=600)
    work(connected)
    assert states(jane)["activities"] == state
    asked = counts(world, "garmin").get("backfill:activities", 0)
    work(connected)
    assert counts(world, "garmin").get("backfill:activities", 0) == asked


def test_a_kind_that_the_portal_does_not_send_is_told(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    scopes = [*connected.scopes, "MCT_EXPORT"]
    Connection.objects.filter(pk=connected.pk).update(scopes=scopes)
    connected.refresh_from_db()
    Backfill.objects.all().delete()
    assert call(jane, "sync/historical").status_code == 202
    row = finish(world, connected)
    part = row.parts.get(kind="mct")
    assert (part.state, part.reason) == ("failed", "not_enabled")
    assert row.status == "done_with_errors"


def test_cancelling_stops_asking_and_what_was_asked_for_is_stored(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    work(connected)
    answer = call(jane, "backfill/cancel")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["error"]) == ("failed", "Ended before its time: cancelled.")
    assert set(states(jane).values()) == {"cancelled"}
    order(world, "deliver")
    work(connected)
    assert Workout.objects.filter(user_key=jane.key).exists()
    assert sum(count for name, count in counts(world, "garmin").items() if name.startswith("backfill:")) == 1
    assert call(jane, "backfill/cancel").status_code == 200


def test_one_type_is_asked_for_again_and_the_rest_stays(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    call(jane, "backfill/cancel")
    answer = call(jane, "backfill/sleep/retry")
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert {one["type_name"]: one["state"] for one in answer.json()["types"]} == {
        "workouts": "cancelled", "sleep": "pending", "body": "cancelled", "daily": "cancelled",
    }  # fmt: skip
    row = finish(world, connected)
    assert {one["type_name"]: one["state"] for one in status(jane)["types"]}["sleep"] == "done"
    assert row.status == "done_with_errors"
    assert SleepSession.objects.filter(user_key=jane.key).count() == 30


def test_disconnecting_cancels_and_later_pushes_are_nothing(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    work(connected)
    lifecycle.revoke(connected.pk, reason="api_disconnected")
    assert set(states(jane).values()) == {"cancelled"}
    order(world, "deliver")
    assert not Payload.objects.filter(user_key=jane.key).exists()


def test_history_is_ordered_by_the_documented_call_and_one_is_under_way_at_a_time(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    first, second = call(jane, "sync/historical"), call(jane, "sync/historical")
    assert (first.status_code, first.json()["provider"], first.json()["start_date"]) == (202, "garmin", "2026-03-24")
    assert first.json() == second.json()
    assert Backfill.objects.count() == 1
    assert call(jane, "sync").json()["code"] == "push_only"


def test_a_longer_history_is_asked_for_in_stretches_of_at_most_thirty_days(
    world: SimulatedWorld, connected: Connection, jane: EndUser, settings: Any
) -> None:
    settings.PROVIDERS = {**settings.PROVIDERS, "PROVIDER_GARMIN_HISTORY_DAYS": "90"}
    Backfill.objects.all().delete()
    row = backfills.open_backfill(connected, connected_provider())
    parts = list(row.parts.filter(kind="dailies").order_by("position"))
    assert len(parts) == 4
    assert parts[0].end.isoformat() == "2026-04-22"
    assert all(part.end_at - part.start_at <= timedelta(days=30) for part in parts)
    assert all(newer.start - older.end == timedelta(days=1) for newer, older in pairwise(parts))
    assert (parts[0].end - parts[-1].start).days == 89
    finished = finish(world, connected)
    oldest = finished.parts.filter(kind="dailies").latest("position")
    assert (oldest.state, oldest.reason) == ("no_data", "out_of_reach")


def connected_provider() -> Any:
    return backfills.credentials.get_cloud("garmin")


@pytest.mark.every_moment
def test_no_stretch_is_longer_than_thirty_days_whatever_the_clocks_do(moment: Any, jane: EndUser) -> None:
    row = Connection.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider="garmin", account="a",
        scopes=["HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"],
    )  # fmt: skip
    for zone in ("Europe/Brussels", "America/New_York", "Pacific/Auckland"):
        UserZone.objects.filter(user_key=jane.key).delete()
        UserZone.objects.create(user_key=jane.key, valid_from=0, zone=zone)
        Backfill.objects.all().delete()
        for part in backfills.open_backfill(row, connected_provider()).parts.all():
            assert timedelta() < part.end_at - part.start_at <= timedelta(days=30)


def test_what_nobody_asked_for_or_does_not_exist_is_told_in_words(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    unknown = call(jane, "backfill/mood/retry")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_type")
    assert "workouts, sleep, body, daily" in unknown.json()["detail"]
    assert call(jane, "backfill/status", method="get", provider="oura").status_code == 501
    assert call(jane, "backfill/status", method="get", provider="pebble").status_code == 404
    other = factories.end_user(jane.organization)
    assert call(other, "backfill/status", method="get").json()["code"] == "not_connected"
    Backfill.objects.all().delete()
    assert call(jane, "backfill/status", method="get").json()["code"] == "no_backfill"


def test_a_worker_that_died_while_asking_costs_ten_minutes(connected: Connection, jane: EndUser) -> None:
    part = backfills.next_part(connected.pk)
    assert part is not None
    assert backfills.mark_requested(part)
    assert backfills.next_part(connected.pk) is None
    assert backfills.settle_overdue() == 0
    age(601)
    assert backfills.settle_overdue() == 1
    assert states(jane)["activities"] == "pending"
    again = backfills.next_part(connected.pk)
    assert again is not None
    assert again.pk == part.pk


def test_the_answer_costs_few_queries(connected: Connection, jane: EndUser, django_assert_max_num_queries: Any) -> None:
    first = status(jane)
    with django_assert_max_num_queries(10):
        again = status(jane)
    assert again == first
