"""Google's pushes: a type, whether it came or went, and the stretches of time it is about."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

import msgspec

from providers.adapters.google_health.collections import BY_PATH
from providers.adapters.google_health.pulling import GoogleStretch
from providers.contract import AnomalousPayload, InboundRequest, Notification, UnsupportedEvent, Window, read_json
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

DELETE: Final = "DELETE"
CLEARED: Final = "!"  # behind a type's name: what Google deleted there goes
VERIFICATION: Final = "verification"
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z", re.ASCII)


class PhysicalTimeInterval(msgspec.Struct, rename="camel"):
    start_time: str = ""
    end_time: str = ""


class CivilDateTime(msgspec.Struct):
    """Google leaves out what is zero; only the date is needed here."""

    date: dict[str, int] = {}


class CivilDateTimeInterval(msgspec.Struct, rename="camel"):
    start_date_time: CivilDateTime | None = None
    end_date_time: CivilDateTime | None = None


class GoogleInterval(msgspec.Struct, rename="camel"):
    physical_time_interval: PhysicalTimeInterval | None = None
    civil_date_time_interval: CivilDateTimeInterval | None = None


class GoogleChange(msgspec.Struct, rename="camel"):
    health_user_id: str
    data_type: str
    operation: str = ""
    intervals: list[GoogleInterval] = []


class GoogleEvent(msgspec.Struct):
    """One element of a push."""

    data: GoogleChange


def is_verification(inbound: InboundRequest) -> bool:
    """Return whether the call only tests the address."""
    if inbound.method != "POST" or len(inbound.body) > 1024:
        return False
    try:
        found = read_json(inbound.body)
    except AnomalousPayload:
        return False
    return isinstance(found, dict) and found.get("type") == VERIFICATION


def read(inbound: InboundRequest) -> Iterator[Notification]:
    """Yield a list of events, or a single one. Raises AnomalousPayload, and UnsupportedEvent after those of known
    types.
    """
    body = read_json(inbound.body)
    try:
        events = msgspec.convert(body if isinstance(body, list) else [body], list[GoogleEvent])
    except msgspec.ValidationError as error:
        raise AnomalousPayload(f"Not the events that were expected: {error}") from error
    unknown = ""
    for event in events:
        change = event.data
        if change.data_type in BY_PATH:
            yield from _notifications(change)
        else:
            unknown = unknown or change.data_type[:56] or "nothing"
    if unknown:
        raise UnsupportedEvent(unknown)


def stretch_of(notification: Notification) -> GoogleStretch | None:
    """Return what a notification made here is about; None for one without a day."""
    if notification.start is None:
        return None
    start, _, end = notification.object_id.partition("/")
    physical = (start, end) if _INSTANT.fullmatch(start) and _INSTANT.fullmatch(end) else ("", "")
    days = Window(notification.start, max(notification.start, notification.end or notification.start))
    return GoogleStretch(days, *physical, cleared=notification.kind.endswith(CLEARED))


def _notifications(change: GoogleChange) -> Iterator[Notification]:
    """Yield one an interval. Everything but DELETE means that something is there now."""
    kind = change.data_type + (CLEARED if change.operation == DELETE else "")
    for one in change.intervals:
        physical, civil = one.physical_time_interval, one.civil_date_time_interval
        if physical is not None and physical.start_time and physical.end_time:
            start, end = _day(physical.start_time), _day(physical.end_time)
            name = f"{physical.start_time[:40]}/{physical.end_time[:40]}"
        else:
            start = _civil(civil.start_date_time if civil else None)
            end = _civil(civil.end_date_time if civil else None) or start
            name = f"{start}/{end}"
        if start is None or end is None or end < start:
            raise AnomalousPayload("An event whose interval is none.")
        yield Notification(change.health_user_id, kind, name, start=start, end=end)


def _day(instant: str) -> date | None:
    try:
        parse_rfc3339(instant)
        return date.fromisoformat(instant[:10])
    except (InvalidInput, ValueError):
        return None


def _civil(moment: CivilDateTime | None) -> date | None:
    parts: dict[str, Any] = {} if moment is None else dict(moment.date)
    try:
        return date(parts.get("year", 0), parts.get("month", 0), parts.get("day", 0))
    except (ValueError, OverflowError):
        return None
