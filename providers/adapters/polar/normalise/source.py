"""The one source of Polar's records, and its clocks.

Most documents do not name the device, so there is one source. Times are written in three ways: on the wearer's clock
without a zone, on it with an offset, and in UTC without saying so.
"""

import re
from typing import Any, Final

from healthdata.records import SourceInfo
from healthdata.units import acceptable
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.dates import moment
from providers.contract.json_items import DAY_MS, MINUTE_MS, Instant, JsonItem
from wearlink.lib.errors import InvalidInput

POLAR: Final = SourceInfo("polar", name="Polar", device_type="watch", manufacturer="Polar", app="Polar Flow")
FURTHEST: Final = 18 * 60  # minutes a zone may be from UTC
_DURATION: Final = re.compile(
    r"P(?:(\d{1,3})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d+)?)S)?)?", re.ASCII
)
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


def seconds_of(item: JsonItem, field: str) -> float | None:
    """Return an ISO 8601 duration such as PT41M18.600S, in seconds."""
    text = item.text(field)
    match = _DURATION.fullmatch(text) if text else None
    if match is None or not any(match.groups()):
        if text:
            item.refuse(field, "bad_duration")
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return days * 86_400 + hours * 3600 + minutes * 60 + seconds


def clock_ms(text: str) -> int | None:
    """HH:MM or HH:MM:SS as ms since midnight; None for what is no time of day."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000


def wall_ms(item: JsonItem, field: str) -> int | None:
    """Return what the clock showed, as if it were UTC; an offset behind it is left out."""
    text = item.text(field)
    if text is None:
        return None
    try:
        return moment(text[:19])
    except InvalidInput:
        item.refuse(field, "bad_date")
        return None


def local(item: JsonItem, field: str, offset: str) -> Instant | None:
    """Return a time on the wearer's clock, less an offset in minutes beside it; without one on that of the
    end user's zone.
    """
    wall, zone = wall_ms(item, field), item.number(offset)
    if wall is None:
        return None
    if zone is not None and abs(zone) > FURTHEST:
        item.refuse(offset, "out_of_range")
        zone = None
    minutes = item.context.zones.offset_at(wall) if zone is None else round(zone)
    return _bounded(item, field, wall - minutes * MINUTE_MS, None if zone is None else minutes)


def utc(item: JsonItem, field: str) -> int | None:
    """Return a time in UTC that carries no Z."""
    wall = wall_ms(item, field)
    found = None if wall is None else _bounded(item, field, wall, None)
    return None if found is None else found[0]


def on_the_wearers_clock(item: JsonItem, wall: int) -> int:
    """Return the instant of a wall time (ms) in the end user's zone."""
    return wall - item.context.zones.offset_at(wall) * MINUTE_MS


def curve(item: JsonItem, field: str, series: str, midnight: int, anchor: int) -> list[tuple[int, float]]:
    """Return a map of times of day to values as (ms since `midnight`, value), in order. Keys may come in any order;
    what is before `anchor` (ms since midnight) belongs to the day after.
    """
    found = []
    for at, value in clocked(item, field, anchor):
        if not isinstance(value, int | float) or isinstance(value, bool):
            item.refuse(field, "not_a_number")
        elif reason := acceptable(series, value):
            item.refuse(field, reason)
        else:
            found.append((midnight + at, float(value)))
    return found


def clocked(item: JsonItem, field: str, anchor: int) -> list[tuple[int, Any]]:
    """Return a map of times of day as pairs, ms since the midnight before `anchor`, in order. Other keys are passed
    over.
    """
    box = item.nested(field)
    pairs = [] if box is None else [(clock_ms(key), value) for key, value in box.fields.items()]
    placed = [(at if at >= anchor else at + DAY_MS, value) for at, value in pairs if at is not None]
    return sorted(placed, key=lambda pair: pair[0])


def _bounded(item: JsonItem, field: str, at: int, zone: int | None) -> Instant | None:
    if not EARLIEST <= at <= item.context.received + AHEAD:
        item.refuse(field, "date_out_of_range")
        return None
    return at, zone
