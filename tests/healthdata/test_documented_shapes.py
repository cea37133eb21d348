"""The schema of the read endpoints describes their answers."""

import pytest

from healthdata.api import examples, shapes
from healthdata.records import Sample, WorkoutRecord
from tests.healthdata.reading import WATCH, at, put, stages

SHOWN = {
    "timeseries": (shapes.TimeseriesPageSerializer, examples.TIMESERIES_PAGE),
    "workouts": (shapes.WorkoutPageSerializer, examples.WORKOUT_PAGE),
    "workout": (shapes.WorkoutDetailSerializer, examples.WORKOUT_DETAIL),
    "sleep": (shapes.SleepSessionPageSerializer, examples.SLEEP_PAGE),
    "session": (shapes.SleepSessionDetailSerializer, examples.SLEEP_DETAIL),
    "activity": (shapes.ActivitySummarySerializer, examples.ACTIVITY),
    "sleep summary": (shapes.SleepSummarySerializer, examples.SLEEP_SUMMARY),
    "body": (shapes.BodySummarySerializer, examples.BODY),
    "data": (shapes.DataSummarySerializer, examples.DATA_SUMMARY),
    "scores": (shapes.HealthScorePageSerializer, examples.SCORE_PAGE),
}
APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}


def names(shown: object) -> object:
    """Return the fields of an answer and of what lies within, each list by its first item."""
    if isinstance(shown, dict):
        return {name: names(value) for name, value in shown.items()}
    return [names(shown[0])] if isinstance(shown, list) and shown else None


def declared(field: object) -> object:
    """Return the same of a declared shape; dictionaries of free keys count as nothing."""
    child = getattr(field, "child", None)
    if child is not None and type(field).__name__ == "ListSerializer":
        return [declared(child)]
    return {name: declared(inner) for name, inner in getattr(field, "fields", {}).items()} or None


def without_free_keys(shown: object, shape: object) -> object:
    """Return `shown` cut where the shape leaves the keys free, or where there is nothing (null, an empty list)."""
    if isinstance(shape, dict) and isinstance(shown, dict):
        return {name: without_free_keys(value, shape.get(name)) for name, value in shown.items()}
    if isinstance(shape, list) and isinstance(shown, list):
        return [without_free_keys(shown[0], shape[0])]
    return shape


@pytest.mark.parametrize("what", SHOWN)
def test_an_example_is_valid_in_its_declared_shape(what):
    shape, example = SHOWN[what]
    checked = shape(data=example.value)
    assert checked.is_valid(), checked.errors


@pytest.mark.parametrize("what", SHOWN)
def test_an_example_has_every_declared_field_and_no_other(what):
    shape, example = SHOWN[what]
    assert without_free_keys(names(example.value), declared(shape())) == declared(shape())


@pytest.mark.django_db
def test_the_endpoints_answer_what_is_declared(jane):
    start = at("2026-04-15T06:00:00Z")
    put(
        jane,
        WorkoutRecord(source=WATCH, type="running", start=start, end=start + 60_000, distance_meters=200.0),
        *(
            Sample(source=WATCH, series=name, start=start, value=1.0)
            for name in ("heart_rate", "latitude", "longitude")
        ),
        Sample(source=WATCH, series="weight", start=start, value=71.0),
        *stages("2026-04-14T22:00:00Z", [("light", 60), ("awake", 10), ("deep", 200)]),
    )
    [workout] = jane.get("events/workouts", **APRIL)["data"]
    [session] = jane.get("events/sleep", **APRIL)["data"]
    answers = {
        "timeseries": jane.get("timeseries", start_time="2026-04-15T00:00:00Z", end_time="2026-04-16T00:00:00Z"),
        "workouts": jane.get("events/workouts", **APRIL),
        "workout": jane.get(f"events/workouts/{workout['id']}"),
        "sleep": jane.get("events/sleep", **APRIL),
        "session": jane.get(f"events/sleep/{session['id']}"),
        "activity": jane.get("summaries/activity", start_date="2026-04-15", end_date="2026-04-15", explain=1),
        "sleep summary": jane.get("summaries/sleep", **APRIL),
        "body": jane.get("summaries/body"),
        "data": jane.get("summaries/data"),
        "scores": jane.get("health-scores"),
    }
    for what, answer in answers.items():
        shape = declared(SHOWN[what][0]())
        assert without_free_keys(names(answer), shape) == shape, what
        checked = SHOWN[what][0](data=answer)
        assert checked.is_valid(), (what, checked.errors)
