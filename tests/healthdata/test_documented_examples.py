"""The examples of the documentation, run as it shows them and compared field by field.

Exempt are ids and cursors (any value of their kind), and where a ruling says so: an Oura ring measures RMSSD, so the
documented 48.5 stand in avg_hrv_rmssd_ms and avg_hrv_sdnn_ms is null; the 30 minutes missing among the stages are
unstaged sleep.
"""

import uuid
from datetime import date

import pytest

from healthdata.records import DailyRecord, Sample, Score, SourceInfo, StageRecord, WorkoutRecord
from tests.healthdata.reading import at, every, put

pytestmark = pytest.mark.django_db

FENIX = SourceInfo(provider="garmin", name="Fenix 7", device_type="watch")
RING = SourceInfo(provider="oura", name="Oura Ring Gen3", device_type="ring")
WATCH = SourceInfo(provider="apple", name="Apple Watch Series 9", device_type="watch")
MINUTE = 60_000


def documented(shown: dict, expected: dict) -> dict:
    """Return the documented fields of an answer; others may stand beside them."""
    return {name: shown[name] for name in expected}


def is_uuid(text: str) -> bool:
    return str(uuid.UUID(text)) == text


def a_run(start: str, number: int = 0) -> WorkoutRecord:
    return WorkoutRecord(
        source=FENIX,
        type="running",
        start=at(start),
        end=at(start) + 35 * MINUTE,
        external_id=f"run-{number}",
        duration_seconds=2100.0,
        distance_meters=5200.0,
        calories_kcal=342.0,
        avg_heart_rate_bpm=145.0,
        max_heart_rate_bpm=165.0,
        elevation_gain_meters=85.0,
    )


def a_night() -> list[StageRecord]:
    lengths = [("light", 108), ("awake", 30), ("deep", 180), ("sleeping", 30), ("rem", 147)]
    rows, start = [], at("2026-04-14T22:30:00Z")
    for stage, minutes in lengths:
        rows.append(StageRecord(source=RING, start=start, end=start + minutes * MINUTE, stage=stage))
        start += minutes * MINUTE
    return rows


def readings_of_the_night() -> list[Sample]:
    values = {
        "heart_rate": 56.0,
        "heart_rate_variability_rmssd": 48.5,
        "respiratory_rate": 14.1,
        "spo2": 97.2,
    }
    return [
        Sample(source=RING, series=name, start=at("2026-04-15T02:00:00Z"), value=value)
        for name, value in values.items()
    ]


def test_the_documented_workout(jane):
    put(jane, a_run("2026-04-15T06:00:00Z"))
    answer = jane.get("events/workouts", start_date="2026-04-01", end_date="2026-04-23", limit=20)
    expected = {
        "type": "running",
        "start_time": "2026-04-15T06:00:00Z",
        "end_time": "2026-04-15T06:35:00Z",
        "duration_seconds": 2100,
        "distance_meters": 5200,
        "calories_kcal": 342,
        "avg_heart_rate_bpm": 145,
        "max_heart_rate_bpm": 165,
        "avg_pace_sec_per_km": 404,
        "elevation_gain_meters": 85,
        "source": {"provider": "garmin", "device": "Fenix 7"},
    }
    [run] = answer["data"]
    assert is_uuid(run["id"])
    assert documented(run, expected) == expected
    assert answer["pagination"] == {"next_cursor": None, "has_more": False, "total_count": 1}


def test_the_documented_loop_over_all_workouts(jane):
    put(
        jane,
        *(
            a_run(f"2026-04-{day:02}T{hour:02}:00:00Z", day * 24 + hour)
            for day in range(1, 23)
            for hour in range(6, 11)
        ),
    )
    cursor, workouts, pages = None, [], 0
    while True:
        params = {"start_date": "2026-04-01", "end_date": "2026-04-23", "limit": 50}
        if cursor:
            params["cursor"] = cursor
        page = jane.get("events/workouts", **params)
        workouts.extend(page["data"])
        pages += 1
        assert page["pagination"]["total_count"] == 110
        if not page["pagination"]["has_more"]:
            break
        cursor = page["pagination"]["next_cursor"]
    assert pages == 3
    assert len({run["id"] for run in workouts}) == 110
    assert [run["start_time"] for run in workouts] == sorted(run["start_time"] for run in workouts)


