"""Strava's rules: documents, pulling, pushes."""

import hashlib
import hmac
import json
from datetime import date
from typing import Any

import msgspec
import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import Rejected, Sample, WorkoutRecord
from providers import registry
from providers.adapters.strava.normalise.sports import SPORTS, series_of
from providers.adapters.strava.provider import Strava
from providers.adapters.strava.signature import StravaSignature
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    BadWebhookSignature,
    Deleted,
    GrantLost,
    NotGranted,
    PartialFailure,
    RawDocument,
    TopicSubscription,
    UnsupportedEvent,
    VendorNotFound,
    Window,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import OURS, RECEIVED, TableClient, inbound

STRAVA = Strava()
WINDOW = Window(date(2026, 4, 11), date(2026, 4, 17))
EVENT = {
    "aspect_type": "create", "event_time": 1773298961, "object_id": 15920336481, "object_type": "activity",
    "owner_id": 88213407, "subscription_id": 301177, "updates": {},
}  # fmt: skip
BASE = {
    "id": 7, "resource_state": 2, "sport_type": "Run", "start_date": "2026-04-12T10:00:00Z", "elapsed_time": 600,
    "start_date_local": "2026-04-12T12:00:00Z", "utc_offset": 7200.0,
}  # fmt: skip
TODAY = {"date": "Fri, 17 Apr 2026 12:00:00 GMT"}


def summary(**fields: Any) -> tuple[WorkoutRecord, list[Rejected]]:
    body = json.dumps([{**BASE, **fields}]).encode()
    found = sync_bodies.normalise(body, "strava", kind="activities")
    (workout,) = [item for item in found if isinstance(item, WorkoutRecord)]
    return workout, [item for item in found if isinstance(item, Rejected)]


def detail(streams: Any = None, zones: Any = None, **fields: Any) -> list[Any]:
    document = {"activity": {**BASE, "resource_state": 3, **fields}, "streams": streams, "zones": zones}
    return sync_bodies.normalise(json.dumps(document).encode(), "strava", kind="activity")


def stream(**data: list[Any]) -> dict[str, Any]:
    return {name: {"data": values, "original_size": len(values)} for name, values in data.items()}


# --- documents ---


def test_all_sports_lead_to_types_of_the_catalogue() -> None:
    assert set(SPORTS.values()) <= set(WORKOUT_TYPES)
    assert len(SPORTS) == 56


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"sport_type": "Ride", "trainer": True}, "indoor_cycling"),
        ({"sport_type": "Run", "trainer": True}, "treadmill_running"),
        ({"sport_type": "VirtualRide", "trainer": True}, "virtual_cycling"),
        ({"sport_type": None, "type": "Hike"}, "hiking"),
        ({"sport_type": "Padel"}, "padel"),
    ],
)
def test_the_kind_of_a_workout(fields: dict[str, Any], kind: str) -> None:
    workout, refused = summary(**fields)
    assert (workout.type, workout.original_type, refused) == (kind, None, [])


def test_a_sport_nobody_knows_is_other_and_counted() -> None:
    workout, refused = summary(sport_type="Quidditch")
    assert (workout.type, workout.original_type) == ("other", "Quidditch")
    assert [(item.field, item.reason) for item in refused] == [("sport_type", "unknown_type")]


def test_moving_time_is_the_duration_and_elapsed_time_the_length() -> None:
    workout, _ = summary(moving_time=540)
    assert (workout.end - workout.start, workout.duration_seconds) == (600_000, 540.0)


@pytest.mark.parametrize(
    ("fields", "zone"),
    [
        ({"utc_offset": -12600.0}, -210),
        ({"utc_offset": None, "timezone": "(GMT+01:00) Europe/Brussels"}, 120),  # in summer
        ({"utc_offset": None, "timezone": "(GMT+05:30) Asia/Kolkata"}, 330),
        ({"utc_offset": 10**9, "timezone": "(GMT+01:00) ../../etc/passwd"}, None),
        ({"utc_offset": None, "timezone": None}, None),
    ],
)
def test_the_zone_of_a_start(fields: dict[str, Any], zone: int | None) -> None:
    assert summary(**fields)[0].zone == zone


