"""The number of changed samples of a series and their time: an event names no more where samples are too many."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.queries.daily import midnight
from healthdata.store.columns import Columns
from healthdata.store.result import StoreResult

BatchKey = tuple[str, str]  # provider, series


class TouchedRange(msgspec.Struct, frozen=True, array_like=True):
    """The number of samples, the start of the first and the end of the last, in ms."""

    count: int
    start: int
    end: int

    def __add__(self, other: "TouchedRange") -> "TouchedRange":
        return TouchedRange(self.count + other.count, min(self.start, other.start), max(self.end, other.end))


Ranges = dict[BatchKey, TouchedRange]


def together(ranges: Iterable[tuple[BatchKey, TouchedRange]]) -> Ranges:
    """Return one range a provider and series."""
    found: Ranges = {}
    for key, one in ranges:
        found[key] = found[key] + one if key in found else one
    return found


def of_results(user_key: int, results: Sequence[StoreResult]) -> Ranges:
    """Return what a store call inserted or changed. A query only where there are figures of dates."""
    return together([*_of_samples(results), *_of_dates(user_key, results)])


def _of_samples(results: Sequence[StoreResult]) -> Iterator[tuple[BatchKey, TouchedRange]]:
    for change in (change for result in results for change in result.changes.samples):
        offsets = change.columns.offsets
        end = offsets[-1] + _last_duration(change.columns)
        reach = TouchedRange(len(offsets), change.start + offsets[0], change.start + end)
        yield (change.source.provider, change.stream.series), reach


def _last_duration(columns: Columns) -> int:
    return 0 if columns.durations is None else columns.durations[-1]


def _of_dates(user_key: int, results: Sequence[StoreResult]) -> Iterator[tuple[BatchKey, TouchedRange]]:
    """Yield the ranges of daily values, which begin at their local midnights, as in GET /timeseries."""
    changes = [change for result in results for change in result.changes.daily]
    zones = ZoneHistory(user_zones.history(user_key)) if changes else ZoneHistory()
    for change in changes:
        at = midnight(change.day, change.zone, zones)
        yield (change.source.provider, change.stream.series), TouchedRange(1, at, at)
