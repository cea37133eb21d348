"""Garmin from consent to goodbye, against the simulator over real HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import EndUser
from healthdata.models import DailyValue, SampleChunk, SleepSession, Workout
from providers.connections import lifecycle, oauth, revocations
from providers.models import Connection, ConnectionToken, IgnoredEvent, Payload, Revocation, SyncRun
from providers.simulator.world import SimulatedWorld
from tests.providers import simulated
from tests.providers.simulated import connect, counts, order, pushed, work, world

__all__ = ["world"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser, live_server: Any, settings: Any) -> Connection:
    """Jane's connection; what the vendor pushes reaches us."""
    settings.BASE_URL = live_server.url
    return connect(world, jane, "garmin")


def samples(user: EndUser, series: str) -> int:
    return sum(SampleChunk.objects.filter(user_key=user.key, stream__series=series).values_list("n", flat=True))


def steps(user: EndUser) -> float:
    return DailyValue.objects.filter(user_key=user.key, stream__series="steps").latest("day").value


def test_connecting_learns_what_is_allowed_and_polls_nothing(connected: Connection, world: SimulatedWorld) -> None:
    assert connected.account == simulated.account_of(world, "garmin")
    assert connected.status == "active"
    assert connected.scopes == ["ACTIVITY_EXPORT", "HEALTH_EXPORT", "HISTORICAL_DATA_EXPORT"]
    assert not SyncRun.objects.exists()


def test_without_a_permission_that_brings_data_a_connection_is_in_error(world: SimulatedWorld, jane: EndUser) -> None:
    found = connect(world, jane, "garmin", scope="WORKOUT_IMPORT")
    assert (found.status, found.reason) == ("error", "scopes_missing")


@pytest.mark.parametrize(
    ("kind", "series"),
    [("dailies", "heart_rate"), ("stressDetails", "body_battery"), ("hrv", "heart_rate_variability_rmssd"),
     ("pulseox", "spo2"), ("allDayRespiration", "respiratory_rate"), ("epochs", "steps"), ("bodyComps", "weight")],
)  # fmt: skip
def test_pushes_and_pings_bring_the_same(
    world: SimulatedWorld, connected: Connection, jane: EndUser, kind: str, series: str
) -> None:
    assert pushed(world, "garmin", kind, "push") == [200]
    work(connected)
    found = samples(jane, series)
    assert found > 0
    assert pushed(world, "garmin", kind, "ping") == [200]
    work(connected)
    assert samples(jane, series) >= found
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()


