"""The parts that Google's data points share: numbers in strings, offsets in seconds, three shapes of time, a source."""

import math
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from healthdata.records import MANUAL, Rejected, SourceInfo
from healthdata.units import acceptable
from providers.adapters.google_health.collections import GoogleDataType
from providers.contract import Context
from providers.contract.json_items import MAX_NUMBER, JsonItem, items

GOOGLE: Final = SourceInfo("google_health", name="Google Health", app="Google Health")
FITBIT: Final = "FITBIT"  # what Google's own devices and app upload as
FORM_FACTORS: Final = {
    "FITNESS_BAND": "fitness_band",
    "WATCH": "watch",
    "PHONE": "phone",
    "RING": "ring",
    "CHEST_STRAP": "chest_strap",
    "SCALE": "scale",
    "TABLET": "tablet",
    "HEAD_MOUNTED": "head_mounted",
    "SMART_DISPLAY": "smart_display",
}
FURTHEST: Final = 18 * 60
Span = tuple[int, int, int | None]  # ms, ms, minutes east of UTC


class GooglePoint:
    """A data point: its value object, its source, and its id where Google gives it one."""

    __slots__ = ("id", "source", "value")

    def __init__(self, item: JsonItem, value: JsonItem) -> None:
        self.value = value
        self.source = source_of(item.nested("dataSource"))
        name = item.text("name", 500) or item.text("dataPointName", 500) or ""
        self.id = name.rpartition("/")[2][:100]


def points(rows: list[Any], one: GoogleDataType, context: Context) -> Iterator[GooglePoint | Rejected]:
    """Yield the points of a page; after each what of it was refused."""
    for item in items(rows, one.kind, context):
        if isinstance(item, Rejected):
            yield item
            continue
        value = item.nested(one.key)
        if value is None:
            item.refuse(one.key, "missing_field")
        else:
            yield GooglePoint(item, value)
        yield from item.refused


def number(item: JsonItem, field: str) -> float | None:
    """Return a number, also one in a string, as 64-bit integers are written."""
    value = item.fields.get(field)
    if not isinstance(value, str):
        return item.number(field)
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not abs(found) <= MAX_NUMBER:
        item.refuse(field, "not_a_number")
        return None
    return found


def measure(item: JsonItem, field: str, series: str, factor: float = 1.0) -> float | None:
    """Return a number times `factor`, within the bounds of the series."""
    found = number(item, field)
    if found is None:
        return None
    value = found if factor == 1.0 else round(found * factor, 9)
    if reason := acceptable(series, value):
        item.refuse(field, reason)
        return None
    return value


def seconds(item: JsonItem, field: str) -> float | None:
    """Return a duration such as 1830s or 1.5s."""
    text = item.text(field)
    if text is None:
        return None
    try:
        found = float(text.removesuffix("s"))
    except ValueError:
        found = math.nan
    if not text.endswith("s") or not abs(found) <= MAX_NUMBER:
        item.refuse(field, "bad_duration")
        return None
    return found


def offset(item: JsonItem, field: str) -> int | None:
    """Return minutes east of UTC of an offset such as 7200s."""
    found = seconds(item, field)
    if found is None:
        return None
    if abs(found) > FURTHEST * 60:
        item.refuse(field, "out_of_range")
        return None
    return round(found / 60)


def interval(item: JsonItem) -> Span | None:
    """Return when something was; a missing time is noted."""
    box = item.nested("interval")
    if box is None:
        item.refuse("interval", "missing_field")
        return None
    found = box.span("startTime", "endTime")
    return None if found is None else (found[0], found[1], offset(box, "startUtcOffset"))


def instant(item: JsonItem) -> tuple[int, int | None] | None:
    """Return when a sample was taken."""
    box = item.nested("sampleTime")
    found = None if box is None else box.instant("physicalTime")
    if box is None or found is None:
        if box is None or box.fields.get("physicalTime") is None:
            item.refuse("sampleTime", "missing_field")
        return None
    return found[0], offset(box, "utcOffset")


def day(item: JsonItem, field: str = "date") -> date | None:
    """Return a date of year, month and day; zeros are left out by Google, and make none."""
    box = item.nested(field)
    if box is None:
        item.refuse(field, "missing_field")
        return None
    try:
        found = date(box.fields.get("year", 0), box.fields.get("month", 0), box.fields.get("day", 0))
    except (ValueError, TypeError, OverflowError):
        item.refuse(field, "bad_date")
        return None
    text = JsonItem({field: found.isoformat()}, item.collection, item.index, item.context, item.refused)
    return text.day(field)


def source_of(box: JsonItem | None) -> SourceInfo:
    """Return the device and, unless it is Google's own, the app or platform that wrote. Merged answers
    tell no source.
    """
    if box is None:
        return GOOGLE
    app, device = box.nested("application"), box.nested("device")
    platform = box.text("platform") or FITBIT
    package = None if app is None else app.text("packageName") or app.text("googleWebClientId")
    writer = None if platform == FITBIT else package or platform.lower()
    if box.text("recordingMethod") == "MANUAL":
        return SourceInfo(
            "google_health", name="Google Health", device_type=MANUAL, app=package or platform, writer=writer
        )
    name = None if device is None else device.text("displayName")
    form = None if device is None else device.text("formFactor")
    maker = None if device is None else device.text("manufacturer", 100)
    return SourceInfo(
        "google_health", model=name, name=name or "Google Health", device_type=FORM_FACTORS.get(form or ""),
        manufacturer=maker, app=package or "Google Health", writer=writer,
    )  # fmt: skip
