"""The newest value of a series, whichever source has it."""

from collections.abc import Sequence

from accounts import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.models.series import HOUR_MS
from healthdata.queries import daily, streams
from healthdata.queries.chunks import arrays
from healthdata.queries.positions import Item
from healthdata.queries.raw import item_of, to_row
from healthdata.queries.rows import SampleRow
from healthdata.queries.streams import ChunkHead, StreamRef
from wearlink.lib.postgres import prepared

NEWEST = """
SELECT k.stream_id, c.hour, c.n
FROM unnest(%s::int[], %s::int[]) AS k(stream_id, span)
CROSS JOIN LATERAL (
    SELECT hour, n FROM healthdata_samplechunk
    WHERE user_key = %s AND stream_id = k.stream_id AND hour <= %s ORDER BY hour DESC LIMIT 2
) c
"""
NEWEST_DAILY = """
SELECT k.stream_id, d.day, d.value, d.zone
FROM unnest(%s::int[]) AS k(stream_id)
CROSS JOIN LATERAL (
    SELECT day, value, zone FROM healthdata_dailyvalue
    WHERE user_key = %s AND stream_id = k.stream_id AND (%s::date IS NULL OR day <= %s::date) ORDER BY day DESC LIMIT 1
) d
"""
NEVER = 2**31 - 1


def latest(user_key: int, *, series: Sequence[str], before: int | None = None) -> dict[str, SampleRow]:
    """series → its newest row, with timestamp < before (ms) where that is given. Series without values are absent."""
    refs = streams.find(user_key, series)
    newest: dict[str, Item] = {}
    for item in [*sample_items(user_key, refs, before), *daily_items(user_key, refs, before)]:
        known = newest.get(item[1].series)
        if known is None or item[0] > known[0]:
            newest[item[1].series] = item
    return {code: to_row(item) for code, item in newest.items()}


def sample_items(user_key: int, refs: Sequence[StreamRef], before: int | None) -> list[Item]:
    """The last sample of each stream. The two newest chunks tell: the later may hold none before `before`."""
    by_id = {ref.id: ref for ref in refs if not ref.is_daily}
    if not by_id:
        return []
    last_hour = NEVER if before is None else (before - 1) // HOUR_MS
    with prepared() as cursor:
        cursor.execute(NEWEST, [list(by_id), [ref.span for ref in by_id.values()], user_key, last_hour])
        wanted = [ChunkHead(*row) for row in cursor.fetchall()]
    items = []
    for chunk in arrays(user_key, wanted):
        base = chunk.hour * HOUR_MS
        fits = [i for i, offset in enumerate(chunk.offsets) if before is None or base + offset < before]
        if fits:
            items.append(item_of(chunk, base, fits[-1], by_id[chunk.stream_id]))
    return items


def daily_items(user_key: int, refs: Sequence[StreamRef], before: int | None) -> list[Item]:
    by_id = {ref.id: ref for ref in refs if ref.is_daily}
    if not by_id:
        return []
    zones = ZoneHistory(user_zones.history(user_key))
    until = None if before is None else daily.day_at(before)
    with prepared() as cursor:
        cursor.execute(NEWEST_DAILY, [list(by_id), user_key, until, until])
        rows = cursor.fetchall()
    items = [daily.item_at(day, value, zone, by_id[stream], zones) for stream, day, value, zone in rows]
    return [item for item in items if before is None or item[0][0] < before]
