"""Oura's rules: documents, pulling, pushes."""

import hashlib
import hmac
import json
from datetime import date
from typing import Any

import msgspec
import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import DailyRecord, Rejected, Sample, Score, StageRecord, WorkoutRecord
from providers import registry
from providers.adapters.oura.collections import COLLECTIONS, TOPICS
from providers.adapters.oura.nightly_pulse import NightlyPulse
from providers.adapters.oura.normalise import READINGS
from providers.adapters.oura.normalise.activities import ACTIVITIES
from providers.adapters.oura.normalise.fields import KNOWN
from providers.adapters.oura.provider import Oura
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    BadWebhookSignature,
    GrantLost,
    NotGranted,
    PartialFailure,
    RawDocument,
    Retraction,
    TopicSubscription,
    UnsupportedEvent,
    VendorError,
    VendorNotFound,
    Window,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import OURS, RECEIVED, TableClient, inbound

OURA = Oura()
WEEK = Window(date(2026, 3, 5), date(2026, 3, 12))
EVENT = {
    "event_type": "create", "data_type": "sleep", "object_id": "e05d28af-bf83-5767-9d36-f304ddf21a97",
    "event_time": "2026-03-12T07:02:41.512000+00:00", "user_id": "dcda363b-ddce-5524-a7a9-0e7f8d9d502a",
}  # fmt: skip


def read(kind: str, *rows: Any, zone: str = "UTC") -> list[Any]:
    return sync_bodies.normalise(json.dumps({"data": rows, "next_token": None}).encode(), "oura", zone, kind=kind)


def signed(body: bytes, *, timestamp: str = "1773298961", secret: str = OURS.client_secret) -> dict[str, str]:
    mac = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).hexdigest().upper()
    return {"x-oura-timestamp": timestamp, "x-oura-signature": mac}


# --- documents ---


def test_every_collection_has_a_reading_and_its_fields() -> None:
    paths = {one.path for one in COLLECTIONS} | {"personal_info"}
    assert paths == set(READINGS) == set(KNOWN)
    assert len(paths) == 19


def test_workout_names_lead_to_types_of_the_catalogue() -> None:
    assert set(ACTIVITIES.values()) <= set(WORKOUT_TYPES)
    assert all(name == name.lower() and name.isalnum() for name in ACTIVITIES)


@pytest.mark.parametrize("raw", ["strengthTraining", "strength_training", "Strength Training"])
def test_spellings_of_a_workout_are_one(raw: str) -> None:
    row = {"id": "w", "activity": raw, "start_datetime": "2026-03-12T10:00:00+01:00",
           "end_datetime": "2026-03-12T11:00:00+01:00"}  # fmt: skip
    (found,) = read("workout", row)
    assert isinstance(found, WorkoutRecord)
    assert (found.type, found.original_type) == ("strength_training", None)


def test_a_single_document_reads_like_a_page_of_one() -> None:
    row = {"id": "d", "day": "2026-03-12", "score": 80, "contributors": {"timing": 90}}
    alone = sync_bodies.normalise(json.dumps(row).encode(), "oura", kind="daily_sleep")
    assert alone == read("daily_sleep", row)
    assert [type(item) for item in alone] == [Retraction, Score]


