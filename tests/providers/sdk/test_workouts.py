"""data.workouts: figures, refinement, and what happened on the way."""

from typing import Any

import pytest

from healthdata.records import Rejected, Sample, WorkoutRecord
from providers.sdk.figures import FIGURES, WorkoutFigure
from tests.providers.sync_bodies import normalise, sync, workout


def read(provider: str = "apple", **fields: Any) -> tuple[WorkoutRecord, list[Sample], list[Rejected]]:
    found = normalise(sync(provider, workouts=[workout(**fields)]), provider)
    (session,) = [item for item in found if isinstance(item, WorkoutRecord)]
    samples = [item for item in found if isinstance(item, Sample)]
    return session, samples, [item for item in found if isinstance(item, Rejected)]


def figures(*values: tuple[str, float, str | None], provider: str = "apple", **fields: Any) -> WorkoutRecord:
    entries = [{"type": name, "value": value, "unit": unit} for name, value, unit in values]
    session, _, refused = read(provider, values=entries, **fields)
    assert refused == []
    return session


@pytest.mark.parametrize(
    ("name", "value", "unit", "field", "expected"),
    [
        ("duration", 2100, "s", "duration_seconds", 2100.0),
        ("totalDuration", 35, "min", "duration_seconds", 2100.0),
        ("duration", 2_640_000, "ms", "duration_seconds", 2640.0),
        ("distance", 5.2, "km", "distance_meters", 5200.0),
        ("activeEnergyBurned", 342, "kcal", "calories_kcal", 342.0),
        ("basalEnergyBurned", 44, "kcal", "basal_calories_kcal", 44.0),
        ("averageHeartRate", 145, "count/min", "avg_heart_rate_bpm", 145.0),
        ("meanHeartRate", 142.3, "bpm", "avg_heart_rate_bpm", 142.3),
        ("maxHeartRate", 165, "bpm", "max_heart_rate_bpm", 165.0),
        ("minHeartRate", 98, "bpm", "min_heart_rate_bpm", 98.0),
        ("elevationAscended", 85, "m", "elevation_gain_meters", 85.0),
        ("altitudeLoss", 42, "m", "elevation_loss_meters", 42.0),
        ("averageRunningSpeed", 2.476, "m/s", "avg_speed_mps", 2.476),
        ("maxSpeed", 36, "km/h", "max_speed_mps", 10.0),
        ("averageRunningPower", 241, "W", "average_power_watts", 241.0),
    ],
)
def test_figures_fill_fields(name: str, value: float, unit: str, field: str, expected: float) -> None:
    assert getattr(figures((name, value, unit)), field) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "value", "unit", "detail", "expected"),
    [
        ("maxAltitude", 185, "m", "max_altitude_meters", 185.0),
        ("stepCount", 5610.4, "count", "step_count", 5610.4),
        ("swimmingStrokeCount", 800, "count", "swimming_stroke_count", 800.0),
        ("meanCadence", 165, "spm", "average_cadence_per_minute", 165.0),
        ("averageMETs", 9.1, "kcal/kg/hr", "average_met", 9.1),
        ("lapLength", 25, "yd", "lap_length_meters", 22.86),
        ("weatherTemperature", 57, "degF", "weather_temperature_celsius", pytest.approx(13.888888889)),
        ("weatherHumidity", 0.66, "%", "weather_humidity_percent", 66.0),
        ("weatherHumidity", 66, "%", "weather_humidity_percent", 66.0),
        ("indoorWorkout", 0, "bool", "indoor", False),
    ],
)
def test_further_figures_become_details(name: str, value: float, unit: str, detail: str, expected: object) -> None:
    assert figures((name, value, unit)).details == {detail: expected}


