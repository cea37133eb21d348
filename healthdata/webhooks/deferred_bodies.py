"""A batch of samples as messages: kept as plain columns, cut to size, and made into JSON by the sender.

The thousands of objects of a body are the work of the worker that delivers it, not of the one that stores the samples.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Literal
from uuid import uuid4

import msgspec

from accounts.webhooks import events
from healthdata import serializers
from healthdata.queries.rows import SampleRow, ordinal_of, sample_id
from healthdata.store.columns import NO_ZONE
from healthdata.store.result import SampleChange
from wearlink.lib.api.rendering import dumps
from wearlink.lib.clock import rfc3339

MAX_SAMPLES: Final = 2_500
MAX_BYTES: Final = 256 * 1024
ENVELOPE_BYTES: Final = 1_024  # what surrounds the samples, generously
KIND: Final = "samples"
_pack: Final = msgspec.msgpack.Encoder().encode


class PackedSamples(msgspec.Struct, array_like=True, gc=False):
    """Samples of one stream as columns.

    offsets: ms from base, 32 bits (64 for daily values, which lie far apart); vals: doubles; durations (32 bits) and
    zones (16 bits): one for all where all are the same.
    """

    key48: int
    device: str | None
    daily: bool
    base: int
    offsets: bytes
    vals: bytes
    durations: int | bytes | None
    zones: int | bytes

    @property
    def code(self) -> Literal["q", "i"]:
        """The array type of the offsets."""
        return "q" if self.daily else "i"

    def cut(self, first: int, last: int) -> "PackedSamples":
        """Return the samples [first, last)."""
        width = len(self.offsets) // len(self)
        return PackedSamples(
            self.key48, self.device, self.daily, self.base,
            self.offsets[width * first : width * last],
            self.vals[8 * first : 8 * last],
            self.durations[4 * first : 4 * last] if isinstance(self.durations, bytes) else self.durations,
            self.zones[2 * first : 2 * last] if isinstance(self.zones, bytes) else self.zones,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.vals) // 8

    def moments(self) -> "Sequence[int]":
        return memoryview(self.offsets).cast(self.code)

    def lengths(self) -> "Sequence[int] | int | None":
        """Durations as numbers, or the one of all."""
        return memoryview(self.durations).cast("i") if isinstance(self.durations, bytes) else self.durations


class DeferredBody(msgspec.Struct, array_like=True):
    """One message to be: a batch, or a piece of one. Times in ms."""

    user_id: str
    provider: str
    series: str
    sample_count: int
    start: int
    end: int
    omitted: bool
    part: int
    parts: int
    samples: list[PackedSamples]
    batch_id: str


def pack_samples(change: SampleChange, *, daily: bool = False) -> PackedSamples:
    """Return stored samples, packed; `daily`: a vendor's figures of dates."""
    columns = change.columns
    return PackedSamples(
        key48=change.stream.key48,
        device=change.source.device,
        daily=daily,
        base=change.start,
        offsets=array("q" if daily else "i", columns.offsets).tobytes(),
        vals=array("d", columns.vals).tobytes(),
        durations=None if columns.durations is None else _one_or_all("i", columns.durations),
        zones=columns.zones if isinstance(columns.zones, int) else _one_or_all("h", columns.zones),
    )


def _one_or_all(code: Literal["i", "h"], numbers: list[int]) -> int | bytes:
    first = numbers[0]
    return first if numbers.count(first) == len(numbers) else array(code, numbers).tobytes()


def of_batch(user_id: str, provider: str, series: str, parts: Sequence[PackedSamples]) -> list[DeferredBody]:
    """Return the messages of one batch, in order of time."""
    ordered = sorted(parts, key=lambda part: part.base + _first(part))
    start = min(part.base + _first(part) for part in ordered)
    end = max(_end(part) for part in ordered)
    count = sum(len(part) for part in ordered)
    longest = max((part.device or "" for part in ordered), key=len)
    batch_id = str(uuid4())
    pieces = list(_pieces(ordered, _room(provider, series, longest)))
    return [
        DeferredBody(user_id, provider, series, count, start, end, False, part, len(pieces), piece, batch_id)
        for part, piece in enumerate(pieces, start=1)
    ]


def of_range(user_id: str, provider: str, series: str, count: int, start: int, end: int) -> DeferredBody:
    """Return a message about samples that are too many to be sent."""
    return DeferredBody(user_id, provider, series, count, start, end, True, 1, 1, [], str(uuid4()))


def encode(body: DeferredBody) -> bytes:
    """Return it as an event carries it."""
    return b"%s:%s" % (KIND.encode(), _pack(body))


def _pieces(parts: Iterable[PackedSamples], room: int) -> Iterator[list[PackedSamples]]:
    piece: list[PackedSamples] = []
    free = room
    for part in parts:
        first = 0
        while first < len(part):
            last = min(first + free, len(part))
            piece.append(part if (first, last) == (0, len(part)) else part.cut(first, last))
            free -= last - first
            first = last
            if not free:
                yield piece
                piece, free = [], room
    if piece:
        yield piece


def _room(provider: str, series: str, device: str) -> int:
    """Return how many samples a message may have, by the longest that one of them can become."""
    return max(min(MAX_SAMPLES, (MAX_BYTES - ENVELOPE_BYTES) // _longest(provider, series, device)), 1)


@lru_cache(maxsize=1_024)
def _longest(provider: str, series: str, device: str) -> int:
    row = SampleRow(
        id=sample_id(0, 0), timestamp=1_776_211_200_001, series=series, value=-123_456.123_456, provider=provider,
        device=device, duration=86_399_999, zone=-330,
    )  # fmt: skip
    return len(dumps(serializers.sample(row))) + 1


def _first(part: PackedSamples) -> int:
    return part.moments()[0]


def _end(part: PackedSamples) -> int:
    lengths = part.lengths()
    last = lengths if isinstance(lengths, int) else lengths[-1] if lengths else 0
    return part.base + part.moments()[-1] + last


# --- The body ---------------------------------------------------------------------------------------------


def render(encoded: bytes) -> bytes:
    """Return the JSON of an event's data."""
    body = msgspec.msgpack.decode(encoded, type=DeferredBody)
    return dumps(
        {
            "user_id": body.user_id,
            "provider": body.provider,
            "series_type": body.series,
            "sample_count": body.sample_count,
            "start_time": rfc3339(body.start),
            "end_time": rfc3339(body.end),
            "samples": [sample for part in body.samples for sample in _samples(body, part)],
            "samples_omitted": body.omitted,
            "batch_id": body.batch_id,
            "part": body.part,
            "parts": body.parts,
        }
    )


def _samples(body: DeferredBody, part: PackedSamples) -> Iterator[dict[str, Any]]:
    """Yield the objects of GET /timeseries."""
    vals, lengths = memoryview(part.vals).cast("d"), part.lengths()
    zones = part.zones if isinstance(part.zones, int) else memoryview(part.zones).cast("h")
    for place, (offset, value) in enumerate(zip(part.moments(), vals, strict=True)):
        at = part.base + offset
        zone = zones if isinstance(zones, int) else zones[place]
        length = lengths if lengths is None or isinstance(lengths, int) else lengths[place]
        row = SampleRow(
            id=sample_id(part.key48, at, 0 if part.daily else ordinal_of(body.series, value)),
            timestamp=at,
            series=body.series,
            value=value,
            provider=body.provider,
            device=part.device,
            duration=length or None,
            zone=None if zone == NO_ZONE else zone,
            is_daily=part.daily,
        )
        yield serializers.sample(row)


events.register_deferred_body(KIND, render)
