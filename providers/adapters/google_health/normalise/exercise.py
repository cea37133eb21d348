"""exercise: workouts of Google's own devices and of those that other apps copied in, each with its own source."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.catalogue import OTHER
from healthdata.records import Record, Rejected, WorkoutRecord
from providers.adapters.google_health.collections import GoogleDataType
from providers.adapters.google_health.normalise.fields import GooglePoint, interval, measure, number, points, seconds
from providers.adapters.google_health.normalise.sports import SPORTS
from providers.contract import Context
from providers.contract.json_items import JsonItem

WORKOUT_TYPES: Final = tuple(dict.fromkeys([*SPORTS.values(), OTHER]))
KILO: Final = 0.001
FIGURES: Final = {  # field → (field of the workout, series whose bounds apply, factor)
    "distanceMillimeters": ("distance_meters", "distance_unspecified", KILO),
    "caloriesKcal": ("calories_kcal", "total_calories", 1.0),
    "averageHeartRateBeatsPerMinute": ("avg_heart_rate_bpm", "heart_rate", 1.0),
    "elevationGainMillimeters": ("elevation_gain_meters", "elevation_gain", KILO),
    "averageSpeedMillimetersPerSecond": ("avg_speed_mps", "speed", KILO),
}
DETAILS: Final = {"steps": "steps", "activeZoneMinutes": "active_zone_minutes", "runVo2Max": "run_vo2_max"}
ZONES: Final = ("light", "moderate", "vigorous", "peak")


def read(rows: list[Any], one: GoogleDataType, context: Context) -> Iterator[Record | Rejected]:
    for point in points(rows, one, context):
        if isinstance(point, Rejected):
            yield point
            continue
        found = interval(point.value)
        if found is not None:
            yield _workout(point, *found)


def _workout(point: GooglePoint, start: int, end: int, zone: int | None) -> WorkoutRecord:
    item = point.value
    raw = item.text("exerciseType", 100) or ""
    kind = SPORTS.get(raw)
    if kind is None:
        item.refuse("exerciseType", "unknown_type" if raw else "missing_field")
    active, updated = seconds(item, "activeDuration"), item.instant("updateTime")
    summary = item.nested("metricsSummary")
    figures = {} if summary is None else dict(_figures(summary))
    return WorkoutRecord(
        source=point.source,
        type=kind or OTHER,
        start=start,
        end=end,
        zone=zone,
        external_id=point.id or f"exercise-{start}-{end}",
        version=None if updated is None else updated[0],
        original_type=raw if raw and kind in (None, OTHER) and raw != "OTHER" else None,
        title=item.text("displayName"),
        notes=item.text("notes", 2_000),
        duration_seconds=(end - start) / 1000 if active is None or active < 0 else active,
        details={} if summary is None else dict(_details(item, summary)),
        **figures,
    )


def _figures(summary: JsonItem) -> Iterator[tuple[str, Any]]:
    for field, (name, series, factor) in FIGURES.items():
        yield name, measure(summary, field, series, factor)


def _details(item: JsonItem, summary: JsonItem) -> Iterator[tuple[str, float | str | bool]]:
    """Yield steps, active zone minutes, and seconds in each of Google's four zones by its own names."""
    for field, name in DETAILS.items():
        if (value := number(summary, field)) is not None:
            yield name, value
    zones = summary.nested("heartRateZoneDurations")
    for name in ZONES if zones is not None else ():
        in_zone = None if zones is None else seconds(zones, f"{name}Time")
        if in_zone is not None and in_zone >= 0:
            yield f"heart_rate_zone_{name}_seconds", in_zone
    metadata = item.nested("exerciseMetadata")
    has_gps = None if metadata is None else metadata.flag("hasGps")
    if has_gps is not None:
        yield "has_gps", has_gps
