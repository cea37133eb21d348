"""A page of a short range in one query: the streams, the heads of their chunks, and the samples that the
page begins with (`make bench`, frame: one-day pages).

PostgreSQL searches the offsets for the page's first instant and sends no more of a chunk than the page may take.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk
from healthdata.queries.streams import COLUMNS, SOURCES, WHERE, ChunkHead, StreamRef, first_hour, parameters
from wearlink.lib.postgres import prepared

# Within a range a chunk's own count holds; where it sticks out, the offsets are searched for the range's two ends. The
# page's first instant is looked for behind OFFSET 0, which has it done once a chunk and not once a column. What shares
# an instant comes whole, since its order is that of values and not of places.
OPEN = f"""
SELECT {COLUMNS}, c.hour, c.n, CASE WHEN %(counted)s::bool THEN CASE
    WHEN c.hour::bigint * 3600000 >= %(start)s AND (c.hour + s.span)::bigint * 3600000 <= %(end)s::bigint + 1 THEN c.n
    ELSE width_bucket((%(end)s::bigint - c.hour::bigint * 3600000)::int, c.offsets)
       - width_bucket((%(start)s::bigint - c.hour::bigint * 3600000 - 1)::int, c.offsets) END END,
    c.offsets[at.before + 1 : at.last], c.vals[at.before + 1 : at.last], c.durations[at.before + 1 : at.last],
    c.zone, c.zones[at.before + 1 : at.last], at.before
FROM {SOURCES}
LEFT JOIN healthdata_samplechunk c ON s.grain <> 3 AND c.user_key = s.user_key AND c.stream_id = s.id
     AND c.hour BETWEEN %(earliest)s::int AND %(last)s::int AND c.hour > %(first)s::int - s.span
LEFT JOIN LATERAL (
    SELECT width_bucket((%(begin)s::bigint - c.hour::bigint * 3600000 - 1)::int, c.offsets) AS before,
           width_bucket(c.offsets[least(c.n, %(wanted)s::int
               + width_bucket((%(begin)s::bigint - c.hour::bigint * 3600000)::int, c.offsets))], c.offsets) AS last
    WHERE c.hour <= %(until)s::int OFFSET 0
) at ON true
WHERE {WHERE}
"""  # noqa: S608 - put together from our own pieces


class Opening(NamedTuple):
    """chunks: of those that begin until the first full hour what comes from the page's first instant on, at least the
    wanted samples; total: how many samples the range has, if they were to be counted.
    """

    refs: list[StreamRef]
    heads: list[ChunkHead]
    chunks: list[Chunk]
    total: int


def opened(
    user_key: int,
    series: Sequence[str],
    provider: str | None,
    source: UUID | None,
    *,
    start: int,
    end: int,
    begin: int,
    wanted: int,
    counted: bool,
) -> Opening:
    """Read what the range [start, end] ms has, for a page from `begin` on. One query."""
    refs: dict[int, StreamRef] = {}
    heads, chunks, total = [], [], 0
    hours = {
        "earliest": first_hour(start),
        "first": start // HOUR_MS,
        "last": end // HOUR_MS,
        "until": -(-begin // HOUR_MS),
    }
    page = {"start": start, "end": end, "begin": begin, "wanted": wanted, "counted": counted}
    with prepared(binary=True) as cursor:
        cursor.execute(OPEN, parameters(user_key, series, provider, source) | hours | page)
        rows = cursor.fetchall()
    for *fields, hour, n, inside, offsets, vals, durations, zone, zones, before in rows:
        key = fields[0]
        if key not in refs:
            refs[key] = StreamRef(*fields)
        if hour is None:
            continue
        heads.append(ChunkHead(key, hour, n))
        total += inside or 0
        if before is not None:
            chunks.append(Chunk(key, hour, offsets, vals, durations, zone, zones, before))
    return Opening(list(refs.values()), heads, chunks, total)
