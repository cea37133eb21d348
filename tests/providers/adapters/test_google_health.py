"""Google Health's rules: types, filters, pages, proofs, pushes."""

import base64
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import ClearedRange, Sample, StageRecord, WorkoutRecord
from providers.adapters.google_health.collections import BY_KIND, BY_PATH, IDENTITY_PATH, SLEEP, TOTALS, TYPES
from providers.adapters.google_health.normalise import READINGS, TOTAL_KINDS
from providers.adapters.google_health.normalise.sports import SPORTS
from providers.adapters.google_health.notifications import CLEARED
from providers.adapters.google_health.provider import GoogleHealth
from providers.adapters.google_health.simulated import VENDOR
from providers.adapters.google_health.simulated.vendor import key_set
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    BadWebhookSignature,
    Credentials,
    FormerAccount,
    NotGranted,
    NotReady,
    PartialFailure,
    RawDocument,
    UnknownSigningKey,
    UnsupportedEvent,
    Window,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import TableClient, inbound

GOOGLE = GoogleHealth()
WORD = "our-own-word"
KEYS = json.dumps(key_set())
OURS = Credentials("client", "secret", WORD, key_set=KEYS)
DAYS = Window(date(2026, 3, 3), date(2026, 3, 4))
VERIFICATION = b'{"type": "verification"}'
NOTHING: dict[str, Any] = {"dataPoints": []}


def fixture(name: str) -> Any:
    return json.loads((sync_bodies.ADAPTERS / "google_health" / "fixtures" / f"{name}.json").read_text())


def read(kind: str, document: Any) -> list[Any]:
    return sync_bodies.normalise(json.dumps(document).encode(), "google_health", kind=kind)


def event(data_type: str, *, operation: str = "UPSERT", **interval: Any) -> dict[str, Any]:
    physical = interval or {"startTime": "2026-03-04T07:15:00Z", "endTime": "2026-03-04T07:17:00Z"}
    fields = {"healthUserId": "204060801030", "operation": operation, "dataType": data_type}
    return {"data": {"version": "1", **fields, "intervals": [{"physicalTimeInterval": physical}]}}


def notification(data_type: str, **more: Any) -> Any:
    (found,) = GOOGLE.notifications(inbound([event(data_type, **more)]))
    return found


def asked(client: TableClient, path: str) -> list[dict[str, Any]]:
    """Return the parameters, or bodies, of the calls of a path."""
    return [options.get("params") or options.get("json") for _, called, options in client.asked if called == path]


def everything(answer: Any = None) -> dict[str, Any]:
    """Answers of all types: nothing, unless one is given."""
    found: dict[str, Any] = {one.points: answer or NOTHING for one in TYPES}
    return found | {f"{one.points}:dailyRollUp": {"rollupDataPoints": []} for one in TOTALS}


def signed(body: bytes, word: str = WORD, **more: str) -> dict[str, str]:
    return {name.lower(): value for name, value in VENDOR.sign(body, word, 0).items()} | more


# --- documents ---


def test_every_type_has_a_reading_and_a_kind_of_its_own() -> None:
    assert set(READINGS) == set(BY_PATH)
    assert len({*BY_KIND, *TOTAL_KINDS}) == len(TYPES) + len(TOTALS)
    assert all(len(kind) <= 32 for kind in {*BY_KIND, *TOTAL_KINDS})


def test_sports_lead_to_types_of_the_catalogue() -> None:
    assert set(SPORTS.values()) <= set(WORKOUT_TYPES)
    assert len(SPORTS) >= 181
    assert SPORTS["PICKELBALL"] == "pickleball"


