"""heartrate: a reading about every five minutes, more often in workouts and while somebody looks.

Rows of source `sleep` are left out: the same nights' heart rate is part of the sleep documents, on their own grid.
"""

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


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """The ordinary row is read right here: there are thousands in a page."""
    low, high = BOUNDS["heart_rate"]
    latest = context.received + AHEAD
    for index, row in enumerate(rows):
        if not isinstance(row, dict):
            yield Rejected(collection, index, "", "not_an_object")
            continue
        if row.get("source") == ELSEWHERE:
            continue
        bpm, at = row.get("bpm"), row.get("timestamp_unix")
        if type(bpm) is int and type(at) is int and low <= bpm <= high and EARLIEST <= at <= latest:
            yield Sample(RING, "heart_rate", at, float(bpm))
        else:
            yield from _slowly([row], collection, context, index)


def _slowly(row: list[Any], collection: str, context: Context, index: int) -> Iterator[Record | Rejected]:
    """A row without its number of milliseconds, or with something wrong."""
    for item in items(row, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        item.index = index
        at, bpm = item.instant("timestamp"), item.measure("bpm", "heart_rate")
        for field in ("timestamp", "bpm"):
            if item.fields.get(field) is None:
                item.refuse(field, "missing_field")
        if at is not None and bpm is not None:
            yield Sample(RING, "heart_rate", at[0], bpm)
        yield from item.refused
