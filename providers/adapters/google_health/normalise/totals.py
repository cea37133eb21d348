"""Totals of days: Google's own, of what its own devices counted."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected
from providers.adapters.google_health.collections import GoogleDataType
from providers.adapters.google_health.normalise.fields import GOOGLE, day, measure
from providers.adapters.google_health.normalise.measures import KILO, GoogleFigure, figures_of
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem, items

TOTALS: Final[dict[str, tuple[GoogleFigure, ...]]] = {
    "steps": (GoogleFigure("countSum", "steps"),),
    "distance": (GoogleFigure("millimetersSum", "distance_unspecified", KILO),),
    "floors": (GoogleFigure("countSum", "flights_climbed"),),
    "altitude": (GoogleFigure("gainMillimetersSum", "elevation_gain", KILO),),
    "total-calories": (GoogleFigure("kcalSum", "total_calories"),),
    "active-energy-burned": (GoogleFigure("kcalSum", "active_calories"),),
}
LEVELS: Final = {
    "LIGHT": "low_activity_time",
    "MODERATE": "moderate_activity_time",
    "VIGOROUS": "vigorous_activity_time",
}
ZONE_SUMS: Final = ("sumInFatBurnHeartZone", "sumInCardioHeartZone", "sumInPeakHeartZone")
ZONE_MINUTES: Final = "active_zone_minutes"
SERIES: Final = tuple(
    dict.fromkeys([*(figure.series for row in TOTALS.values() for figure in row), *LEVELS.values(), ZONE_MINUTES])
)


def totals(
    document: dict[str, Any], one: GoogleDataType, kind: str, context: Context
) -> Iterator[Record | Rejected | Retraction]:
    """Google's own totals of days, of its own devices alone; a day without one has none any more."""
    header = JsonItem(document, kind, 0, context)
    for asked in header.array("days"):
        if isinstance(asked, str):
            yield Retraction(f"{kind}-{asked[:10]}")
    for item in items(header.array("rollupDataPoints"), kind, context):
        if isinstance(item, Rejected):
            yield item
            continue
        yield from _total(item, one, kind)
        yield from item.refused
    yield from header.refused


def _total(item: JsonItem, one: GoogleDataType, kind: str) -> Iterator[Record]:
    box, value = item.nested("civilStartTime"), item.nested(one.key)
    on = None if box is None else day(box)
    if on is None or value is None:
        if box is None:
            item.refuse("civilStartTime", "missing_field")
        return
    found = list(figures_of(value, TOTALS.get(one.path, ())))
    if one.path == "active-minutes":
        found = list(_by_level(value))
    elif one.path == "active-zone-minutes":
        sums = [measure(value, field, ZONE_MINUTES) for field in ZONE_SUMS]
        found = [(ZONE_MINUTES, sum(part for part in sums if part))] if any(sums) else []
    for series, amount in found:
        yield DailyRecord(GOOGLE, series, on, amount, external_id=f"{kind}-{on}")


def _by_level(value: JsonItem) -> Iterator[tuple[str, float]]:
    for index, row in enumerate(value.array("activeMinutesRollupByActivityLevel")):
        level = JsonItem(row, value.collection, index, value.context, value.refused) if isinstance(row, dict) else None
        series = None if level is None else LEVELS.get(level.text("activityLevel") or "")
        minutes = None if level is None or series is None else measure(level, "activeMinutesSum", series)
        if series is not None and minutes is not None:
            yield series, minutes
