"""Polar's rules: documents, pulling, pushes, the webhook and its secret."""

import hashlib
import hmac
import json
from datetime import date
from typing import Any

import msgspec
import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import DailyRecord, Rejected, Sample, StageRecord, WorkoutRecord
from providers.adapters.polar.normalise.sports import SPORTS
from providers.adapters.polar.provider import Polar
from providers.adapters.polar.subscriptions import EVENTS
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    Credentials,
    InboundRequest,
    Notification,
    RawDocument,
    TopicSubscription,
    UnsupportedEvent,
    VendorNotFound,
    Window,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import RECEIVED, TableClient, inbound
from tests.providers.suite import CloudSuite
from wearlink.lib.clock import parse_rfc3339

POLAR = Polar()
DAY = date(2026, 4, 12)
EXERCISE = {"id": "x1", "start_time": "2026-04-12T18:00:00", "start_time_utc_offset": 180, "duration": "PT10M"}
HOOK: dict[str, Any] = {
    "id": "h1",
    "url": "https://ours.example.com/v1/webhooks/polar",
    "events": list(EVENTS),
    "active": True,
}
SECRET = "told-once"
EVENT = {"event": "SLEEP", "user_id": 60418822, "date": "2026-04-12", "timestamp": "2026-04-12T06:31:40Z"}


def signed(body: bytes) -> dict[str, str]:
    return {"polar-webhook-signature": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest().upper()}


def read(kind: str, document: Any, zone: str = "UTC") -> list[Any]:
    return sync_bodies.normalise(json.dumps(document).encode(), "polar", zone, kind=kind)


def ms(text: str) -> int:
    return parse_rfc3339(text)[0]


class TestPolar(CloudSuite):
    slug = "polar"
    good = (
        InboundRequest("POST", {}, signed(msgspec.json.encode(EVENT)), msgspec.json.encode(EVENT), RECEIVED),
        Credentials("client", "another secret", "our-word", SECRET),
    )


# --- documents ---


def test_all_sports_lead_to_types_of_the_catalogue() -> None:
    assert set(SPORTS.values()) <= set(WORKOUT_TYPES)
    assert len(SPORTS) > 150


@pytest.mark.parametrize(
    ("offset", "start"),
    [(180, "2026-04-12T15:00:00Z"), (-480, "2026-04-13T02:00:00Z"), (0, "2026-04-12T18:00:00Z"),
     (None, "2026-04-12T16:00:00Z")],
)  # fmt: skip
def test_utc_is_the_wearers_clock_less_the_offset(offset: int | None, start: str) -> None:
    (workout,) = [
        item
        for item in read("exercise", {**EXERCISE, "start_time_utc_offset": offset}, "Europe/Brussels")
        if isinstance(item, WorkoutRecord)
    ]
    assert (workout.start, workout.zone) == (ms(start), offset)


def test_a_sport_nobody_knows_falls_back_on_the_broader_one_and_is_counted() -> None:
    found = read("exercise", {**EXERCISE, "sport": "RUNNING", "detailed_sport_info": "QUIDDITCH"})
    (workout,) = [item for item in found if isinstance(item, WorkoutRecord)]
    assert (workout.type, workout.original_type) == ("running", "QUIDDITCH")
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["unknown_type"]


def test_nulls_keep_their_place_and_kilometres_an_hour_become_metres_a_second() -> None:
    rows = [{"recording-rate": 5, "sample-type": "1", "data": "36,null,18"}]
    found = [item for item in read("exercise", {**EXERCISE, "samples": rows}) if isinstance(item, Sample)]
    start = ms("2026-04-12T15:00:00Z")
    assert [(item.series, item.start - start, item.value) for item in found] == [("speed", 0, 10), ("speed", 10_000, 5)]


def test_intervals_between_beats_add_up() -> None:
    rows = [{"sample-type": "11", "data": "600,700,800"}]
    found = [item for item in read("exercise", {**EXERCISE, "samples": rows}) if isinstance(item, Sample)]
    start = ms("2026-04-12T15:00:00Z")
    assert [(item.start - start, item.value) for item in found] == [(0, 600), (600, 700), (1300, 800)]


def test_a_hypnogram_goes_over_midnight_in_whatever_order_its_keys_come() -> None:
    sleep = {
        "date": "2026-04-12", "sleep_start_time": "2026-04-11T23:18:30+03:00",
        "sleep_end_time": "2026-04-12T01:00:00+03:00", "hypnogram": {"00:30": 4, "23:18": 0, "23:40": 2},
    }  # fmt: skip
    stages = [item for item in read("night", {"sleep": sleep}) if isinstance(item, StageRecord)]
    assert [(one.start, one.end, one.stage) for one in stages] == [
        (ms("2026-04-11T20:18:30Z"), ms("2026-04-11T20:40:00Z"), "awake"),
        (ms("2026-04-11T20:40:00Z"), ms("2026-04-11T21:30:00Z"), "light"),
        (ms("2026-04-11T21:30:00Z"), ms("2026-04-11T22:00:00Z"), "deep"),
    ]