def test_the_documented_night(jane):
    put(jane, *a_night(), *readings_of_the_night())
    answer = jane.get("events/sleep", start_date="2026-04-01", end_date="2026-04-23")
    expected = {
        "start_time": "2026-04-14T22:30:00Z",
        "end_time": "2026-04-15T06:45:00Z",
        "duration_seconds": 29700,
        "sleep_duration_seconds": 27900,
        "efficiency_percent": 93.9,
        "is_nap": False,
        "stages": {
            "awake_minutes": 30,
            "light_minutes": 108,
            "deep_minutes": 180,
            "rem_minutes": 147,
            "unstaged_minutes": 30,
        },
        "avg_heart_rate_bpm": 56,
        "avg_hrv_sdnn_ms": None,
        "avg_hrv_rmssd_ms": 48.5,
        "avg_respiratory_rate": 14.1,
        "avg_spo2_percent": 97.2,
        "source": {"provider": "oura", "device": "Oura Ring Gen3"},
    }
    [night] = answer["data"]
    assert is_uuid(night["id"])
    assert documented(night, expected) == expected
    assert answer["pagination"]["has_more"] is False
    assert answer["pagination"]["total_count"] == 1


def test_the_documented_activity_summary(jane):
    put(
        jane,
        Sample(source=WATCH, series="steps", start=at("2026-04-15T10:00:00Z"), value=900.0, duration=600_000),
        Sample(source=WATCH, series="active_calories", start=at("2026-04-15T10:00:00Z"), value=41.5, duration=600_000),
    )
    days = jane.get("summaries/activity", start_date="2026-04-01", end_date="2026-04-23")["data"]
    assert [(day["date"], day["steps"], day["active_calories_kcal"]) for day in days] == [("2026-04-15", 900, 41.5)]


def test_the_documented_body_summary_needs_no_range(jane, today):
    scale = SourceInfo(provider="garmin", name="Index S2", device_type="scale")
    put(
        jane,
        Sample(source=scale, series="weight", start=at(f"{today}T06:00:00Z"), value=71.2),
        DailyRecord(source=RING, series="resting_heart_rate", day=date.fromisoformat(today), value=52.0),
    )
    body = jane.get("summaries/body")
    assert body["averaged"]["resting_heart_rate_bpm"] == 52
    assert body["latest"]["weight_kg"] == 71.2


def test_the_documented_timeseries(jane):
    put(
        jane,
        *every(5 * MINUTE, "2026-04-15T00:00:00Z", 288, source=WATCH, series="heart_rate", value=72.5),
        *every(30 * MINUTE, "2026-04-15T00:00:00Z", 48, source=WATCH, series="spo2", value=97.0),
    )
    answer = jane.get(
        "timeseries",
        start_time="2026-04-15T00:00:00Z",
        end_time="2026-04-15T23:59:59Z",
        types="heart_rate,spo2",
        resolution="5min",
    )
    expected = {
        "timestamp": "2026-04-15T00:00:00Z",
        "series_type": "heart_rate",
        "value": 72.5,
        "unit": "bpm",
        "source": {"provider": "apple", "device": "Apple Watch Series 9"},
    }
    first = answer["data"][0]
    assert is_uuid(first["id"])
    assert documented(first, expected) == expected
    assert len(answer["data"]) == 50
    pagination = answer["pagination"]
    assert (pagination["has_more"], pagination["total_count"]) == (True, 336)
    assert isinstance(pagination["next_cursor"], str)


def test_the_documented_health_score(jane):
    put(
        jane,
        Score(source=RING, day=date(2026, 4, 15), category="sleep", score=83.0, range_min=0.0, range_max=100.0),
        Score(source=RING, day=date(2026, 4, 15), category="readiness", score=71.0, range_min=0.0, range_max=100.0),
    )
    answer = jane.get("health-scores", category="sleep", start_date="2026-04-01", end_date="2026-04-23")
    expected = {
        "date": "2026-04-15",
        "category": "sleep",
        "score": 83,
        "range_min": 0,
        "range_max": 100,
        "provider": "oura",
    }
    [score] = answer["data"]
    assert is_uuid(score["id"])
    assert documented(score, expected) == expected
    assert answer["pagination"] == {"total_count": 1, "has_more": False}


def test_the_documented_data_summary_counts_by_series_and_provider(jane):
    put(jane, a_run("2026-04-15T06:00:00Z"), *a_night(), *readings_of_the_night())
    summary = jane.get("summaries/data")
    counted = {(row["series_type"], row["provider"]): row["count"] for row in summary["series"]}
    assert counted["heart_rate", "oura"] == 1
    assert summary["totals"]["samples"] == 4
    assert [(row["provider"], row["count"]) for row in summary["workouts"]] == [("garmin", 1)]
    assert [(row["provider"], row["count"]) for row in summary["sleep_sessions"]] == [("oura", 1)]
