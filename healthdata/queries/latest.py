"""The newest value of a series, whichever source has it."""

from collections.abc import Callable, Sequence
from datetime import date

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.models.series import HOUR_MS
from healthdata.queries import daily, streams
from healthdata.queries.chunks import Chunk
from healthdata.queries.positions import Item
from healthdata.queries.raw import item_of, to_row
from healthdata.queries.rows import SampleRow
from healthdata.queries.streams import StreamRef
from healthdata.records import PROFILE
from wearlink.lib.postgres import prepared

# Offsets are searched for the last in time, and nothing else of a chunk is sent (`make bench`, summaries/body: p50).
NEWEST = """
SELECT k.stream_id, c.hour, c.offsets[c.at : c.at], c.vals[c.at : c.at], c.durations[c.at : c.at], c.zone,
       c.zones[c.at : c.at], c.at - 1
FROM unnest(%s::int[]) AS k(stream_id)
CROSS JOIN LATERAL (
    SELECT hour, offsets, vals, durations, zone, zones,
           width_bucket(least(%s::bigint - hour::bigint * 3600000 - 1, 2147483647)::int, offsets) AS at
    FROM healthdata_samplechunk
    WHERE user_key = %s AND stream_id = k.stream_id AND hour <= %s ORDER BY hour DESC LIMIT 2
) c
WHERE c.at > 0
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
Rank = Callable[[StreamRef], tuple[int, ...]]  # place in the order of sources, lower is better
Age = tuple[bool, date, bool, int, tuple[int, ...], int]


def latest(
    user_key: int,
    *,
    series: Sequence[str],
    before: int | None = None,
    rank: Rank | None = None,
    refs: Sequence[StreamRef] | None = None,
    zones: ZoneHistory | None = None,
) -> dict[str, SampleRow]:
    """Return series → its newest row, with timestamp < before (ms) where that is given. Series without values are
    absent.

    Of one local date the source's own figure of it goes before single readings, whose last is no better than the
    others; of equals the source of the lowest `rank` counts. What a profile says counts only where nobody measured.
    Who knows the streams of these series already, or the user's zones, gives them.
    """
    refs = streams.find(user_key, series) if refs is None else refs
    history = ZoneHistory(user_zones.history(user_key)) if zones is None else zones

    def age(item: Item) -> Age:
        (at, stream, _, _), ref, _, _, zone = item
        place = tuple(-one for one in rank(ref)) if rank is not None else ()
        measured = ref.device_type != PROFILE
        return measured, history.day_of(at, zone), ref.is_daily, at, place, -stream

    newest: dict[str, Item] = {}
    for item in [*sample_items(user_key, refs, before), *daily_items(user_key, refs, before, history)]:
        known = newest.get(item[1].series)
        if known is None or age(item) > age(known):
            newest[item[1].series] = item
    return {code: to_row(item) for code, item in newest.items()}


def sample_items(user_key: int, refs: Sequence[StreamRef], before: int | None) -> list[Item]:
    """Return the last sample of each stream. The two newest chunks tell: the later may hold none before `before`."""
    by_id = {ref.id: ref for ref in refs if not ref.is_daily}
    if not by_id:
        return []
    last_hour = NEVER if before is None else (before - 1) // HOUR_MS
    with prepared(binary=True) as cursor:
        cursor.execute(NEWEST, [list(by_id), before, user_key, last_hour])
        chunks = [Chunk(*row) for row in cursor.fetchall()]
    return [item_of(chunk, 0, by_id[chunk.stream_id]) for chunk in chunks]


def daily_items(user_key: int, refs: Sequence[StreamRef], before: int | None, zones: ZoneHistory) -> list[Item]:
    """Return the last figure of a date of each stream; a date counts if its day begins before `before`."""
    by_id = {ref.id: ref for ref in refs if ref.is_daily}
    if not by_id:
        return []
    until = None if before is None else zones.day_of(before - 1)
    with prepared() as cursor:
        cursor.execute(NEWEST_DAILY, [list(by_id), user_key, until, until])
        rows = cursor.fetchall()
    return [daily.item_at(day, value, zone, by_id[stream], zones) for stream, day, value, zone in rows]
