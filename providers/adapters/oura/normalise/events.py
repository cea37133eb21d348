"""Normalisation of workouts and sessions."""

import re
from collections.abc import Iterator
from typing import Any, Final

from healthdata.catalogue import OTHER
from healthdata.records import Record, Rejected, Sample, WorkoutRecord
from providers.adapters.oura.normalise.activities import ACTIVITIES
from providers.adapters.oura.normalise.source import RING, packed
from providers.contract import Context, Retraction
from providers.contract.json_items import MINUTE_MS, JsonItem, items

MINDFUL: Final = frozenset({"breathing", "meditation", "relaxation", "rest"})
OTHER_SESSIONS: Final = frozenset({"nap", "body_status"})
MINDFULNESS: Final = "mindful_minutes"
PULSE: Final = "heart_rate"  # stays when its document goes: Oura keeps listing it in heartrate
PACKED: Final = {"heart_rate": PULSE, "heart_rate_variability": "heart_rate_variability_rmssd"}
SERIES: Final = (MINDFULNESS, *PACKED.values())
WORKOUT_TYPES: Final = tuple(dict.fromkeys([*ACTIVITIES.values(), OTHER]))
DETAILS: Final = {"intensity": "intensity", "source": "entry_source"}


def workouts(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield sessions of exercise. `autodetected` ones nobody confirmed; the detail entry_source says so."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        document, span = item.identity(), item.span("start_datetime", "end_datetime")
        if document is not None and span is not None:
            yield _workout(item, document, span)
        yield from item.refused


def _workout(item: JsonItem, document: str, span: tuple[int, int, int | None]) -> WorkoutRecord:
    start, end, zone = span
    raw = item.text("activity") or ""
    kind = ACTIVITIES.get(canonical(raw))
    if kind is None and raw:
        item.refuse("activity", "unknown_type")
    details: dict[str, float | str | bool] = {}
    for field, name in DETAILS.items():
        if (word := item.text(field)) is not None:
            details[name] = word
    return WorkoutRecord(
        source=RING,
        type=kind or OTHER,
        start=start,
        end=end,
        zone=zone,
        external_id=document,
        original_type=raw[:100] if kind is None and raw else None,
        title=item.text("label"),
        duration_seconds=(end - start) / 1000,
        distance_meters=item.measure("distance", "distance_unspecified"),
        calories_kcal=item.measure("calories", "active_calories"),
        details=details,
    )


def canonical(raw: str) -> str:
    """Spellings differ in case and punctuation: strengthTraining, strength_training."""
    return re.sub(r"[^a-z0-9]", "", raw.lower())


def sessions(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Guided and free moments: minutes of mindfulness, and the pulse meanwhile."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        document, span = item.identity(), item.span("start_datetime", "end_datetime")
        if document is not None and span is not None:
            yield Retraction(document)
            yield from _session(item, document, span)
        yield from item.refused


def _session(item: JsonItem, document: str, span: tuple[int, int, int | None]) -> Iterator[Record]:
    start, end, zone = span
    kind = item.text("type")
    if kind in MINDFUL and end > start:
        minutes = (end - start) / MINUTE_MS
        yield Sample(RING, MINDFULNESS, start, minutes, end - start, zone, f"{document}#{MINDFULNESS}")
    elif kind not in MINDFUL and kind not in OTHER_SESSIONS:
        item.refuse("type", "unknown_type" if kind else "missing_field")
    for field, series in PACKED.items():
        yield from packed(item, field, series, document=None if series == PULSE else document)