def test_a_night_in_london_is_not_moved_by_the_zone_of_the_end_user() -> None:
    sleep = {
        "date": "2026-01-12", "sleep_start_time": "2026-01-11T23:00:00+00:00",
        "sleep_end_time": "2026-01-12T06:00:00+00:00", "hypnogram": {"23:00": 2, "02:00": 4},
    }  # fmt: skip
    stages = [item for item in read("night", {"sleep": sleep}, "Europe/Helsinki") if isinstance(item, StageRecord)]
    assert [one.start for one in stages] == [ms("2026-01-11T23:00:00Z"), ms("2026-01-12T02:00:00Z")]


@pytest.mark.parametrize(
    ("sleep", "zone", "first"),
    [
        ({"sleep_start_time": "2026-04-11T23:00:00+03:00", "sleep_end_time": "2026-04-12T06:00:00+03:00"}, "UTC",
         "2026-04-11T20:50:00Z"),
        (None, "Europe/Brussels", "2026-04-11T21:50:00Z"),
    ],
)  # fmt: skip
def test_a_recharge_lies_on_the_clock_of_its_sleep_else_of_the_end_user(sleep: Any, zone: str, first: str) -> None:
    recharge = {"date": "2026-04-12", "hrv_samples": {"00:05": 44, "23:50": 41}}
    whole = None if sleep is None else {"date": "2026-04-12", **sleep}
    found = read("night", {"sleep": whole, "nightly_recharge": recharge}, zone)
    series = [(item.start, item.value) for item in found if isinstance(item, Sample)]
    assert series == [(ms(first), 41), (ms(first) + 900_000, 44)]


def steps(total: int) -> list[Any]:
    rows = [("07:12", 38), ("07:13", 104), ("07:16", 0)]
    samples = [{"steps": value, "timestamp": f"2026-04-12T{at}"} for at, value in rows]
    step_samples = {"interval_ms": 60_000, "total_steps": total, "samples": samples}
    return read("activity", {"start_time": "2026-04-12T00:00:00", "steps": total, "samples": {"steps": step_samples}})


def test_a_gap_repeats_the_steps_before_it() -> None:
    values = [item.value for item in steps(350) if isinstance(item, Sample)]
    assert values == [38, 104, 104, 104]


def test_steps_that_do_not_add_up_are_not_taken_but_their_total_is() -> None:
    found = steps(9841)
    assert [item for item in found if isinstance(item, Sample)] == []
    assert [item.value for item in found if isinstance(item, DailyRecord)] == [9841]
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["total_mismatch"]


@pytest.mark.parametrize(("status", "count"), [("PRODUCTIVE", 1), ("LOAD_STATUS_NOT_AVAILABLE", 0)])
def test_a_day_without_a_load_says_nothing(status: str, count: int) -> None:
    assert len(read("cardio_load", [{"date": "2026-04-12", "cardio_load_status": status, "cardio_load": 5}])) == count


@pytest.mark.parametrize(("source", "count"), [("SOURCE_USER", 1), ("SOURCE_DEFAULT", 0), ("SOURCE_ESTIMATE", 0)])
def test_a_weight_that_polar_made_up_is_none(source: str, count: int) -> None:
    info = {"weight": 63.5, "weight_source": source, "modified": "2026-03-20T05:41:12Z", "resting_heart_rate": 52}
    assert len(read("physical_info", info)) == count


# --- connecting ---


def test_the_account_comes_with_the_token_and_is_registered() -> None:
    client = TableClient({"/v3/users": {}}, token_answer={"x_user_id": 60418822})
    assert POLAR.account_id(client) == "60418822"
    POLAR.complete_connection(client)
    assert client.asked == [("POST", "/v3/users", {"json": {"member-id": "wearlink-account-1"}})]
    with pytest.raises(BadAnswer):
        POLAR.account_id(TableClient())


def test_who_is_registered_already_is_welcome_and_who_is_not_known_is_not() -> None:
    conflict = BadAnswer("409", status=409)
    POLAR.complete_connection(TableClient({"/v3/users": conflict, "/v3/users/account-1": {"polar-user-id": 1}}))
    with pytest.raises(BadAnswer):
        POLAR.complete_connection(TableClient({"/v3/users": conflict, "/v3/users/account-1": b""}))
    with pytest.raises(BadAnswer):
        POLAR.complete_connection(TableClient({"/v3/users": BadAnswer("400", status=400)}))


# --- pulling ---


def test_nothing_is_no_failure() -> None:
    client = TableClient({"/v3/users/sleep": b"", "/v3/users/activities": b"", "/v3/exercises": b"[]"})
    assert list(POLAR.fetch(client, Window(DAY, DAY))) == []


