"""workout: sessions of exercise, and what WHOOP lists among them (sauna, ice bath, work)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from healthdata.catalogue import OTHER
from healthdata.records import Record, Rejected, WorkoutRecord
from providers.adapters.whoop.normalise.source import BAND, KCAL, score_of, zone_of
from providers.adapters.whoop.normalise.sports import NOT_TRAINING, SPORTS
from providers.contract import Context
from providers.contract.json_items import JsonItem, items

WORKOUT_TYPES: Final = tuple(dict.fromkeys([*SPORTS.values(), OTHER]))
FIGURES: Final = {  # field → (field of the workout, series whose bounds apply, factor)
    "distance_meter": ("distance_meters", "distance_unspecified", 1.0),
    "kilojoule": ("calories_kcal", "active_calories", KCAL),
    "average_heart_rate": ("avg_heart_rate_bpm", "heart_rate", 1.0),
    "max_heart_rate": ("max_heart_rate_bpm", "heart_rate", 1.0),
    "altitude_gain_meter": ("elevation_gain_meters", "elevation_gain", 1.0),
}
DETAILS: Final = {
    "strain": "strain",
    "percent_recorded": "percent_recorded",
    "altitude_change_meter": "altitude_change_meters",
}
ZONES: Final = ("zero", "one", "two", "three", "four", "five")


def read(rows: list[Any], document: Mapping[str, Any], context: Context) -> Iterator[Record | Rejected]:
    """Yield one workout each; while its score is being computed, without figures."""
    for item in items(rows, "workout", context):
        if isinstance(item, Rejected):
            yield item
            continue
        name, span = item.identity(), item.span("start", "end")
        if name is not None and span is not None:
            yield _workout(item, name, span[0], span[1])
        yield from item.refused


def _workout(item: JsonItem, name: str, start: int, end: int) -> WorkoutRecord:
    raw = item.text("sport_name") or ""
    sport = re.sub(r"[^a-z0-9]", "", raw.lower())
    kind = SPORTS.get(sport)
    if kind is None:
        item.refuse("sport_name", "unknown_type" if raw else "missing_field")
    score, updated = score_of(item), item.instant("updated_at")
    figures = {} if score is None else dict(_figures(score))
    details = {} if score is None else dict(_details(score))
    if sport in NOT_TRAINING:
        details["training"] = False
    return WorkoutRecord(
        source=BAND,
        type=kind or OTHER,
        start=start,
        end=end,
        zone=zone_of(item),
        external_id=name,
        version=None if updated is None else updated[0],
        original_type=raw[:100] if raw and kind in (None, OTHER) and sport != OTHER else None,
        duration_seconds=(end - start) / 1000,
        details=details,
        **figures,
    )


def _figures(score: JsonItem) -> Iterator[tuple[str, Any]]:
    for field, (name, series, factor) in FIGURES.items():
        yield name, score.measure(field, series, factor)


def _details(score: JsonItem) -> Iterator[tuple[str, float | str | bool]]:
    """Strain of the workout (0 to 21), and seconds in each zone; zone 0 lies below the first."""
    for field, name in DETAILS.items():
        if (value := score.number(field)) is not None:
            yield name, value
    zones = score.nested("zone_durations")
    for number, word in enumerate(ZONES if zones is not None else ()):
        milliseconds = None if zones is None else zones.number(f"zone_{word}_milli")
        if milliseconds is not None and milliseconds >= 0:
            yield f"heart_rate_zone_{number}_seconds", milliseconds / 1000
