"""Events of stored rows: only what changed, cut to size, in the shapes of REST."""

import json
from typing import Any

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Developer, EndUser
from accounts.webhooks import event_types, events
from accounts.webhooks.models import Message
from healthdata.catalogue import SERIES, SeriesKind
from healthdata.records import DailyRecord, Sample, Score, WorkoutRecord
from healthdata.store import store
from healthdata.webhooks import deferred_bodies
from healthdata.webhooks import emit as emission
from healthdata.webhooks.deferred_bodies import MAX_BYTES
from healthdata.webhooks.emit import emit_changes
from healthdata.webhooks.event_types import TYPES
from tests import factories
from tests.healthdata.reading import HOUR, MINUTE, PHONE, RING, WATCH, at, day, every, stages
from tests.webhooks import making

pytestmark = pytest.mark.django_db
URL = "http://127.0.0.1:9/hook"
NOON = "2026-04-15T12:00:00Z"


@pytest.fixture
def jane(alice: Developer) -> EndUser:
    return factories.end_user(alice.organization)


def sent(*types: str) -> list[Any]:
    """Return the payloads of the messages of these types (none: of all), in order."""
    rows = Message.objects.order_by("key")
    wanted = rows.filter(type__in=types) if types else rows
    return [json.loads(events.body_of(row)) for row in wanted]


def stored(jane: EndUser, *records: Any) -> int:
    """Store records and emit what changed; the number of messages."""
    return emit_changes(jane.key, store(jane.key, [list(records)]))


def rest(jane: EndUser, path: str) -> Any:
    """Return the data of a GET about Jane."""
    client = factories.key_client(jane.organization)
    return client.get(f"/api/v1/users/{jane.id}/{path}").json()["data"]


def heart_rates(count: int, step: int = MINUTE, **more: Any) -> list[Sample]:
    return every(step, NOON, count, source=WATCH, series="heart_rate", value=61.5, **more)


def run(**more: Any) -> WorkoutRecord:
    start = at("2026-04-15T06:00:00Z")
    values = {"distance_meters": 5200, "calories_kcal": 342, "avg_heart_rate_bpm": 145} | more
    return WorkoutRecord(WATCH, "running", start, start + 35 * MINUTE, zone=120, external_id="hk-1", **values)


def test_a_batch_raises_its_groups_event_and_only_where_asked_for_that_of_the_series(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL)
    assert stored(jane, *heart_rates(3)) == 1
    assert [one["type"] for one in sent()] == ["heart_rate.created"]
    making.endpoint(jane.organization, URL, "series.heart_rate.created")
    assert stored(jane, *heart_rates(6)) == 2
    assert [one["type"] for one in sent()][1:] == ["heart_rate.created", "series.heart_rate.created"]
    group, granular = sent()[1:]
    assert group["data"] == granular["data"]


def test_samples_are_the_objects_of_the_timeseries_and_say_their_grain(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL)
    stored(
        jane,
        *heart_rates(2, zone=330),
        Sample(PHONE, "steps", at(NOON), 412, duration=15 * MINUTE),
        DailyRecord(RING, "steps", day("2026-04-15"), 9000, zone=120),
        Sample(WATCH, "hydration", at(NOON), 250, duration=None),
        Sample(WATCH, "hydration", at(NOON), 330, duration=None),
    )
    messages = sent()
    shown = rest(jane, "timeseries?start_time=2026-04-14T00:00:00Z&end_time=2026-04-16T00:00:00Z")
    samples = [sample for one in messages for sample in one["data"]["samples"]]
    assert len(samples) == len(shown) == 6
    by_id = {one["id"]: one for one in samples}
    for row in shown:
        given = by_id[row["id"]]
        assert given == row
    grains = {(one["series_type"], one["source"]["provider"]): one["grain"] for one in samples}
    assert grains[("heart_rate", "apple")] == "instant"
    assert grains[("steps", "apple")] == "interval"
    assert grains[("steps", "oura")] == "daily"
    (heart,) = sent("heart_rate.created")
    assert heart["data"]["user_id"] == str(jane.id)
    assert (heart["data"]["start_time"], heart["data"]["end_time"]) == (NOON, "2026-04-15T12:01:00Z")


