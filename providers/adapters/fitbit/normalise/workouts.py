"""exercise: the log of activities, all there are of the days that were asked for."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from healthdata.catalogue import OTHER
from healthdata.records import MANUAL, ClearedRange, Record, Rejected, SourceInfo, WorkoutRecord, normal_name
from providers.adapters.fitbit.normalise.fields import TRACKER, TYPED, FitbitClock, days_of, rows_of
from providers.adapters.fitbit.normalise.sports import NAMES, RANGES
from providers.contract import Context
from providers.contract.json_items import JsonItem

WORKOUT_TYPES: Final = tuple(dict.fromkeys([*NAMES.values(), *(kind for _, kind in RANGES), OTHER]))
METRES: Final = {"Kilometer": 1000.0, "Mile": 1609.344, "": 1000.0}  # without Accept-Language it is kilometres
FIGURES: Final = {
    "calories": ("calories_kcal", "total_calories", 1.0),
    "averageHeartRate": ("avg_heart_rate_bpm", "heart_rate", 1.0),
    "elevationGain": ("elevation_gain_meters", "elevation_gain", 1.0),
    "speed": ("avg_speed_mps", "speed", 1 / 3.6),
}
DAY: Final = timedelta(days=1)
MAX_DURATION_MS: Final = 14 * 86_400_000


def read(
    document: JsonItem, answer: Any, clock: FitbitClock, context: Context
) -> Iterator[Record | Rejected | ClearedRange]:
    """Yield workouts that begin on the days; those that are no longer sent are deleted."""
    days = days_of(document)
    if days is not None and isinstance(answer, dict) and isinstance(answer.get("activities"), list):
        yield ClearedRange(clock.midnight(days[0]), clock.midnight(days[1] + DAY), workouts=True)
    for item in rows_of(answer, "activities", "exercise", context):
        name, start, length = item.identity("logId"), item.instant("startTime"), item.number("duration")
        if start is None and item.fields.get("startTime") is None:
            item.refuse("startTime", "missing_field")
        if length is None or not 0 <= length <= MAX_DURATION_MS:
            item.refuse("duration", "out_of_range" if length is not None else "missing_field")
        elif name is not None and start is not None:
            yield _workout(item, name, start, round(length))
        yield from item.refused


def sport_of(name: str, number: float | None) -> str | None:
    """Return the sport by name, which is the surest; else by the ranges of the Compendium of Physical Activities."""
    found = NAMES.get(re.sub(r"[^a-z0-9]", "", name.lower()))
    if found is not None or number is None:
        return found
    return next((kind for numbers, kind in RANGES if int(number) in numbers), None)


def _workout(item: JsonItem, name: str, start: tuple[int, int | None], length: int) -> WorkoutRecord:
    raw, (at, zone) = item.text("activityName", 100) or "", start
    kind = sport_of(raw, item.number("activityTypeId"))
    if kind is None:
        item.refuse("activityName", "unknown_type" if raw else "missing_field")
    active, changed = item.number("activeDuration"), item.instant("lastModified")
    unit = item.text("distanceUnit") or ""
    factor = METRES.get(unit)
    if factor is None:
        item.refuse("distanceUnit", f"unknown_unit:{unit[:24]}")
    distance = None if factor is None else item.measure("distance", "distance_unspecified", factor)
    return WorkoutRecord(
        source=source_of(item),
        type=kind or OTHER,
        start=at,
        end=at + length,
        zone=zone,
        external_id=name,
        version=None if changed is None else changed[0],
        original_type=raw if raw and kind in (None, OTHER) else None,
        duration_seconds=(length if active is None or active < 0 else active) / 1000,
        distance_meters=distance,
        details=dict(_details(item)),
        **dict(_figures(item)),
    )


def _figures(item: JsonItem) -> Iterator[tuple[str, Any]]:
    for field, (name, series, factor) in FIGURES.items():
        yield name, item.measure(field, series, factor)


def _details(item: JsonItem) -> Iterator[tuple[str, float | str | bool]]:
    """Yield steps, zone minutes, and seconds in each zone by Fitbit's names."""
    steps = item.number("steps")
    if steps is not None:
        yield "steps", steps
    zones = item.nested("activeZoneMinutes")
    minutes = None if zones is None else zones.number("totalMinutes")
    if minutes is not None:
        yield "active_zone_minutes", minutes
    for index, row in enumerate(item.array("heartRateZones")):
        part = JsonItem(
            row if isinstance(row, dict) else {}, "exercise.heartRateZones", index, item.context, item.refused
        )
        name, spent = part.text("name", 40), part.number("minutes")
        if name and spent is not None and spent >= 0:
            yield f"heart_rate_zone_{re.sub(r'[^a-z0-9]+', '_', name.lower()).strip('_')}_seconds", spent * 60


def source_of(item: JsonItem) -> SourceInfo:
    """Return the tracker; what an app wrote, or somebody typed in, has a source of its own."""
    origin = item.nested("source")
    name = None if origin is None else origin.text("name", 100)
    if origin is not None and name and origin.text("type") == "app":
        return SourceInfo("fitbit", name=name, app=name, writer=normal_name(name))
    if item.text("logType") == MANUAL:
        return TYPED
    return TRACKER