def test_a_night_is_revised_and_an_older_version_that_comes_late_changes_nothing(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    change = {"vendor": "garmin", "account": simulated.account_of(world, "garmin"), "kind": "sleeps"}
    assert pushed(world, "garmin", "sleeps", "push") == [200]
    work(connected)
    night = SleepSession.objects.get(user_key=jane.key, is_nap=False)
    assert night.avg_respiratory_rate is not None
    tentative = Payload.objects.get(user_key=jane.key, kind="sleeps")
    order(world, "revise", **change)
    assert pushed(world, "garmin", "sleeps", "push", times=2) == [200, 200]
    work(connected)
    revised = SleepSession.objects.get(user_key=jane.key, is_nap=False)
    assert revised.end - night.end == timedelta(minutes=10)

    world.states["garmin"].revisions.clear()  # the tentative version again, delivered late
    assert pushed(world, "garmin", "sleeps", "push") == [200]
    work(connected)
    assert Payload.objects.get(batch_id=tentative.batch_id).state == "done"
    assert SleepSession.objects.get(user_key=jane.key, is_nap=False).end == revised.end


def test_an_activity_comes_as_summary_details_and_file_and_is_one_workout(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    account = simulated.account_of(world, "garmin")
    for kind in ("activityFiles", "activities", "activityDetails"):
        assert pushed(world, "garmin", kind, "push") == [200]
        work(connected)
    run = Workout.objects.get(user_key=jane.key)
    assert (run.type, run.title, len(run.laps)) == ("running", "Evening run", 2)
    assert run.details["device_name"] == "Garmin Forerunner 265"
    assert run.details["elapsed_time_seconds"] == run.duration_seconds + 30
    assert samples(jane, "running_ground_contact_time") > 100
    assert samples(jane, "running_speed") == samples(jane, "heart_rate")

    order(world, "revise", vendor="garmin", account=account, kind="activities")
    assert pushed(world, "garmin", "manuallyUpdatedActivities", "push") == [200]
    work(connected)
    edited = Workout.objects.get(user_key=jane.key)
    assert (edited.id, edited.title, edited.details["edited"]) == (run.id, "Evening run, take 2", True)
    assert "elapsed_time_seconds" in edited.details


def test_a_day_that_grows_stands_with_its_longest_version_in_any_order(
    world: SimulatedWorld, connected: Connection, jane: EndUser, moment: Any
) -> None:
    now = int(moment.timestamp() * 1000)
    order(world, "clock", now=now - 3_600_000)
    assert pushed(world, "garmin", "dailies", "push") == [200]
    early = Payload.objects.get(user_key=jane.key, kind="dailies")
    work(connected)
    first = steps(jane)
    order(world, "clock", now=now)
    assert pushed(world, "garmin", "dailies", "push") == [200]
    work(connected)
    later = steps(jane)
    assert later > first
    Payload.objects.filter(pk=early.pk).update(state="received", attempts=0, done_at=None)
    work(connected)
    assert steps(jane) == later


def test_permissions_change_and_a_deregistration_ends_the_connection(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    state = world.states["garmin"]
    for token in [*state.access.values(), *state.refresh.values()]:
        token.scopes = ("ACTIVITY_EXPORT",)
    assert pushed(world, "garmin", "userPermissionsChange", "push") == [200]
    work(connected)
    connected.refresh_from_db()
    assert (connected.scopes, connected.status) == (["ACTIVITY_EXPORT"], "active")

    assert pushed(world, "garmin", "dailies", "push") == [200]
    order(world, "revoke", vendor="garmin", account=connected.account)
    assert pushed(world, "garmin", "deregistrations", "push") == [200]
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("revoked", "deregistration")
    assert pushed(world, "garmin", "dailies", "push") == [200]  # errors for former users would be retried for days
    assert IgnoredEvent.objects.get(reason="unknown_account").count >= 1


def test_disconnecting_deregisters_at_the_vendor_and_the_data_stay(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    assert pushed(world, "garmin", "dailies", "push") == [200]
    work(connected)
    lifecycle.revoke(connected.pk, reason="disconnected", at_vendor=True)
    for planned in list(Revocation.objects.values_list("pk", flat=True)):
        revocations.revoke(planned)
    assert counts(world, "garmin")["revocations"] == 1
    assert world.states["garmin"].connected() == []
    assert order(world, "deliver")["pushes"] >= 1  # history that was asked for, and a deregistration as confirmation
    held = Payload.objects.filter(user_key=jane.key).count()
    assert pushed(world, "garmin", "sleeps", "push") == [200]
    assert Payload.objects.filter(user_key=jane.key).count() == held
    assert samples(jane, "heart_rate") > 0


def test_a_connection_that_only_receives_keeps_its_grant_alive(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    assert oauth.renew_idle() == 0
    rows = ConnectionToken.objects.filter(pk=connected.pk)
    past = connected.connected_at - timedelta(days=61)
    rows.update(obtained_at=past, expires_at=past + timedelta(days=1))
    assert oauth.renew_idle() == 1
    assert counts(world, "garmin")["refreshes"] == 1
    assert oauth.renew_idle() == 0

    rows.update(obtained_at=past, expires_at=past + timedelta(days=1))
    order(world, "revoke", vendor="garmin", account=connected.account)
    assert oauth.renew_idle() == 1
    connected.refresh_from_db()
    assert (connected.status, connected.reason) == ("expired", "refresh_failed")


def call(body: bytes, *, path: str = "/v1/webhooks/garmin/secret/simulated-webhook-secret", **headers: str) -> Any:
    return Client().post(path, body, content_type="application/json", headers=headers)


def daily(account: str, **more: Any) -> bytes:
    item = f'"userId":"{account}","calendarDate":"2026-03-12","startTimeInSeconds":1773270000,"steps":7000'
    return b'{"dailies":[{%s}]}' % item.encode()


def test_data_are_taken_at_the_secret_address_only(connected: Connection, jane: EndUser) -> None:
    body, known = daily(connected.account), {"garmin-client-id": "simulated-client"}
    assert call(body, path="/v1/webhooks/garmin", **known).status_code == 401
    assert call(body, path="/v1/webhooks/garmin").status_code == 401
    assert call(body, path="/v1/webhooks/garmin/secret/guess", **known).status_code == 401
    assert call(body, **{"garmin-client-id": "another"}).status_code == 401
    assert not Payload.objects.filter(user_key=jane.key).exists()
    assert IgnoredEvent.objects.get(reason="bad_signature").count == 4
    assert call(body).status_code == 200
    work(connected)
    assert steps(jane) == 7000


def test_announcements_at_the_plain_address_are_looked_into(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    known, path = {"garmin-client-id": "simulated-client"}, "/v1/webhooks/garmin"
    newest = world.vendors["garmin"].newest(connected.account, "dailies", world.now())
    good = f"{world.url}/garmin/dailies?uploadStartTimeInSeconds=1&token=pull-{newest}"
    evil = "http://127.0.0.1:9/garmin/dailies?token=pull-x"
    for link in (good, evil):
        body = b'{"dailies":[{"userId":"%s","callbackURL":"%s"}]}' % (connected.account.encode(), link.encode())
        assert call(body, path=path, **known).status_code == 200
    gone = b'{"deregistrations":[{"userId":"%s"}]}' % connected.account.encode()
    assert call(gone, path=path, **known).status_code == 200
    work(connected)
    assert steps(jane) > 0
    dead = Payload.objects.get(user_key=jane.key, state="dead")
    assert "not the vendor's" in dead.error
    connected.refresh_from_db()
    assert connected.status == "active"  # nobody took the grant back


def test_a_body_that_breaks_off_is_refused_and_a_foreign_one_is_nothing(connected: Connection, jane: EndUser) -> None:
    whole = daily(connected.account)
    assert call(whole[:-3]).status_code == 400
    assert call(daily("f" * 32)).status_code == 200
    assert not Payload.objects.filter(user_key=jane.key).exists()
    for _ in range(2):
        assert call(whole).status_code == 200
    assert Payload.objects.filter(user_key=jane.key).count() == 1


def test_a_large_body_is_taken_in_piece_by_piece(connected: Connection, jane: EndUser) -> None:
    rows = []
    for number in range(200):
        offsets = ",".join(f'"{15 * at}":{60 + at % 40}' for at in range(0, 5760, 1))
        rows.append(
            f'{{"userId":"{connected.account}","calendarDate":"2026-0{1 + number // 28}-{1 + number % 28:02}",'
            f'"startTimeInSeconds":{1_767_222_000 + 86_400 * number},"timeOffsetHeartRateSamples":{{{offsets}}}}}'
        )
    body = b'{"dailies":[%s]}' % ",".join(rows).encode()
    assert len(body) > 11 * 1024 * 1024
    assert call(body).status_code == 200
    pieces = Payload.objects.filter(user_key=jane.key)
    assert pieces.count() > 30
    assert max(pieces.values_list("size", flat=True)) < 400_000
    assert sum(pieces.values_list("items", flat=True)) > 200 * 5760


def test_a_file_that_is_broken_is_counted_and_no_error_of_ours(
    world: SimulatedWorld, connected: Connection, jane: EndUser
) -> None:
    order(world, "faults", vendor="garmin", kind="html", path="/activityFile")
    assert pushed(world, "garmin", "activityFiles", "push") == [200]
    work(connected)
    payload = Payload.objects.get(user_key=jane.key, kind="activityFiles")
    assert (payload.state, payload.rejected) == ("done", {"not_a_fit_file": 1})
