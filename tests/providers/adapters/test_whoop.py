"""WHOOP's rules: documents, pulling, pushes."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import DailyRecord, Rejected, Score, StageRecord, WorkoutRecord
from providers.adapters.whoop.collections import PATHS, PROFILE_PATH, SCOPES
from providers.adapters.whoop.normalise import READINGS
from providers.adapters.whoop.normalise.fields import KNOWN
from providers.adapters.whoop.normalise.sports import NOT_TRAINING, SPORTS
from providers.adapters.whoop.provider import Whoop
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    BadWebhookSignature,
    Credentials,
    NotGranted,
    NotReady,
    PartialFailure,
    Quota,
    RawDocument,
    UnsupportedEvent,
    VendorNotFound,
    Window,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import RECEIVED, TableClient, inbound

WHOOP = Whoop()
WEEK = Window(date(2026, 4, 1), date(2026, 4, 7))
SLEEP, WORKOUT = "7f24309f-8d62-531e-a64f-35747b74a667", "f381ddbe-96b5-5ff3-9ac4-3b86df1eb338"
CYCLE = 1_290_334_455
EVENT = {"user_id": 700451, "id": SLEEP, "type": "sleep.updated", "trace_id": "7a2dda88-a3fb-55d5-8e40-3c973a20b9ae"}
EMPTY: dict[str, Any] = {"records": [], "next_token": None}


def fixture(name: str) -> Any:
    return json.loads((sync_bodies.ADAPTERS / "whoop" / "fixtures" / f"{name}.json").read_text())


def night(**more: Any) -> dict[str, Any]:
    return {**fixture("sleep-document"), **more}


def read(kind: str, *rows: Any, sleeps: Any = None) -> list[Any]:
    body = {"records": rows, "sleeps": sleeps or {}}
    return sync_bodies.normalise(json.dumps(body).encode(), "whoop", kind=kind)


def notification(kind: str, object_id: str = SLEEP, action: str = "updated") -> Any:
    (found,) = WHOOP.notifications(inbound({**EVENT, "type": f"{kind}.{action}", "id": object_id}))
    return found


def kinds(found: Iterator[Any]) -> list[str]:
    return [item.kind for item in found]


# --- documents ---


def test_every_collection_has_a_reading_its_fields_and_a_scope() -> None:
    assert set(READINGS) == set(KNOWN) == set(SCOPES)
    assert set(PATHS) < set(READINGS)


def test_sports_lead_to_types_of_the_catalogue() -> None:
    assert set(SPORTS.values()) <= set(WORKOUT_TYPES)
    assert all(name == name.lower() and name.isalnum() for name in SPORTS)
    assert set(SPORTS) > NOT_TRAINING
    assert len(SPORTS) >= 122


@pytest.mark.parametrize("raw", ["hiking-rucking", "Hiking/Rucking", "hiking_rucking"])
def test_spellings_of_a_sport_are_one(raw: str) -> None:
    (found,) = read("workout", {**fixture("workout")["records"][1], "sport_name": raw})
    assert isinstance(found, WorkoutRecord)
    assert (found.type, found.original_type) == ("hiking", None)


@pytest.mark.parametrize("kind", sorted(READINGS))
@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"records": {}}', b"{}", b'{"error": "Unauthorized"}'])
def test_what_is_no_document_is_an_anomaly(kind: str, body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        sync_bodies.normalise(body, "whoop", kind=kind)


def test_a_pending_night_is_time_in_bed_until_it_is_scored() -> None:
    pending = night(score_state="PENDING_SCORE", score=None)
    assert [item.stage for item in read("sleep", pending) if isinstance(item, StageRecord)] == ["in_bed"]
    scored = [item for item in read("sleep", night()) if isinstance(item, StageRecord)]
    assert [(item.stage, (item.end - item.start) // 60_000) for item in scored] == [("sleeping", 446), ("awake", 34)]


def test_a_nap_has_no_score_of_the_night() -> None:
    assert not [item for item in read("sleep", night(nap=True)) if isinstance(item, Score)]
    (score,) = [item for item in read("sleep", night()) if isinstance(item, Score)]
    assert (score.score, score.components["deep_minutes"], score.components["needed_minutes"]) == (91.0, 98.0, 487.0)


def test_a_cycle_belongs_to_the_day_of_waking_and_not_to_that_of_its_start_or_end() -> None:
    cycle = fixture("cycle")["records"][1]  # from 23:48 on the 6th to 00:05 on the 8th
    woken = {SLEEP: {"cycle_id": CYCLE, "end": "2026-04-07T11:48:00.000Z", "timezone_offset": "-04:00", "nap": False}}
    for sleeps in (woken, {}):
        found = [item for item in read("cycle", cycle, sleeps=sleeps) if isinstance(item, DailyRecord)]
        assert {item.day for item in found} == {date(2026, 4, 7)}
        assert {item.series: item.value for item in found}["total_calories"] == pytest.approx(10230.6 / 4.184)


def test_of_two_cycles_of_a_day_the_longer_ranks_higher() -> None:
    whole = fixture("cycle")["records"][1]
    short = {**whole, "id": 7, "start": "2026-04-07T18:00:00.000Z", "end": "2026-04-07T22:00:00.000Z"}
    ranks = [item.rank for item in read("cycle", whole, short) if isinstance(item, DailyRecord)]
    assert min(ranks[:3]) > max(ranks[3:])


def test_a_recovery_is_dated_by_its_sleep_and_named_apart_from_it() -> None:
    row = {**fixture("recovery")["records"][0], "created_at": "2026-04-09T00:10:00.000Z"}
    ends = {"cycle_id": CYCLE, "end": "2026-04-07T11:48:00.000Z", "timezone_offset": "-04:00", "nap": False}
    dated, undated = read("recovery", row, sleeps={SLEEP: ends}), read("recovery", row)
    assert {item.day for item in dated[1:]} == {date(2026, 4, 7)}
    assert {item.day for item in undated[1:]} == {date(2026, 4, 9)}
    assert all(item.external_id.startswith(f"recovery-{SLEEP}") for item in dated)


def test_a_field_of_tomorrow_is_counted_and_changes_nothing() -> None:
    more = read("sleep", night(a_new_one=1))
    assert more[0] == Rejected("sleep", 0, "a_new_one", "unknown_field")
    assert more[1:] == read("sleep", night())


# --- pulling ---


def table(**answers: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict.fromkeys(PATHS.values(), EMPTY)
    body = {"weight_kilogram": 70}
    return {**found, "/v2/user/measurement/body": body, **{PATHS[kind]: answer for kind, answer in answers.items()}}


def test_sleeps_go_along_with_their_cycles_and_recoveries() -> None:
    pages = {kind: fixture(kind) for kind in ("sleep", "cycle", "recovery")}
    del pages["cycle"]["sleeps"], pages["recovery"]["sleeps"]
    client = TableClient(table(**pages))
    found = {item.kind: item for item in WHOOP.fetch(client, WEEK) if isinstance(item, RawDocument)}
    assert list(found) == ["body_measurement", "sleep", "cycle", "recovery", "workout"]
    assert SLEEP in json.loads(found["recovery"].body)["sleeps"]
    assert found["cycle"].items == 2
    asked = {path: options.get("params") for _, path, options in client.asked}
    window = {"limit": 25, "start": "2026-03-31T00:00:00.000Z", "end": "2026-04-09T00:00:00.000Z"}
    assert asked["/v2/recovery"] == window


def test_only_collections_whose_scope_was_given_are_asked_for() -> None:
    client = TableClient(table(), scopes=("offline", "read:sleep"))
    assert kinds(WHOOP.fetch(client, WEEK)) == ["sleep"]


def test_a_collection_that_cannot_be_had_does_not_cost_the_others() -> None:
    client = TableClient(table(cycle=NotGranted("no")))
    found = list(WHOOP.fetch(client, WEEK))
    assert [item.kind for item in found if isinstance(item, PartialFailure)] == ["cycle"]
    assert len(found) == 5


def test_a_page_that_is_no_json_is_kept_as_it_came() -> None:
    client = TableClient(table(recovery=b"<html>busy</html>"))
    assert [item.body for item in WHOOP.fetch(client, WEEK) if item.kind == "recovery"] == [b"<html>busy</html>"]  # type: ignore[union-attr]


def test_the_account_is_the_user_id() -> None:
    assert WHOOP.account_id(TableClient({PROFILE_PATH: {"user_id": 700451}})) == "700451"
    with pytest.raises(BadAnswer):
        WHOOP.account_id(TableClient({PROFILE_PATH: {}}))


def test_the_grant_is_given_back_by_the_end_users_own_token() -> None:
    client = TableClient({"/v2/user/access": b""})
    WHOOP.revoke(client)
    assert client.asked == [("DELETE", "/v2/user/access", {})]


def test_limits_are_read_from_every_answer() -> None:
    headers = {"x-ratelimit-limit": "100, 100;window=60, 10000;window=86400", "x-ratelimit-remaining": "42"}
    assert WHOOP.quotas({**headers, "x-ratelimit-reset": "31"}, 200, 1000.0) == (Quota("minute", 100, 42, 1031.0),)
    assert WHOOP.quotas({**headers, "x-ratelimit-reset": "4000"}, 429, 1000.0) == (Quota("day", 10_000, 42, 5000.0),)
    assert WHOOP.quotas({**headers, "x-ratelimit-reset": "soon"}, 200, 1000.0) == ()
    assert WHOOP.quotas({}, 200, 1000.0) == ()


# --- pushes ---

OURS = Credentials("client", "whoop-sample-secret")


def signed(body: bytes, timestamp: str, secret: str = OURS.client_secret) -> dict[str, str]:
    mac = hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()
    return {"x-whoop-signature": base64.b64encode(mac).decode(), "x-whoop-signature-timestamp": timestamp}


def test_the_signature_of_a_known_push_fits() -> None:
    body, at = msgspec.json.encode(EVENT), 1_775_564_452_903
    headers = {
        "x-whoop-signature": "Sx9feTm+rrkWTkm/kbi376mpdvqr1cpfhHa1wzYmbB8=",
        "x-whoop-signature-timestamp": str(at),
    }
    call = msgspec.structs.replace(inbound(body, headers=headers), received=at + 3_600_000)
    assert WHOOP.signature.check(call, OURS)
    for other in (
        msgspec.structs.replace(call, received=at + 7_200_000),
        msgspec.structs.replace(call, body=body + b" "),
    ):
        with pytest.raises(BadWebhookSignature):
            WHOOP.signature.check(other, OURS)


def test_a_push_signed_by_somebody_else_or_not_at_all_is_refused() -> None:
    body = msgspec.json.encode(EVENT)
    for headers in (signed(body, str(RECEIVED), "guess"), {}, {**signed(body, str(RECEIVED)), "x-whoop-signature": ""}):
        with pytest.raises(BadWebhookSignature):
            WHOOP.signature.check(inbound(body, headers=headers), OURS)
    assert WHOOP.signature.check(inbound(body, headers=signed(body, str(RECEIVED))), OURS)


def test_a_push_names_its_object_and_itself() -> None:
    found = notification("sleep")
    assert (found.account, found.kind, found.object_id, found.deleted) == ("700451", "sleep", SLEEP, False)
    assert found.event_id == EVENT["trace_id"]


def test_a_deleted_recovery_leaves_its_sleep_alone() -> None:
    assert list(WHOOP.deleted_ids(notification("recovery", action="deleted"))) == [f"recovery-{SLEEP}"]
    assert list(WHOOP.deleted_ids(notification("sleep", action="deleted"))) == [SLEEP]
    assert list(WHOOP.deleted_ids(notification("workout", WORKOUT, "deleted"))) == [WORKOUT]


@pytest.mark.parametrize("change", [{"type": "cycle.updated"}, {"type": "sleep.scored"}, {"type": ""}, {"id": 93311}])
def test_events_of_other_kinds_and_of_the_first_version_are_unsupported(change: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedEvent):
        list(WHOOP.notifications(inbound({**EVENT, **change})))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"user_id": "x"}', b"\xff"])
def test_broken_pushes_are_anomalous(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(WHOOP.notifications(inbound(body)))


@pytest.mark.parametrize(("kind", "name"), [("sleep", SLEEP), ("workout", WORKOUT)])
def test_what_is_still_being_scored_is_kept_and_asked_for_again(kind: str, name: str) -> None:
    path = f"{PATHS[kind]}/{name}"
    scored, pending = {"id": name, "score_state": "SCORED"}, {"id": name, "score_state": "PENDING_SCORE"}
    assert kinds(WHOOP.resolve(TableClient({path: scored}), notification(kind, name))) == [kind]
    waiting = WHOOP.resolve(TableClient({path: pending}), notification(kind, name))
    assert next(waiting).kind == kind  # type: ignore[union-attr]
    with pytest.raises(NotReady):
        next(waiting)


def recovery_answers(**recovery: Any) -> dict[str, Any]:
    row = {**fixture("recovery")["records"][0], **recovery}
    cycle = fixture("cycle")["records"][1]
    base = f"/v2/cycle/{CYCLE}"
    return {f"{PATHS['sleep']}/{SLEEP}": night(), base: cycle, f"{base}/recovery": row}


def test_a_recovery_is_found_by_its_sleep_and_brings_the_cycle() -> None:
    found = list(WHOOP.resolve(TableClient(recovery_answers()), notification("recovery")))
    assert kinds(iter(found)) == ["cycle", "recovery"]
    assert all(SLEEP in json.loads(item.body)["sleeps"] for item in found if isinstance(item, RawDocument))


def test_a_recovery_of_another_sleep_of_the_cycle_is_not_taken_for_it() -> None:
    found = WHOOP.resolve(TableClient(recovery_answers(sleep_id="another")), notification("recovery"))
    assert kinds(found) == ["cycle"]


def test_a_recovery_that_is_not_there_yet_or_pending_is_asked_for_again() -> None:
    answers = recovery_answers()
    del answers[f"/v2/cycle/{CYCLE}/recovery"]
    with pytest.raises(VendorNotFound):
        list(WHOOP.resolve(TableClient(answers), notification("recovery")))
    with pytest.raises(NotReady):
        list(WHOOP.resolve(TableClient(recovery_answers(score_state="PENDING_SCORE")), notification("recovery")))
    with pytest.raises(BadAnswer):
        list(WHOOP.resolve(TableClient({f"{PATHS['sleep']}/{SLEEP}": {}}), notification("recovery")))