@pytest.mark.parametrize(
    ("name", "value", "unit", "series", "expected"),
    [
        ("averageRunningStrideLength", 1.02, "m", "running_stride_length", 102.0),
        ("averageVerticalOscillation", 8.6, "cm", "running_vertical_oscillation", 8.6),
        ("averageGroundContactTime", 251, "ms", "running_ground_contact_time", 251.0),
        ("vo2Max", 42.5, "mL/kg/min", "vo2_max", 42.5),
    ],
)
def test_closing_figures_become_samples_at_the_end(
    name: str, value: float, unit: str, series: str, expected: float
) -> None:
    session, samples, _ = read(values=[{"type": name, "value": value, "unit": unit}])
    assert [(s.series, s.value, s.start) for s in samples] == [(series, expected, session.end)]


def test_every_figure_has_exactly_one_place() -> None:
    def places(figure: WorkoutFigure) -> int:
        return sum(place is not None for place in (figure.field, figure.detail, figure.series))

    assert {places(figure) for figure in FIGURES.values()} == {1}


def test_active_energy_goes_before_the_total_whatever_their_order_and_basal_is_never_added() -> None:
    total, active = ("totalCalories", 386, "kcal"), ("activeEnergyBurned", 342, "kcal")
    assert figures(total, active, ("basalEnergyBurned", 44, "kcal")).calories_kcal == 342
    assert figures(active, total).calories_kcal == 342


def test_total_energy_is_never_called_active_but_tells_the_part_that_is_not_told() -> None:
    total, active, basal = (
        ("calories", 386, "kcal"),
        ("activeEnergyBurned", 342, "kcal"),
        ("basalEnergyBurned", 44, "kcal"),
    )
    alone = figures(total)
    assert (alone.calories_kcal, alone.basal_calories_kcal) == (None, None)
    assert alone.details == {"total_calories_kcal": 386.0}
    for known in (active, basal):
        found = figures(known, total)
        assert (found.calories_kcal, found.basal_calories_kcal) == (342, 44)


def test_samsungs_duration_without_a_unit_is_read_by_its_size() -> None:
    milliseconds = figures(("TOTAL_DURATION", 2_400_000, ""), ("TOTAL_CALORIES", 210, ""), provider="samsung")
    seconds = figures(("TOTAL_DURATION", 2_000, ""), provider="samsung")
    assert (milliseconds.duration_seconds, milliseconds.details) == (2400.0, {"total_calories_kcal": 210.0})
    assert seconds.duration_seconds == 2000.0


def test_a_bad_figure_is_refused_and_the_workout_stays() -> None:
    session, _, refused = read(
        values=[
            {"type": "distance", "value": 5, "unit": "furlong"},
            {"type": "duration", "value": -5, "unit": "s"},
            {"type": "duration", "value": "long", "unit": "s"},
            "nonsense",
            {"type": "mood", "value": 1, "unit": None},
        ]
    )
    assert (session.distance_meters, session.duration_seconds) == (None, None)
    assert [(item.index, item.field, item.reason) for item in refused] == [
        (0, "values[0].unit", "unknown_unit:furlong"),
        (0, "values[1].value", "negative"),
        (0, "values[2].value", "not_a_number"),
        (0, "values[3]", "not_an_object"),
    ]


@pytest.mark.parametrize(
    ("code", "name", "value", "refined"),
    [
        ("swimming", "swimmingLocationType", 1, "pool_swimming"),
        ("swimming", "swimmingLocationType", 2, "open_water_swimming"),
        ("swimming", "swimmingLocationType", 0, "swimming"),
        ("running", "indoorWorkout", 1, "treadmill_running"),
        ("running", "indoorWorkout", 0, "running"),
        ("cycling", "indoorWorkout", 1, "indoor_cycling"),
        ("yoga", "indoorWorkout", 1, "yoga"),
    ],
)
def test_the_place_refines_the_type(code: str, name: str, value: int, refined: str) -> None:
    assert figures((name, value, "enum"), type=code).type == refined


@pytest.mark.parametrize(
    ("provider", "sent", "code", "original"),
    [
        ("apple", "strength_training", "strength_training", None),
        ("apple", "37", "running", None),
        ("google", "CYCLING_STATIONARY", "indoor_cycling", None),
        ("google", "56", "other", "56"),
        ("samsung", "11007", "cycling", None),
        ("samsung", "Quidditch", "other", "Quidditch"),
        ("apple", "other", "other", None),
    ],
)
def test_types_are_codes_and_unknown_ones_keep_their_name(
    provider: str, sent: str, code: str, original: str | None
) -> None:
    session, _, _ = read(provider, type=sent)
    assert (session.type, session.original_type) == (code, original)


