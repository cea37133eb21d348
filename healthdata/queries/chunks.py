"""Reading rows of healthdata_samplechunk: their heads, their arrays, how many samples lie in a range."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, LiteralString, NamedTuple

from healthdata.models.series import HOUR_MS
from healthdata.queries.positions import Grid
from healthdata.queries.streams import ChunkHead, StreamRef, first_hour
from healthdata.store.columns import NO_ZONE
from healthdata.store.series.parts import MINUTE_MS
from wearlink.lib.postgres import prepared


class Chunk(NamedTuple):
    """A chunk unpacked, without the first `before` samples; offsets in ms from `hour`."""

    stream_id: int
    hour: int
    offsets: list[int]
    vals: list[float]
    durations: list[int] | None
    zone: int | None
    zones: list[int] | None
    before: int = 0

    def zone_at(self, index: int) -> int | None:
        if self.zones is None:
            return self.zone
        zone = self.zones[index]
        return None if zone == NO_ZONE else zone


# The bounds are plain columns: behind the wall PostgreSQL looks up in an index only what cannot fail, and for a bound
# that has to be computed it would read every hour before.
# Written out: `make bench`, page of 100 of all 1,000,000, with total_count: p50; a day at 1 min, one call: p50.
HEADS = (
    "SELECT c.stream_id, c.hour, c.n FROM unnest(%s::int[], %s::int[]) AS k(stream_id, first)"
    " JOIN healthdata_samplechunk c ON c.user_key = %s AND c.stream_id = k.stream_id AND c.hour BETWEEN k.first AND %s"
)


def heads(user_key: int, refs: Sequence[StreamRef], start: int, stop: int) -> list[ChunkHead]:
    """Return heads of the chunks that may hold samples in [start, stop) ms. One query."""
    ids, firsts = [ref.id for ref in refs], [start // HOUR_MS - ref.span + 1 for ref in refs]
    with prepared() as cursor:
        cursor.execute(HEADS, [ids, firsts, user_key, (stop - 1) // HOUR_MS])
        return [ChunkHead(*row) for row in cursor.fetchall()]


ARRAYS = (
    "SELECT c.stream_id, c.hour, c.offsets, c.vals, c.durations, c.zone, c.zones"
    " FROM unnest(%s::int[], %s::int[]) AS k(stream_id, hour)"
    " JOIN healthdata_samplechunk c ON c.user_key = %s AND c.stream_id = k.stream_id AND c.hour = k.hour"
)


def arrays(user_key: int, wanted: Collection[ChunkHead]) -> list[Chunk]:
    """Return these chunks unpacked, in no order. One query; none for nothing."""
    if not wanted:
        return []
    with prepared(binary=True) as cursor:
        cursor.execute(ARRAYS, [[h.stream_id for h in wanted], [h.hour for h in wanted], user_key])
        return [Chunk(*row) for row in cursor]


BETWEEN = (
    "SELECT c.stream_id, c.hour, c.offsets, c.vals, c.durations, c.zone, c.zones"
    " FROM unnest(%s::int[], %s::int[]) AS k(stream_id, first)"
    " JOIN healthdata_samplechunk c ON c.user_key = %s AND c.stream_id = k.stream_id AND c.hour BETWEEN k.first AND %s"
    " ORDER BY c.stream_id, c.hour"
)


def between(user_key: int, first_hours: Mapping[int, int], last_hour: int) -> list[Chunk]:
    """Return the chunks that begin from each stream's first hour to `last_hour`, by stream and time. One query."""
    with prepared(binary=True) as cursor:
        cursor.execute(BETWEEN, [list(first_hours), list(first_hours.values()), user_key, last_hour])
        return [Chunk(*row) for row in cursor]