def test_of_every_series_the_webhooks_rows_are_those_of_rest(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL, *(f"series.{code}.created" for code in TYPES))
    records: list[Any] = []
    for code in TYPES:
        series = SERIES[code]
        if series.kind is not SeriesKind.DAILY:
            length = 15 * MINUTE if series.kind is SeriesKind.INTERVAL else None
            records.append(Sample(WATCH, code, at(NOON), 3.25, length, 330))
        records.append(DailyRecord(RING, code, day("2026-04-15"), 7.5, zone=-300))
    stored(jane, *records)
    emitted: dict[str, list[Any]] = {}
    for message in sent():
        if message["type"].startswith("series."):
            emitted.setdefault(message["data"]["series_type"], []).extend(message["data"]["samples"])
    assert emitted.keys() == TYPES.keys()
    query = "timeseries?start_time=2026-04-14T00:00:00Z&end_time=2026-04-16T00:00:00Z&limit=1000"
    shown: dict[str, list[Any]] = {}
    for row in rest(jane, query):
        shown.setdefault(row["series_type"], []).append(row)
    for code, rows in emitted.items():
        assert sorted(rows, key=lambda row: row["id"]) == sorted(shown[code], key=lambda row: row["id"]), code
        wanted = {SeriesKind.DAILY: [], SeriesKind.INTERVAL: ["interval"], SeriesKind.SAMPLE: ["instant"]}[
            SERIES[code].kind
        ]
        assert sorted(row["grain"] for row in rows) == ["daily", *wanted]


def test_sessions_and_scores_are_the_objects_of_rest_and_the_user(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL)
    stored(
        jane,
        run(),
        *stages("2026-04-14T22:30:00Z", [("light", 120), ("deep", 90), ("rem", 60), ("awake", 10), ("light", 100)]),
        Score(RING, day("2026-04-15"), "readiness", 81, 0, 100, components={"sleep": 77}),
    )
    dates = "start_date=2026-04-14&end_date=2026-04-16"
    user = {"user_id": str(jane.id)}
    assert [one["data"] for one in sent("workout.created")] == [
        user | one for one in rest(jane, f"events/workouts?{dates}")
    ]
    nights = [user | one | {"split_from": None} for one in rest(jane, f"events/sleep?{dates}")]
    assert [one["data"] for one in sent("sleep.created")] == nights
    scores = {one["data"]["id"]: one["data"] for one in sent("health_score.created")}
    assert scores == {one["id"]: user | one for one in rest(jane, "health-scores")}


def test_everything_that_is_sent_fits_the_published_schema(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL, *{one.group + ".*" for one in event_types.every() if one.group})
    stored(jane, *heart_rates(3), run(), Sample(PHONE, "menstrual_flow", at(NOON), 2))
    stored(jane, run(distance_meters=5300))
    stored(jane, *stages("2026-04-14T22:30:00Z", [("light", 300)]))
    messages = sent()
    assert {"workout.updated", "sleep.created", "reproductive.created"} <= {one["type"] for one in messages}
    for one in messages:
        kind = event_types.find(one["type"])
        assert kind is not None
        jsonschema.validate(one["data"], kind.schema)


def test_what_comes_again_unchanged_raises_nothing(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL)
    stored(jane, *heart_rates(3), run())
    before = len(sent())
    assert stored(jane, *heart_rates(3), run()) == 0
    assert len(sent()) == before
    changed = heart_rates(3)
    changed[1] = Sample(WATCH, "heart_rate", changed[1].start, 99)
    stored(jane, *changed)
    (sample,) = sent("heart_rate.created")[-1]["data"]["samples"]
    assert sample["value"] == 99


def test_a_changed_workout_is_updated_and_a_new_one_is_only_created(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL, "workout.*")
    results = store(jane.key, [[run()], [run(distance_meters=5300)]])
    emit_changes(jane.key, results)
    assert [one["type"] for one in sent()] == ["workout.created"]
    assert sent()[0]["data"]["distance_meters"] == 5300
    stored(jane, run(distance_meters=5400))
    assert [one["type"] for one in sent()] == ["workout.created", "workout.updated"]


def test_a_batch_is_cut_at_the_size_a_message_may_have(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL, "heart_rate.created")
    stored(jane, *heart_rates(4000, step=5_000, zone=120))
    bodies = [events.body_of(row) for row in Message.objects.order_by("key")]
    found = [json.loads(body)["data"] for body in bodies]
    assert len(bodies) > 1
    assert all(len(body) <= MAX_BYTES for body in bodies)
    assert [one["part"] for one in found] == list(range(1, len(found) + 1))
    assert {(one["parts"], one["sample_count"]) for one in found} == {(len(found), 4000)}
    assert len({one["batch_id"] for one in found}) == 1
    times = [sample["timestamp"] for one in found for sample in one["samples"]]
    assert len(set(times)) == 4000
    assert max(len(one["samples"]) for one in found) <= 2_500


