"""Counts of an end user's stored data, by series and provider."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

_OF_STREAMS: Final = """
CROSS JOIN LATERAL (
    SELECT (SELECT sum(n) FROM healthdata_samplechunk WHERE user_key = s.user_key AND stream_id = s.id) AS n,
           (SELECT hour::bigint * 3600000 + offsets[1] FROM healthdata_samplechunk
            WHERE user_key = s.user_key AND stream_id = s.id ORDER BY hour LIMIT 1) AS first,
           (SELECT hour::bigint * 3600000 + offsets[n] FROM healthdata_samplechunk
            WHERE user_key = s.user_key AND stream_id = s.id ORDER BY hour DESC LIMIT 1) AS last
    WHERE s.grain <> 3
    UNION ALL
    SELECT count(*), (extract(epoch FROM min(d.day)) * 1000)::bigint, (extract(epoch FROM max(d.day)) * 1000)::bigint
    FROM healthdata_dailyvalue d WHERE s.grain = 3 AND d.user_key = s.user_key AND d.stream_id = s.id
) x
WHERE s.user_key = %s AND x.n > 0
"""
# Written out: `make bench`, summaries/data: p50.
COUNTS: Final = f"""
SELECT src.provider, s.series, sum(x.n)::bigint, min(x.first), max(x.last)
FROM healthdata_stream s
JOIN healthdata_source src ON src.user_key = s.user_key AND src.id = s.source_id
{_OF_STREAMS}
GROUP BY src.provider, s.series
ORDER BY s.series, src.provider
"""  # noqa: S608 - both parts are our own
SERIES_OF_SOURCES: Final = f"""
SELECT s.source_id, s.series, sum(x.n)::bigint, min(x.first), max(x.last)
FROM healthdata_stream s
{_OF_STREAMS}
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
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [user_key])
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
    with connection.cursor() as cursor:
        cursor.execute(SERIES_OF_SOURCES, [user_key])
        return [SourceSeries(*row) for row in cursor.fetchall()]
