"""Google Health's documents → records. Pure.

a type's name   a page {"dataPoints": …}; with "cleared" all there is of a stretch of time
{type}_total    {"days": …, "rollupDataPoints": …}: totals of days, joined by the adapter
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from healthdata.records import ClearedRange, Record, Rejected
from providers.adapters.google_health.collections import BY_KIND, TOTALS, GoogleDataType, total_kind
from providers.adapters.google_health.normalise import exercise, logs, measures, sleep, totals
from providers.contract import AnomalousPayload, Context, Coverage, Retraction
from providers.contract.json_items import JsonItem, read_object

Found = Iterator[Record | Rejected | Retraction | ClearedRange]


class GoogleReading(Protocol):
    """Makes records of the points of one type."""

    def __call__(
        self, rows: list[Any], one: GoogleDataType, context: Context
    ) -> Iterator[Record | Rejected | Retraction]: ...


READINGS: Final[Mapping[str, GoogleReading]] = {
    **dict.fromkeys(measures.INTERVALS, measures.intervals),
    **dict.fromkeys(measures.SAMPLES, measures.samples),
    **dict.fromkeys(measures.DAILY, measures.daily),
    "sleep": sleep.read,
    "exercise": exercise.read,
    "hydration-log": logs.read,
    "nutrition-log": logs.read,
}
TOTAL_KINDS: Final = {total_kind(one): one for one in TOTALS}
COVERAGE: Final = Coverage(
    series=tuple(dict.fromkeys([*measures.SERIES, *totals.SERIES, *logs.SERIES])),
    workout_types=exercise.WORKOUT_TYPES,
    sleep=True,
)


def normalise(body: bytes, context: Context) -> Found:
    """Yield the records of a page of a type, or of the totals of some days. Raises AnomalousPayload."""
    document = read_object(body, context.kind)
    if context.kind in TOTAL_KINDS:
        if not isinstance(document.get("rollupDataPoints"), list):
            raise AnomalousPayload("Not the totals of days.")
        yield from totals.totals(document, TOTAL_KINDS[context.kind], context.kind, context)
        return
    one = BY_KIND.get(context.kind)
    rows = document.get("dataPoints")
    if one is None or not isinstance(rows, list):
        raise AnomalousPayload("Not a page of one of Google's types.")
    if "cleared" in document:
        yield from _cleared(JsonItem(document, one.kind, 0, context), one)
    yield from READINGS[one.path](rows, one, context)


def _cleared(document: JsonItem, one: GoogleDataType) -> Iterator[ClearedRange | Retraction | Rejected]:
    """Yield deletions of what Google deleted in a stretch of time, but for what the document still tells. A reading and
    an entry lie at the very end of their stretch, an amount before it.
    """
    box = document.nested("cleared")
    span = None if box is None else box.span("start", "end")
    if box is None or span is None:
        yield from document.refused
        return
    start, end, _ = span
    if one.record == "daily":
        yield from (Retraction(f"{one.kind}-{day[:10]}") for day in box.array("days") if isinstance(day, str))
    elif one.path in ("exercise", "sleep"):
        yield ClearedRange(start, end + 1, workouts=one.path == "exercise", sleep=one.path == "sleep")
    else:
        at_end = one.record in ("sample", "session")
        yield ClearedRange(start, end + 1 if at_end else end, _series(one))


def _series(one: GoogleDataType) -> tuple[str, ...]:
    if one.path == "hydration-log":
        return (logs.HYDRATION,)
    return tuple(dict.fromkeys(logs.SERIES[1:])) if one.path == "nutrition-log" else measures.series_of(one)
