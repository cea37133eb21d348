"""The devices of a lived day: each counts a little wrong, and cuts time in its own way."""

import random
from collections.abc import Iterator, Sequence
from typing import Final

from healthdata.records import DailyRecord, Record, Sample, SourceInfo
from tests.healthdata.world.life import KCAL_A_STEP, MINUTE, STRIDE_METERS, LivedDay

WATCH: Final = SourceInfo("apple", model="Watch6,3", name="Apple Watch", device_type="watch")
PHONE: Final = SourceInfo("apple", model="iPhone14,2", name="iPhone", device_type="phone")
COPYING_APP: Final = SourceInfo("apple", name="Pedometer", app="com.example.pedometer", writer="com.example.pedometer")
WATCH_APP: Final = SourceInfo("apple", name="Garmin Connect", device_type="watch", writer="garmin connect")
RING: Final = SourceInfo("oura", name="Oura Ring", device_type="ring")

#: series → what a step is worth in it
SERIES: Final = {"steps": 1.0, "distance_walking_running": STRIDE_METERS, "active_calories": KCAL_A_STEP}
#: field of the summary → series
FIELDS: Final = {
    "steps": "steps",
    "distance_meters": "distance_walking_running",
    "active_calories_kcal": "active_calories",
}


def records(day: LivedDay, dice: random.Random) -> list[Record]:
    """Return everything that was sent of a day, in no useful order."""
    found: list[Record] = [
        *pieces(day, WATCH, day.worn, dice, longest=9, error=0.01),
        *pieces(day, PHONE, day.carried, dice, longest=10, error=0.015),
        *hours(day, COPYING_APP, day.carried, dice),
        *heart_rates(day),
    ]
    if all(day.ring_worn):
        found += ring_totals(day, dice)
    dice.shuffle(found)
    return found


def pieces(
    day: LivedDay, source: SourceInfo, seen: Sequence[bool], dice: random.Random, *, longest: int, error: float
) -> Iterator[Sample]:
    """Yield amounts over up to `longest` minutes of walking; what is not seen is not counted."""
    factor = 1 + dice.uniform(-error, error)
    begin, count = 0, 0
    for minute in range(len(day.steps) + 1):
        walking = minute < len(day.steps) and seen[minute] and day.steps[minute] > 0
        if count and (not walking or minute - begin >= longest):
            yield from amounts(day, source, begin, minute, count * factor)
            count = 0
        if walking:
            begin = begin if count else minute
            count += day.steps[minute]


def hours(day: LivedDay, source: SourceInfo, seen: Sequence[bool], dice: random.Random) -> Iterator[Sample]:
    """Yield the phone's own count once more, by the hour, as apps like to write it."""
    for begin in range(0, len(day.steps), 60):
        span = range(begin, min(begin + 60, len(day.steps)))
        count = sum(day.steps[minute] for minute in span if seen[minute])
        if count:
            yield from amounts(day, source, begin, span.stop, count * (1 + dice.uniform(-0.01, 0.01)))


def amounts(day: LivedDay, source: SourceInfo, begin: int, end: int, count: float) -> Iterator[Sample]:
    """Yield a count of steps in every series that follows from it."""
    start, length = day.start + begin * MINUTE, (end - begin) * MINUTE
    for series, worth in SERIES.items():
        yield Sample(source, series, start, count * worth, length)


def heart_rates(day: LivedDay) -> Iterator[Sample]:
    """Yield every five minutes while the watch is worn."""
    for minute in range(0, len(day.steps), 5):
        if day.worn[minute]:
            rate = 58.0 + min(day.steps[minute], 170) * 0.6
            yield Sample(WATCH, "heart_rate", day.start + minute * MINUTE, rate)


def ring_totals(day: LivedDay, dice: random.Random) -> Iterator[DailyRecord]:
    """Yield a ring's idea of the day: it sees a hand move."""
    count = sum(day.steps) * dice.uniform(0.75, 1.1)
    yield DailyRecord(RING, "steps", day.day, round(count))
    yield DailyRecord(RING, "active_calories", day.day, count * KCAL_A_STEP)
    yield DailyRecord(RING, "distance_unspecified", day.day, count * STRIDE_METERS)