@pytest.mark.parametrize("kind", sorted(READINGS))
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"data": {}}', b"{}", b'{"detail": "Unauthorized"}'])
def test_what_is_no_document_is_an_anomaly(kind: str, body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        sync_bodies.normalise(body, "oura", kind=kind)


@pytest.mark.parametrize("kind", sorted(READINGS))
def test_rows_in_any_order_give_the_same_records(kind: str) -> None:
    path = sync_bodies.ADAPTERS / "oura" / "fixtures" / f"{kind}.json"
    document = json.loads(path.read_text())
    rows = document.get("data", [document])
    there, back = read(kind, *rows), read(kind, *rows[::-1])
    assert sorted(map(repr, there)) == sorted(map(repr, back))


def test_an_unknown_field_is_counted_once_a_page() -> None:
    rows = [{"id": name, "day": "2026-03-12", "level": "solid", "mystery": 1} for name in ("a", "b")]
    found = [item for item in read("daily_resilience", *rows) if isinstance(item, Rejected)]
    assert [(item.field, item.reason) for item in found] == [("mystery", "unknown_field")]


def test_stages_of_half_a_minute_go_before_those_of_five() -> None:
    night = {
        "id": "n", "type": "long_sleep", "day": "2026-03-12", "bedtime_start": "2026-03-12T01:00:00+01:00",
        "bedtime_end": "2026-03-12T01:01:10+01:00", "sleep_phase_30_sec": "412", "sleep_phase_5_min": "1",
    }  # fmt: skip
    stages = [item for item in read("sleep", night) if isinstance(item, StageRecord)]
    assert [(item.stage, item.end - item.start, item.zone) for item in stages] == [
        ("awake", 30_000, 60), ("deep", 30_000, 60), ("light", 10_000, 60),
    ]  # fmt: skip


def test_the_longer_of_two_long_sleeps_gives_the_figures_of_the_day() -> None:
    night = {"type": "long_sleep", "day": "2026-03-12", "sleep_phase_5_min": "2"}
    long = {**night, "id": "long", "bedtime_start": "2026-03-12T00:00:00Z", "bedtime_end": "2026-03-12T04:00:00Z",
            "total_sleep_duration": 14000, "lowest_heart_rate": 48}  # fmt: skip
    short = {**night, "id": "short", "bedtime_start": "2026-03-12T05:00:00Z", "bedtime_end": "2026-03-12T08:10:00Z",
             "total_sleep_duration": 11000, "lowest_heart_rate": 55}  # fmt: skip
    for rows in ((long, short), (short, long)):
        found = [item for item in read("sleep", *rows) if isinstance(item, DailyRecord)]
        standing = max(item.rank for item in found)
        assert {item.series: item.value for item in found if item.rank == standing} == {
            "resting_heart_rate": 48.0, "lowest_heart_rate": 48.0,
        }  # fmt: skip


def test_local_times_without_a_zone_are_on_the_persons_own_clock() -> None:
    row = {
        "id": "w",
        "activity": "running",
        "start_datetime": "2026-04-01T10:00:00",
        "end_datetime": "2026-04-01T11:00:00",
    }
    (found,) = read("workout", row, zone="Europe/Brussels")
    assert found.start == 1_775_030_400_000  # 08:00 UTC in summer time


def test_a_weight_stays_one_sample_as_long_as_it_does_not_change() -> None:
    body = b'{"id": "p", "weight": 71.6, "height": null}'
    first = sync_bodies.normalise(body, "oura", kind="personal_info", received=RECEIVED)
    later = sync_bodies.normalise(body, "oura", kind="personal_info", received=RECEIVED + 86_400_000)
    (one,), (two,) = first, later
    assert isinstance(one, Sample)
    assert isinstance(two, Sample)
    assert one.external_id == two.external_id
    assert two.start - one.start == 86_400_000


def test_nobody_reads_seconds_of_stress_as_minutes() -> None:
    found = read("daily_stress", {"id": "s", "day": "2026-03-12", "stress_high": 5400, "recovery_high": 0})
    assert [(item.series, item.value) for item in found[1:]] == [
        ("stress_high_time", 90.0),
        ("recovery_high_time", 0.0),
    ]


# --- pulling ---


def test_a_day_more_is_asked_for_at_both_ends_and_heart_rate_by_moments() -> None:
    client = TableClient({f"/v2/usercollection/{one.path}": {"data": []} for one in COLLECTIONS})
    pages = list(OURA.fetch(client, WEEK))
    asked = {path.rpartition("/")[2]: options.get("params") for _, path, options in client.asked}
    assert asked["sleep"] == {"start_date": "2026-03-04", "end_date": "2026-03-13"}
    assert asked["heartrate"] == {"start_datetime": "2026-03-04T00:00:00Z", "end_datetime": "2026-03-13T23:59:59Z"}
    assert asked["ring_configuration"] == {}
    assert [page.code for page in pages if isinstance(page, PartialFailure)] == ["vendor_not_found"]  # personal_info
    assert len([page for page in pages if isinstance(page, RawDocument)]) == len(COLLECTIONS)


def test_windows_of_heart_rate_stay_within_thirty_days() -> None:
    assert OURA.window_days + 2 <= 30


def test_collections_without_their_scope_are_not_asked_for() -> None:
    client = TableClient(scopes=("daily", "extra"))
    list(OURA.fetch(client, WEEK))
    assert {path.rpartition("/")[2] for _, path, _ in client.asked} == {
        "personal_info", "sleep", "daily_sleep", "daily_readiness", "daily_activity", "daily_stress", "sleep_time",
        "rest_mode_period",
    }  # fmt: skip


def test_one_collection_that_is_not_granted_does_not_cost_the_others() -> None:
    base = "/v2/usercollection"
    client = TableClient({f"{base}/{one.path}": {"data": []} for one in COLLECTIONS})
    client.answers |= {f"{base}/personal_info": {"id": "p"}, f"{base}/workout": NotGranted("no")}
    found = list(OURA.fetch(client, WEEK))
    assert [item for item in found if isinstance(item, PartialFailure)] == [
        PartialFailure("workout", "not_granted", "no")
    ]
    client.answers[f"{base}/workout"] = GrantLost("gone")
    with pytest.raises(GrantLost):
        list(OURA.fetch(client, WEEK))


def test_the_prefix_of_the_new_console_is_taken_off_scopes() -> None:
    assert OURA.granted_scopes({"scope": "extapi:daily extapi:spo2 email"}, {}) == ("daily", "spo2", "email")
    assert OURA.granted_scopes({}, {}) is None


def test_the_account_is_the_id_of_the_profile() -> None:
    path = "/v2/usercollection/personal_info"
    assert OURA.account_id(TableClient({path: {"id": "abc"}})) == "abc"
    with pytest.raises(BadAnswer):
        OURA.account_id(TableClient({path: {"age": 3}}))


def test_limits_are_read_from_a_429() -> None:
    headers = {"x-ratelimit-limit": "5000", "x-ratelimit-window": "300", "x-ratelimit-reset": "1773299000",
               "x-ratelimit-tier": "access_token"}  # fmt: skip
    (quota,) = OURA.quotas(headers, 429, 1773298961.0)
    assert (quota.name, quota.limit, quota.remaining, quota.resets_at, quota.per_user) == (
        "token", 5000, 0, 1773299000.0, True,
    )  # fmt: skip
    (quota,) = OURA.quotas({**headers, "x-ratelimit-tier": "application"}, 429, 1773298961.0)
    assert (quota.name, quota.per_user) == ("app", False)
    assert OURA.quotas({}, 200, 0.0) == ()
    assert OURA.quotas({"x-ratelimit-limit": "many", "x-ratelimit-reset": "soon"}, 429, 0.0) == ()


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("https://api.oura.example/oauth/revoke", {"params": {"access_token": "access-1"}}),
        ("https://moi.oura.example/oauth/v2/ext/oauth-revoke",
         {"form": {"token": "refresh-1", "client_id": "client", "client_secret": "oura-sample-secret"}}),
    ],
)  # fmt: skip
def test_a_grant_is_given_back_as_each_address_wants_it(url: str, options: dict[str, Any]) -> None:
    client = TableClient({url: {}}, revoke=url)
    OURA.revoke(client)
    assert client.asked == [("POST", url, {**options, "auth": "none"})]


