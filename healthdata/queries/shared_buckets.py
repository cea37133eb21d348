"""Amounts over time in buckets: each is shared out evenly over the time it covers, as phones' own charts do.

So an hour of steps fills sixty minutes, and what lies over midnight belongs to both days. An amount without a duration
stands where it stands. Where a source has a long record and the short ones it was made of, the short ones count, and of
the long one what they leave free, as in the figures of a day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import add, attrgetter, gt
from typing import Final

from django.db import connection

from healthdata.catalogue import SERIES, SameStart, SeriesKind
from healthdata.merge.stretches import Amount, condense
from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk, within
from healthdata.queries.positions import Grid, Item, Range
from healthdata.queries.streams import StreamRef

MAX_AMOUNT_MS: Final = 24 * HOUR_MS  # longer ones count as if they had come in their first day
GROWTH: Final = 4  # of windows

# Written out: `make bench`, first page in 5 min of all 1,000,000, with total: p50.
COUNT: Final = """
SELECT count(*) FROM (
    SELECT DISTINCT c.stream_id, bucket
    FROM unnest(%(streams)s::int[], %(spans)s::int[]) AS k(stream_id, span)
    JOIN healthdata_samplechunk c ON c.user_key = %(user)s AND c.stream_id = k.stream_id
         AND c.hour BETWEEN %(first)s - k.span AND %(last)s
    CROSS JOIN LATERAL unnest(c.offsets, c.durations) AS x(at, duration)
    CROSS JOIN LATERAL (SELECT c.hour::bigint * 3600000 + x.at AS begin) b
    CROSS JOIN LATERAL generate_series(
        (greatest(b.begin, %(start)s) - %(shift)s) / %(bucket)s,
        (least(b.begin + greatest(least(coalesce(x.duration, 0), %(longest)s), 1) - 1, %(end)s) - %(shift)s)
            / %(bucket)s
    ) AS bucket
    WHERE b.begin <= %(end)s
) found
"""


def is_shared(ref: StreamRef) -> bool:
    """Return whether a stream's amounts are shared out."""
    return not ref.is_daily and SERIES[ref.series].kind is SeriesKind.INTERVAL and SERIES[ref.series].is_additive


def shared(span: Range, refs: Sequence[StreamRef], wanted: int, grid: Grid) -> list[Item]:
    """Return at least the first `wanted` buckets of these streams, in order."""
    found: list[Item] = []
    begin = grid.edge(span.begin)
    width = -(-wanted * grid.step // HOUR_MS) * HOUR_MS
    while refs and begin <= span.end and len(found) < wanted:
        stop = min(begin + width, span.end + 1)
        found += window_items(span, refs, max(begin, span.start), stop, grid)
        begin, width = stop, width * GROWTH
    return found


def window_items(span: Range, refs: Sequence[StreamRef], start: int, stop: int, grid: Grid) -> list[Item]:
    """Return the buckets of a window [start, stop) ms that come after the range's position. One query."""
    by_id = {ref.id: ref for ref in refs}
    shares = Shares((start, stop), grid)
    found = within(span.user_key, refs, start - MAX_AMOUNT_MS, stop)
    for stream, chunks in groupby(found, key=attrgetter("stream_id")):
        shares.add_stream(list(chunks), by_id[stream])
    items: list[Item] = [
        ((at, stream, 0, 0), by_id[stream], value, None, shares.zones[at, stream])
        for (at, stream), value in shares.sums.items()
    ]
    return sorted((item for item in items if span.after is None or item[0] > span.after), key=lambda item: item[0])


@dataclass(slots=True)
class Shares:
    """The sums of buckets in [start, stop) ms, by bucket and stream; a bucket has the zone of its first amount."""

    window: tuple[int, int]
    grid: Grid
    sums: dict[tuple[int, int], float] = field(default_factory=dict)
    zones: dict[tuple[int, int], int | None] = field(default_factory=dict)

    def add_stream(self, chunks: Sequence[Chunk], ref: StreamRef) -> None:
        """Share a stream's amounts out; `chunks` in order."""
        for chunk in chunks:
            self.add_chunk(chunk)
        if SERIES[ref.series].same_start is SameStart.KEEP or not overlap(chunks):  # two foods of one meal both count
            return
        for key in [key for key in self.sums if key[1] == ref.id]:
            self.sums[key] = 0.0
        for begin, end, value in condensed(chunks):
            self.add(begin, end, value, ref.id, None)

    def add_chunk(self, chunk: Chunk) -> None:
        """Share a chunk's amounts out."""
        base, stream = chunk.hour * HOUR_MS, chunk.stream_id
        for index, (offset, length, value) in enumerate(zip(chunk.offsets, lengths(chunk), chunk.vals, strict=True)):
            begin = base + offset
            self.add(begin, begin + length, value, stream, chunk.zone_at(index))

    def add(self, begin: int, end: int, value: float, stream: int, zone: int | None) -> None:
        low, high = max(begin, self.window[0]), min(end, self.window[1])
        if low >= high:
            return
        bucket, step = self.grid.edge(low), self.grid.step
        while bucket < high:
            inside = min(high, bucket + step) - max(low, bucket)
            key = (bucket, stream)
            self.sums[key] = self.sums.get(key, 0.0) + value * inside / (end - begin)
            if key not in self.zones:
                self.zones[key] = zone
            bucket += step


def lengths(chunk: Chunk) -> list[int]:
    """Return how long (ms) each amount of a chunk counts; an instant for a millisecond."""
    if chunk.durations is None:
        return [1] * len(chunk.vals)
    return [max(min(length, MAX_AMOUNT_MS), 1) for length in chunk.durations]


def overlap(chunks: Iterable[Chunk]) -> bool:
    """Return whether an amount begins before another one of its stream ends. `chunks` of one stream, in order."""
    until = 0
    for chunk in chunks:
        if chunk.durations is None or not chunk.offsets:
            continue
        base = chunk.hour * HOUR_MS
        ends = list(map(add, chunk.offsets, chunk.durations))
        if base + chunk.offsets[0] < until or any(map(gt, ends, chunk.offsets[1:])):
            return True
        until = base + ends[-1]
    return False


def condensed(chunks: Iterable[Chunk]) -> list[Amount]:
    """Return a stream's amounts without overlaps; those of instants as they are."""
    lasting: list[Amount] = []
    instants: list[Amount] = []
    for chunk in chunks:
        base = chunk.hour * HOUR_MS
        for offset, length, value in zip(chunk.offsets, lengths(chunk), chunk.vals, strict=True):
            one = Amount(base + offset, base + offset + length, value)
            (lasting if length > 1 else instants).append(one)
    return [*condense(lasting)[0], *instants]


def count_shared(user_key: int, refs: Sequence[StreamRef], start: int, end: int, grid: Grid) -> int:
    """Return how many buckets of these streams have something in [start, end] ms."""
    if not refs:
        return 0
    parameters: dict[str, int | list[int]] = {
        "user": user_key,
        "streams": [ref.id for ref in refs],
        "spans": [ref.span for ref in refs],
        "first": (start - MAX_AMOUNT_MS) // HOUR_MS,
        "last": end // HOUR_MS,
        "start": start,
        "end": end,
        "bucket": grid.step,
        "shift": grid.shift,
        "longest": MAX_AMOUNT_MS,
    }
    with connection.cursor() as cursor:
        cursor.execute(COUNT, parameters)
        return int(cursor.fetchone()[0])
