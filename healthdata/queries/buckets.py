"""Samples put together by buckets of time: one row a series, source and bucket that has samples.

How is the catalogue's word (mean, sum, min, max, last, energy mean for sound levels). Means are by time, and amounts
are shared out over the time they cover (healthdata.queries.shared_buckets). Buckets are aligned to the epoch, so their
edges are whole hours, quarters and minutes UTC.
"""

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from heapq import merge
from itertools import islice
from operator import itemgetter, mul
from typing import Final
from uuid import UUID

from healthdata.catalogue import SERIES, Aggregation
from healthdata.merge.rules import READING_CAP_MS
from healthdata.models.series import HOUR_MS
from healthdata.queries import daily, streams
from healthdata.queries.chunks import Chunk, arrays, buckets_in, within
from healthdata.queries.positions import Grid, Item, Range, parse
from healthdata.queries.raw import NARROW
from healthdata.queries.rows import Page, SampleRow, sample_id
from healthdata.queries.shared_buckets import count_shared, is_shared, shared
from healthdata.queries.streams import ChunkHead, StreamRef
from healthdata.store.columns import NO_ZONE

WINDOW = 4  # a window spans this many times the asked-for number of buckets


def energy_mean(levels: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Return equivalent continuous level: 10·log10 of the mean by time of 10^(L/10) (IEC 61672-1)."""
    return 10 * math.log10(mean([10 ** (level / 10) for level in levels], weights))


def mean(vals: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Return the mean, weighted by time where the readings' times are given."""
    if weights is None:
        return sum(vals) / len(vals)
    total: float = sum(map(mul, vals, weights))
    return total / sum(weights)


#: Up to this length of a bucket its readings of instants weigh the same: within five minutes the pace of a device
#: rarely changes, and a day by the minute has 1,440 of them.
EVEN_MS: Final = 5 * 60_000
BY_TIME: Final = {Aggregation.MEAN: mean, Aggregation.ENERGY_MEAN: energy_mean}


def weights_of(chunk: Chunk, at: int, stop: int, bucket: tuple[int, int]) -> list[float] | None:
    """Return the time that the readings [at, stop) of a bucket (ms from the chunk's start) speak for; None: all the
    same.

    A level over a time weighs by it; a reading of an instant by the time to the next, at most ten minutes, within the
    bucket.
    """
    if stop - at == 1:
        return None
    if chunk.durations is not None:
        lengths = [float(length) for length in chunk.durations[at:stop]]
        return lengths if all(lengths) else None
    if bucket[1] - bucket[0] <= EVEN_MS:
        return None
    offsets = chunk.offsets[at:stop]
    ends = [*offsets[1:], bucket[1]]
    weights = [float(min(end - offset, READING_CAP_MS)) for offset, end in zip(offsets, ends, strict=True)]
    return weights if sum(weights) else None


def last(vals: Sequence[float]) -> float:
    return vals[-1]


PUT_TOGETHER: dict[Aggregation, Callable[[Sequence[float]], float]] = {
    Aggregation.MEAN: mean,
    Aggregation.SUM: sum,
    Aggregation.MIN: min,
    Aggregation.MAX: max,
    Aggregation.LAST: last,
    Aggregation.ENERGY_MEAN: energy_mean,
}


def aggregate(
    user_key: int,
    *,
    series: Sequence[str],
    start: int,
    end: int,
    bucket_ms: int,
    after: list[int] | None,
    limit: int,
    provider: str | None = None,
    source: UUID | None = None,
    shift: int = 0,
) -> Page:
    """Return buckets of the samples with start <= timestamp <= end (ms), in order of time.

    A daily value is a row of its own at its local midnight. bucket_ms divides an hour; buckets begin `shift` ms after
    those of UTC.
    """
    grid = Grid(bucket_ms, shift)
    if end - start <= NARROW:
        refs, wide = streams.find_with_heads(user_key, series, provider, source, start, end)
        span = Range(user_key, refs, start, end, parse(after))
        amounts = {ref.id for ref in refs if is_shared(ref)}
        found, whole = narrow(span, [head for head in wide if head.stream_id not in amounts], limit + 1, grid)
    else:
        refs = streams.find(user_key, series, provider, source)
        span = Range(user_key, refs, start, end, parse(after))
        plain = [ref for ref in refs if not ref.is_daily and not is_shared(ref)]
        found, whole = windows(span, plain, limit + 1, grid), False
    spread = shared(span, [ref for ref in refs if is_shared(ref)], limit + 1, grid)
    found = list(merge(found, spread, key=itemgetter(0))) if spread else found
    days = daily.items(span, limit + 1)
    items = list(islice(merge(found, days, key=lambda item: item[0]), limit + 1)) if days else found[: limit + 1]
    more = [*items[limit - 1][0]] if len(items) > limit else None
    if after:
        total = after[4]
    elif more is None:
        total = len(items)
    else:
        total = total_of(span, len(found) - len(spread) if whole else None, grid)
    return Page([to_row(item, bucket_ms) for item in items[:limit]], more and [*more, total], total)


def total_of(span: Range, buckets: int | None, grid: Grid) -> int:
    """Return how many rows the whole query gives; its buckets are counted unless their number is known."""
    if buckets is None:
        plain = [ref for ref in span.refs if not ref.is_daily and not is_shared(ref)]
        buckets = buckets_in(span.user_key, plain, span.start, span.end, grid)
    amounts = [ref for ref in span.refs if is_shared(ref)]
    buckets += count_shared(span.user_key, amounts, span.start, span.end, grid)
    return buckets + daily.total(span.user_key, span.refs, span.start, span.end)


def narrow(span: Range, wide: Sequence[ChunkHead], wanted: int, grid: Grid) -> tuple[list[Item], bool]:
    """Return the buckets of a short range, at least the first `wanted`; and whether these are all that it has."""
    begin = grid.edge(span.begin)
    stop = min(begin + -(-wanted * grid.step // HOUR_MS) * HOUR_MS, span.end + 1)
    found: list[Item] = []
    spans = {ref.id: ref.span * HOUR_MS for ref in span.refs}
    while begin <= span.end and len(found) < wanted:
        reach = [h for h in wide if h.hour * HOUR_MS < stop and h.hour * HOUR_MS + spans[h.stream_id] > begin]
        window = (max(begin, span.start), stop)
        found += items_of(span, arrays(span.user_key, reach), span.refs, window, grid)
        begin, stop = stop, span.end + 1
    return found, begin > span.end


def windows(span: Range, refs: Sequence[StreamRef], wanted: int, grid: Grid) -> list[Item]:
    """Return the first `wanted` buckets of a long range, window by window."""
    found: list[Item] = []
    begin = grid.edge(span.begin)
    width = -(-wanted * grid.step // HOUR_MS) * HOUR_MS
    while refs and begin <= span.end and len(found) < wanted:
        stop = min(begin + width, span.end + 1)
        chunks = within(span.user_key, refs, begin, stop)
        found += items_of(span, chunks, refs, (max(begin, span.start), stop), grid)
        begin, width = begin + width, width * WINDOW
    return found


def items_of(
    span: Range, chunks: Sequence[Chunk], refs: Sequence[StreamRef], window: tuple[int, int], grid: Grid
) -> list[Item]:
    """Return the buckets of these chunks' samples within the window [first, stop) ms, in order."""
    by_id = {ref.id: ref for ref in refs}
    items = [
        item
        for chunk in (joined(chunks) if grid.shift else chunks)
        for item in chunk_items(chunk, by_id[chunk.stream_id], window, grid)
        if span.after is None or item[0] > span.after
    ]
    items.sort(key=itemgetter(0))
    return items


def joined(chunks: Sequence[Chunk]) -> list[Chunk]:
    """Return one chunk a stream, so that no bucket lies in two."""
    by_stream: dict[int, list[Chunk]] = {}
    for chunk in sorted(chunks, key=itemgetter(1)):
        by_stream.setdefault(chunk.stream_id, []).append(chunk)
    return [_as_one(parts) for parts in by_stream.values()]


def _as_one(parts: Sequence[Chunk]) -> Chunk:
    """Return chunks of one stream, in order, as one."""
    first = parts[0]
    whole = Chunk(first.stream_id, first.hour, [], [], None, None, None)
    durations: list[int] = []
    zones: list[int] = []
    for part in parts:
        shift, count = (part.hour - first.hour) * HOUR_MS, len(part.vals)
        whole.offsets.extend(offset + shift for offset in part.offsets)
        whole.vals.extend(part.vals)
        durations += part.durations or [0] * count
        zones += part.zones or [NO_ZONE if part.zone is None else part.zone] * count
    timed = any(part.durations is not None for part in parts)
    return whole._replace(durations=durations if timed else None, zones=zones)


def chunk_items(chunk: Chunk, ref: StreamRef, window: tuple[int, int], grid: Grid) -> list[Item]:
    """Return a chunk's buckets: it begins and ends on an edge of one, so each is whole."""
    aggregation = SERIES[ref.series].aggregation
    put, by_time = PUT_TOGETHER[aggregation], BY_TIME.get(aggregation)
    base = chunk.hour * HOUR_MS
    offsets, vals = chunk.offsets, chunk.vals
    at = bisect_left(offsets, window[0] - base)
    end = bisect_left(offsets, window[1] - base)
    items: list[Item] = []
    zone = chunk.zone
    while at < end:
        start = grid.edge(base + offsets[at]) - base
        stop = bisect_left(offsets, start + grid.step, at, end)
        if chunk.zones is not None:
            zone = chunk.zone_at(at)
        weights = weights_of(chunk, at, stop, (start, start + grid.step)) if by_time is not None else None
        value = put(vals[at:stop]) if by_time is None or weights is None else by_time(vals[at:stop], weights)
        items.append(((base + start, ref.id, 0, 0), ref, value, None, zone))
        at = stop
    return items


def to_row(item: Item, bucket_ms: int) -> SampleRow:
    (at, _, _, _), ref, value, _, zone = item
    if ref.is_daily:
        return SampleRow(sample_id(ref.key48, at), at, ref.series, value, ref.provider, ref.device, None, zone, True)
    identity = sample_id(ref.key48, at, bucket_ms // 1000)
    return SampleRow(identity, at, ref.series, value, ref.provider, ref.device, bucket_ms, zone)