# --- pushes ---


def test_the_signature_of_the_fact_sheet_is_taken() -> None:
    body = msgspec.json.encode(EVENT)
    assert len(body) == 191
    headers = {"x-oura-timestamp": "1773298961",
               "x-oura-signature": "5F6EE0CD6AEDF735B9D7EC2D9AA8D3141569BFA30B9B8509406CCD20A0BD4B13"}  # fmt: skip
    assert OURA.signature.check(inbound(body, headers=headers), OURS) is True
    spaced = json.dumps(EVENT, indent=2).encode()
    assert OURA.signature.check(inbound(spaced, headers=headers), OURS) is True  # signed after re-serialising


@pytest.mark.parametrize("timestamp", ["1773298961", "1773298961000", "1773295400"])
def test_timestamps_may_be_seconds_or_milliseconds_and_as_old_as_a_retry(timestamp: str) -> None:
    body = msgspec.json.encode(EVENT)
    assert OURA.signature.check(inbound(body, headers=signed(body, timestamp=timestamp)), OURS) is True


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(b"other"),
        signed(msgspec.json.encode(EVENT), secret="guess"),
        signed(msgspec.json.encode(EVENT), timestamp="1773290000"),
        {**signed(msgspec.json.encode(EVENT)), "x-oura-timestamp": "soon"},
    ],
)
def test_forged_and_old_pushes_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(BadWebhookSignature):
        OURA.signature.check(inbound(EVENT, headers=headers), OURS)
    with pytest.raises(BadWebhookSignature):
        OURA.signature.check(inbound(b"\xff", headers=headers), OURS)


