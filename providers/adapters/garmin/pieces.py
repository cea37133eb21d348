"""Cutting what Garmin sends into payloads: summaries of one kind and one end user, a few hundred kilobytes each.

Items stay the bytes they were. So much as one piece holds becomes records at a time, whatever the size of a body.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

import msgspec

from providers.adapters.garmin.summaries import DETAILS

PIECE_BYTES: Final = 256 * 1024
LONG_ACTIVITY: Final = 768 * 1024  # bytes from which the seconds of an activity are cut up
SAMPLES: Final = 2_000  # of one piece


class Piece(msgspec.Struct, frozen=True):
    """A JSON list of summaries, about how many records it makes, and which days it tells of."""

    body: bytes
    items: int
    days: frozenset[date]


class ItemHead(msgspec.Struct, rename="camel"):
    """The fields of an item that tell its end user, its address and its time."""

    user_id: str = ""
    callback_url: str | None = msgspec.field(default=None, name="callbackURL")
    activity_id: int | str | None = None
    activity_name: str | None = None
    activity_type: str | None = None
    device_name: str | None = None
    file_type: str | None = None
    change_time_in_seconds: int | float | None = None
    calendar_date: Any = None
    period_start_date: Any = None
    start_time_in_seconds: Any = None
    start_time_offset_in_seconds: Any = None
    measurement_time_in_seconds: Any = None
    measurement_time_offset_in_seconds: Any = None
    summary: "ItemHead | None" = None

    @property
    def day(self) -> date | None:
        """The local day; None where the item does not say it in a form we know."""
        try:
            if stated := self.calendar_date or self.period_start_date:
                return date.fromisoformat(stated)
            times = self.summary or self
            begun = times.start_time_in_seconds or times.measurement_time_in_seconds
            shift = times.start_time_offset_in_seconds or times.measurement_time_offset_in_seconds or 0
            return datetime.fromtimestamp(begun + shift, UTC).date()
        except (TypeError, ValueError, OverflowError, OSError):
            return None


class ActivityDetail(msgspec.Struct):
    """The parts of an activity's details, unread."""

    summary: msgspec.Raw = msgspec.Raw(b"null")
    samples: list[msgspec.Raw] = []
    laps: msgspec.Raw = msgspec.Raw(b"[]")
    activityId: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815 - the vendor's name
    summaryId: msgspec.Raw = msgspec.Raw(b"null")  # noqa: N815


class PieceMaker:
    """Collects items of one kind and end user."""

    def __init__(self) -> None:
        self._items: list[bytes] = []
        self._days: set[date] = set()
        self.size = 0

    def add(self, item: bytes, day: date | None) -> None:
        self._items.append(item)
        self.size += len(item)
        if day is not None:
            self._days.add(day)

    def take(self) -> Piece:
        """Return what was collected. Each reading has a colon of its own, so they are a good guess at the records."""
        body = b"[%s]" % b",".join(self._items)
        found = Piece(body, max(body.count(b":"), 1), frozenset(self._days))
        self._items, self._days, self.size = [], set(), 0
        return found


def pieces(kind: str, items: Iterable[msgspec.Raw]) -> Iterator[Piece]:
    """Yield items of one end user, as they come. Raises msgspec.ValidationError for items of another form."""
    maker = PieceMaker()
    for item in items:
        day = msgspec.json.decode(item, type=ItemHead).day
        if is_long(kind, item):
            yield from cut_activity(item, day)
            continue
        maker.add(bytes(item), day)
        if maker.size >= PIECE_BYTES:
            yield maker.take()
    if maker.size:
        yield maker.take()


def is_long(kind: str, item: msgspec.Raw) -> bool:
    """Return whether an item must be cut up by itself."""
    return kind == DETAILS and len(memoryview(item)) > LONG_ACTIVITY


def cut_activity(item: msgspec.Raw, day: date | None) -> Iterator[Piece]:
    """Yield an activity's details in pieces that each can be read alone. Raises msgspec.ValidationError."""
    detail = msgspec.json.decode(item, type=ActivityDetail)
    for number, first in enumerate(range(0, max(len(detail.samples), 1), SAMPLES)):
        named = {
            b"activityId": detail.activityId,
            b"summaryId": detail.summaryId,
            b"summary": detail.summary,
            b"laps": b"[]" if number else detail.laps,
            b"piece": b"%d" % number,
        }
        head = b",".join(b'"%s":%s' % (name, bytes(value)) for name, value in named.items())
        samples = b",".join(map(bytes, detail.samples[first : first + SAMPLES]))
        body = b'[{%s,"samples":[%s]}]' % (head, samples)
        yield Piece(body, body.count(b":"), frozenset() if day is None else frozenset({day}))