def test_samples_that_are_short_are_cut_by_number(monkeypatch: pytest.MonkeyPatch, jane: EndUser) -> None:
    monkeypatch.setattr(deferred_bodies, "MAX_SAMPLES", 100)
    making.endpoint(jane.organization, URL, "heart_rate.created")
    stored(jane, *heart_rates(250))
    assert [len(one["data"]["samples"]) for one in sent()] == [100, 100, 50]


def test_a_large_import_tells_ranges_and_counts_and_no_samples(monkeypatch: pytest.MonkeyPatch, jane: EndUser) -> None:
    monkeypatch.setattr(emission, "OMITTED_FROM", 1_000)
    making.endpoint(jane.organization, URL)
    steps = every(MINUTE, NOON, 10, source=PHONE, series="steps", value=10.0, duration=MINUTE)
    stored(jane, *heart_rates(1_000), *steps)
    heart, walked = sent()
    assert (heart["type"], walked["type"]) == ("heart_rate.created", "steps.created")
    assert heart["data"]["samples"] == []
    assert heart["data"]["samples_omitted"]
    assert (heart["data"]["sample_count"], heart["data"]["start_time"]) == (1_000, NOON)
    assert walked["data"]["end_time"] == "2026-04-15T12:10:00Z"


def test_two_devices_of_a_provider_make_one_batch_each_sample_with_its_own(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL, "steps.created")
    stored(
        jane,
        Sample(PHONE, "steps", at(NOON), 100, duration=MINUTE),
        Sample(WATCH, "steps", at(NOON), 90, duration=MINUTE),
    )
    (one,) = sent()
    assert {sample["source"]["device"] for sample in one["data"]["samples"]} == {"iPhone", "Apple Watch"}


def test_sensitive_series_are_silent_until_they_are_named(jane: EndUser) -> None:
    making.endpoint(jane.organization, URL)
    making.endpoint(jane.organization, URL, "nutrition_intake.*", "series.*")
    drink = Sample(PHONE, "number_of_alcoholic_beverages", at(NOON), 2)
    flow = Sample(PHONE, "menstrual_flow", at(NOON), 2)
    assert stored(jane, drink, flow) == 0
    making.endpoint(jane.organization, URL, "series.number_of_alcoholic_beverages.created", "reproductive.created")
    later = [
        Sample(PHONE, "number_of_alcoholic_beverages", at(NOON) + HOUR, 1),
        Sample(PHONE, "menstrual_flow", at(NOON) + HOUR, 1),
    ]
    assert stored(jane, *later) == 2
    assert [one["type"] for one in sent()] == [
        "reproductive.created",
        "series.number_of_alcoholic_beverages.created",
    ]


def test_an_endpoint_of_another_user_hears_nothing(jane: EndUser) -> None:
    joe = factories.end_user(jane.organization)
    making.endpoint(jane.organization, URL, user_id=joe.id)
    assert stored(jane, *heart_rates(3), run()) == 0
    assert stored(joe, *heart_rates(3)) == 1


def test_a_user_without_listeners_costs_one_query_and_nothing_changed_costs_none(jane: EndUser) -> None:
    results = store(jane.key, [[*heart_rates(3), run()]])
    again = store(jane.key, [[*heart_rates(3), run()]])
    with CaptureQueriesContext(connection) as found:
        emit_changes(jane.key, results)
    assert len(found) == 1
    with CaptureQueriesContext(connection) as found:
        emit_changes(jane.key, again)
    assert len(found) == 0
    making.endpoint(jane.organization, URL)
    with CaptureQueriesContext(connection) as found:
        emit_changes(jane.key, results)
    assert len(found) == 3  # who listens, the workout, the messages


def test_a_user_who_was_erased_meanwhile_raises_nothing(jane: EndUser) -> None:
    results = store(jane.key, [heart_rates(3)])
    jane.delete()
    key = results[0].changes.samples[0].stream.user_key
    assert emit_changes(key, results) == 0


def test_a_deferred_body_is_rendered_once_and_keeps_its_bytes(jane: EndUser, receiver: Any) -> None:
    making.endpoint(jane.organization, receiver.answers("/hook", 500, 200), "heart_rate.created")
    stored(jane, *heart_rates(3))
    assert Message.objects.get().body is None
    making.deliver()
    message = Message.objects.get()
    assert message.deferred_body is None
    assert receiver.got[0].body == bytes(message.body or b"")
