"""sleep: a session by its id; what an edit leaves out goes."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import Record, Rejected, StageRecord
from providers.adapters.google_health.collections import GoogleDataType
from providers.adapters.google_health.normalise.fields import GooglePoint, interval, points
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem

STAGES: Final = {
    "AWAKE": "awake",
    "LIGHT": "light",
    "DEEP": "deep",
    "REM": "rem",
    "ASLEEP": "sleeping",
    "RESTLESS": "unknown",  # counted as awake by Google, and not as sleep: neither can be said of it
}
LISTS: Final = ("stages", "shortAwakenings", "outOfBedSegments")
UNTYPED: Final = {"shortAwakenings": "AWAKE", "outOfBedSegments": "AWAKE"}


def read(rows: list[Any], one: GoogleDataType, context: Context) -> Iterator[Record | Rejected | Retraction]:
    """Yield sessions; those of other makers too, each with its own source."""
    for point in points(rows, one, context):
        if isinstance(point, Rejected):
            yield point
            continue
        found = interval(point.value)
        if found is None:
            continue
        start, end, zone = found
        name = f"sleep-{point.id}" if point.id else f"sleep-{start}-{end}"
        yield Retraction(name)
        stages = list(_stages(point))
        if not stages and end > start:
            stages = [(start, end, "in_bed")]
        nap = _is_nap(point.value)
        for first, last, stage in stages:
            yield StageRecord(point.source, first, last, stage, zone, nap, f"{name}#{first}-{stage}")


def _stages(point: GooglePoint) -> Iterator[tuple[int, int, str]]:
    """Yield stages one after the other, and the short wakes laid over them."""
    item = point.value
    for field in LISTS:
        for index, row in enumerate(item.array(field)):
            if not isinstance(row, dict):
                item.refuse(f"{field}[{index}]", "not_an_object")
                continue
            part = JsonItem(row, f"{item.collection}.{field}", index, item.context, item.refused)
            span = part.span("startTime", "endTime")
            raw = part.text("type") or UNTYPED.get(field, "")
            stage = STAGES.get(raw)
            if stage is None:
                part.refuse("type", "unknown_type" if raw else "missing_field")
            elif span is not None and span[1] > span[0]:
                yield span[0], span[1], stage


def _is_nap(item: JsonItem) -> bool | None:
    """Google's own word, where it has one."""
    metadata = item.nested("metadata")
    if metadata is None:
        return None
    nap, main = metadata.flag("nap"), metadata.flag("mainSleep")
    if nap is None and main is not None:
        return not main
    return nap
