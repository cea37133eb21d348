"""Figures of local days, one a source: what the daily summaries choose from.

They come from the chunks' shares of each day (healthdata.store.series.parts), so no samples are unpacked.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from healthdata.catalogue import SERIES, Aggregation
from healthdata.queries import streams
from healthdata.queries.streams import StreamRef
from healthdata.store.series.daily_claims import EPOCH_ORDINAL
from healthdata.store.series.parts import WIDTH
from wearlink.lib.postgres import prepared

# An hour's chunk within one day counts whole; of all others the parts are listed.
# Written out: `make bench`, cold day computed: p50.
WHOLE = """
SELECT stream_id, day, sum(n)::bigint, min(lo), max(hi), sum(total), (array_agg(final ORDER BY hour DESC))[1], count(*),
       max(hour)
FROM healthdata_samplechunk
WHERE user_key = %s AND stream_id = ANY(%s::int[]) AND hour BETWEEN %s AND %s AND parts IS NULL
GROUP BY stream_id, day
"""
SPLIT = """
SELECT stream_id, hour, parts FROM healthdata_samplechunk
WHERE user_key = %s AND stream_id = ANY(%s::int[]) AND hour BETWEEN %s AND %s AND parts IS NOT NULL
"""
DAILY = """
SELECT stream_id, day, value FROM healthdata_dailyvalue
WHERE user_key = %s AND stream_id = ANY(%s::int[]) AND day BETWEEN %s::date AND %s::date
"""

VALUE_AT = {Aggregation.SUM: 0, Aggregation.MIN: 1, Aggregation.MAX: 2, Aggregation.LAST: 3}
MEAN_AT = 4  # of all others; sound levels too, whose energy mean a part cannot tell

Part = tuple[float, float, float, float, float, float, int]  # n, lo, hi, total, final, hours, hour of final


class Figure(msgspec.Struct, frozen=True, gc=False):
    """One source's word on a series and local day."""

    source_id: int
    provider: str
    device: str | None
    device_type: str
    value: float  # by the series' aggregation
    n: int
    lo: float
    hi: float
    mean: float
    last: float
    hours: int  # distinct hours with samples
    vendor_daily: bool  # the vendor's own figure of the day, which outdoes its intervals


def day_figures(
    user_key: int, *, series: Sequence[str], first: date, last: date, refs: Sequence[StreamRef] | None = None
) -> dict[tuple[str, date], list[Figure]]:
    """Return (series, local day) → the figures of its sources, for the days [first, last]. At most four queries, three
    for callers that know the streams of these series already.
    """
    refs = streams.find(user_key, series) if refs is None else refs
    figures: dict[tuple[str, date], dict[int, Figure]] = {}
    for ref, day, part in day_parts(user_key, [r for r in refs if not r.is_daily], first, last):
        figures.setdefault((ref.series, day), {})[ref.source_id] = of_part(ref, part)
    for ref, day, value in daily_values(user_key, [r for r in refs if r.is_daily], first, last):
        figures.setdefault((ref.series, day), {})[ref.source_id] = of_vendor(ref, value)
    return {key: list(by_source.values()) for key, by_source in figures.items()}


def day_parts(
    user_key: int, refs: Sequence[StreamRef], first: date, last: date
) -> Iterable[tuple[StreamRef, date, Part]]:
    """Return each stream's part of each day."""
    if not refs:
        return []
    by_id = {ref.id: ref for ref in refs}
    low, high = first.toordinal() - EPOCH_ORDINAL, last.toordinal() - EPOCH_ORDINAL
    # a local day may begin 14 hours before UTC's and end 12 hours after; a chunk begins up to 23 hours earlier
    parameters: list[Any] = [user_key, list(by_id), low * 24 - 14 - 23, high * 24 + 24 + 12]
    parts: dict[tuple[int, int], Part] = {}
    with prepared(binary=True) as cursor:
        cursor.execute(SPLIT, parameters)
        for stream, hour, numbers in cursor.fetchall():
            for at in range(0, len(numbers), WIDTH):
                add(parts, (stream, int(numbers[at])), (*numbers[at + 1 : at + WIDTH], hour))
        cursor.execute(WHOLE, parameters)
        for stream, day, *part in cursor.fetchall():
            add(parts, (stream, day), tuple(part))
    return [
        (by_id[stream], date.fromordinal(day + EPOCH_ORDINAL), part)
        for (stream, day), part in parts.items()
        if low <= day <= high
    ]


def add(parts: dict[tuple[int, int], Part], key: tuple[int, int], part: Part) -> None:
    """Join what chunks say of one day; the final value is that of the latest chunk."""
    known = parts.get(key)
    if known is None:
        parts[key] = part
        return
    n, lo, hi, total, _, hours, hour = part
    late = part if hour >= known[6] else known
    parts[key] = (
        n + known[0], min(lo, known[1]), max(hi, known[2]), total + known[3], late[4], hours + known[5], late[6]
    )  # fmt: skip


def daily_values(
    user_key: int, refs: Sequence[StreamRef], first: date, last: date
) -> Iterable[tuple[StreamRef, date, float]]:
    if not refs:
        return []
    by_id = {ref.id: ref for ref in refs}
    with prepared() as cursor:
        cursor.execute(DAILY, [user_key, list(by_id), first, last])
        return [(by_id[stream], day, value) for stream, day, value in cursor.fetchall()]


def of_part(ref: StreamRef, part: Part) -> Figure:
    n, lo, hi, total, final, hours, _ = part
    mean = total / n
    value = (total, lo, hi, final, mean)[VALUE_AT.get(SERIES[ref.series].aggregation, MEAN_AT)]
    return Figure(
        ref.source_id, ref.provider, ref.device, ref.device_type, value, int(n), lo, hi, mean, final, int(hours), False
    )


def of_vendor(ref: StreamRef, value: float) -> Figure:
    return Figure(
        ref.source_id, ref.provider, ref.device, ref.device_type, value, 1, value, value, value, value, 24, True
    )
