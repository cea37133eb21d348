"""The streams a query reads, with what its rows will say about their source."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from healthdata.models import Stream
from healthdata.models.series import HOUR_MS
from wearlink.lib.postgres import prepared


class StreamRef(NamedTuple):
    """One stream and its source's names."""

    id: int
    series: str
    grain: int
    span: int  # hours a chunk covers
    key48: int
    source_id: int
    provider: str
    device: str | None
    device_type: str

    @property
    def is_daily(self) -> bool:
        return self.grain == Stream.Grain.DAILY


COLUMNS = """s.id, s.series, s.grain, s.span, s.key48, src.id, src.provider,
       coalesce(nullif(src.label, ''), nullif(src.name, ''), nullif(src.model, ''), src.apps[1]), src.device_type"""
# A source that was merged into another is shown and counted as that one; a hidden one is not.
# The user is named for each table: the planner then looks for that user's rows, whatever it knows of the table's size.
SOURCES = """healthdata_stream s
JOIN healthdata_source own ON own.user_key = s.user_key AND own.id = s.source_id AND NOT own.is_hidden
JOIN healthdata_source src ON src.user_key = s.user_key AND src.id = coalesce(own.merged_into, own.id)
     AND NOT src.is_hidden"""
WHERE = """s.user_key = %(user)s AND (%(series)s::text[] IS NULL OR s.series = ANY(%(series)s::text[]))
      AND (%(provider)s::text IS NULL OR src.provider = %(provider)s)
      AND (%(source)s::uuid IS NULL OR src.uid = %(source)s::uuid)"""
FIND = f"""
SELECT {COLUMNS} FROM {SOURCES}
WHERE {WHERE} ORDER BY s.id
"""  # noqa: S608 - put together from our own pieces
FIND_WITH_HEADS = f"""
SELECT {COLUMNS}, c.hour, c.n FROM {SOURCES}
LEFT JOIN healthdata_samplechunk c ON s.grain <> 3 AND c.user_key = s.user_key AND c.stream_id = s.id
     AND c.hour BETWEEN %(earliest)s::int AND %(last)s::int AND c.hour > %(first)s::int - s.span
WHERE {WHERE} ORDER BY s.id, c.hour
"""  # noqa: S608


class ChunkHead(NamedTuple):
    """A chunk's place and number of samples."""

    stream_id: int
    hour: int
    n: int


def find(
    user_key: int, series: Sequence[str] | None = None, provider: str | None = None, source: UUID | None = None
) -> list[StreamRef]:
    """Return the user's streams of these series (None: of all), in the order of rows of one instant. One query.

    Written out, since building it costs the ORM more than the database takes to answer; the device's name is that of
    Source.device.
    """
    with prepared() as cursor:
        cursor.execute(FIND, parameters(user_key, series, provider, source))
        return [StreamRef(*row) for row in cursor.fetchall()]


def find_with_heads(
    user_key: int, series: Sequence[str], provider: str | None, source: UUID | None, start: int, end: int
) -> tuple[list[StreamRef], list[ChunkHead]]:
    """Return the streams, and the heads of their chunks that may hold samples in [start, end] ms. One query."""
    refs: dict[int, StreamRef] = {}
    heads = []
    hours = {"earliest": first_hour(start), "first": start // HOUR_MS, "last": end // HOUR_MS}
    with prepared() as cursor:
        cursor.execute(FIND_WITH_HEADS, parameters(user_key, series, provider, source) | hours)
        for *fields, hour, n in cursor.fetchall():
            if fields[0] not in refs:
                refs[fields[0]] = StreamRef(*fields)
            if hour is not None:
                heads.append(ChunkHead(fields[0], hour, n))
    return list(refs.values()), heads


def parameters(
    user_key: int, series: Sequence[str] | None, provider: str | None, source: UUID | None
) -> dict[str, Any]:
    wanted = None if series is None else list(series)
    return {"user": user_key, "series": wanted, "provider": provider, "source": source}


def first_hour(start: int) -> int:
    """Return the earliest hour at which a chunk that reaches `start` (ms) may begin."""
    return start // HOUR_MS - 23
