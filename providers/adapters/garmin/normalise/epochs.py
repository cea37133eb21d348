"""epochs: quarters of an hour. One has several records, one for each kind of movement in it: they are added up.

They are amounts within the day; the day's own total is in dailies and counts before their sum.
"""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import Record, Rejected, Sample
from providers.adapters.garmin.normalise.source import GARMIN, seconds, started
from providers.contract import Context
from providers.contract.json_items import Instant, JsonItem, items

#: field → series, added up over the records of a slot
AMOUNTS: Final = {
    "steps": "steps",
    "distanceInMeters": "distance_unspecified",
    "activeKilocalories": "active_calories",
    "pushes": "push_count",
    "pushDistanceInMeters": "distance_wheelchair",
}
MET: Final = "average_met"
SERIES: Final = (*AMOUNTS.values(), MET)
QUARTER: Final = 900


class Slot:
    """The sum of the records of one quarter of an hour."""

    def __init__(self, start: Instant) -> None:
        self.start = start
        self.length = 0
        self.sums: dict[str, float] = {}
        self.weighted_met = self.weight = 0.0

    def add(self, item: JsonItem) -> None:
        """Take in one record; energy expenditure is weighted by the time spent in its kind of movement."""
        self.length = max(self.length, seconds(item, "durationInSeconds", QUARTER) or 0)
        for field, series in AMOUNTS.items():
            value = item.measure(field, series)
            if value is not None:
                self.sums[series] = self.sums.get(series, 0.0) + value
        met, active = item.measure("met", MET), seconds(item, "activeTimeInSeconds", QUARTER)
        if met is not None and active:
            self.weighted_met += met * active
            self.weight += active

    def samples(self) -> Iterator[Sample]:
        at, zone = self.start
        length = (self.length or QUARTER) * 1000
        for series, value in self.sums.items():
            yield Sample(GARMIN, series, at, round(value, 6), length, zone)
        if self.weight:
            yield Sample(GARMIN, MET, at, round(self.weighted_met / self.weight, 4), length, zone)


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield the slots in the order of their first records."""
    slots: dict[int, Slot] = {}
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        start = started(item)
        if start is not None:
            slots.setdefault(start[0], Slot(start)).add(item)
        yield from item.refused
    for slot in slots.values():
        yield from slot.samples()