@pytest.mark.parametrize(
    ("fields", "calories", "estimated"),
    [
        ({"calories": 812.0, "kilojoules": 889.8}, 812.0, None),
        ({"calories": 0, "kilojoules": 462.5, "sport_type": "Ride"}, 462.5, True),
        ({"kilojoules": 462.5, "sport_type": "Run"}, None, None),
        ({"calories": 0}, None, None),
    ],
)
def test_energy_is_stated_or_about_the_work_of_a_ride(
    fields: dict[str, Any], calories: float | None, estimated: bool | None
) -> None:
    workout, _ = summary(**fields)
    assert (workout.calories_kcal, workout.details.get("calories_estimated")) == (calories, estimated)


def test_watts_without_a_meter_are_called_an_estimate() -> None:
    workout, _ = summary(average_watts=200.0, max_watts=300, device_watts=False)
    assert workout.average_power_watts is None
    assert workout.details["estimated_average_power_watts"] == 200.0
    assert "max_power_watts" not in workout.details
    guessed = detail(stream(time=[0], watts=[210]), device_watts=False)
    assert [item for item in guessed if isinstance(item, Sample)] == []


def test_a_hidden_pulse_and_a_distance_of_nothing_say_nothing() -> None:
    workout, _ = summary(has_heartrate=False, average_heartrate=120.0, distance=0.0, average_speed=0)
    assert (workout.avg_heart_rate_bpm, workout.distance_meters, workout.avg_speed_mps) == (None, None, None)


@pytest.mark.parametrize(("sport", "cadence"), [("Run", 172.0), ("Walk", 172.0), ("Ride", 86.0), ("Rowing", 86.0)])
def test_feet_are_counted_both(sport: str, cadence: float) -> None:
    assert summary(sport_type=sport, average_cadence=86.0)[0].details["average_cadence_per_minute"] == cadence
    (sample,) = [item for item in detail(stream(time=[0], cadence=[86]), sport_type=sport) if isinstance(item, Sample)]
    assert (sample.series, sample.value) == (series_of("cadence", sport), cadence)


def test_a_detail_has_a_later_version_than_a_summary() -> None:
    (workout,) = [item for item in detail() if isinstance(item, WorkoutRecord)]
    assert workout.version is not None
    assert workout.version > (summary()[0].version or 0)


def test_readings_lie_where_the_axis_says_not_one_a_second() -> None:
    found = detail(stream(time=[0, 1, 35], heartrate=[101, None, 98]))
    samples = [item for item in found if isinstance(item, Sample)]
    start = 1_775_988_000_000
    assert [(item.start, item.value, item.zone) for item in samples] == [
        (start, 101.0, 120),
        (start + 35_000, 98.0, 120),
    ]


def test_readings_of_a_hidden_start_are_left_out() -> None:
    found = detail(stream(time=[0], heartrate=[101]), start_date_local="2026-04-12T00:00:01Z")
    assert [type(item) for item in found] == [WorkoutRecord]
    assert found[0].details["start_time_hidden"] is True


@pytest.mark.parametrize("streams", [stream(heartrate=[101]), {"time": {"data": "x"}}, {"time": 5}])
def test_streams_without_an_axis_are_refused_alone(streams: Any) -> None:
    found = detail(streams)
    assert [type(item) for item in found] == [WorkoutRecord, Rejected]


def test_streams_in_a_list_are_read_by_their_types() -> None:
    listed = [{"type": "time", "data": [0, 1]}, {"type": "heartrate", "data": [120, 121]}]
    found = detail(listed)
    assert [item.value for item in found if isinstance(item, Sample)] == [120, 121]
    assert not [item for item in found if isinstance(item, Rejected)]


@pytest.mark.parametrize(
    ("streams", "zones", "field"),
    [([1, 2], None, "streams"), ("none", None, "streams"), (None, {"type": "heartrate"}, "zones"), (None, 7, "zones")],
)
def test_a_part_of_another_type_costs_that_part_only(streams: Any, zones: Any, field: str) -> None:
    found = detail(streams, zones, calories=300)
    (workout,) = [item for item in found if isinstance(item, WorkoutRecord)]
    assert workout.calories_kcal == 300
    assert [item.field for item in found if isinstance(item, Rejected)] == [field]


def test_a_version_no_column_holds_is_the_most_detailed_one() -> None:
    workout, _ = summary(resource_state=10**17)
    assert workout.version == 3


