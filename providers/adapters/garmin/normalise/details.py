"""activityDetails: an activity second by second. Long ones come in several pieces, cut where they came in.

{"activityId": …, "summary": {…}, "samples": […], "laps": […], "piece": 0}
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from healthdata.records import Record, Rejected, Sample, WorkoutRecord
from healthdata.units import BOUNDS
from providers.adapters.garmin.normalise import activities
from providers.adapters.garmin.normalise.source import GARMIN, milliseconds
from providers.adapters.garmin.normalise.sports import SERIES as BY_SPORT
from providers.adapters.garmin.normalise.sports import series_of
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.json_items import MAX_NUMBER, JsonItem, items
from wearlink.lib.clock import rfc3339

#: field → series, whatever the sport
READINGS: Final[Mapping[str, str]] = {
    "heartRate": "heart_rate",
    "latitudeInDegree": "latitude",
    "longitudeInDegree": "longitude",
    "elevationInMeters": "altitude",
    "airTemperatureCelcius": "air_temperature",  # their spelling
    "stepsPerMinute": "step_cadence",
    "bikeCadenceInRPM": "cycling_cadence",
    "swimCadenceInStrokesPerMinute": "cadence",
    "directWheelchairCadence": "cadence",
}
#: field → what it measures; the series depends on the sport
SPORTING: Final[Mapping[str, str]] = {"speedMetersPerSecond": "speed", "powerInWatts": "power"}
#: known and not stored: distance and durations add up what the other fields and the times say
UNUSED: Final = frozenset(
    {
        *("startTimeInSeconds", "totalDistanceInMeters", "timerDurationInSeconds", "clockDurationInSeconds"),
        "movingDurationInSeconds",
    }
)
SERIES: Final = (*READINGS.values(), *BY_SPORT)
KNOWN: Final = frozenset({*READINGS, *SPORTING, *UNUSED})
MAX_LAPS: Final = 1_000
MAX_MS: Final = 30 * 86_400_000


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield the workout with its laps once, then the readings of each piece."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        name, summary = activities.identity(item), item.nested("summary")
        found = None if summary is None or name is None else activities.workout(summary, name)
        if summary is None:
            item.refuse("summary", "missing_field")
        if found is not None:
            if not item.fields.get("piece"):
                yield activities.with_laps(found, list(_laps(item, found)))
            yield from _samples(item, found)
        yield from item.refused


def _samples(item: JsonItem, found: WorkoutRecord) -> Iterator[Record | Rejected]:
    fields = {**READINGS, **{field: series_of(measured, found.type) for field, measured in SPORTING.items()}}
    plan = [(field, series, *BOUNDS[series]) for field, series in fields.items()]
    latest, wrong = item.context.received + AHEAD, dict.fromkeys(("startTimeInSeconds", *fields), 0)
    unknown: set[str] = set()
    for row in item.array("samples"):
        at = milliseconds(row, "startTimeInSeconds")
        if at is None or not EARLIEST <= at <= latest:
            wrong["startTimeInSeconds"] += 1
            continue
        if not row.keys() <= KNOWN:
            unknown |= row.keys() - KNOWN
        for field, series, low, high in plan:
            value = row.get(field)
            if value is None:
                continue
            if type(value) in (int, float) and abs(value) <= MAX_NUMBER and low <= value <= high:
                yield Sample(GARMIN, series, at, float(value), None, found.zone)
            else:
                wrong[field] += series != "heart_rate" or value != 0  # no pulse is no contact
    for field, count in wrong.items():
        if count:
            item.refuse(f"samples.{field}", "out_of_range")
    for field in sorted(unknown):
        item.refuse(f"samples.{field[:48]}", "unknown_field")


def _laps(item: JsonItem, found: WorkoutRecord) -> Iterator[dict[str, object]]:
    """Yield the laps. The summary has only their starts: each ends with the next, the last with the workout."""
    starts = []
    for index, row in enumerate(item.array("laps")[:MAX_LAPS]):
        at = milliseconds(row, "startTimeInSeconds")
        if at is not None and found.start <= at <= found.start + MAX_MS:
            starts.append(at)
        else:
            item.refuse(f"laps[{index}]", "bad_span")
    starts.sort()
    for begin, end in zip(starts, [*starts[1:], max(found.end, *starts)] if starts else [], strict=True):
        yield {"start_time": rfc3339(begin), "end_time": rfc3339(end)}
