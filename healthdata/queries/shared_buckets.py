"""Amounts over time in buckets: each is shared out evenly over the time it covers, as phones' own charts do.

So an hour of steps fills sixty minutes, and what lies over midnight belongs to both days. An amount without a duration
stands where it stands.
"""

from collections.abc import Sequence
from typing import Final

from django.db import connection

from healthdata.catalogue import SERIES, Kind
from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk, between
from healthdata.queries.positions import Grid, Item, Range
from healthdata.queries.streams import StreamRef

MAX_AMOUNT_MS: Final = 24 * HOUR_MS  # longer ones count as if they had come in their first day
GROWTH: Final = 4  # of windows

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
    """Whether a stream's amounts are shared out."""
    return not ref.is_daily and SERIES[ref.series].kind is Kind.INTERVAL and SERIES[ref.series].is_additive


def shared(span: Range, refs: Sequence[StreamRef], wanted: int, grid: Grid) -> list[Item]:
    """At least the first `wanted` buckets of these streams, in order."""
    found: list[Item] = []
    begin = grid.edge(span.begin)
    width = -(-wanted * grid.step // HOUR_MS) * HOUR_MS
    while refs and begin <= span.end and len(found) < wanted:
        stop = min(begin + width, span.end + 1)
        found += window_items(span, refs, max(begin, span.start), stop, grid)
        begin, width = stop, width * GROWTH
    return found


def window_items(span: Range, refs: Sequence[StreamRef], start: int, stop: int, grid: Grid) -> list[Item]:
    """The buckets of a window [start, stop) ms that come after the range's position. One query."""
    first = (start - MAX_AMOUNT_MS) // HOUR_MS
    by_id = {ref.id: ref for ref in refs}
    sums: dict[tuple[int, int], float] = {}
    zones: dict[tuple[int, int], int | None] = {}
    hours = {ref.id: first - ref.span + 1 for ref in refs}
    for chunk in between(span.user_key, hours, (stop - 1) // HOUR_MS):
        add_chunk(chunk, (start, stop), grid, sums, zones)
    items: list[Item] = [
        ((at, stream, 0, 0), by_id[stream], value, None, zones[at, stream]) for (at, stream), value in sums.items()
    ]
    return sorted((item for item in items if span.after is None or item[0] > span.after), key=lambda item: item[0])


def add_chunk(
    chunk: Chunk,
    window: tuple[int, int],
    grid: Grid,
    sums: dict[tuple[int, int], float],
    zones: dict[tuple[int, int], int | None],
) -> None:
    """Share a chunk's amounts out over the buckets of the window."""
    base, stream = chunk.hour * HOUR_MS, chunk.stream_id
    for index, (offset, value) in enumerate(zip(chunk.offsets, chunk.vals, strict=True)):
        begin = base + offset
        length = 0 if chunk.durations is None else min(chunk.durations[index], MAX_AMOUNT_MS)
        end = begin + max(length, 1)
        low, high = max(begin, window[0]), min(end, window[1])
        if low >= high:
            continue
        bucket = grid.edge(low)
        while bucket < high:
            inside = min(high, bucket + grid.step) - max(low, bucket)
            key = (bucket, stream)
            sums[key] = sums.get(key, 0.0) + value * inside / (end - begin)
            if key not in zones:
                zones[key] = chunk.zone_at(index)
            bucket += grid.step


def count_shared(user_key: int, refs: Sequence[StreamRef], start: int, end: int, grid: Grid) -> int:
    """How many buckets of these streams have something in [start, end] ms."""
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