def test_readings_become_the_series_of_the_kind_of_workout() -> None:
    points = [
        {"timestamp": "2026-04-15T06:10:00Z", "type": kind, "value": value, "unit": unit}
        for kind, value, unit in [
            ("heartRate", 110, "bpm"),
            ("cadence", 80, "spm"),
            ("speed", 3, "m/s"),
            ("power", 200, "W"),
        ]
    ]
    series = {code: [s.series for s in read(type=code, samples=points)[1]] for code in ("running", "cycling", "rowing")}
    assert series == {
        "running": ["heart_rate", "step_cadence", "running_speed", "running_power"],
        "cycling": ["heart_rate", "cycling_cadence", "cycling_speed", "cycling_power"],
        "rowing": ["heart_rate", "cadence", "speed", "power"],
    }


def test_bad_readings_are_refused_one_by_one() -> None:
    good = {"timestamp": "2026-04-15T06:10:00Z", "type": "heartRate", "value": 110}
    _, samples, refused = read(
        samples=[good, {**good, "timestamp": "soon"}, {**good, "type": "mood"}, {**good, "value": 900}, 5]
    )
    assert [s.value for s in samples] == [110.0]
    assert [(item.field, item.reason) for item in refused] == [
        ("samples[1].timestamp", "bad_date"),
        ("samples[2].type", "unknown_type"),
        ("samples[3].value", "out_of_range"),
        ("samples[4]", "not_an_object"),
    ]


def test_the_route_becomes_three_series_and_half_a_position_none() -> None:
    point = {"timestamp": "2026-04-15T06:10:00Z", "latitude": 52.2296, "longitude": 21.0122, "altitudeM": 110.0}
    _, samples, refused = read(
        zoneOffset="+02:00", route=[point, {**point, "latitude": 95}, {**point, "altitudeM": None}]
    )
    assert [s.series for s in samples] == ["latitude", "longitude", "altitude", "latitude", "longitude"]
    assert {s.zone for s in samples} == {120}
    assert [(item.field, item.reason) for item in refused] == [("route[1].latitude", "out_of_range")]


def test_laps_and_segments_have_times_of_ours_and_names_in_snake_case() -> None:
    span = {"startDate": "2026-04-15T08:00:00+02:00", "endDate": "2026-04-15T06:06:44Z"}
    session, _, refused = read(
        laps=[{**span, "distanceM": 1000}, {**span, "endDate": "2026-04-15T05:00:00Z"}],
        segments=[{**span, "type": "CYCLING", "repetitions": 0}],
    )
    times = {"start_time": "2026-04-15T06:00:00Z", "end_time": "2026-04-15T06:06:44Z"}
    assert session.laps == [{**times, "distance_meters": 1000.0}]
    assert session.segments == [{**times, "type": "cycling", "repetitions": 0}]
    assert [(item.field, item.reason) for item in refused] == [("laps[1].endDate", "end_before_start")]


def test_workouts_keep_their_id_title_and_notes() -> None:
    session, _, _ = read("samsung", title=" Morning run ", notes="easy", id="ex-1-s0")
    assert (session.external_id, session.title, session.notes) == ("ex-1-s0", "Morning run", "easy")


@pytest.mark.parametrize(
    ("fields", "blame"),
    [
        ({"type": None}, ("type", "missing_field")),
        ({"endDate": "2026-04-15T05:00:00Z"}, ("endDate", "end_before_start")),
        ({"startDate": "1970-01-01T00:00:00Z"}, ("startDate", "date_out_of_range")),
    ],
)
def test_a_workout_without_its_essentials_is_refused(fields: dict[str, Any], blame: tuple[str, str]) -> None:
    (found,) = normalise(sync(workouts=[workout(**fields)]))
    assert isinstance(found, Rejected)
    assert (found.collection, found.field, found.reason) == ("workouts", *blame)