def test_the_last_zone_has_no_upper_end() -> None:
    buckets = [{"min": 0, "max": 118, "time": 140}, {"min": 118, "max": -1, "time": 60}]
    (workout,) = detail(zones=[{"type": "power", "distribution_buckets": buckets}])
    assert {name: value for name, value in workout.details.items() if name.startswith("power_zone")} == {
        "power_zone_1_seconds": 140.0, "power_zone_1_from_watts": 0.0,
        "power_zone_2_seconds": 60.0, "power_zone_2_from_watts": 118.0,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["activities", "activity", "athlete", "athlete_zones", "clubs"])
@pytest.mark.parametrize("body", [b"<html>", b"5", b'"x"'])
def test_what_is_no_document_is_an_anomaly(kind: str, body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        sync_bodies.normalise(body, "strava", kind=kind)


def test_a_page_in_any_order_gives_the_same_workouts() -> None:
    rows = json.loads((sync_bodies.ADAPTERS / "strava" / "fixtures" / "activities.json").read_text())
    there, back = (
        sync_bodies.normalise(json.dumps(page).encode(), "strava", kind="activities") for page in (rows, rows[::-1])
    )
    assert sorted(map(repr, there)) == sorted(map(repr, back))


# --- pulling ---


def table(*rows: dict[str, Any], **more: Any) -> TableClient:
    """Return a vendor with one page of these activities."""
    answers: dict[str, Any] = {"/athlete/activities": [(TODAY, list(rows)), (TODAY, [])], "/athlete": {"id": 1},
                               "/athlete/zones": {"heart_rate": {}}}  # fmt: skip
    for row in rows:
        path = f"/activities/{row['id']}"
        answers |= {
            path: {**row, "resource_state": 3},
            f"{path}/streams": {"time": {"data": [0]}},
            f"{path}/zones": b"[]",
        }
    return TableClient({**answers, **more})


def test_pages_are_read_until_one_is_empty_and_days_at_the_border_once() -> None:
    rows = [{**BASE, "id": 1}, {**BASE, "id": 2, "start_date_local": "2026-04-10T23:30:00Z"}]
    client = table(*rows)
    client.answers["/athlete/activities"] = [(TODAY, rows[:1]), (TODAY, rows[1:]), (TODAY, [])]
    found = list(STRAVA.fetch(client, WINDOW))
    assert [item.kind for item in found if isinstance(item, RawDocument)] == [
        "activities", "activities", "athlete", "athlete_zones", "activity",
    ]  # fmt: skip
    listed = [options["params"] for _, path, options in client.asked if path == "/athlete/activities"]
    assert [params["page"] for params in listed] == [1, 2, 3]
    assert (listed[0]["after"], listed[0]["before"], listed[0]["per_page"]) == (1_775_779_200, 1_776_556_800, 200)


def test_the_joined_document_reads_as_one() -> None:
    page = list(STRAVA.fetch(table(BASE), WINDOW))[-1]
    assert isinstance(page, RawDocument)
    assert msgspec.json.decode(page.body)["streams"] == {"time": {"data": [0]}}
    (workout,) = sync_bodies.normalise(page.body, "strava", kind="activity")
    assert workout.external_id == "7"


def test_old_windows_leave_the_athlete_alone() -> None:
    found = list(STRAVA.fetch(table(BASE), Window(date(2026, 3, 1), date(2026, 3, 7))))
    assert {item.kind for item in found} == {"activities"}


def test_manual_activities_have_no_streams_to_ask_for() -> None:
    client = table({**BASE, "manual": True})
    list(STRAVA.fetch(client, WINDOW))
    assert [path for _, path, _ in client.asked if path.startswith("/activities")] == ["/activities/7"]


@pytest.mark.parametrize("error", [BadAnswer("pay", status=402), NotGranted("no")])
def test_zones_of_non_subscribers_are_asked_for_once(error: Exception) -> None:
    rows = [{**BASE, "id": 1}, {**BASE, "id": 2}]
    client = table(*rows, **{"/activities/1/zones": error, "/activities/2/zones": error})
    found = list(STRAVA.fetch(client, WINDOW))
    assert [path for _, path, _ in client.asked if path.endswith("/zones")] == ["/athlete/zones", "/activities/1/zones"]
    assert not [item for item in found if isinstance(item, PartialFailure)]


def test_streams_that_are_no_json_do_not_spoil_the_activity() -> None:
    found = list(STRAVA.fetch(table(BASE, **{"/activities/7/streams": b"<html>"}), WINDOW))
    assert [item.kind for item in found if isinstance(item, PartialFailure)] == ["streams"]
    page = found[-1]
    assert isinstance(page, RawDocument)
    assert msgspec.json.decode(page.body)["streams"] is None


def test_a_page_that_is_no_list_is_kept_and_reported() -> None:
    client = table()
    client.answers["/athlete/activities"] = [b"<html>"]
    found = list(STRAVA.fetch(client, WINDOW))
    assert found[:2] == [
        RawDocument("activities", b"<html>"),
        PartialFailure("activities", "bad_answer", "A page is not the JSON that was expected; it is kept."),
    ]


def test_limits_count_up_and_end_on_the_quarter_hour() -> None:
    headers = {"x-ratelimit-limit": "200,2000", "x-ratelimit-usage": "5,900", "x-readratelimit-limit": "100,1000",
               "x-readratelimit-usage": "101,700"}  # fmt: skip
    found = {quota.name: quota for quota in STRAVA.quotas(headers, 429, 1_773_298_961.0)}
    assert {name: quota.remaining for name, quota in found.items()} == {
        "15min": 195, "day": 1100, "read-15min": 0, "read-day": 300,
    }  # fmt: skip
    assert found["read-15min"].resets_at == 1_773_299_701.0  # a second after the boundary
    assert found["day"].resets_at == 1_773_360_001.0
    assert STRAVA.quotas({}, 200, 0.0) == ()


@pytest.mark.parametrize(
    ("status", "body", "lost"),
    [
        (400, {"errors": [{"resource": "RefreshToken", "field": "refresh_token", "code": "invalid"}]}, True),
        (400, {"errors": [{"resource": "Application", "field": "client_id", "code": "invalid"}]}, False),
        (400, {"error": "invalid_grant"}, True),
        (500, {"errors": [{"field": "refresh_token"}]}, False),
        (400, None, False),
    ],
)
def test_which_refusals_end_a_grant(status: int, body: Any, lost: bool) -> None:
    assert STRAVA.grant_is_lost(status, body) is lost


def test_the_account_comes_with_the_tokens() -> None:
    assert STRAVA.account_id(TableClient(token_answer={"athlete": {"id": 88213407}})) == "88213407"
    assert STRAVA.account_id(TableClient({"/athlete": {"id": 5}})) == "5"
    with pytest.raises(BadAnswer):
        STRAVA.account_id(TableClient({"/athlete": {}}))


# --- pushes ---


def header(body: bytes, *, at: int = RECEIVED // 1000, secret: str = OURS.client_secret) -> dict[str, str]:
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-strava-signature": f"t={at},v1={mac}"}


def test_a_signature_that_fits_is_believed() -> None:
    body = msgspec.json.encode(EVENT)
    assert STRAVA.signature.check(inbound(body, headers=header(body)), OURS) is True


@pytest.mark.parametrize(
    "headers",
    [
        header(b"other"),
        header(msgspec.json.encode(EVENT), secret="guess"),
        header(msgspec.json.encode(EVENT), at=RECEIVED // 1000 - 400),
        {"x-strava-signature": "t=soon"},
        {"x-strava-signature": "rubbish"},
    ],
)
def test_one_that_does_not_fit_is_not_believed_and_refused_where_strict(headers: dict[str, str]) -> None:
    assert STRAVA.signature.check(inbound(EVENT, headers=headers), OURS) is False
    with pytest.raises(BadWebhookSignature):
        StravaSignature(strict=True).check(inbound(EVENT, headers=headers), OURS)
    assert StravaSignature(strict=True).check(inbound(EVENT), OURS) is False


def test_the_challenge_has_dots_in_its_name() -> None:
    query = {"hub__mode": "subscribe", "hub__challenge": "c0ffee15ab9d"}
    reply = STRAVA.handshake(inbound(method="GET", **query, hub__verify_token="our-word"), OURS)
    assert reply is not None
    assert (reply.status, reply.body) == (200, b'{"hub.challenge":"c0ffee15ab9d"}')
    with pytest.raises(BadWebhookSignature):
        STRAVA.handshake(inbound(method="GET", **query), OURS)
    assert STRAVA.handshake(inbound(method="GET"), OURS) is None
    assert STRAVA.refused_status == 403


def test_what_an_event_announces() -> None:
    at = 1773298961_000
    made, changed, gone = (
        next(STRAVA.notifications(inbound({**EVENT, "aspect_type": aspect})))
        for aspect in ("create", "update", "delete")
    )
    assert (made.account, made.kind, made.object_id, made.deleted) == ("88213407", "activity", "15920336481", False)
    assert gone.deleted
    assert [made.at, changed.at, gone.at] == [at, at + 1, at + 2]  # one second, three events, in their order


@pytest.mark.parametrize(
    "change", [{"updates": {"authorized": "false"}, "aspect_type": "update"}, {"aspect_type": "delete"}]
)
def test_a_goodbye(change: dict[str, Any]) -> None:
    event = {**EVENT, "object_type": "athlete", "object_id": 88213407, **change}
    (notification,) = STRAVA.notifications(inbound(event))
    assert (notification.account, notification.deauthorised, notification.deleted) == ("88213407", True, False)


@pytest.mark.parametrize(
    "change",
    [{"object_type": "segment"}, {"aspect_type": "kudos"}, {"object_type": "athlete", "aspect_type": "update"}],
)
def test_other_events_are_counted(change: dict[str, str]) -> None:
    with pytest.raises(UnsupportedEvent):
        list(STRAVA.notifications(inbound({**EVENT, **change})))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", json.dumps({**EVENT, "object_id": "7/../8"}).encode()])
def test_bodies_strava_would_not_send_are_anomalies(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(STRAVA.notifications(inbound(body)))


def test_a_deletion_is_believed_once_the_activity_is_not_there() -> None:
    (notification,) = STRAVA.notifications(inbound({**EVENT, "object_id": 7, "aspect_type": "delete"}))
    assert list(STRAVA.resolve(TableClient(), notification)) == [Deleted("7")]
    (still_there,) = STRAVA.resolve(table(BASE), notification)
    assert isinstance(still_there, RawDocument)
    (created,) = STRAVA.notifications(inbound({**EVENT, "object_id": 7}))
    with pytest.raises(VendorNotFound):
        list(STRAVA.resolve(TableClient(), created))


def test_a_goodbye_is_believed_once_the_token_is_refused() -> None:
    (notification,) = STRAVA.notifications(inbound({**EVENT, "object_type": "athlete", "aspect_type": "delete"}))
    assert [page.kind for page in STRAVA.resolve(TableClient({"/athlete": {"id": 1}}), notification)] == ["athlete"]
    with pytest.raises(GrantLost):
        list(STRAVA.resolve(TableClient({"/athlete": GrantLost("gone")}), notification))


# --- subscription ---


def test_the_subscription_is_made_listed_and_ended() -> None:
    root, url = "/push_subscriptions", "https://wearlink.example/v1/webhooks/strava"
    held = {"id": 301177, "callback_url": url, "application_id": 51007}
    client = TableClient({root: [{"id": 301177}, [held]], f"{root}/301177": b""})
    made = STRAVA.subscribe(client, STRAVA.topics[0], url)
    assert made == TopicSubscription("301177", "all", url)
    assert list(STRAVA.subscriptions(client)) == [made]
    STRAVA.unsubscribe(client, made)
    who = {"client_id": "client", "client_secret": "oura-sample-secret"}
    assert client.asked[0][2]["form"] == {**who, "callback_url": url, "verify_token": "our-word"}
    assert [options.get("params") for _, _, options in client.asked] == [None, who, who]
    with pytest.raises(BadAnswer):
        list(STRAVA.subscriptions(TableClient({root: {"message": "no"}})))


def test_both_activity_scopes_are_asked_for_and_the_terms_told() -> None:
    assert {"activity:read", "activity:read_all"} <= set(STRAVA.oauth.scopes)
    assert STRAVA.oauth.scope_separator == ","
    assert "at most 10 people" in STRAVA.notes
    assert isinstance(registry.get("strava"), Strava)


def test_an_athlete_is_always_asked_even_who_has_agreed_before() -> None:
    assert STRAVA.oauth.authorize_params["approval_prompt"] == "force"
