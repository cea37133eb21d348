"""Vendors that delete by time: what they tell of a stretch is all there is of it, and the rest goes."""

import pytest

from healthdata import queries
from healthdata.ingest import ingest
from healthdata.models import SleepSession, Workout
from healthdata.records import ClearedRange, Record, Sample, SourceInfo, StageRecord, WorkoutRecord
from tests.healthdata.reading import HOUR, MINUTE, at, every

pytestmark = pytest.mark.django_db

USER = 7
BAND = SourceInfo("acme", name="Band", device_type="fitness_band")
OTHER = SourceInfo("other", name="Watch", device_type="watch")
NOON = "2026-04-15T12:00:00Z"
CLEARED = ClearedRange(at(NOON), at(NOON) + HOUR, ("steps", "weight"), workouts=True, sleep=True)


def values(series: str, provider: str = "acme") -> list[float]:
    page = queries.page(USER, series=[series], start=0, end=at("2100-01-01T00:00:00Z"), after=None, limit=1000)
    return [row.value for row in page.rows if row.provider == provider]


def steps(source: SourceInfo = BAND) -> list[Sample]:
    return every(30 * MINUTE, "2026-04-15T11:30:00Z", 4, source=source, series="steps", value=10.0, duration=MINUTE)


def run(minute: int, name: str) -> WorkoutRecord:
    start = at(NOON) + minute * MINUTE
    return WorkoutRecord(BAND, "running", start, start + 20 * MINUTE, external_id=name)


def night(name: str, end: str, *, hours: int = 7) -> list[StageRecord]:
    last = at(end)
    first = last - hours * HOUR
    return [
        StageRecord(BAND, first, last - HOUR, "light", external_id=f"{name}#0"),
        StageRecord(BAND, last - HOUR, last, "deep", external_id=f"{name}#1"),
    ]


def cleared(*records: Record) -> None:
    ingest(USER, [list(records)], cleared={0: ("acme", [CLEARED])})


def test_samples_without_ids_go_with_their_stretch_and_those_told_again_stay() -> None:
    ingest(USER, [steps()])
    cleared(Sample(BAND, "steps", at(NOON), 10.0, MINUTE))
    assert values("steps") == [10.0, 10.0, 10.0]  # 11:30, 12:00 and 13:00; 12:30 is gone


def test_another_providers_rows_and_other_series_stay() -> None:
    heart = every(MINUTE, NOON, 3, source=BAND, series="heart_rate", value=60.0)
    ingest(USER, [[*steps(OTHER), *heart]])
    cleared()
    assert values("steps", "other") == [10.0] * 4
    assert values("heart_rate") == [60.0] * 3


def test_samples_with_ids_go_by_them() -> None:
    weighed = [
        Sample(BAND, "weight", at(NOON) + minute * MINUTE, 80.0 + minute, external_id=f"w-{minute}")
        for minute in (0, 10)
    ]
    ingest(USER, [weighed])
    cleared(weighed[0])
    assert values("weight") == [80.0]
    ingest(USER, [[]], documents={"acme": {"w-0": set()}})
    assert values("weight") == []


def test_workouts_that_begin_in_it_go() -> None:
    ingest(USER, [[run(-30, "before"), run(0, "first"), run(30, "second"), run(60, "after")]])
    cleared(run(30, "second"))
    assert set(Workout.objects.values_list("external_id", flat=True)) == {"before", "second", "after"}


def test_sleep_that_ends_in_it_goes_and_a_longer_one_stays() -> None:
    ingest(USER, [[*night("short", "2026-04-15T12:30:00Z")]])
    cleared()
    assert not SleepSession.objects.exists()
    ingest(USER, [[*night("long", "2026-04-15T14:00:00Z")]])
    cleared()
    assert SleepSession.objects.count() == 1


def test_a_night_that_was_told_again_is_kept_and_the_other_one_goes() -> None:
    kept, gone = night("kept", "2026-04-15T12:10:00Z", hours=2), night("gone", "2026-04-15T12:55:00Z", hours=6)
    ingest(USER, [[*kept, *gone]])
    cleared(*kept)
    (left,) = SleepSession.objects.all()
    assert left.end_ms == at("2026-04-15T12:10:00Z")


def test_what_came_before_goes_and_what_comes_after_stays_in_whatever_call() -> None:
    ingest(USER, [[run(0, "old")], [run(30, "told")], [run(40, "new")]], cleared={1: ("acme", [CLEARED])})
    assert set(Workout.objects.values_list("external_id", flat=True)) == {"told", "new"}