def test_sleep_and_recharge_of_a_date_become_one_night_and_other_dates_are_left() -> None:
    nights = [{"date": "2026-04-12"}, {"date": "2026-03-01"}]
    answers = {"/v3/users/sleep": {"nights": nights}, "/v3/users/nightly-recharge": {"recharges": nights[:1]}}
    found = [one for one in POLAR.fetch(TableClient(answers), Window(DAY, DAY)) if isinstance(one, RawDocument)]
    assert [json.loads(one.body) for one in found] == [{"sleep": nights[0], "nightly_recharge": nights[0]}]


def test_quotas_count_up_and_reset_in_seconds() -> None:
    headers = {"ratelimit-limit": "520,5100", "ratelimit-usage": "20,5100", "ratelimit-reset": "30,4000"}
    quotas = [(one.name, one.remaining, one.resets_at) for one in POLAR.quotas(headers, 200, 1000.0)]
    assert quotas == [("15min", 500, 1030.0), ("day", 0, 5000.0)]
    assert POLAR.quotas({}, 200, 1000.0) == ()


# --- pushes ---


def test_a_ping_is_answered_by_anybody_and_nothing_else_is() -> None:
    reply = POLAR.handshake(inbound({"timestamp": "2026-04-12T06:31:40Z", "event": "PING"}), Credentials("", ""))
    assert reply is not None
    assert reply.status == 200
    for body in (EVENT, b"{", b"", b"[]"):
        assert POLAR.handshake(inbound(body), Credentials("", "")) is None


def test_events_name_days_or_exercises() -> None:
    (night,) = POLAR.notifications(inbound(EVENT))
    assert (night.account, night.kind, night.start, night.end) == ("60418822", "SLEEP", DAY, DAY)
    ranged = {**EVENT, "event": "SLEEP_WISE_ALERTNESS", "date": None, "from": "2026-04-10", "to": "2026-04-12"}
    (alert,) = POLAR.notifications(inbound(ranged))
    assert (alert.start, alert.end) == (date(2026, 4, 10), DAY)
    with pytest.raises(AnomalousPayload):
        list(POLAR.notifications(inbound({**EVENT, "event": "EXERCISE"})))
    with pytest.raises(UnsupportedEvent):
        list(POLAR.notifications(inbound({**EVENT, "event": "MOON_PHASE"})))


def test_a_workouts_event_brings_the_days_load_along() -> None:
    answers = {"/v3/exercises/x%2F1": EXERCISE, "/v3/users/cardio-load/date": b"[]"}
    client = TableClient(answers)
    found = list(POLAR.resolve(client, Notification("1", "EXERCISE", "x/1")))
    assert [one.kind for one in found] == ["exercise", "cardio_load"]
    assert client.asked[1][2]["params"] == {"from": "2026-04-12", "to": "2026-04-12"}


def test_a_night_that_is_not_there_yet_is_asked_for_again() -> None:
    for answers in ({}, {"/v3/users/sleep/2026-04-12": b""}):
        with pytest.raises(VendorNotFound):
            list(POLAR.resolve(TableClient(answers), Notification("1", "SLEEP", start=DAY, end=DAY)))


# --- the webhook ---


class KnowingClient(TableClient):
    """One that holds the webhook's secret."""

    credentials = Credentials("client", "secret", "our-word", SECRET)


def hook(**fields: Any) -> dict[str, Any]:
    return {**HOOK, **fields}


def test_only_a_webhook_that_works_is_listed() -> None:
    def listed(client: type[TableClient], **fields: Any) -> list[TopicSubscription]:
        return list(POLAR.subscriptions(client({"/v3/webhooks": {"data": [hook(**fields)]}})))

    assert listed(KnowingClient) == [TopicSubscription("h1", "all", HOOK["url"])]
    assert listed(KnowingClient, active=False) == []
    assert listed(KnowingClient, events=["SLEEP"]) == []
    assert listed(TableClient) == []  # its secret is lost
    assert list(POLAR.subscriptions(KnowingClient({"/v3/webhooks": b""}))) == []


def test_one_that_sleeps_is_woken_and_one_without_a_secret_replaced() -> None:
    url = HOOK["url"]
    awake = KnowingClient({"/v3/webhooks": {"data": [hook(active=False)]}, "/v3/webhooks/activate": {}})
    assert POLAR.subscribe(awake, "all", url) == TopicSubscription("h1", "all", url)
    made = {"data": {**hook(id="h2"), "signature_secret_key": "new"}}
    lost = TableClient({"/v3/webhooks": [{"data": [hook()]}, made], "/v3/webhooks/h1": b""})
    assert POLAR.subscribe(lost, "all", url).signing_secret == "new"
    assert [(method, path) for method, path, _ in lost.asked] == [
        ("GET", "/v3/webhooks"), ("DELETE", "/v3/webhooks/h1"), ("POST", "/v3/webhooks"),
    ]  # fmt: skip
