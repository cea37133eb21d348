"""The daily collections: figures of a local date, and Oura's scores in their own ranges.

`day` is the key; `timestamp` is a nominal midnight in UTC and says nothing about the end user's day.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from healthdata.records import DailyRecord, Record, Rejected, Sample, Score
from providers.adapters.oura.normalise.source import RING, packed
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem, items

MINUTES: Final = 1 / 60


class DailyTable(msgspec.Struct, frozen=True):
    """The stored fields of a collection. figures: path → (series, factor); score: category, if the document has one."""

    figures: Mapping[str, tuple[str, float]] = {}
    score: str = ""


TABLES: Final[Mapping[str, DailyTable]] = {
    "daily_activity": DailyTable(
        figures={
            "steps": ("steps", 1),
            "active_calories": ("active_calories", 1),
            "total_calories": ("total_calories", 1),
            "equivalent_walking_distance": ("distance_unspecified", 1),
            "high_activity_time": ("vigorous_activity_time", MINUTES),
            "medium_activity_time": ("moderate_activity_time", MINUTES),
            "low_activity_time": ("low_activity_time", MINUTES),
            "sedentary_time": ("sedentary_time", MINUTES),
            "average_met_minutes": ("average_met", 1),
        },
        score="activity",
    ),
    "daily_sleep": DailyTable(score="sleep"),
    "daily_readiness": DailyTable(
        figures={
            "temperature_deviation": ("skin_temperature_deviation", 1),
            "temperature_trend_deviation": ("skin_temperature_trend_deviation", 1),
        },
        score="readiness",
    ),
    "daily_spo2": DailyTable(
        figures={
            "spo2_percentage.average": ("spo2", 1),
            "breathing_disturbance_index": ("breathing_disturbance_index", 1),
        }
    ),
    "daily_stress": DailyTable(
        figures={"stress_high": ("stress_high_time", MINUTES), "recovery_high": ("recovery_high_time", MINUTES)}
    ),
    "daily_resilience": DailyTable(score="resilience"),
    "daily_cardiovascular_age": DailyTable(
        figures={"vascular_age": ("cardiovascular_age", 1), "pulse_wave_velocity": ("pulse_wave_velocity", 1)}
    ),
    "vO2_max": DailyTable(figures={"vo2_max": ("vo2_max", 1)}),
}
MET: Final = "physical_effort"  # daily_activity.met, one value a minute
BASAL: Final = "basal_calories"  # total minus active
ACTIVE: Final = "active_time"  # low, medium and high together
WORN: Final = "wear_time"  # all that the day is made of but non_wear_time
ZERO_IS_NONE: Final = frozenset(
    {"wear_time", "spo2", "cardiovascular_age", "pulse_wave_velocity", "vo2_max", "average_met"}
)
SCORE_RANGE: Final = (0.0, 100.0)
LEVELS: Final = {"limited": 1.0, "adequate": 2.0, "solid": 3.0, "strong": 4.0, "exceptional": 5.0}
LEVEL_RANGE: Final = (1.0, 5.0)


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield each document whole: what an older version of it said and this one does not goes."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        day, document = item.day("day"), item.identity()
        if day is not None and document is not None:
            yield Retraction(document)
            yield from _document(item, TABLES[collection], day, document)
        yield from item.refused


def _document(item: JsonItem, table: DailyTable, day: date, document: str) -> Iterator[Record]:
    values = {series: _figure(item, path, series, factor) for path, (series, factor) in table.figures.items()}
    if item.collection == "daily_activity":
        values |= _derived(item, values)
    for series, value in values.items():
        if value is None or (value == 0 and series in ZERO_IS_NONE):
            continue
        if series == "vo2_max" and (at := item.instant("timestamp")) is not None:
            yield Sample(RING, series, at[0], value, None, at[1], f"{document}#{series}")
        else:
            yield DailyRecord(RING, series, day, value, None, f"{document}#{series}")
    if item.collection == "daily_activity":
        yield from packed(item, "met", MET, document=None, lasting=True)
    if table.score:
        yield from _score(item, table.score, day, document)


def _figure(item: JsonItem, path: str, series: str, factor: float) -> float | None:
    outer, dot, field = path.partition(".")
    if not dot:
        return item.measure(path, series, factor)
    box = item.nested(outer)
    if box is None or box.number(field) == 0:  # a night without a usable signal
        return None
    return box.measure(field, series, factor)


def _derived(item: JsonItem, values: Mapping[str, float | None]) -> dict[str, float | None]:
    total, active = values["total_calories"], values["active_calories"]
    spent = [values[name] for name in ("low_activity_time", "moderate_activity_time", "vigorous_activity_time")]
    known = [minutes for minutes in spent if minutes is not None]
    still, resting = values["sedentary_time"], item.measure("resting_time", WORN, MINUTES)
    is_whole = len(known) == len(spent) and still is not None and resting is not None
    return {
        BASAL: total - active if total is not None and active is not None and total >= active else None,
        ACTIVE: round(sum(known), 9) if known else None,
        WORN: round(sum(known) + (still or 0) + (resting or 0), 9) if is_whole else None,
    }


def _score(item: JsonItem, category: str, day: date, document: str) -> Iterator[Score]:
    if category == "resilience":
        level = item.text("level")
        score, bounds = LEVELS.get(level or ""), LEVEL_RANGE
        if level is not None and score is None:
            item.refuse("level", "unknown_type")
    else:
        score, bounds = item.number("score"), SCORE_RANGE
    if score is None:
        return
    if not bounds[0] <= score <= bounds[1]:
        item.refuse("score", "out_of_range")
        return
    parts = item.nested("contributors")
    components = {} if parts is None else {name[:64]: parts.number(name) for name in parts.fields}
    yield Score(RING, day, category, score, *bounds, None, document, None, components)


SERIES: Final = tuple(
    dict.fromkeys([*(s for table in TABLES.values() for s, _ in table.figures.values()), MET, BASAL, ACTIVE, WORN])
)
SCORES: Final = tuple(table.score for table in TABLES.values() if table.score)
