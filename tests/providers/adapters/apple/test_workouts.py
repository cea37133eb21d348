"""Workouts of an export: statistics before totals, metadata, pauses and laps."""

from typing import Any

import pytest

from healthdata.records import WorkoutRecord
from tests.providers.exports import Read, element, export, fixture, metadata, workout

QUANTITY = "HKQuantityTypeIdentifier"


def statistic(kind: str, unit: str, **figures: str) -> str:
    when = {"startDate": "2026-04-15 08:00:00 +0200", "endDate": "2026-04-15 08:35:00 +0200"}
    return element("WorkoutStatistics", type=f"{QUANTITY}{kind}", unit=unit, **when, **figures)


def event(kind: str, at: str, **attributes: str) -> str:
    return element("WorkoutEvent", type=f"HKWorkoutEventType{kind}", date=f"2026-04-15 {at} +0200", **attributes)


def one(inner: str = "", **attributes: Any) -> WorkoutRecord:
    found = Read(export(workout(inner, **attributes))).only
    assert isinstance(found, WorkoutRecord)
    return found


def test_the_documented_workout_is_read_whole() -> None:
    run = next(row for row in Read(fixture("export_mini.xml")).records if isinstance(row, WorkoutRecord))
    assert (run.type, run.duration_seconds, run.distance_meters) == ("running", 2010, 5200)
    assert (run.calories_kcal, run.basal_calories_kcal, run.elevation_gain_meters) == (342, 44, 85)
    assert (run.avg_heart_rate_bpm, run.min_heart_rate_bpm, run.max_heart_rate_bpm) == (145, 98, 165)
    assert run.details == {
        "average_met": 9.1, "indoor": False, "weather_temperature_celsius": pytest.approx(11.1111, abs=1e-4),
        "weather_humidity_percent": 66,
    }  # fmt: skip
    assert run.segments == [
        {"start_time": "2026-04-15T06:10:00Z", "end_time": "2026-04-15T06:11:30Z", "type": "pause", "repetitions": None}
    ]
    assert (run.zone, run.external_id) == (120, None)


def test_totals_count_where_there_are_no_statistics() -> None:
    ride = one(
        workoutActivityType="HKWorkoutActivityTypeCycling", duration="3600", durationUnit="s", totalDistance="15",
        totalDistanceUnit="mi", totalEnergyBurned="1800", totalEnergyBurnedUnit="kJ",
    )  # fmt: skip
    assert (ride.type, ride.duration_seconds) == ("cycling", 3600)
    assert ride.distance_meters == pytest.approx(24140.16)
    assert ride.calories_kcal == pytest.approx(430.2103, abs=1e-4)


def test_statistics_win_over_totals_and_several_distances_are_one_way() -> None:
    inner = statistic("DistanceSwimming", "m", sum="1500") + statistic("DistanceCycling", "km", sum="40")
    tri = one(inner, totalDistance="1", totalDistanceUnit="km")
    assert tri.distance_meters == 41_500


def test_speed_power_cadence_and_strokes_are_kept() -> None:
    inner = (
        statistic("CyclingSpeed", "km/hr", average="36", maximum="54")
        + statistic("CyclingPower", "W", average="210", maximum="600")
        + statistic("CyclingCadence", "count/min", average="85", maximum="110")
        + statistic("SwimmingStrokeCount", "count", sum="800")
        + statistic("StepCount", "count", sum="5000")
    )
    ride = one(inner)
    assert (ride.avg_speed_mps, ride.max_speed_mps) == (pytest.approx(10), pytest.approx(15))
    assert ride.average_power_watts == 210
    assert ride.details == {
        "average_cadence_per_minute": 85,
        "max_cadence_per_minute": 110,
        "swimming_stroke_count": 800,
        "step_count": 5000,
    }


@pytest.mark.parametrize(("humidity", "expected"), [("56 %", 56), ("6900 %", 69), ("10000 %", 100)])
def test_humidity_is_percent_whatever_the_file_multiplied_it_by(humidity: str, expected: float) -> None:
    assert one(metadata("HKWeatherHumidity", humidity)).details["weather_humidity_percent"] == expected


def test_the_place_makes_the_type_more_exact() -> None:
    assert one(metadata("HKIndoorWorkout", "1")).type == "treadmill_running"
    swim = one(metadata("HKSwimmingLocationType", "1"), workoutActivityType="HKWorkoutActivityTypeSwimming")
    assert swim.type == "pool_swimming"


def test_an_unknown_activity_is_other_and_keeps_its_name() -> None:
    found = one(workoutActivityType="HKWorkoutActivityTypeNotInvented")
    assert (found.type, found.original_type) == ("other", "HKWorkoutActivityTypeNotInvented")


def test_laps_and_segments_have_their_times() -> None:
    inner = event("Lap", "08:00:00", duration="2", durationUnit="min") + event("Segment", "08:05:00", duration="1.5")
    found = one(inner)
    assert found.laps == [
        {"start_time": "2026-04-15T06:00:00Z", "end_time": "2026-04-15T06:02:00Z", "distance_meters": None}
    ]
    assert [(part["type"], part["end_time"]) for part in found.segments] == [("segment", "2026-04-15T06:06:30Z")]


def test_a_pause_that_is_never_ended_and_events_without_a_date_are_left_out() -> None:
    inner = (
        event("Pause", "08:10:00") + element("WorkoutEvent", type="HKWorkoutEventTypeLap") + event("Marker", "08:11:00")
    )
    found = one(inner)
    assert (found.laps, found.segments) == ([], [])


def test_a_figure_that_cannot_be_read_costs_the_workout_nothing() -> None:
    inner = statistic("ActiveEnergyBurned", "Cal", sum="many") + statistic("HeartRate", "furlong", average="145")
    read = Read(export(workout(inner, duration="99999999")))
    assert read.reasons == [
        ("ActiveEnergyBurned.sum", "not_a_number"), ("HeartRate.average", "unknown_unit:furlong"),
        ("duration", "out_of_range"),
    ]  # fmt: skip
    assert [type(row) for row in read.records] == [WorkoutRecord]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"startDate": "x"}, ("startDate", "bad_date")),
        ({"endDate": None}, ("endDate", "missing_field")),
        ({"workoutActivityType": None}, ("workoutActivityType", "missing_field")),
    ],
)
def test_a_workout_without_type_or_dates_is_refused(attributes: dict[str, Any], expected: tuple[str, str]) -> None:
    read = Read(export(workout(**attributes)))
    assert (read.records, read.reasons) == ([], [expected])
