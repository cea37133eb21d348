"""Bounds of the time of an item."""

from typing import Final, Protocol

import msgspec

from healthdata.records import Rejected
from providers.contract import Context
from providers.contract.dates import moment, stated_zone
from wearlink.lib.errors import InvalidInput

EARLIEST: Final = 946_684_800_000  # 2000-01-01: nothing worn is older; zeroed clocks say 1970
AHEAD: Final = 24 * 3_600_000  # phones whose clock or zone is off by up to a day


class Dated(Protocol):
    """An item with a start and an end on the wire."""

    start_date: str
    end_date: str


class ItemSpan(msgspec.Struct, frozen=True, gc=False):
    """Start and end in milliseconds, and minutes east of UTC as the item stated them."""

    start: int
    end: int
    zone: int | None


def span(item: Dated, collection: str, index: int, context: Context) -> ItemSpan | Rejected:
    """Return the span of an item, or what is wrong with its dates."""
    start, end = instant(item.start_date, context), instant(item.end_date, context)
    if isinstance(start, str):
        return Rejected(collection, index, "startDate", start)
    if isinstance(end, str):
        return Rejected(collection, index, "endDate", end)
    if end < start:
        return Rejected(collection, index, "endDate", "end_before_start")
    return ItemSpan(start, end, stated_zone(getattr(item, "zone_offset", None), item.start_date))


def instant(text: str, context: Context) -> int | str:
    """Return milliseconds since the epoch, or the reason why the text cannot be taken."""
    try:
        at = moment(text)
    except InvalidInput:
        return "bad_date"
    return at if EARLIEST <= at <= context.received + AHEAD else "date_out_of_range"
