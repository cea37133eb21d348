"""Reading and writing the rows of healthdata_samplechunk inside a store transaction.

The caller holds the end user's lock (healthdata/store/verbs.py), so what was read stays true until commit:
chunks that did not exist are copied straight in, changed ones are replaced.
"""

import itertools
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from django.db import connection

from healthdata.days import ZoneHistory
from healthdata.models.series import DAY, HOUR, HOUR_MS
from healthdata.store.columns import NO_ZONE, Columns, from_rows
from healthdata.store.series.binary import SIGNATURE, TRAILER, chunk_row
from healthdata.store.series.parts import MINUTE_MS, parts_of
from wearlink.lib import tenancy
from wearlink.lib.postgres import prepared

ChunkKey = tuple[int, int]  # stream, hour

COLUMNS = (
    "user_key, stream_id, hour, n, day, zone, lo, hi, total, final, minutes, offsets, vals, durations, zones, parts"
)
DENSE = 60  # samples an hour from which a stream's chunks cover one hour; measured in DECISIONS.md


def load(user_key: int, keys: Sequence[ChunkKey]) -> dict[ChunkKey, Columns]:
    """Return the chunks of these keys that exist. One query."""
    if not keys:
        return {}
    streams, hours = (list(column) for column in zip(*keys, strict=True))
    # Written out: binary `COPY`; `make bench`, SDK records/s, first POST to visible; half-overlapping batches:
    # records/s.
    with prepared(binary=True) as cursor:
        cursor.execute(
            "SELECT c.stream_id, c.hour, c.zone, c.offsets, c.vals, c.durations, c.zones"
            " FROM unnest(%s::int[], %s::int[]) AS k(stream_id, hour)"
            " JOIN healthdata_samplechunk c ON c.user_key = %s AND c.stream_id = k.stream_id AND c.hour = k.hour",
            [streams, hours, user_key],
        )
        return {(row[0], row[1]): columns(*row[2:]) for row in cursor}


def load_range(user_key: int, stream: int, first_hour: int, last_hour: int) -> dict[ChunkKey, Columns]:
    """Return the chunks of one stream that begin in [first_hour, last_hour]."""
    with prepared(binary=True) as cursor:
        cursor.execute(
            "SELECT hour, zone, offsets, vals, durations, zones FROM healthdata_samplechunk"
            " WHERE user_key = %s AND stream_id = %s AND hour BETWEEN %s AND %s",
            [user_key, stream, first_hour, last_hour],
        )
        return {(stream, row[0]): columns(*row[1:]) for row in cursor}


def hours_from(user_key: int, stream: int, first_hour: int) -> list[int]:
    """Return the hours at which the chunks of one stream begin, from the first on."""
    with prepared() as cursor:
        cursor.execute(
            "SELECT hour FROM healthdata_samplechunk"
            " WHERE user_key = %s AND stream_id = %s AND hour >= %s ORDER BY hour",
            [user_key, stream, first_hour],
        )
        return [hour for (hour,) in cursor.fetchall()]


def columns(
    zone: int | None, offsets: list[int], vals: list[float], durations: list[int] | None, zones: list[int] | None
) -> Columns:
    return Columns(offsets, vals, durations, zones if zones is not None else NO_ZONE if zone is None else zone)


def write(
    user_key: int,
    chunks: Mapping[ChunkKey, Columns],
    *,
    existing: set[ChunkKey],
    spans: Mapping[int, int],
    zones: ZoneHistory,
) -> None:
    """Make the table hold exactly `chunks` at their keys; an empty one goes away. spans: hours by stream."""
    replaced = [key for key in chunks if key in existing]
    rows = [encode(user_key, key, chunk, spans[key[0]], zones) for key, chunk in sorted(chunks.items()) if len(chunk)]
    # Deleted and inserted by COPY rather than updated: either leaves the old row behind, and COPY is quick.
    if replaced:
        with connection.cursor() as cursor:
            streams, hours = (list(column) for column in zip(*replaced, strict=True))
            cursor.execute(
                "DELETE FROM healthdata_samplechunk c USING unnest(%s::int[], %s::int[]) AS k(stream_id, hour)"
                " WHERE c.user_key = %s AND c.stream_id = k.stream_id AND c.hour = k.hour",
                [streams, hours, user_key],
            )
    if rows:
        # PostgreSQL has no COPY behind row-level security; every row here was made for this end user.
        with (
            tenancy.platform(),
            connection.cursor() as cursor,
            cursor.copy(f"COPY healthdata_samplechunk ({COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy,
        ):
            copy.write(b"".join((SIGNATURE, *rows, TRAILER)))


def encode(user_key: int, key: ChunkKey, chunk: Columns, span: int, zones: ZoneHistory) -> bytes:
    one = chunk.zones if isinstance(chunk.zones, int) else None
    many = None if isinstance(chunk.zones, int) else chunk.zones
    day, parts = parts_of(chunk, key[1], span, zones)
    return chunk_row(
        (user_key, *key),
        day,
        None if one == NO_ZONE else one,
        minutes_of(chunk.offsets) if span == HOUR else None,  # a day's would need 24 numbers, more than its samples
        chunk.offsets,
        chunk.vals,
        chunk.durations,
        many,
        parts,
    )


def minutes_of(offsets: list[int]) -> int:
    """Return the minutes of an hour that have samples, bit by bit. From one to the next by bisection: an hour may have
    3,600 samples.
    """
    found = at = 0
    while at < len(offsets):
        minute = offsets[at] // MINUTE_MS
        found |= 1 << minute
        at = bisect_left(offsets, (minute + 1) * MINUTE_MS, at + 1)
    return found


def span_of(starts: list[int]) -> int:
    """Return hours that the chunks of a new stream should cover, judged by its first samples (ms, sorted)."""
    hours = 1 + sum(1 for a, b in itertools.pairwise(starts) if a // HOUR_MS != b // HOUR_MS)
    return HOUR if len(starts) >= DENSE * hours else DAY


def too_dense(span: int, chunk: Columns) -> bool:
    return span == DAY and len(chunk) > DENSE * DAY


def split(stream: int, hour: int, chunk: Columns) -> dict[ChunkKey, Columns]:
    """Return a day's chunk as chunks of an hour."""
    parts: dict[int, list[tuple[int, float, int, int]]] = {}
    for offset, value, duration, zone in chunk.rows():
        step, rest = divmod(offset, HOUR_MS)
        parts.setdefault(hour + step, []).append((rest, value, duration, zone))
    return {(stream, start): from_rows(rows) for start, rows in parts.items()}
