"""The public form of a workout, a sleep session, a score and a sample, and the declared shapes of the same."""

import uuid
from datetime import UTC, date, datetime

import pytest

from healthdata import serializers
from healthdata.models import HealthScore, SleepSession, Source, Workout
from healthdata.queries import SampleRow

WATCH = Source(id=1, provider="garmin", key="fenix 7", model="fenix7", name="Fenix 7", device_type="watch")
RING = Source(id=2, provider="oura", key="gen3", name="Oura Ring Gen3", device_type="ring")


def run(**changes: object) -> Workout:
    figures = {
        "type": "running",
        "distance_meters": 5200.0,
        "calories_kcal": 342.0,
        "avg_heart_rate_bpm": 145.0,
        "max_heart_rate_bpm": 165.0,
        "elevation_gain_meters": 85.0,
        "duration_seconds": 2100.0,
    }
    start = datetime(2026, 4, 15, 6, tzinfo=UTC)
    return Workout(source=WATCH, start=start, end=start.replace(minute=35), zone=120, **(figures | changes))


def night(**changes: object) -> SleepSession:
    figures = {
        "day": date(2026, 4, 15),
        "is_nap": False,
        "duration_seconds": 29_700,
        "sleep_seconds": 27_900,
        "awake_seconds": 1_800,
        "light_seconds": 6_480,
        "deep_seconds": 10_800,
        "rem_seconds": 8_820,
        "unstaged_seconds": 1_800,
        "efficiency_percent": 93.9,
        "avg_heart_rate_bpm": 56.0,
        "avg_hrv_rmssd_ms": 48.5,
        "avg_respiratory_rate": 14.1,
        "avg_spo2_percent": 97.2,
    }
    start, end = datetime(2026, 4, 14, 22, 30, tzinfo=UTC), datetime(2026, 4, 15, 6, 45, tzinfo=UTC)
    return SleepSession(source=RING, start=start, end=end, **(figures | changes))


def vendor_score() -> HealthScore:
    return HealthScore(
        provider="oura", category="sleep", day=date(2026, 4, 15), score=83.0, range_min=0.0, range_max=100.0
    )


def reading(**changes: object) -> SampleRow:
    values = {
        "id": str(uuid.uuid4()),
        "timestamp": 1_776_233_100_000,
        "series": "heart_rate",
        "value": 72.5,
        "provider": "apple",
        "device": "Apple Watch Series 9",
        "duration": None,
        "zone": None,
    }
    return SampleRow(**(values | changes))


SHOWN = [
    (serializers.WorkoutSerializer, serializers.workout(run())),
    (serializers.SleepSessionSerializer, serializers.sleep_session(night())),
    (serializers.HealthScoreSerializer, serializers.score(vendor_score())),
    (serializers.SampleSerializer, serializers.sample(reading())),
    (serializers.SampleSerializer, serializers.sample(reading(series="steps", duration=60_000, zone=330))),
]


@pytest.mark.parametrize(("declared", "shown"), SHOWN)
def test_the_declared_shape_has_exactly_the_fields_shown(declared, shown):
    assert list(declared().fields) == list(shown)


@pytest.mark.parametrize(("declared", "shown"), SHOWN)
def test_what_is_shown_is_valid_in_the_declared_shape(declared, shown):
    checked = declared(data=shown)
    assert checked.is_valid(), checked.errors


@pytest.mark.parametrize(("declared", "shown"), SHOWN)
def test_the_declared_shape_renders_what_is_shown(declared, shown):
    read = declared(data=shown)
    read.is_valid(raise_exception=True)
    again = declared(read.validated_data).data
    assert {name: again[name] for name in shown} == shown


def test_a_run_has_a_pace():
    assert serializers.workout(run())["avg_pace_sec_per_km"] == 404


def test_yoga_has_no_pace_whatever_distance_it_claims():
    assert serializers.workout(run(type="yoga"))["avg_pace_sec_per_km"] is None


def test_a_run_of_no_distance_has_no_pace():
    assert serializers.workout(run(distance_meters=0.0))["avg_pace_sec_per_km"] is None


def test_without_a_moving_time_the_duration_is_end_minus_start():
    shown = serializers.workout(run(duration_seconds=None))
    assert (shown["duration_seconds"], shown["avg_pace_sec_per_km"]) == (2100, 404)


def test_awake_is_no_part_of_sleep_but_unstaged_is():
    shown = serializers.sleep_session(night())
    stages = shown["stages"]
    asleep = sum(stages[f"{name}_minutes"] for name in ("light", "deep", "rem", "unstaged"))
    assert asleep * 60 == shown["sleep_duration_seconds"] == shown["duration_seconds"] - stages["awake_minutes"] * 60


def test_sdnn_and_rmssd_are_two_fields_and_the_one_not_measured_is_null():
    shown = serializers.sleep_session(night())
    assert (shown["avg_hrv_sdnn_ms"], shown["avg_hrv_rmssd_ms"]) == (None, 48.5)


def test_a_night_of_which_only_the_time_in_bed_is_known_has_no_stages():
    unknown = dict.fromkeys(("sleep_seconds", "light_seconds", "deep_seconds", "rem_seconds", "unstaged_seconds"))
    shown = serializers.sleep_session(night(**unknown, efficiency_percent=None, awake_seconds=None))
    assert shown["sleep_duration_seconds"] is None
    assert set(shown["stages"].values()) == {None}


@pytest.mark.parametrize(
    ("minutes", "text"), [(None, None), (0, "+00:00"), (330, "+05:30"), (-210, "-03:30"), (845, "+14:05")]
)
def test_an_offset_is_shown_as_people_write_it(minutes, text):
    assert serializers.zone_offset(minutes) == text


def test_the_noise_of_unit_conversion_is_not_shown():
    assert serializers.sample(reading(series="weight", value=70.30681000000001))["value"] == 70.30681


def test_our_own_score_says_how_it_was_computed():
    own = HealthScore(
        provider="wearlink",
        category="sleep",
        day=date(2026, 4, 15),
        score=78.25,
        range_min=0.0,
        range_max=100.0,
        algorithm="sleep",
        algorithm_version="1",
        confidence=0.85,
        components={"duration": 90.0},
        missing=["regularity"],
    )
    shown = serializers.score(own)
    assert (shown["score"], shown["algorithm"], shown["version"]) == (78.2, "sleep", "1")
    assert (shown["confidence"], shown["missing"]) == (0.85, ["regularity"])
