"""Cutting what Garmin sends into payloads: summaries of one kind and one end user, a few hundred kilobytes each.

Items stay the bytes they were. So much as one piece holds becomes records at a time, whatever the size of a body.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from providers.adapters.garmin.summaries import DETAILS

PIECE_BYTES: Final = 256 * 1024
LONG_ACTIVITY: Final = 768 * 1024  # bytes from which the seconds of an activity are cut up
SAMPLES: Final = 2_000  # of one piece
Piece = tuple[bytes, int]  # a JSON list, and about how many records it makes


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
        self.size = 0

    def add(self, item: bytes) -> None:
        self._items.append(item)
        self.size += len(item)

    def take(self) -> Piece:
        """What was collected. Each reading has a colon of its own, so they are a good guess at the records."""
        body = b"[%s]" % b",".join(self._items)
        self._items, self.size = [], 0
        return body, max(body.count(b":"), 1)


def pieces(kind: str, items: Iterable[msgspec.Raw]) -> Iterator[Piece]:
    """Items of one end user, as they come. Raises msgspec.ValidationError for details of another form."""
    maker = PieceMaker()
    for item in items:
        if is_long(kind, item):
            yield from cut_activity(bytes(item))
            continue
        maker.add(bytes(item))
        if maker.size >= PIECE_BYTES:
            yield maker.take()
    if maker.size:
        yield maker.take()


def is_long(kind: str, item: msgspec.Raw) -> bool:
    """Whether an item must be cut up by itself."""
    return kind == DETAILS and len(memoryview(item)) > LONG_ACTIVITY


def cut_activity(item: bytes) -> Iterator[Piece]:
    """An activity's details in pieces that each can be read alone. Raises msgspec.ValidationError."""
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
        yield body, body.count(b":")
