"""Counts of an end user's stored data, by series and provider."""

from dataclasses import dataclass
from typing import Final

from wearlink.lib.postgres import prepared

# Written out: `make bench`, summaries/data: p50. Every chunk's count is added up in one pass over the chunks; asked for
# stream by stream, and again for whether there is any, it took four times as long.
_HELD: Final = """
WITH held AS (
    SELECT stream_id, n,
           (SELECT hour::bigint * 3600000 + offsets[1] FROM healthdata_samplechunk c
            WHERE c.user_key = %(user)s AND c.stream_id = of_stream.stream_id AND c.hour = of_stream.first) AS first,
           (SELECT hour::bigint * 3600000 + offsets[c.n] FROM healthdata_samplechunk c
            WHERE c.user_key = %(user)s AND c.stream_id = of_stream.stream_id AND c.hour = of_stream.last) AS last
    FROM (SELECT stream_id, sum(n) AS n, min(hour) AS first, max(hour) AS last
          FROM healthdata_samplechunk WHERE user_key = %(user)s GROUP BY stream_id) of_stream
    UNION ALL
    SELECT stream_id, count(*), (extract(epoch FROM min(day)) * 1000)::bigint,
           (extract(epoch FROM max(day)) * 1000)::bigint
    FROM healthdata_dailyvalue WHERE user_key = %(user)s GROUP BY stream_id
)
"""
COUNTS: Final = f"""
{_HELD}
SELECT src.provider, s.series, sum(held.n)::bigint, min(held.first), max(held.last)
FROM held
JOIN healthdata_stream s ON s.user_key = %(user)s AND s.id = held.stream_id
JOIN healthdata_source src ON src.user_key = %(user)s AND src.id = s.source_id
GROUP BY src.provider, s.series
ORDER BY s.series, src.provider
"""  # noqa: S608 - both parts are our own
SERIES_OF_SOURCES: Final = f"""
{_HELD}
SELECT s.source_id, s.series, sum(held.n)::bigint, min(held.first), max(held.last)
FROM held
JOIN healthdata_stream s ON s.user_key = %(user)s AND s.id = held.stream_id
GROUP BY s.source_id, s.series
ORDER BY s.source_id, s.series
"""  # noqa: S608 - both parts are our own


@dataclass(frozen=True, slots=True)
class SeriesCount:
    """The number of values one provider gave of a series, and their first and last instant (ms; of daily values the UTC
    midnights of their dates)."""

    provider: str
    series: str
    n: int
    first_ms: int
    last_ms: int


def count(user_key: int) -> list[SeriesCount]:
    """Count by series, then provider. One query; of the samples only the first and the last are unpacked."""
    with prepared() as cursor:
        cursor.execute(COUNTS, {"user": user_key})
        return [SeriesCount(*row) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class SourceSeries:
    """The number of values one source gave of a series, and their first and last instant, as in SeriesCount."""

    source_id: int
    series: str
    n: int
    first_ms: int
    last_ms: int


def series_of_sources(user_key: int) -> list[SourceSeries]:
    """Count by source, then series; a source that was merged into another is counted for itself. One query."""
    with prepared() as cursor:
        cursor.execute(SERIES_OF_SOURCES, {"user": user_key})
        return [SourceSeries(*row) for row in cursor.fetchall()]
