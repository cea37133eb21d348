"""A page of samples as they were recorded, over any number of streams in order of time.

Chunks are read in windows of time. A window is as wide as the asked-for page should be at the mean density of the
range, and is cut short by the chunks' own counts before any array is unpacked, so that neither a dense day within a
sparse year nor the reverse costs more than a page.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import count, islice, repeat
from uuid import UUID

from healthdata.catalogue import SERIES, SameStart
from healthdata.models.series import HOUR_MS
from healthdata.queries import daily, streams
from healthdata.queries.chunks import Chunk, arrays, heads, total_in
from healthdata.queries.opening import Opening, opened
from healthdata.queries.positions import Item, Range, parse
from healthdata.queries.rows import Page, SampleRow, ordinal_of, sample_id
from healthdata.queries.streams import ChunkHead, StreamRef

NARROW = 72 * HOUR_MS  # ranges up to here: the heads of all chunks come with the streams


def page(
    user_key: int,
    *,
    series: Sequence[str],
    start: int,
    end: int,
    after: list[int] | None,
    limit: int,
    provider: str | None = None,
    source: UUID | None = None,
) -> Page:
    """Return samples and daily values with start <= timestamp <= end (ms), in order of time.

    `after` is the `next` of an earlier page of the same query; it carries the total, which is counted once.
    """
    if end - start <= NARROW:
        opening = opened(
            user_key,
            series,
            provider,
            source,
            start=start,
            end=end,
            begin=after[0] if after else start,
            wanted=limit + 1,
            counted=not after,
        )
        refs, total = opening.refs, after[4] if after else opening.total
        span = Range(user_key, refs, start, end, parse(after))
        found = narrow(span, opening, limit + 1)
    else:
        refs = streams.find(user_key, series, provider, source)
        span = Range(user_key, refs, start, end, parse(after))
        intraday = [ref for ref in refs if not ref.is_daily]
        total = after[4] if after else total_in(user_key, intraday, start, end)
        found = windows(span, intraday, limit + 1, total)
    if not after:
        total += daily.total(user_key, refs, start, end)
    days = daily.items(span, limit + 1)
    items = list(islice(merge(found, days, key=lambda item: item[0]), limit + 1)) if days else found[: limit + 1]
    # One more than the page was read, which says whether another page follows without a further query.
    more = [*items[limit - 1][0], total] if len(items) > limit else None
    return Page([to_row(item) for item in items[:limit]], more, total)


def narrow(span: Range, opening: Opening, wanted: int) -> list[Item]:
    """Return the first `wanted` samples of a short range; asks again where those that came first are not enough."""
    spans = {ref.id: ref.span * HOUR_MS for ref in span.refs}
    reach = [head for head in opening.heads if head.hour * HOUR_MS + spans[head.stream_id] > span.begin]
    stop = complete_until(reach, span.refs, span.begin, span.end + 1, wanted)
    there = {(chunk.stream_id, chunk.hour) for chunk in opening.chunks}
    missing = [head for head in reach if head.hour * HOUR_MS < stop and (head.stream_id, head.hour) not in there]
    chunks = [chunk for chunk in opening.chunks if chunk.hour * HOUR_MS < stop]
    return items_of(span, [*chunks, *arrays(span.user_key, missing)], (span.begin, stop), wanted)


def windows(span: Range, refs: Sequence[StreamRef], wanted: int, total: int) -> list[Item]:
    """Return the first `wanted` samples of a long range, window by window; nothing before the last one is missing."""
    found: list[Item] = []
    begin, width = span.begin, window_width(span, wanted, total)
    while refs and begin <= span.end and len(found) < wanted:
        end = min(begin + width, span.end + 1)
        wide = heads(span.user_key, refs, begin, end)
        stop = complete_until(wide, refs, begin, end, wanted - len(found))
        chunks = arrays(span.user_key, [head for head in wide if head.hour * HOUR_MS < stop])
        found += items_of(span, chunks, (begin, stop), wanted - len(found))
        begin, width = stop, width * 4  # so that a gap of years costs a few queries and no thousand
    return found


def window_width(span: Range, wanted: int, total: int) -> int:
    """Return milliseconds in which twice the wanted number of samples is to be expected; whole hours."""
    length = span.end - span.start + 1
    return (2 * wanted * length // max(total, 1) // HOUR_MS + 1) * HOUR_MS


def complete_until(wide: Sequence[ChunkHead], refs: Sequence[StreamRef], begin: int, stop: int, wanted: int) -> int:
    """Return the instant by which `wanted` samples have surely come, or `stop`.

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


def items_of(span: Range, chunks: Sequence[Chunk], window: tuple[int, int], wanted: int) -> list[Item]:
    """Return the items of these chunks in [first, stop) that come after the range's position: at least the first
    `wanted`.
    """
    by_id = {ref.id: ref for ref in span.refs}
    items: list[Item] = []
    for chunk in chunks:
        base = chunk.hour * HOUR_MS
        first = bisect_left(chunk.offsets, window[0] - base)
        behind = bisect_right(chunk.offsets, window[0] - base, first) - first  # these may not come after the position
        last = min(bisect_left(chunk.offsets, window[1] - base, first), first + behind + wanted)
        if last > first:  # what shares an instant stays together: it is put in order of its values
            last = bisect_right(chunk.offsets, chunk.offsets[last - 1], last)
        items += items_in(chunk, by_id[chunk.stream_id], first, last)
    # By position alone: references of streams have no order.
    items.sort(key=lambda item: item[0])
    return items if span.after is None else [item for item in items if item[0] > span.after]


def items_in(chunk: Chunk, ref: StreamRef, first: int, last: int) -> list[Item]:
    """Return the items of these places of a chunk."""
    base, stream, place = chunk.hour * HOUR_MS, ref.id, chunk.before + first
    vals = chunk.vals[first:last]
    ordinals: Iterable[int] = repeat(0)
    if SERIES[ref.series].same_start is SameStart.KEEP:
        ordinals = [ordinal_of(ref.series, value) for value in vals]
    durations: Iterable[int | None] = repeat(None)
    if chunk.durations is not None:
        durations = [duration or None for duration in chunk.durations[first:last]]
    zones: Iterable[int | None] = repeat(chunk.zone)
    if chunk.zones is not None:
        zones = [chunk.zone_at(index) for index in range(first, last)]
    columns = zip(chunk.offsets[first:last], ordinals, count(place), vals, durations, zones)
    return [
        ((base + at, stream, nth, index), ref, value, length, zone) for at, nth, index, value, length, zone in columns
    ]


def item_of(chunk: Chunk, index: int, ref: StreamRef) -> Item:
    """Return the item of one place of a chunk."""
    return items_in(chunk, ref, index, index + 1)[0]


def to_row(item: Item) -> SampleRow:
    (at, _, ordinal, _), ref, value, duration, zone = item
    identity = sample_id(ref.key48, at, ordinal)
    return SampleRow(identity, at, ref.series, value, ref.provider, ref.device, duration, zone, ref.is_daily)
