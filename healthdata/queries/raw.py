"""A page of samples as they were recorded, over any number of streams in order of time.

Chunks are read in windows of time. A window is as wide as the asked-for page should be at the mean density of the
range, and is cut short by the chunks' own counts before any array is unpacked, so that neither a dense day within a
sparse year nor the reverse costs more than a page.
"""

from bisect import bisect_left
from collections.abc import Sequence
from heapq import merge
from itertools import islice

from healthdata.models.series import HOUR_MS
from healthdata.queries import daily, streams
from healthdata.queries.chunks import Chunk, ChunkHead, arrays, heads, total_in
from healthdata.queries.positions import Item, Range, parse
from healthdata.queries.rows import Page, SampleRow, ordinal_of, sample_id
from healthdata.queries.streams import StreamRef


def page(
    user_key: int,
    *,
    series: Sequence[str],
    start: int,
    end: int,
    after: list[int] | None,
    limit: int,
    provider: str | None = None,
) -> Page:
    """Samples and daily values with start <= timestamp <= end (ms), in order of time.

    `after` is the `next` of an earlier page of the same query; it carries the total, which is counted once.
    """
    refs = streams.find(user_key, series, provider)
    span = Range(user_key, refs, start, end, parse(after))
    intraday = [ref for ref in refs if not ref.is_daily]
    total = after[4] if after else total_in(user_key, intraday, start, end) + daily.total(user_key, refs, start, end)
    items = first_items(span, intraday, daily.items(span, limit + 1), limit + 1, total)
    more = [*items[limit - 1][0], total] if len(items) > limit else None
    return Page([to_row(item) for item in items[:limit]], more, total)


def first_items(span: Range, refs: Sequence[StreamRef], days: list[Item], wanted: int, total: int) -> list[Item]:
    """The first `wanted` items of the range: samples window by window, merged with the daily ones."""
    found: list[Item] = []
    begin, width = span.begin, window_width(span, wanted, total)
    while refs and begin <= span.end and len(found) < wanted:
        wide = heads(span.user_key, refs, begin, min(begin + width, span.end + 1))
        stop = complete_until(wide, refs, begin, min(begin + width, span.end + 1), wanted - len(found))
        chunks = arrays(span.user_key, [head for head in wide if head.hour * HOUR_MS < stop])
        found += items_of(span, chunks, refs, begin, stop)
        begin, width = stop, width * 4
    reach = begin if len(found) >= wanted else span.end + 1  # beyond it samples may be missing from `found`
    return list(islice(merge(found, [day for day in days if day[0][0] < reach], key=lambda item: item[0]), wanted))


def window_width(span: Range, wanted: int, total: int) -> int:
    """Milliseconds in which twice the wanted number of samples is to be expected; whole hours."""
    length = span.end - span.start + 1
    return (2 * wanted * length // max(total, 1) // HOUR_MS + 1) * HOUR_MS


def complete_until(wide: Sequence[ChunkHead], refs: Sequence[StreamRef], begin: int, stop: int, wanted: int) -> int:
    """The instant by which `wanted` samples have surely come, or `stop`.

    Counted chunk by chunk in the order of their ends. Those that begin before the window count for nothing, since
    all their samples may lie before it.
    """
    spans = {ref.id: ref.span for ref in refs}
    ends = sorted(((h.hour + spans[h.stream_id]) * HOUR_MS, h.n) for h in wide if h.hour * HOUR_MS >= begin)
    count = 0
    for end, n in ends:
        count += n
        if count >= wanted:
            return min(stop, end)
    return stop


def items_of(span: Range, chunks: Sequence[Chunk], refs: Sequence[StreamRef], begin: int, stop: int) -> list[Item]:
    """The items of these chunks in [begin, stop) that come after the range's position, in order."""
    by_id = {ref.id: ref for ref in refs}
    items: list[Item] = []
    for chunk in chunks:
        base = chunk.hour * HOUR_MS
        first = bisect_left(chunk.offsets, begin - base)
        last = bisect_left(chunk.offsets, stop - base)
        ref = by_id[chunk.stream_id]
        items += [item_of(chunk, base, index, ref) for index in range(first, last)]
    items.sort(key=lambda item: item[0])
    return items if span.after is None else [item for item in items if item[0] > span.after]


def item_of(chunk: Chunk, base: int, index: int, ref: StreamRef) -> Item:
    value = chunk.vals[index]
    duration = chunk.durations[index] if chunk.durations is not None else None
    position = (base + chunk.offsets[index], ref.id, ordinal_of(ref.series, value), index)
    return position, ref, value, duration or None, chunk.zone_at(index)


def to_row(item: Item) -> SampleRow:
    (at, _, ordinal, _), ref, value, duration, zone = item
    identity = sample_id(ref.key48, at, ordinal)
    return SampleRow(identity, at, ref.series, value, ref.provider, ref.device, duration, zone)
