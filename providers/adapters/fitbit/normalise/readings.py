"""Readings over the day and the night, body logs and temperatures."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import msgspec

from healthdata.records import ClearedRange, Record, Rejected, Sample
from providers.adapters.fitbit.normalise.fields import TRACKER, TYPED, FitbitClock, days_of, rows_of
from providers.contract import Context
from providers.contract.json_items import MINUTE_MS, JsonItem

Found = Iterator[Record | Rejected | ClearedRange]
INTRADAY: Final = {  # kind → key of its day, series, ms an amount lasts (None: a reading)
    "heart_intraday": ("activities-heart", "heart_rate", None),
    "steps_intraday": ("activities-steps", "steps", MINUTE_MS),
}
BY_MINUTE: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "hrv_intraday": (
        "hrv",
        {
            "rmssd": "heart_rate_variability_rmssd",
            "hf": "heart_rate_variability_hf_power",
            "lf": "heart_rate_variability_lf_power",
        },
    ),
    "spo2_intraday": ("spo2", {"value": "spo2"}),
}
NO_OXYGEN: Final = 50.0  # what a minute without a reading has
BODY: Final = {
    "weight": {"weight": "weight", "bmi": "body_mass_index"},  # its fat is in the other list as well
    "fat": {"fat": "body_fat_percentage"},
}
TEMPERATURE, HEIGHT = "body_temperature", "height"
SCALE: Final = msgspec.structs.replace(TRACKER, name="Fitbit Aria", device_type="scale")
SCALES: Final = ("aria", "scale")
DAY: Final = timedelta(days=1)
SERIES: Final = (
    *(series for _, series, _ in INTRADAY.values()),
    *(series for _, table in BY_MINUTE.values() for series in table.values()),
    *(series for table in BODY.values() for series in table.values()), TEMPERATURE, HEIGHT,
)  # fmt: skip


def intraday(kind: str, answer: Any, clock: FitbitClock, context: Context) -> Found:
    """Yield one day; the key is missing where the app may not see within days. Minutes without a step are left out."""
    key, series, lasts = INTRADAY[kind]
    day = next(iter(rows_of(answer, key, kind, context)), None)
    box = JsonItem(answer if isinstance(answer, dict) else {}, kind, 0, context)
    inner = box.nested(f"{key}-intraday")
    date = None if day is None else day.text("dateTime")
    for index, row in enumerate(inner.array("dataset") if inner is not None else []):
        item = JsonItem(row if isinstance(row, dict) else {}, kind, index, context, box.refused)
        at = clock.read(item, "time", f"{date}T{item.text('time')}" if date else None)
        value = item.measure("value", series)
        if at is not None and value is not None and (value or lasts is None):
            yield Sample(TRACKER, series, at[0], value, lasts, at[1])
    yield from box.refused


def by_minute(kind: str, answer: Any, clock: FitbitClock, context: Context) -> Found:
    """Yield days with their minutes of the night."""
    key, table = BY_MINUTE[kind]
    for day in rows_of(answer, key, kind, context):
        for index, row in enumerate(day.array("minutes")):
            item = JsonItem(row if isinstance(row, dict) else {}, kind, index, context, day.refused)
            at = clock.read(item, "minute", item.text("minute"))
            box = item.nested("value") if isinstance(item.fields.get("value"), dict) else item
            for field, series in table.items():
                value = None if box is None else box.measure(field, series)
                if at is None or value is None or (series == "spo2" and value == NO_OXYGEN):
                    continue
                yield Sample(TRACKER, series, at[0], value, None, at[1])
        yield from day.refused


def body(kind: str, document: JsonItem, answer: Any, clock: FitbitClock, context: Context) -> Found:
    """Logs of weight or fat: all there are of the days. A log has one id in both lists."""
    days, table = days_of(document), BODY[kind]
    if days is not None and isinstance(answer, dict) and isinstance(answer.get(kind), list):
        yield ClearedRange(clock.midnight(days[0]), clock.midnight(days[1] + DAY), tuple(table.values()))
    for item in rows_of(answer, kind, kind, context):
        at = clock.read(item, "time", f"{item.text('date')}T{item.text('time') or '00:00:00'}")
        name = item.identity("logId")
        maker = (item.text("source") or "").lower()
        source = SCALE if any(word in maker for word in SCALES) else TYPED
        for field, series in table.items():
            value = item.measure(field, series)
            if at is not None and name is not None and value is not None:
                yield Sample(source, series, at[0], value, None, at[1], f"{kind}-{name}")
        yield from item.refused


def temp_core(answer: Any, clock: FitbitClock, context: Context) -> Found:
    """Typed in by the end user."""
    for item in rows_of(answer, "tempCore", "temp_core", context):
        at = clock.read(item, "dateTime", item.text("dateTime"))
        value = item.measure("value", TEMPERATURE)
        if at is not None and value is not None:
            yield Sample(TYPED, TEMPERATURE, at[0], value, None, at[1])
        yield from item.refused