def test_the_challenge_is_repeated_to_who_knows_our_word() -> None:
    reply = OURA.handshake(inbound(method="GET", verification_token="our-word", challenge="c0ffee"), OURS)
    assert reply is not None
    assert (reply.status, reply.body) == (200, b'{"challenge":"c0ffee"}')
    with pytest.raises(BadWebhookSignature):
        OURA.handshake(inbound(method="GET", verification_token="guess", challenge="c0ffee"), OURS)
    assert OURA.handshake(inbound(EVENT), OURS) is None
    assert OURA.handshake(inbound(method="GET"), OURS) is None


def test_a_push_names_a_document_by_the_path_it_lies_at() -> None:
    (notification,) = OURA.notifications(inbound({**EVENT, "data_type": "vo2_max", "event_type": "delete"}))
    assert (notification.account, notification.kind, notification.object_id) == (
        EVENT["user_id"],
        "vO2_max",
        EVENT["object_id"],
    )
    assert (notification.deleted, notification.at) == (True, 1_773_298_961_512)
    (notification,) = OURA.notifications(inbound({**EVENT, "event_time": "0000-01-01T00:00:00Z"}))
    assert (notification.deleted, notification.at) == (False, 0)


@pytest.mark.parametrize(
    "change", [{"data_type": "meal"}, {"data_type": "daily_cycle_phases"}, {"event_type": "moved"}]
)
def test_events_of_unknown_kinds_are_counted_not_refused(change: dict[str, str]) -> None:
    with pytest.raises(UnsupportedEvent):
        list(OURA.notifications(inbound({**EVENT, **change})))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event_type": 5}', b"<html>"])