def within(user_key: int, refs: Sequence[StreamRef], start: int, stop: int) -> list[Chunk]:
    """Return the chunks that may hold samples in [start, stop) ms, by stream and time. One query."""
    first_hours = {ref.id: start // HOUR_MS - ref.span + 1 for ref in refs}
    return between(user_key, first_hours, (stop - 1) // HOUR_MS)


#: How many buckets have samples: of an hour by its minutes, else by unpacking. Offsets go up, so a whole chunk has a
#: bucket more than there are neighbours in different ones; unpacked in the SELECT list they cost a fifth of a FROM.
BUCKETS: LiteralString = """
SELECT coalesce(sum(CASE
    WHEN c.n = 1 AND inside THEN 1
    WHEN k.span = 1 AND {bucket} = 3600000 AND inside THEN 1
    WHEN {minutes} AND inside THEN bit_count((({folded}) & {firsts})::bit(64))
    WHEN inside THEN (
        SELECT 1 + count(*) FILTER (WHERE this / {bucket} <> next / {bucket})
        FROM (SELECT unnest(c.offsets) AS this, unnest(c.offsets[2:]) AS next) neighbours)
    ELSE (SELECT count(DISTINCT o / {bucket}) FROM unnest(c.offsets) AS o
          WHERE c.hour::bigint * 3600000 + o BETWEEN %(start)s AND %(end)s)
END), 0)
FROM unnest(%(streams)s::int[], %(spans)s::int[]) AS k(stream_id, span)
JOIN healthdata_samplechunk c ON c.user_key = %(user)s AND c.stream_id = k.stream_id
     AND c.hour BETWEEN %(first)s AND %(last)s
CROSS JOIN LATERAL (SELECT c.hour::bigint * 3600000 >= %(start)s
                       AND (c.hour + k.span)::bigint * 3600000 <= %(end)s + 1 AS inside) edge
"""

TOTAL = """
SELECT coalesce(sum(CASE
    WHEN c.hour::bigint * 3600000 >= %(start)s AND (c.hour + k.span)::bigint * 3600000 <= %(end)s + 1 THEN c.n
    ELSE (SELECT count(*) FROM unnest(c.offsets) AS o
          WHERE c.hour::bigint * 3600000 + o BETWEEN %(start)s AND %(end)s)
END), 0)
FROM unnest(%(streams)s::int[], %(spans)s::int[]) AS k(stream_id, span)
JOIN healthdata_samplechunk c ON c.user_key = %(user)s AND c.stream_id = k.stream_id
     AND c.hour BETWEEN %(first)s AND %(last)s
"""


def total_in(user_key: int, refs: Sequence[StreamRef], start: int, end: int) -> int:
    """Return samples of these streams in [start, end] ms: the chunks' own counts, unpacked only at the two edges."""
    return scalar(TOTAL, user_key, refs, start, end)


#: The same where buckets lie across the edges of chunks.
SHIFTED: LiteralString = """
SELECT count(*) FROM (
    SELECT DISTINCT c.stream_id, (c.hour::bigint * 3600000 + o - %(shift)s) / %(bucket)s
    FROM unnest(%(streams)s::int[], %(spans)s::int[]) AS k(stream_id, span)
    JOIN healthdata_samplechunk c ON c.user_key = %(user)s AND c.stream_id = k.stream_id
         AND c.hour BETWEEN %(first)s AND %(last)s
    CROSS JOIN LATERAL unnest(c.offsets) AS o
    WHERE c.hour::bigint * 3600000 + o BETWEEN %(start)s AND %(end)s
) found
"""


def buckets_in(user_key: int, refs: Sequence[StreamRef], start: int, end: int, grid: Grid) -> int:
    """Return buckets of these streams that have samples in [start, end] ms."""
    if grid.shift:
        return scalar(SHIFTED, user_key, refs, start, end, bucket=grid.step, shift=grid.shift)
    return scalar(counting(grid.step), user_key, refs, start, end)


@lru_cache(maxsize=32)
def counting(bucket_ms: int) -> LiteralString:
    """BUCKETS for buckets of this length.

    Buckets of whole minutes are counted in an hour's bits: each minute is put upon the first of its bucket, and those
    are counted. (60 minutes leave the sign bit alone.)
    """
    step, rest = divmod(bucket_ms, MINUTE_MS)
    if rest or 60 % step:
        return BUCKETS.format(bucket=bucket_ms, minutes="false", folded="0", firsts="0")
    folded = " | ".join(f"(c.minutes >> {shift})" for shift in range(step))
    firsts = sum(1 << minute for minute in range(0, 60, step))
    return BUCKETS.format(bucket=bucket_ms, minutes="c.minutes IS NOT NULL", folded=folded, firsts=firsts)


def scalar(sql: LiteralString, user_key: int, refs: Sequence[StreamRef], start: int, end: int, **more: int) -> int:
    if not refs:
        return 0
    parameters: dict[str, Any] = {
        "user": user_key,
        "streams": [ref.id for ref in refs],
        "spans": [ref.span for ref in refs],
        "start": start,
        "end": end,
        "first": first_hour(start),
        "last": end // HOUR_MS,
    }
    with prepared() as cursor:
        cursor.execute(sql, parameters | more)
        return int(cursor.fetchone()[0])
