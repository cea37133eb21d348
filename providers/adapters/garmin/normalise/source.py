"""The one source of Garmin's records, and what its items have in common: epoch seconds and maps of offsets."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from healthdata.records import MANUAL, Sample, SourceInfo
from healthdata.units import BOUNDS
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.json_items import MAX_NUMBER, Instant, JsonItem

# Daily summaries do not say which device made them, and one activity must not change its source when a message about
# it lacks the name: the device is a detail of workouts.
GARMIN: Final = SourceInfo(
    "garmin", name="Garmin", device_type="watch", manufacturer="Garmin", app="Garmin Connect"
)  # fmt: skip
TYPED_IN: Final = msgspec.structs.replace(GARMIN, device_type=MANUAL)
FURTHEST_ZONE: Final = 18 * 3600
MAX_DURATION_SECONDS: Final = 7 * 86_400  # seconds that one summary may last


def instant(item: JsonItem, field: str, offset: str) -> Instant | None:
    """Return a moment in epoch seconds, with the clock of the device; what is missing or out of range is noted."""
    seconds = item.number(field)
    if seconds is None:
        if item.fields.get(field) is None:
            item.refuse(field, "missing_field")
        return None
    at = round(seconds * 1000)
    if not EARLIEST <= at <= item.context.received + AHEAD:
        item.refuse(field, "date_out_of_range")
        return None
    return at, zone(item, offset)


def milliseconds(row: Any, field: str) -> int | None:
    """Return a moment in epoch seconds of an object within an item, unchecked; None for what is none."""
    seconds = row.get(field) if isinstance(row, dict) else None
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not abs(seconds) <= MAX_NUMBER:
        return None
    return round(seconds * 1000)


def started(item: JsonItem) -> Instant | None:
    return instant(item, "startTimeInSeconds", "startTimeOffsetInSeconds")


def zone(item: JsonItem, field: str) -> int | None:
    """Return minutes east of UTC; the offset is of the device's clock, so 0 is London in winter."""
    seconds = item.number(field)
    return round(seconds / 60) if seconds is not None and abs(seconds) <= FURTHEST_ZONE else None


def seconds(item: JsonItem, field: str, longest: int = MAX_DURATION_SECONDS) -> int | None:
    """Return a length of time; noted where it is negative or too long."""
    found = item.number(field)
    if found is None:
        return None
    if not 0 <= found <= longest:
        item.refuse(field, "out_of_range")
        return None
    return round(found)


def offsets(item: JsonItem, field: str, series: str, start: Instant, *, least: float) -> Iterator[Sample]:
    """Yield a map of seconds from the start to readings: {"0": 54, "15": 55}. Values below `least` are states, not
    readings.

    Gaps are left out by the vendor. There are thousands in a day, so the ordinary entry is read right here.
    """
    found = item.fields.get(field)
    if found is None:
        return
    if not isinstance(found, dict):
        item.refuse(field, "not_an_object")
        return
    (begin, zone_minutes), (low, high) = start, BOUNDS[series]
    furthest = min(MAX_DURATION_SECONDS * 1000, item.context.received + AHEAD - begin)
    no_offset = no_number = out_of_range = 0
    for key, value in found.items():
        if not key.isdecimal() or len(key) > 7 or (after := int(key) * 1000) > furthest:
            no_offset += 1
        elif type(value) not in (int, float) or not abs(value) <= MAX_NUMBER:
            no_number += value is not None
        elif value < least:
            continue
        elif low <= value <= high:
            yield Sample(GARMIN, series, begin + after, float(value), None, zone_minutes)
        else:
            out_of_range += 1
    for count, reason in ((no_offset, "bad_offset"), (no_number, "not_a_number"), (out_of_range, "out_of_range")):
        if count:
            item.refuse(field, reason)
