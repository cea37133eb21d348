"""dailies and userMetrics: the vendor's own figures of a date.

A day is sent again as it grows, sometimes under a new summaryId: its date is what it is known by, and the longer one
counts, in whatever order they come.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected, Score
from providers.adapters.garmin.normalise.source import GARMIN, offsets, seconds, started, zone
from providers.contract import Context
from providers.contract.json_items import JsonItem, items

MINUTES: Final = 1 / 60
DAY: Final = 86_400
#: field → (series, factor)
FIGURES: Final[Mapping[str, tuple[str, float]]] = {
    "steps": ("steps", 1),
    "distanceInMeters": ("distance_unspecified", 1),
    "pushes": ("push_count", 1),
    "pushDistanceInMeters": ("distance_wheelchair", 1),
    "activeKilocalories": ("active_calories", 1),
    "bmrKilocalories": ("basal_calories", 1),
    "floorsClimbed": ("flights_climbed", 1),
    "activeTimeInSeconds": ("active_time", MINUTES),
    "moderateIntensityDurationInSeconds": ("moderate_activity_time", MINUTES),
    "vigorousIntensityDurationInSeconds": ("vigorous_activity_time", MINUTES),
    "minHeartRateInBeatsPerMinute": ("lowest_heart_rate", 1),
    "maxHeartRateInBeatsPerMinute": ("maximum_heart_rate", 1),
    "restingHeartRateInBeatsPerMinute": ("resting_heart_rate", 1),
    "highStressDurationInSeconds": ("stress_high_time", MINUTES),
    "restStressDurationInSeconds": ("recovery_high_time", MINUTES),
}
METRICS: Final[Mapping[str, tuple[str, float]]] = {
    "vo2Max": ("vo2_max", 1),
    "vo2MaxCycling": ("vo2_max_cycling", 1),
    "fitnessAge": ("fitness_age", 1),
}
ZERO_IS_NONE: Final = frozenset({"lowest_heart_rate", "maximum_heart_rate", "resting_heart_rate", *(
    series for series, _ in METRICS.values()
)})  # fmt: skip
PULSE: Final = "heart_rate"
#: parts of the stress score: field → (component, factor)
STRESS_PARTS: Final[Mapping[str, tuple[str, float]]] = {
    "maxStressLevel": ("maximum", 1),
    "restStressDurationInSeconds": ("rest_minutes", MINUTES),
    "lowStressDurationInSeconds": ("low_minutes", MINUTES),
    "mediumStressDurationInSeconds": ("medium_minutes", MINUTES),
    "highStressDurationInSeconds": ("high_minutes", MINUTES),
    "activityStressDurationInSeconds": ("activity_minutes", MINUTES),
}
SERIES: Final = (PULSE, *(series for table in (FIGURES, METRICS) for series, _ in table.values()))
SCORES: Final = ("stress",)


def dailies(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield figures of the day, its stress as a score, heart rate every 15 seconds.

    averageHeartRateInBeatsPerMinute is left out: it is the mean of seven days, not of this one.
    """
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        day, start = item.day("calendarDate"), started(item)
        length = seconds(item, "durationInSeconds", 2 * DAY)
        if day is not None:
            yield from _figures(item, FIGURES, day, f"daily-{day}", length)
            yield from _stress(item, day, length)
        if start is not None:
            yield from offsets(item, "timeOffsetHeartRateSamples", PULSE, start, least=1)
        yield from item.refused


def user_metrics(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """VO2 max and fitness age: of a date, without a time."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        day = item.day("calendarDate")
        if day is not None:
            yield from _figures(item, METRICS, day, f"metrics-{day}", None)
        yield from item.refused


def _figures(
    item: JsonItem, table: Mapping[str, tuple[str, float]], day: date, name: str, length: int | None
) -> Iterator[DailyRecord]:
    """Yield figures; 0 is one, but for what no living body has; `length` is the version: a day only grows."""
    shift = zone(item, "startTimeOffsetInSeconds")
    for field, (series, factor) in table.items():
        if series in ZERO_IS_NONE and item.fields.get(field) == 0:
            continue
        value = item.measure(field, series, factor)
        if value is not None:
            yield DailyRecord(GARMIN, series, day, value, shift, f"{name}#{series}", length)


def _stress(item: JsonItem, day: date, length: int | None) -> Iterator[Score]:
    """Yield the mean of the day; a negative one says that there was not enough data."""
    level = item.number("averageStressLevel")
    if level is None or level < 0:
        return
    if level > 100:
        item.refuse("averageStressLevel", "out_of_range")
        return
    parts: dict[str, float | None] = {}
    for field, (name, factor) in STRESS_PARTS.items():
        value = item.number(field)
        if value is not None and value >= 0:
            parts[name] = round(value * factor, 2)
    shift = zone(item, "startTimeOffsetInSeconds")
    yield Score(GARMIN, day, "stress", level, 0, 100, shift, f"daily-{day}", length, parts)
