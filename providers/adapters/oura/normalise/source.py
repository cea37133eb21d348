"""The one source of Oura's records, and its packed series."""

from collections.abc import Iterator
from typing import Final

from healthdata.records import Sample, SourceInfo
from healthdata.units import acceptable
from providers.contract.json_items import MAX_NUMBER, JsonItem

# Documents do not say which ring made them, and a name that changed with the ring would make a night that is sent
# again another ring's: so there is one source.
RING: Final = SourceInfo("oura", name="Oura Ring", device_type="ring", manufacturer="Oura", app="Oura")
MAX_INTERVAL: Final = 86_400.0


def packed(item: JsonItem, field: str, series: str, *, document: str | None, lasting: bool = False) -> Iterator[Sample]:
    """Yield a series of equal intervals: item i is at timestamp + i·interval seconds; a null keeps its place.

    document: the id whose parts the samples are, None where they stay true without their document. lasting: each value
    holds for its interval instead of at its instant.
    """
    box = item.nested(field)
    if box is None:
        return
    start, interval = box.instant("timestamp"), box.number("interval")
    if start is None or interval is None or not 0 < interval <= MAX_INTERVAL:
        if start is None or interval is not None:
            box.refuse("interval" if start else "timestamp", "missing_field")
        return
    (at, zone), step = start, interval * 1000
    duration = round(step) if lasting else None
    for index, value in enumerate(box.array("items")):
        if value is None:
            continue
        if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) <= MAX_NUMBER:
            box.refuse(f"items[{index}]", "not_a_number")
        elif reason := acceptable(series, value):
            box.refuse(f"items[{index}]", reason)
        else:
            when = at + round(index * step)
            part = None if document is None else f"{document}#{field}{when}"
            yield Sample(RING, series, when, float(value), duration, zone, part)
