"""The streams of an activity: arrays that share the axis `time`, in seconds from the start.

Their samples carry the activity's id, so that they are replaced and deleted with it.
"""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import Record, Sample
from healthdata.units import BOUNDS
from providers.adapters.strava.normalise.activity import STRAVA, ParsedActivity
from providers.adapters.strava.normalise.sports import FEET, POSITION, SERIES, series_of
from providers.contract.json_items import MAX_NUMBER, JsonItem

#: known, and without a series of their own: distance adds up what positions and speed say, moving marks pauses
UNUSED: Final = frozenset({"time", "distance", "latlng", "moving", "grade_adjusted_distance", "grade_adjusted_speed"})
MAX_SECONDS: Final = 14 * 86_400
COVERED: Final = tuple(dict.fromkeys([*(s for choices in SERIES.values() for s in choices.values()), *POSITION]))


def read(item: JsonItem, found: ParsedActivity) -> Iterator[Record]:
    """Yield samples of all streams. Nothing where the start is hidden, for nobody knows when the readings were."""
    for name in item.fields:
        if name not in SERIES and name not in UNUSED:
            item.refuse(name[:64], "unknown_field")
    if found.hidden:
        return
    axis = _axis(item, found.workout.start)
    if not axis:
        return
    for stream in SERIES:
        if stream != "watts" or found.measured_power:
            factor = 2.0 if stream == "cadence" and found.sport in FEET else 1.0
            yield from _samples(item, stream, series_of(stream, found.sport), factor, axis, found)
    yield from _positions(item, axis, found)


def _axis(item: JsonItem, start: int) -> list[int | None]:
    """Return the instant of each reading (ms); None where the axis has a hole."""
    seconds = _data(item, "time")
    if seconds is None:
        if item.fields and "time" not in item.fields:
            item.refuse("time", "missing_field")
        return []
    return [
        start + round(value * 1000) if isinstance(value, int | float) and 0 <= value <= MAX_SECONDS else None
        for value in seconds
    ]


def _data(item: JsonItem, stream: str) -> list[Any] | None:
    box = item.nested(stream)
    return None if box is None else box.array("data")


def _aligned(item: JsonItem, stream: str, axis: list[int | None]) -> list[Any]:
    values = _data(item, stream)
    if values is None:
        return []
    if len(values) != len(axis):
        item.refuse(stream, "length_mismatch")
        return []
    return values


def _samples(
    item: JsonItem, stream: str, series: str, factor: float, axis: list[int | None], found: ParsedActivity
) -> Iterator[Sample]:
    zone, (low, high) = found.workout.zone, BOUNDS[series]
    refused = 0
    for at, value in zip(axis, _aligned(item, stream, axis), strict=False):
        if value is None or at is None:
            continue
        if isinstance(value, int | float) and abs(value) <= MAX_NUMBER and low <= value * factor <= high:
            yield Sample(STRAVA, series, at, value * factor, None, zone, found.workout.external_id)
        else:
            refused += 1
    if refused:
        item.refuse(stream, "out_of_range")


def _positions(item: JsonItem, axis: list[int | None], found: ParsedActivity) -> Iterator[Sample]:
    """Half a position is none."""
    zone, wrong = found.workout.zone, False
    for at, point in zip(axis, _aligned(item, "latlng", axis), strict=False):
        if point is None or at is None or point == []:
            continue
        if isinstance(point, list) and len(point) == 2 and all(map(_degrees, POSITION, point)):
            for series, degrees in zip(POSITION, point, strict=True):
                yield Sample(STRAVA, series, at, float(degrees), None, zone, found.workout.external_id)
        else:
            wrong = True
    if wrong:
        item.refuse("latlng", "out_of_range")


def _degrees(series: str, value: Any) -> bool:
    low, high = BOUNDS[series]
    return isinstance(value, int | float) and low <= value <= high
