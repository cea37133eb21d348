"""Fitbit's rules: its clock, its days, its pushes, and its end."""

import base64
import hashlib
import hmac
import json
from datetime import date
from typing import Any

import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import ClearedRange, DailyRecord, StageRecord, WorkoutRecord
from providers.adapters.fitbit.collections import BY_KIND, EXERCISE_PATH, PROFILE_PATH, PUSHED, RANGES
from providers.adapters.fitbit.normalise.sports import NAMES
from providers.adapters.fitbit.normalise.sports import RANGES as NUMBERS
from providers.adapters.fitbit.normalise.workouts import sport_of
from providers.adapters.fitbit.provider import Fitbit
from providers.adapters.fitbit.subscriptions import LIST
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    BadWebhookSignature,
    NotGranted,
    NotReady,
    PartialFailure,
    Quota,
    RateLimited,
    RawDocument,
    UnsupportedEvent,
    VendorRetired,
    VendorUnavailable,
    Window,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import OURS, TableClient, inbound

FITBIT = Fitbit()
TWO_DAYS = Window(date(2026, 3, 3), date(2026, 3, 4))
DAY = Window(date(2026, 3, 4), date(2026, 3, 4))
PROFILE = {"user": {"encodedId": "7QZWRX", "timezone": "Europe/Helsinki"}}
EVENT = {
    "collectionType": "sleep",
    "date": "2026-03-04",
    "ownerId": "7QZWRX",
    "ownerType": "user",
    "subscriptionId": "w",
}
SUBSCRIBED = {"apiSubscriptions": []}


def fixture(name: str) -> Any:
    return json.loads((sync_bodies.ADAPTERS / "fitbit" / "fixtures" / f"{name}.json").read_text())


def read(kind: str, document: Any) -> list[Any]:
    return sync_bodies.normalise(json.dumps(document).encode(), "fitbit", kind=kind)


def paths(window: Window) -> dict[str, Any]:
    """Return empty answers to all that is asked of a window, and a list of no workouts."""
    found: dict[str, Any] = {PROFILE_PATH: PROFILE, LIST: SUBSCRIBED, EXERCISE_PATH: {"activities": []}}
    for one in RANGES:
        for piece in (Window(day, day) for day in (window.start, window.end)) if one.by_day else (window,):
            asked = piece.widened(before=one.around, after=one.around)
            found[one.path.format(a=asked.start, b=asked.end, d=asked.start)] = {}
    for collection in (*PUSHED, "userRevokedAccess"):
        found[f"/1/user/-/{collection}/apiSubscriptions/wearlink-account-1.json"] = b""
    return found


def notification(**change: Any) -> Any:
    (found,) = FITBIT.notifications(inbound([{**EVENT, **change}]))
    return found


# --- documents ---


def test_sports_lead_to_types_of_the_catalogue_by_name_before_number() -> None:
    assert {*NAMES.values(), *(kind for _, kind in NUMBERS)} <= set(WORKOUT_TYPES)
    assert sport_of("Outdoor Bike", 90_013) == "cycling"
    assert sport_of("Hill sprints", 12_030) == "running"
    assert sport_of("Canoe polo", 18_070) == "water_sports"
    assert sport_of("Quidditch", None) is None


