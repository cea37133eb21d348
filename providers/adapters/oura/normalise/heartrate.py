"""heartrate: a reading about every five minutes, more often in workouts and while somebody looks.

Rows of source `sleep` are left out where a sleep document has the same heart rate, on its own grid. The adapter joins
the spans of these documents to each page ({"nights": [[start, end], …], "page": …}); a page alone is taken to have all.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import Record, Rejected, Sample
from healthdata.units import BOUNDS
from providers.adapters.oura.normalise.source import RING
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.json_items import items

SERIES: Final = ("heart_rate",)
ELSEWHERE: Final = "sleep"


Nights = list[tuple[int, int]]  # spans in ms, in order, both ends included


def nights(joined: Any) -> Nights:
    """Return the spans that the adapter joined, in order and without overlaps."""
    found: Nights = []
    for start, end in sorted((start, end) for start, end in joined if start <= end):
        if found and start <= found[-1][1]:
            start, end = found[-1][0], max(found.pop()[1], end)
        found.append((start, end))
    return found


def read(
    rows: list[Any], collection: str, context: Context, known: Nights | None = None
) -> Iterator[Record | Rejected]:
    """Yield the rows' records. The ordinary row is read in this function: there are thousands in a page."""
    low, high = BOUNDS["heart_rate"]
    latest = context.received + AHEAD
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            yield Rejected(collection, index, "", "not_an_object")
            continue
        bpm, at = row.get("bpm"), row.get("timestamp_unix")
        if row.get("source") == ELSEWHERE and _covers(known, at):
            continue
        if type(bpm) is int and type(at) is int and low <= bpm <= high and EARLIEST <= at <= latest:
            yield Sample(RING, "heart_rate", at, float(bpm))
        else:
            yield from _slowly([row], collection, context, index, known)


def _covers(known: Nights | None, at: Any) -> bool:
    if known is None:
        return True
    if not isinstance(at, int):
        return False
    place = bisect_right(known, (at, math.inf)) - 1
    return place >= 0 and at <= known[place][1]


def _slowly(
    row: list[Any], collection: str, context: Context, index: int, known: Nights | None
) -> Iterator[Record | Rejected]:
    """Yield a row without its number of milliseconds, or with something wrong."""
    for item in items(row, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        item.index = index
        at, bpm = item.instant("timestamp"), item.measure("bpm", "heart_rate")
        for field in ("timestamp", "bpm"):
            if item.fields.get(field) is None:
                item.refuse(field, "missing_field")
        if item.fields.get("source") == ELSEWHERE and at is not None and _covers(known, at[0]):
            continue
        if at is not None and bpm is not None:
            yield Sample(RING, "heart_rate", at[0], bpm)
        yield from item.refused