@pytest.mark.parametrize("kind", sorted({*BY_KIND, *TOTAL_KINDS}))
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"dataPoints": {}}', b"{}", b'{"error": {"code": 500}}'])
def test_what_is_no_page_is_an_anomaly(kind: str, body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        sync_bodies.normalise(body, "google_health", kind=kind)


def test_a_night_edited_to_fewer_stages_replaces_the_former_one() -> None:
    whole, edited = read("sleep", fixture("sleep")), read("sleep", fixture("sleep-edited"))
    ids = [item.external_id for item in edited if isinstance(item, StageRecord)]
    assert len(ids) == 1
    assert len([item for item in whole if isinstance(item, StageRecord)]) > 5
    assert edited[0].external_id == whole[0].external_id == ids[0].partition("#")[0]


def test_a_copy_of_another_makers_workout_is_another_sources() -> None:
    own, copied = [item for item in read("exercise", fixture("exercise")) if isinstance(item, WorkoutRecord)]
    assert own.source.writer is None
    assert (copied.source.writer, copied.source.model) == ("com.example.runs", "Runner 2")
    assert own.source.key != copied.source.key


def test_nutrients_come_in_grams_and_are_kept_in_the_units_of_their_series() -> None:
    rows = read("nutrition_log", fixture("nutrition_log"))
    found = {one.series: one.value for one in rows if isinstance(one, Sample)}
    assert (found["dietary_sodium"], found["dietary_folate"], found["dietary_protein"]) == (840.0, 212.0, 22.4)


def test_what_was_typed_in_is_a_source_of_its_own() -> None:
    scale, typed = [item.source for item in read("weight", fixture("weight"))]
    assert (scale.device_type, typed.device_type) == ("scale", "manual")


# --- pulling ---


def test_windows_are_asked_for_by_wall_time_and_sleep_by_its_end() -> None:
    client = TableClient(everything())
    assert list(GOOGLE.fetch(client, DAYS))
    queries = {one.path: asked(client, one.points)[0] for one in TYPES}
    assert queries["steps"]["filter"] == (
        'steps.interval.civil_start_time >= "2026-03-03" AND steps.interval.civil_start_time < "2026-03-05"'
    )
    assert queries["weight"]["filter"].startswith('weight.sample_time.civil_time >= "2026-03-03"')
    assert queries["sleep"]["filter"].startswith('sleep.interval.civil_end_time >= "2026-03-03"')
    assert queries["daily-vo2-max"]["filter"].startswith('daily_vo2_max.date >= "2026-03-03"')
    assert (queries["sleep"]["pageSize"], queries["steps"]["pageSize"]) == (25, 10_000)


def test_only_what_googles_own_devices_counted_is_asked_for() -> None:
    client = TableClient(everything())
    list(GOOGLE.fetch(client, DAYS))
    for one in (*(one for one in TYPES if one.worn), *TOTALS):
        path = one.points if one in TYPES else f"{one.points}:dailyRollUp"
        assert {call["dataSourceFamily"] for call in asked(client, path)} == {
            "users/me/dataSourceFamilies/google-wearables"
        }
    assert all("dataSourceFamily" not in call for call in asked(client, BY_PATH["sleep"].points))


def test_totals_come_in_pieces_of_two_weeks_whose_pages_are_joined() -> None:
    pages = [{"rollupDataPoints": [{"n": 1}], "nextPageToken": "more"}, {"rollupDataPoints": [{"n": 2}]}]
    client = TableClient({**everything(), f"{BY_PATH['steps'].points}:dailyRollUp": [*pages, *pages]})
    month = Window(date(2026, 2, 1), date(2026, 2, 28))
    found = [one for one in GOOGLE.fetch(client, month) if isinstance(one, RawDocument) and one.kind == "steps_total"]
    first = json.loads(found[0].body)
    assert [one["n"] for one in first["rollupDataPoints"]] == [1, 2]
    assert (first["days"][0], first["days"][-1], len(found)) == ("2026-02-01", "2026-02-14", 2)
    assert asked(client, f"{BY_PATH['steps'].points}:dailyRollUp")[0]["range"]["end"] == {
        "date": {"year": 2026, "month": 2, "day": 15}
    }


def test_what_was_not_granted_is_not_asked_for_and_what_is_refused_costs_only_itself() -> None:
    client = TableClient(everything(), scopes=(SLEEP,))
    assert list(GOOGLE.fetch(client, DAYS)) == []
    assert [path for _, path, _ in client.asked] == [BY_PATH["sleep"].points]
    refused = TableClient({**everything(), BY_PATH["weight"].points: NotGranted("No.")})
    assert [one.kind for one in GOOGLE.fetch(refused, DAYS) if isinstance(one, PartialFailure)] == ["weight"]


def test_empty_pages_are_not_kept() -> None:
    client = TableClient(everything())
    assert not [one for one in GOOGLE.fetch(client, DAYS) if not one.kind.endswith("_total")]


# --- who it is ---


def test_the_former_account_goes_by_its_legacy_id() -> None:
    identity = {"healthUserId": "204060801030", "legacyUserId": "7QZWRX"}
    client = TableClient({IDENTITY_PATH: identity})
    assert GOOGLE.account_id(client) == "204060801030"
    assert list(GOOGLE.former_accounts(client)) == [FormerAccount("fitbit", "7QZWRX")]
    assert not list(GOOGLE.former_accounts(TableClient({IDENTITY_PATH: {"healthUserId": "1"}})))
    with pytest.raises(BadAnswer):
        GOOGLE.account_id(TableClient({IDENTITY_PATH: {"legacyUserId": "7QZWRX"}}))


def test_the_grant_is_given_back_with_the_refresh_token() -> None:
    client = TableClient({"https://vendor.example/revoke": b""}, revoke="https://vendor.example/revoke")
    GOOGLE.revoke(client)
    assert client.asked == [("POST", "https://vendor.example/revoke", {"form": {"token": "refresh-1"}, "auth": "none"})]


# --- proofs ---


def test_the_address_is_verified_twice() -> None:
    welcome = GOOGLE.handshake(inbound(VERIFICATION, headers={"authorization": f"Bearer {WORD}"}), OURS)
    assert welcome is not None
    assert welcome.status == 201
    for headers in ({}, {"authorization": "Bearer guess"}, {"authorization": WORD}):
        with pytest.raises(BadWebhookSignature):
            GOOGLE.handshake(inbound(VERIFICATION, headers=headers), OURS)
    assert GOOGLE.handshake(inbound([event("steps")]), OURS) is None


def test_a_signature_is_checked_against_googles_keys() -> None:
    body = msgspec.json.encode([event("steps")])
    assert GOOGLE.signature.check(inbound(body, headers=signed(body)), OURS)
    with pytest.raises(BadWebhookSignature):
        GOOGLE.signature.check(inbound(body + b" ", headers=signed(body)), OURS)
    with pytest.raises(BadWebhookSignature):
        GOOGLE.signature.check(inbound(body, headers=signed(body, "guess")), OURS)


@pytest.mark.parametrize("given", ["", "!", "AAAA", "AUmWAtMwRgIhAM8=", base64.b64encode(b"\x02" + b"x" * 70).decode()])
def test_what_is_no_signature_proves_nothing(given: str) -> None:
    body = msgspec.json.encode([event("steps")])
    headers = signed(body) | {"google-health-api-signature": given}
    if not given:  # Google does not say that it always signs; our word is proof enough
        assert GOOGLE.signature.check(inbound(body, headers=headers), OURS)
        return
    with pytest.raises(BadWebhookSignature):
        GOOGLE.signature.check(inbound(body, headers=headers), OURS)


def test_a_key_that_is_not_known_asks_for_fresh_ones() -> None:
    body, keys = msgspec.json.encode([event("steps")]), key_set()
    keys["key"][0]["keyId"] += 1
    others = msgspec.structs.replace(OURS, key_set=json.dumps(keys))
    with pytest.raises(UnknownSigningKey):
        GOOGLE.signature.check(inbound(body, headers=signed(body)), others)
    keys["key"][0] |= {"keyId": keys["primaryKeyId"], "status": "DISABLED"}
    disabled = msgspec.structs.replace(OURS, key_set=json.dumps(keys))
    with pytest.raises(UnknownSigningKey):
        GOOGLE.signature.check(inbound(body, headers=signed(body)), disabled)


def test_without_googles_keys_our_word_is_proof() -> None:
    body = msgspec.json.encode([event("steps")])
    assert GOOGLE.signature.check(inbound(body, headers=signed(body)), msgspec.structs.replace(OURS, key_set=""))


# --- pushes ---


def test_a_push_names_an_account_and_a_stretch() -> None:
    found = notification("steps")
    assert (found.account, found.kind) == ("204060801030", "steps")
    assert found.object_id == "2026-03-04T07:15:00Z/2026-03-04T07:17:00Z"
    assert (found.start, found.end, found.deleted) == (date(2026, 3, 4), date(2026, 3, 4), False)
    assert notification("steps", operation="UPDATE").kind == "steps"
    assert notification("exercise", operation="DELETE").kind == f"exercise{CLEARED}"


def test_a_single_event_and_civil_times_are_understood() -> None:
    civil = {
        "startDateTime": {"date": {"year": 2026, "month": 3, "day": 4}, "time": {}},
        "endDateTime": {"date": {"year": 2026, "month": 3, "day": 5}},
    }
    single = event("steps")
    single["data"]["intervals"] = [{"civilDateTimeInterval": civil}]
    (found,) = GOOGLE.notifications(inbound(single))
    assert (found.start, found.end) == (date(2026, 3, 4), date(2026, 3, 5))
    assert found.object_id == "2026-03-04/2026-03-05"


def test_types_we_make_nothing_of_are_counted_after_the_others() -> None:
    notifications: Iterator[Any] = iter(GOOGLE.notifications(inbound([event("sedentary-period"), event("sleep")])))
    assert next(notifications).kind == "sleep"
    with pytest.raises(UnsupportedEvent, match="sedentary-period"):
        next(notifications)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"7", b'["x"]', b'[{"data": {"dataType": "steps"}}]', b"\xff",
        msgspec.json.encode([event("steps", startTime="soon", endTime="later")]),
        msgspec.json.encode([event("steps", startTime="2026-03-05T00:00:00Z", endTime="2026-03-03T00:00:00Z")]),
    ],
)  # fmt: skip
def test_broken_pushes_are_anomalous(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(GOOGLE.notifications(inbound(body)))


def test_a_push_of_steps_fetches_its_minutes_and_the_totals_of_its_day() -> None:
    client = TableClient(everything({"dataPoints": [{"steps": {}}]}))
    found = list(GOOGLE.resolve(client, notification("steps")))
    assert [one.kind for one in found] == ["steps", "steps_total", "total_calories_total", "active_minutes_total"]
    assert asked(client, BY_PATH["steps"].points)[0]["filter"] == (
        'steps.interval.start_time >= "2026-03-04T07:15:00Z" AND steps.interval.start_time < "2026-03-04T07:17:00.999Z"'
    )


def test_exercise_can_only_be_asked_for_by_wall_time() -> None:
    client = TableClient(everything())
    assert list(GOOGLE.resolve(client, notification("exercise"))) == []
    assert asked(client, BY_PATH["exercise"].points)[0]["filter"].startswith(
        'exercise.interval.civil_start_time >= "2026-03-03"'
    )


def test_what_google_deletes_is_fetched_as_all_there_is() -> None:
    client = TableClient(everything())
    (found,) = GOOGLE.resolve(client, notification("exercise", operation="DELETE"))
    assert isinstance(found, RawDocument)
    (cleared,) = read("exercise", json.loads(found.body))
    assert isinstance(cleared, ClearedRange)
    assert cleared.workouts


def test_a_broken_page_deletes_nothing() -> None:
    class Broken(TableClient):
        def pages(self, kind: str, path: str, params: Any = None, **_: Any) -> Iterator[RawDocument | PartialFailure]:
            yield RawDocument(kind, b"<html>")
            yield PartialFailure(kind, "bad_answer", "No JSON.")

    with pytest.raises(BadAnswer):
        list(GOOGLE.resolve(Broken(), notification("exercise", operation="DELETE")))


def test_a_night_that_google_works_on_is_kept_and_asked_for_again() -> None:
    points = {"dataPoints": [{"sleep": {"metadata": {"processed": False}}}]}
    documents = GOOGLE.resolve(TableClient(everything(points)), notification("sleep"))
    assert next(documents).kind == "sleep"
    with pytest.raises(NotReady):
        next(documents)
