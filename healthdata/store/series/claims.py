"""Claims of several documents on the same rows: each keeps its value in its Origin, and one of them is stored.

When a document is edited or deleted, only rows without another claim are deleted; where another's value was hidden by
its own, that value comes back.
"""

import struct
import zlib
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final

from django.db.models import Q

from healthdata.catalogue import SERIES, SameStart
from healthdata.models import Origin, Stream
from healthdata.models.series import HOUR_MS
from healthdata.store.columns import Columns, without
from healthdata.store.series.working_set import WorkingSet

Said = tuple[int, float]  # instant (ms) and value
DocumentKey = tuple[str, str]  # provider, external id
DayKey = tuple[int, date]  # stream, day
MAX_SPAN_MS: Final = 32 * 24 * HOUR_MS  # no document lasts longer


def pack(facts: Sequence[Said]) -> bytes:
    """Return instants and values of a document, for Origin.rows."""
    count = len(facts)
    instants, values = [at for at, _ in facts], [value for _, value in facts]
    return zlib.compress(struct.pack(f"<{count}q{count}d", *instants, *values), 1)


def said_by(origin: Origin) -> list[Said]:
    """Return what a claim on samples says."""
    if origin.value is not None:
        return [(origin.start_ms, origin.value)]
    if origin.rows is None:
        return []
    raw = zlib.decompress(origin.rows)
    count = len(raw) // 16
    numbers = struct.unpack(f"<{count}q{count}d", raw)
    return list(zip(numbers[:count], numbers[count:], strict=True))


def others(stream: Stream, span: tuple[int, int], mine: Collection[DocumentKey]) -> list[Origin]:
    """Return claims of documents but `mine` on samples of a stream in `span` (first and last instant), oldest first."""
    first, last = span
    alone = Q(value__isnull=False, start_ms__range=span)
    many = Q(value=None, start_ms__range=(first - MAX_SPAN_MS, last), end_ms__gte=first)
    found = Origin.objects.filter(
        alone | many, user_key=stream.user_key, kind=Origin.Kind.SAMPLE, target=stream.pk
    ).order_by("pk")
    return [origin for origin in found if (origin.provider, origin.external_id) not in mine]


def release(working: WorkingSet, stream: Stream, facts: Sequence[Said], claims: Iterable[Origin]) -> int:
    """Take samples off the working set that a document no longer says; returns how many went.

    Rows that hold another value were written by somebody else since, and stay; so do those that `claims` say, with
    the newest of the values claimed.
    """
    claimed: dict[int, list[float]] = {}
    for origin in claims:
        for at, value in said_by(origin):
            claimed.setdefault(at, []).append(value)
    keep = SERIES[stream.series].same_start is SameStart.KEEP
    drop: dict[int, list[tuple[int, float | None]]] = {}
    restore: dict[int, dict[int, tuple[float, float]]] = {}
    for at, value in facts:
        hour = at // HOUR_MS // stream.span * stream.span
        offset, known = at - hour * HOUR_MS, claimed.get(at, [])
        if not known or (keep and value not in known):
            drop.setdefault(hour, []).append((offset, value))
        elif not keep:
            restore.setdefault(hour, {})[offset] = (value, known[-1])
    return _apply(working, stream, drop, restore)


def _apply(
    working: WorkingSet,
    stream: Stream,
    drop: dict[int, list[tuple[int, float | None]]],
    restore: dict[int, dict[int, tuple[float, float]]],
) -> int:
    gone = 0
    for hour in drop.keys() | restore.keys():
        before = working.chunks.get((stream.pk, hour))
        if before is None:
            continue
        columns, removed = without(restored(before, restore.get(hour, {})), drop.get(hour, []))
        if removed or columns is not before:
            working.put((stream.pk, hour), columns)
        gone += removed
    return gone


def restored(columns: Columns, values: dict[int, tuple[float, float]]) -> Columns:
    """Replace removed values by others: offset → (the removed value, the one to store)."""
    vals = list(columns.vals)
    for index, offset in enumerate(columns.offsets):
        gone, standing = values.get(offset, (None, 0.0))
        if vals[index] == gone:
            vals[index] = standing
    if vals == columns.vals:
        return columns
    return Columns(columns.offsets, vals, columns.durations, columns.zones)
