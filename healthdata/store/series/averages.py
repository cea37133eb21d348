"""Means of a provider's samples over its sleep sessions, kept on the sessions."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from healthdata.merge.rules import READING_CAP_MS
from healthdata.models import SleepSession, Stream
from healthdata.models.series import DAY, HOUR_MS
from healthdata.store.result import SampleChange
from wearlink.lib.clock import from_ms, to_ms

FIELDS = {
    "heart_rate": "avg_heart_rate_bpm",
    "heart_rate_variability_sdnn": "avg_hrv_sdnn_ms",
    "heart_rate_variability_rmssd": "avg_hrv_rmssd_ms",
    "respiratory_rate": "avg_respiratory_rate",
    "spo2": "avg_spo2_percent",
}

# By time: a level over a time weighs by it, an instant by the time to the next, at most READING_CAP_MS.
# Written out: `make bench`, SDK records/s, first POST to visible.
MEANS = """
SELECT w.key, s.series, sum(v.sum) / sum(v.weight)
FROM unnest(%(keys)s::bigint[], %(starts)s::bigint[], %(ends)s::bigint[], %(providers)s::text[],
            %(earliest)s::int[], %(latest)s::int[]) AS w(key, first, last, provider, earliest, latest)
JOIN healthdata_source src ON src.user_key = %(user)s AND src.provider = w.provider
JOIN healthdata_stream s ON s.user_key = %(user)s AND s.source_id = src.id
     AND s.series = ANY(%(series)s) AND s.grain <> 3
JOIN healthdata_samplechunk c ON c.user_key = %(user)s AND c.stream_id = s.id
     AND c.hour BETWEEN w.earliest AND w.latest AND c.hour > w.first / 3600000 - s.span
CROSS JOIN LATERAL (SELECT c.hour::bigint * 3600000 AS start) base
CROSS JOIN LATERAL (
    SELECT sum(weight) AS weight, sum(value * weight) AS sum
    FROM (
        SELECT x.value, CASE WHEN x.duration > 0 THEN x.duration ELSE greatest(1, least(%(longest)s,
               lead(x.at, 1, least(s.span * 3600000, w.last - base.start)::int) OVER (ORDER BY x.at) - x.at
               )) END AS weight
        FROM unnest(c.offsets, c.vals, c.durations) AS x(at, value, duration)
        WHERE base.start + x.at BETWEEN w.first AND w.last
    ) weighed
) v
WHERE v.weight > 0
GROUP BY w.key, s.series
"""

# Written out: `make bench`, Apple XML records/s; a bulk_update of years of nights takes as long as all else of them.
WRITE = """
UPDATE healthdata_sleepsession s
SET (avg_heart_rate_bpm, avg_hrv_sdnn_ms, avg_hrv_rmssd_ms, avg_respiratory_rate, avg_spo2_percent)
    = ROW (n.heart_rate, n.sdnn, n.rmssd, n.respiratory_rate, n.spo2)
FROM unnest(%s::bigint[], %s::float8[], %s::float8[], %s::float8[], %s::float8[], %s::float8[])
     AS n(key, heart_rate, sdnn, rmssd, respiratory_rate, spo2)
WHERE s.user_key = %s AND s.key = n.key
"""


def refresh(user_key: int, sessions: Iterable[SleepSession]) -> list[SleepSession]:
    """Compute the averages again; saves and returns the sessions whose figures changed. One query for all."""
    rows = {session.pk: session for session in sessions}
    if not rows:
        return []
    means = query(user_key, list(rows.values()))
    changed = [session for pk, session in rows.items() if put(session, means.get(pk, {}))]
    write(user_key, changed)
    return changed


def write(user_key: int, sessions: Sequence[SleepSession]) -> None:
    if sessions:
        columns = [[getattr(session, name) for session in sessions] for name in ("key", *FIELDS.values())]
        with connection.cursor() as cursor:
            cursor.execute(WRITE, [*columns, user_key])


def query(user_key: int, sessions: Sequence[SleepSession]) -> dict[int, dict[str, float]]:
    starts, ends = [to_ms(session.start) for session in sessions], [to_ms(session.end) for session in sessions]
    parameters: dict[str, Any] = {
        "user": user_key,
        "keys": [session.pk for session in sessions],
        "starts": starts,
        "ends": ends,
        "earliest": [start // HOUR_MS - DAY + 1 for start in starts],
        "latest": [end // HOUR_MS for end in ends],
        "providers": [session.source.provider for session in sessions],
        "series": list(FIELDS),
        "longest": READING_CAP_MS,
    }
    means: dict[int, dict[str, float]] = {}
    with connection.cursor() as cursor:
        cursor.execute(MEANS, parameters)
        for key, series, mean in cursor.fetchall():
            means.setdefault(key, {})[FIELDS[series]] = mean
    return means


def put(session: SleepSession, means: dict[str, float]) -> bool:
    changed = False
    for name in FIELDS.values():
        mean = means.get(name)
        if getattr(session, name) != mean:
            setattr(session, name, mean)
            changed = True
    return changed


def sessions_touched_by(user_key: int, changes: Iterable[SampleChange]) -> list[SleepSession]:
    """Return stored sessions in whose time samples of an averaged series changed. One query, none
    without such samples.
    """
    spans = [
        (change.start + change.columns.offsets[0], change.start + change.columns.offsets[-1])
        for change in changes
        if change.stream.series in FIELDS and change.stream.grain != Stream.Grain.DAILY
    ]
    if not spans:
        return []
    low, high = min(first for first, _ in spans), max(last for _, last in spans)
    near = SleepSession.objects.select_related("source").filter(
        user_key=user_key, start__lte=from_ms(high), end__gte=from_ms(low)
    )
    covered = joined(spans)
    starts = [first for first, _ in covered]
    return [row for row in near if touches(covered, starts, to_ms(row.start), to_ms(row.end))]


def joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same stretches in order and without overlaps."""
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            first, last = found[-1][0], max(found.pop()[1], last)
        found.append((first, last))
    return found


def touches(covered: Sequence[tuple[int, int]], starts: Sequence[int], first: int, last: int) -> bool:
    place = bisect_right(starts, last) - 1
    return place >= 0 and covered[place][1] >= first