@pytest.mark.parametrize("kind", [*sorted(BY_KIND), "exercise", "profile"])
@pytest.mark.parametrize("body", [b"<html>", b"[]", b"{}", b'{"errors": []}', b'{"answer": 7}'])
def test_what_is_no_document_is_an_anomaly(kind: str, body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        sync_bodies.normalise(body, "fitbit", kind=kind)


def test_times_without_a_zone_are_on_the_profiles_clock() -> None:
    helsinki = [item for item in read("sleep", fixture("sleep")) if isinstance(item, StageRecord)]
    tokyo = read("sleep", {**fixture("sleep"), "timezone": "Asia/Tokyo"})
    moved = [item for item in tokyo if isinstance(item, StageRecord)]
    assert {first.start - second.start for first, second in zip(helsinki, moved, strict=True)} == {7 * 3_600_000}
    assert {item.zone for item in moved} == {540}


def test_a_day_without_wear_is_told_nothing_of() -> None:
    assert not [item for item in read("activity", fixture("activity-unworn")) if isinstance(item, DailyRecord)]


def test_documents_of_days_say_that_they_are_all_there_is() -> None:
    for kind in ("sleep", "exercise", "weight"):
        (cleared,) = read(kind, fixture(f"{kind}-none"))
        assert isinstance(cleared, ClearedRange)
        assert cleared.end - cleared.start == 86_400_000


def test_what_an_app_wrote_and_what_was_typed_in_are_sources_of_their_own() -> None:
    rows = [item for item in read("exercise", fixture("exercise")) if isinstance(item, WorkoutRecord)]
    assert [row.source.device_type for row in rows] == ["fitness_band", None, "manual"]
    assert len({row.source.key for row in rows}) == 3
    assert rows[1].distance_meters == pytest.approx(20_116.8)  # told in miles


# --- pulling ---


def test_documents_carry_the_zone_and_the_days() -> None:
    client = TableClient(paths(TWO_DAYS))
    found = [one for one in FITBIT.fetch(client, TWO_DAYS) if isinstance(one, RawDocument)]
    documents = {one.kind: json.loads(one.body) for one in found if one.kind != "profile"}
    assert {document["timezone"] for document in documents.values()} == {"Europe/Helsinki"}
    assert documents["sleep"]["days"] == ["2026-03-03", "2026-03-04"]
    assert sum(one.kind == "activity" for one in found) == 2
    assert all("Accept-Language" not in str(options) for _, _, options in client.asked)


def test_a_week_stays_within_half_of_what_an_hour_has() -> None:
    week = Window(date(2026, 3, 1), date(2026, 3, 7))
    client = TableClient({PROFILE_PATH: PROFILE, LIST: SUBSCRIBED, EXERCISE_PATH: {"activities": []}})
    list(FITBIT.fetch(client, week))
    assert len(client.asked) <= 75


def test_what_is_refused_within_days_is_asked_for_once() -> None:
    answers = paths(TWO_DAYS)
    for path in [path for path in answers if "/1sec" in path]:
        answers[path] = NotGranted("No.")
    client = TableClient(answers)
    failures = [one for one in FITBIT.fetch(client, TWO_DAYS) if isinstance(one, PartialFailure)]
    assert [(one.kind, one.code) for one in failures] == [("heart_intraday", "not_granted")]
    assert sum("/1sec" in path for _, path, _ in client.asked) == 1


def test_what_was_not_granted_is_not_asked_for() -> None:
    client = TableClient(paths(TWO_DAYS), scopes=("sleep",))
    found = list(FITBIT.fetch(client, TWO_DAYS))
    assert [one.kind for one in found] == ["sleep"]


def test_workouts_are_paged_by_their_links_and_the_host_is_not_believed() -> None:
    rows = [{"logId": number, "startTime": f"2026-03-0{number}T10:00:00.000+02:00"} for number in (3, 4, 6)]
    link = "https://elsewhere.example/1/user/-/activities/list.json?offset=2&afterDate=2026-03-01&sort=asc&limit=100"
    pages = [
        {"activities": rows[:1], "pagination": {"next": link}},
        {"activities": rows[1:], "pagination": {"next": link}},
    ]
    client = TableClient({**paths(TWO_DAYS), EXERCISE_PATH: pages})
    (found,) = [one for one in FITBIT.fetch(client, TWO_DAYS) if one.kind == "exercise"]
    assert isinstance(found, RawDocument)
    assert [row["logId"] for row in json.loads(found.body)["answer"]["activities"]] == [3, 4]
    asked = [options["params"] for _, path, options in client.asked if path == EXERCISE_PATH]
    assert (asked[0]["afterDate"], asked[1]["offset"]) == ("2026-03-01", "2")


def test_a_night_that_is_still_computed_is_asked_for_again() -> None:
    answers = paths(DAY)
    pending = "/1.2/user/-/sleep/date/2026-03-03/2026-03-05.json"
    answers[pending] = {"meta": {"state": "pending", "retryDuration": 3000}}
    documents = FITBIT.resolve(TableClient(answers), notification())
    with pytest.raises(NotReady):
        list(documents)


def test_the_end_of_the_api_is_no_partial_failure() -> None:
    gone = {**paths(DAY), RANGES[0].path.format(a="2026-03-03", b="2026-03-05"): VendorRetired("Gone.")}
    with pytest.raises(VendorRetired):
        list(FITBIT.fetch(TableClient(gone), DAY))


# --- who it is, and subscriptions ---


def test_the_account_comes_with_the_token_or_the_profile() -> None:
    assert FITBIT.account_id(TableClient(token_answer={"user_id": "7QZWRX"})) == "7QZWRX"
    assert FITBIT.account_id(TableClient({PROFILE_PATH: PROFILE})) == "7QZWRX"
    with pytest.raises(BadAnswer):
        FITBIT.account_id(TableClient({PROFILE_PATH: {"user": {}}}))


def test_only_what_is_not_subscribed_yet_and_was_granted_is_subscribed() -> None:
    held = {"apiSubscriptions": [{"collectionType": "sleep", "subscriptionId": "wearlink-account-1"}]}
    client = TableClient({**paths(DAY), LIST: held}, scopes=("sleep", "activity"))
    FITBIT.complete_connection(client)
    made = [path.split("/")[4] for method, path, _ in client.asked if method == "POST"]
    assert made == ["activities", "userRevokedAccess"]


@pytest.mark.parametrize("fault", [NotGranted("No."), RateLimited("Later.", until=1.0), VendorUnavailable("Down.")])
def test_a_subscription_that_fails_does_not_keep_anybody_from_connecting(fault: Exception) -> None:
    client = TableClient({LIST: fault})
    FITBIT.complete_connection(client)
    assert [path for _, path, _ in client.asked] == [LIST]


def test_limits_are_of_the_end_user_and_reset_in_seconds() -> None:
    headers = {"fitbit-rate-limit-limit": "150", "fitbit-rate-limit-remaining": "12", "fitbit-rate-limit-reset": "900"}
    assert FITBIT.quotas(headers, 200, 1000.0) == (Quota("hour", 150, 12, 1900.0, per_user=True),)
    assert FITBIT.quotas({"fitbit-rate-limit-limit": "many"}, 200, 0.0) == ()


# --- pushes ---


def test_the_subscriber_is_tested_with_its_code_and_a_wrong_one() -> None:
    welcome = FITBIT.handshake(inbound(method="GET", verify=OURS.verification_token), OURS)
    assert welcome is not None
    assert welcome.status == 204
    with pytest.raises(BadWebhookSignature):
        FITBIT.handshake(inbound(method="GET", verify="guess"), OURS)
    assert FITBIT.handshake(inbound([EVENT]), OURS) is None
    assert (FITBIT.accepted_status, FITBIT.refused_status) == (204, 404)


def test_a_signature_is_made_with_the_secret_and_an_ampersand() -> None:
    body = json.dumps([EVENT]).encode()
    mac = hmac.new(f"{OURS.client_secret}&".encode(), body, hashlib.sha1).digest()
    headers = {"x-fitbit-signature": base64.b64encode(mac).decode()}
    assert FITBIT.signature.check(inbound(body, headers=headers), OURS)
    for wrong in (body + b" ", b"[]"):
        with pytest.raises(BadWebhookSignature):
            FITBIT.signature.check(inbound(wrong, headers=headers), OURS)


def test_pushes_of_several_owners_name_collections_and_days() -> None:
    events = [
        EVENT,
        {**EVENT, "ownerId": "8B", "collectionType": "foods"},
        {**EVENT, "collectionType": "userRevokedAccess"},
    ]
    found = list(FITBIT.notifications(inbound(events)))
    assert [(one.account, one.kind, one.deauthorised) for one in found] == [
        ("7QZWRX", "sleep", False), ("8B", "foods", False), ("7QZWRX", "userRevokedAccess", True),
    ]  # fmt: skip
    assert (found[0].start, found[0].object_id) == (date(2026, 3, 4), "2026-03-04")


def test_collections_we_do_not_know_are_counted_after_the_others() -> None:
    notifications = iter(FITBIT.notifications(inbound([{**EVENT, "collectionType": "badges"}, EVENT])))
    assert next(notifications).kind == "sleep"
    with pytest.raises(UnsupportedEvent, match="badges"):
        next(notifications)


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[7]", b'[{"ownerId": "x"}]', b'[{"collectionType": "sleep", "ownerId": "x", "date": "soon"}]'],
)
def test_broken_pushes_are_anomalous(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(FITBIT.notifications(inbound(body)))


@pytest.mark.parametrize("collection", sorted(PUSHED))
def test_a_push_fetches_what_may_have_changed_on_that_day(collection: str) -> None:
    found = list(FITBIT.resolve(TableClient(paths(DAY)), notification(collectionType=collection)))
    assert [one.kind for one in found] == list(PUSHED[collection])
