"""All samples of a stream from its first to its last, for exports: a bounded number at a time, no page and no order
over streams."""

from collections.abc import Iterator
from datetime import date

from healthdata.models import DailyValue
from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk
from wearlink.lib.clock import from_ms
from wearlink.lib.postgres import prepared

CHUNK_BATCH_SIZE = 24  # a day of a dense stream; of one reading a second 86,400 samples
ROW_BATCH_SIZE = 2_000
# Written out: `make bench`, export of all samples.
_WALK = """
SELECT c.stream_id, c.hour, c.offsets, c.vals, c.durations, c.zone, c.zones FROM healthdata_samplechunk c
WHERE c.user_key = %s AND c.stream_id = %s AND c.hour > %s AND c.hour <= %s ORDER BY c.hour LIMIT %s
"""
_STORED = """
SELECT coalesce(sum(n), 0)::bigint FROM (
    SELECT sum(c.n) AS n FROM healthdata_samplechunk c JOIN healthdata_stream s ON s.id = c.stream_id
    WHERE c.user_key = %(user)s AND (%(series)s::text[] IS NULL OR s.series = ANY(%(series)s::text[]))
      AND c.hour BETWEEN %(earliest)s::int AND %(last)s::int AND c.hour > %(first)s::int - s.span
    UNION ALL
    SELECT count(*) FROM healthdata_dailyvalue d JOIN healthdata_stream s ON s.id = d.stream_id
    WHERE d.user_key = %(user)s AND (%(series)s::text[] IS NULL OR s.series = ANY(%(series)s::text[]))
) AS counted
"""
_YEARS = """
SELECT min(x.first), max(x.last) FROM healthdata_stream s CROSS JOIN LATERAL (
    SELECT min(hour)::bigint AS first, max(hour)::bigint + s.span AS last FROM healthdata_samplechunk
    WHERE user_key = s.user_key AND stream_id = s.id
    UNION ALL
    SELECT (min(day) - '1970-01-01'::date) * 24::bigint - 24, (max(day) - '1970-01-01'::date) * 24::bigint + 24
    FROM healthdata_dailyvalue WHERE user_key = s.user_key AND stream_id = s.id
) x WHERE s.user_key = %s AND s.series = %s
"""
ALWAYS = (-(2**31), 2**31 - 1)  # every hour there is


def chunks_of(user_key: int, stream_id: int, span: int, start: int, stop: int) -> Iterator[Chunk]:
    """Yield the chunks (of `span` hours) that may hold samples in [start, stop) ms, by time; a query for some at a
    time.
    """
    first, last = (min(max(ms // HOUR_MS, ALWAYS[0] + 24), ALWAYS[1]) for ms in (start, stop - 1))
    after = first - span
    while True:
        with prepared(binary=True) as cursor:
            cursor.execute(_WALK, [user_key, stream_id, after, last, CHUNK_BATCH_SIZE])
            found = [Chunk(*row) for row in cursor]
        yield from found
        if len(found) < CHUNK_BATCH_SIZE:
            return
        after = found[-1].hour


def daily_values_of(user_key: int, stream_id: int) -> Iterator[tuple[date, float, int | None]]:
    """Yield a daily stream's (date, value, zone), by date; a query for some at a time."""
    rows = DailyValue.objects.filter(user_key=user_key, stream_id=stream_id).order_by("day")
    after = date.min
    while True:
        found = list(rows.filter(day__gt=after).values_list("day", "value", "zone")[:ROW_BATCH_SIZE])
        yield from found
        if len(found) < ROW_BATCH_SIZE:
            return
        after = found[-1][0]


def stored(user_key: int, series: list[str] | None, start: int, stop: int) -> int:
    """Return how many samples of a range (ms) there are, about, and how many daily values at all; no
    array is unpacked.
    """
    first = max(start // HOUR_MS, ALWAYS[0] + 24)
    hours = {"earliest": first - 23, "first": first, "last": min((stop - 1) // HOUR_MS, ALWAYS[1])}
    with prepared() as cursor:
        cursor.execute(_STORED, {"user": user_key, "series": series, **hours})
        total: int = cursor.fetchone()[0]
    return total


def years_of(user_key: int, series: str) -> tuple[int, int]:
    """Return the first and the last year (UTC) with anything of a series that is stored."""
    with prepared() as cursor:
        cursor.execute(_YEARS, [user_key, series])
        first, last = cursor.fetchone()
    return from_ms(first * HOUR_MS).year, from_ms(last * HOUR_MS).year
