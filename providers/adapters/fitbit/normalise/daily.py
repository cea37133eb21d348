"""Figures of days: the daily summary, active zone minutes, nightly values, food and water."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from healthdata.records import DailyRecord, Record, Rejected
from healthdata.units import acceptable
from providers.adapters.fitbit.normalise.fields import TRACKER, TYPED, days_of, rows_of
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem

Found = Iterator[Record | Rejected | Retraction]
KILO: Final = 1000.0
SUMMARY: Final = {
    "steps": "steps",
    "floors": "flights_climbed",
    "elevation": "elevation_gain",
    "sedentaryMinutes": "sedentary_time",
    "lightlyActiveMinutes": "low_activity_time",
    "fairlyActiveMinutes": "moderate_activity_time",
    "veryActiveMinutes": "vigorous_activity_time",
    "restingHeartRate": "resting_heart_rate",
    "caloriesOut": "total_calories",
    "caloriesBMR": "basal_calories",
}
DISTANCE, ACTIVE = "distance_unspecified", "active_calories"
NIGHTLY: Final[dict[str, tuple[str, dict[str, str]]]] = {  # kind → key of its list, field of its value → series
    "hrv": ("hrv", {"dailyRmssd": "heart_rate_variability_rmssd", "deepRmssd": "heart_rate_variability_deep_rmssd"}),
    "spo2": ("spo2", {"avg": "spo2"}),
    "br": ("br", {"breathingRate": "respiratory_rate"}),
    "temp_skin": ("tempSkin", {"nightlyRelative": "skin_temperature_deviation"}),
    "azm": ("activities-active-zone-minutes", {"activeZoneMinutes": "active_zone_minutes"}),
}
VO2_MAX: Final = "vo2_max"
FOOD: Final = {
    "calories": "dietary_energy_consumed",
    "carbs": "dietary_carbohydrates",
    "fat": "dietary_fat_total",
    "fiber": "dietary_fiber",
    "protein": "dietary_protein",
    "sodium": "dietary_sodium",
}
WATER: Final = "hydration"
SERIES: Final = (
    *SUMMARY.values(), DISTANCE, ACTIVE, *(series for _, table in NIGHTLY.values() for series in table.values()),
    VO2_MAX, *FOOD.values(), WATER,
)  # fmt: skip


def activity(document: JsonItem, answer: Any, context: Context) -> Found:
    """Yield the totals of a day on which the tracker was worn: any other has resting energy, no step and no record."""
    days = days_of(document)
    if days is None:
        document.refuse("days", "missing_field")
        return
    day, name = days[0], f"activity-{days[0]}"
    yield Retraction(name)
    item = JsonItem(answer if isinstance(answer, dict) else {}, "activity", 0, context)
    summary = item.nested("summary")
    if summary is None:
        item.refuse("summary", "missing_field")
    elif summary.fields.get("steps") or summary.fields.get("restingHeartRate"):
        for series, value in {**dict(_summary(summary)), **dict(_distance(summary))}.items():
            yield DailyRecord(TRACKER, series, day, value, external_id=name)
    yield from item.refused


def _summary(item: JsonItem) -> Iterator[tuple[str, float]]:
    found = {}
    for field, series in SUMMARY.items():
        value = item.measure(field, series)
        if value is not None:
            found[series] = value
            yield series, value
    total, basal = found.get("total_calories"), found.get("basal_calories")
    if total is not None and basal is not None and total >= basal:  # activityCalories has rest in it
        yield ACTIVE, round(total - basal, 3)


def _distance(item: JsonItem) -> Iterator[tuple[str, float]]:
    """Kilometres, since no Accept-Language is sent."""
    for index, row in enumerate(item.array("distances")):
        if isinstance(row, dict) and row.get("activity") == "total":
            part = JsonItem(row, "activity.distances", index, item.context, item.refused)
            value = part.measure("distance", DISTANCE, KILO)
            if value is not None:
                yield DISTANCE, value


def nightly(kind: str, answer: Any, context: Context) -> Found:
    """Yield values of dates; a date without a value has none (yet)."""
    key, table = NIGHTLY[kind]
    for item in rows_of(answer, key, kind, context):
        value = item.nested("value") if item.fields.get("value") is not None else None
        day = item.day("dateTime") if value is not None else None
        for field, series in table.items() if value is not None else ():
            found = None if value is None else value.measure(field, series)
            if found is not None and day is not None:
                yield DailyRecord(TRACKER, series, day, found, external_id=f"{kind}-{day}")
        yield from item.refused


def cardioscore(answer: Any, context: Context) -> Found:
    """Yield the figure: a number, or the middle of a range such as 41-45."""
    key = "cardioScore" if isinstance(answer, dict) and "cardioScore" in answer else "cardioscore"
    for item in rows_of(answer, key, "cardioscore", context):
        value, day = item.nested("value"), item.day("dateTime")
        text = None if value is None else value.fields.get("vo2Max")
        if value is not None and day is not None and text is not None:
            found = _middle(str(text))
            reason = "not_a_number" if found is None else acceptable(VO2_MAX, found)
            if found is None or reason:
                value.refuse("vo2Max", reason or "not_a_number")
            else:
                yield DailyRecord(TRACKER, VO2_MAX, day, found, external_id=f"cardioscore-{day}")
        yield from item.refused


def _middle(text: str) -> float | None:
    try:
        ends = [float(part) for part in text.split("-")]
    except ValueError:
        return None
    return sum(ends) / len(ends) if 1 <= len(ends) <= 2 else None


def food(document: JsonItem, answer: Any, context: Context) -> Found:
    """Yield sums of a day, as entries have no time of day; a day whose last entry was deleted has none any more."""
    yield from _eaten(document, answer, context, "food", FOOD)


def water(document: JsonItem, answer: Any, context: Context) -> Found:
    yield from _eaten(document, answer, context, "water", {"water": WATER})


def _eaten(document: JsonItem, answer: Any, context: Context, kind: str, table: dict[str, str]) -> Found:
    days = days_of(document)
    if days is None:
        document.refuse("days", "missing_field")
        return
    day: date = days[0]
    yield Retraction(f"{kind}-{day}")
    item = JsonItem(answer if isinstance(answer, dict) else {}, kind, 0, context)
    summary = item.nested("summary")
    for field, series in table.items() if summary is not None else ():
        value = None if summary is None else summary.measure(field, series)
        if value:
            yield DailyRecord(TYPED, series, day, value, external_id=f"{kind}-{day}")
    yield from item.refused