def test_bodies_oura_would_not_send_are_anomalies(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(OURA.notifications(inbound(body)))


def test_a_notice_becomes_its_document_and_its_id_cannot_leave_the_path() -> None:
    client = TableClient({"/v2/usercollection/sleep/..%2Fpersonal_info": {"id": "x"}})
    (notification,) = OURA.notifications(inbound({**EVENT, "object_id": "../personal_info"}))
    assert list(OURA.resolve(client, notification)) == [RawDocument("sleep", b'{"id":"x"}')]
    with pytest.raises(VendorNotFound):
        list(OURA.resolve(TableClient(), notification))


# --- subscriptions ---

HELD = {"id": "s-1", "event_type": "update", "data_type": "sleep", "callback_url": "https://wearlink.example/hooks",
        "expiration_time": "2026-06-10T07:00:00.000000"}  # fmt: skip
ROOT = "/v2/webhook/subscription"


def test_there_is_a_topic_for_each_kind_that_becomes_something() -> None:
    assert "update.sleep" in TOPICS
    assert "create.vo2_max" in TOPICS
    assert len(TOPICS) == len(set(TOPICS)) == 33


def test_subscriptions_are_made_listed_renewed_and_ended_with_the_apps_own_credentials() -> None:
    client = TableClient({ROOT: [HELD, [HELD]], f"{ROOT}/renew/s-1": HELD, f"{ROOT}/s-1": b""})
    made = OURA.subscribe(client, "update.sleep", "https://wearlink.example/hooks")
    assert made == TopicSubscription("s-1", "update.sleep", "https://wearlink.example/hooks", 1_781_074_800_000)
    assert list(OURA.subscriptions(client)) == [made]
    assert OURA.renew(client, made, "https://wearlink.example/hooks") == made
    OURA.unsubscribe(client, made)
    assert [method for method, _, _ in client.asked] == ["POST", "GET", "PUT", "DELETE"]
    headers = {"x-client-id": "client", "x-client-secret": "oura-sample-secret"}
    assert all(options["headers"] == headers and options["auth"] == "none" for _, _, options in client.asked)
    assert client.asked[0][2]["json"]["verification_token"] == "our-word"


def test_a_subscription_that_exists_is_as_good_and_one_that_is_lost_is_made_anew() -> None:
    conflict = BadAnswer("exists", status=409)
    found = OURA.subscribe(TableClient({ROOT: [conflict, [HELD]]}), "update.sleep", "https://wearlink.example/hooks")
    assert found.id == "s-1"
    with pytest.raises(VendorError):
        OURA.subscribe(TableClient({ROOT: [conflict, []]}), "update.sleep", "https://wearlink.example/hooks")
    with pytest.raises(VendorNotFound):
        OURA.renew(TableClient({f"{ROOT}/renew/s-1": BadAnswer("lost", status=403)}), found, "")
    with pytest.raises(BadAnswer):
        OURA.renew(TableClient({f"{ROOT}/renew/s-1": BadAnswer("teapot", status=418)}), found, "")
    with pytest.raises(BadAnswer):
        list(OURA.subscriptions(TableClient({ROOT: b"<html>"})))


def test_it_is_discovered() -> None:
    assert isinstance(registry.get("oura"), Oura)


def pulse_rows(*starts: int) -> list[dict[str, Any]]:
    first = 1_773_266_400_000  # 2026-03-11T22:00Z
    return [{"bpm": 50, "timestamp_unix": first + s * 60_000, "source": "sleep"} for s in starts]


def heart_rates_of(*nights: dict[str, Any]) -> list[int]:
    """Return the minutes after 22:00 whose sleeping heart rate is taken from heartrate beside these sleep documents."""
    rows = json.dumps({"data": pulse_rows(0, 60, 120, 180)}).encode()
    pulse = NightlyPulse()
    for night in nights:
        pulse.join(RawDocument("sleep", json.dumps({"data": [night]}).encode()))
    body = pulse.join(RawDocument("heartrate", rows))
    assert isinstance(body, RawDocument)
    found = sync_bodies.normalise(body.body, "oura", "UTC", kind="heartrate")
    return [(item.start - 1_773_266_400_000) // 60_000 for item in found if isinstance(item, Sample)]


def test_heart_rate_of_nights_is_taken_where_no_sleep_document_has_it() -> None:
    night = {"type": "long_sleep", "bedtime_start": "2026-03-11T22:30:00Z", "bedtime_end": "2026-03-12T00:30:00Z"}
    pulse = {"heart_rate": {"interval": 300, "timestamp": "2026-03-11T22:30:00Z", "items": [None, 51]}}
    assert heart_rates_of(night | pulse) == [0, 180]
    assert heart_rates_of(night) == [0, 60, 120, 180]
    assert heart_rates_of(night | pulse | {"type": "rest"}) == [0, 60, 120, 180]
    assert heart_rates_of() == [0, 60, 120, 180]  # the scope of sleep was not given


def test_heart_rate_of_nights_waits_where_the_sleep_documents_could_not_be_had() -> None:
    pulse = NightlyPulse()
    pulse.join(PartialFailure("sleep", "bad_answer"))
    page = RawDocument("heartrate", json.dumps({"data": pulse_rows(0)}).encode())
    assert pulse.join(page) == page
    assert read("heartrate", *pulse_rows(0)) == []


def test_a_sleep_of_a_kind_nobody_knows_is_a_night() -> None:
    night = {"id": "n", "type": "siesta_of_tomorrow", "day": "2026-03-12", "sleep_phase_5_min": "2222",
             "bedtime_start": "2026-03-12T00:00:00Z", "bedtime_end": "2026-03-12T00:20:00Z"}  # fmt: skip
    found = read("sleep", night)
    assert [(item.stage, item.nap) for item in found if isinstance(item, StageRecord)] == [("light", None)]
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["unknown_type"]


@pytest.mark.parametrize("kind", ["daily_activity", "sleep", "heartrate", "workout", "session", "daily_readiness"])
def test_a_number_beyond_all_numbers_costs_its_field_only(kind: str) -> None:
    row = dict.fromkeys(KNOWN[kind], 10**400) | {"id": "x", "day": "2026-03-12", "type": "long_sleep"}
    if kind == "sleep":
        row |= {"bedtime_start": "2026-03-12T00:00:00Z", "bedtime_end": "2026-03-12T00:20:00Z",
                "hrv": {"interval": 10**400, "items": [10**400], "timestamp": "2026-03-12T00:00:00Z"},
                "heart_rate": {"interval": 300, "items": [10**400], "timestamp": "2026-03-12T00:00:00Z"}}  # fmt: skip
    found = read(kind, row)
    assert any(isinstance(item, Rejected) for item in found)
