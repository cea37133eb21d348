"""Data within a workout: readings, the route, laps and segments. One bad point does not cost the others."""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import Rejected, Sample, SourceInfo
from healthdata.units import UnknownUnit, acceptable, plan
from providers.contract import Context
from providers.contract.bounds import instant, span
from providers.contract.dates import stated_zone
from providers.sdk.reader import ItemReader
from providers.sdk.wire import Lap, RoutePoint, Segment, TrackPoint
from wearlink.lib.clock import rfc3339

COLLECTION: Final = "workouts"

#: reading → series by the HealthKit activity the workout type belongs to; "" is any other
_READINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "heartrate": {"": "heart_rate"},
    "cadence": {
        "": "cadence",
        **dict.fromkeys(("Running", "Walking", "Hiking"), "step_cadence"),
        "Cycling": "cycling_cadence",
    },
    "speed": {"": "speed", "Running": "running_speed", "Cycling": "cycling_speed"},
    "power": {"": "power", "Running": "running_power", "Cycling": "cycling_power"},
}
_UNITS: Final = {"heartrate": "bpm", "cadence": "rpm", "speed": "m/s", "power": "W"}
_DATES: Final = {"startDate": "bad_date", "endDate": "bad_date"}
_UNIT: Final = {"unit": "unknown_unit"}
_READING: Final = ItemReader(
    TrackPoint, {"timestamp": "bad_date", "type": "unknown_type", "value": "not_a_number"}, _UNIT
)
_POINT: Final = ItemReader(
    RoutePoint, {"timestamp": "bad_date", "latitude": "not_a_number", "longitude": "not_a_number"}
)
_LAP: Final = ItemReader(Lap, _DATES)
_SEGMENT: Final = ItemReader(Segment, _DATES)

Entry = dict[str, object]


class Track(msgspec.Struct, frozen=True):
    """The workout whose parts are read: its place in the payload, its source, and its kind."""

    index: int
    source: SourceInfo
    workout_type: str
    zone: int | None
    context: Context
    provider: str

    def rejected(self, field: str, reason: str) -> Rejected:
        return Rejected(COLLECTION, self.index, field, reason)

    def series_of(self, reading: str) -> str | None:
        """Return the series of a reading by the kind of workout; None for a reading nobody knows."""
        choices = _READINGS.get(reading.replace("_", "").lower())
        if choices is None:
            return None
        family = WORKOUT_TYPES[self.workout_type].apple.removeprefix("HKWorkoutActivityType")
        return choices.get(family, choices[""])


def readings(points: list[msgspec.Raw], track: Track) -> Iterator[Sample | Rejected]:
    """samples[]: heart rate, cadence, speed and power during the workout."""
    for number, raw in enumerate(points):
        prefix = f"samples[{number}]."
        point = _READING.read(raw, COLLECTION, track.index, prefix)
        yield point if isinstance(point, Rejected) else _reading(point, prefix, track)


def _reading(point: TrackPoint, prefix: str, track: Track) -> Sample | Rejected:
    series = track.series_of(point.type)
    if series is None:
        return track.rejected(f"{prefix}type", "unknown_type")
    at = instant(point.timestamp, track.context)
    if isinstance(at, str):
        return track.rejected(f"{prefix}timestamp", at)
    unit = point.unit or _UNITS[point.type.replace("_", "").lower()]
    try:
        value = plan(unit, series, track.provider).apply(point.value)
    except UnknownUnit as error:
        return track.rejected(f"{prefix}unit", error.reason)
    if reason := acceptable(series, value):
        return track.rejected(f"{prefix}value", reason)
    return Sample(track.source, series, at, value, None, _zone(point.timestamp, track))


def route(points: list[msgspec.Raw], track: Track) -> Iterator[Sample | Rejected]:
    """route[]: latitude, longitude and, where known, altitude, each a sample of its own series."""
    for number, raw in enumerate(points):
        prefix = f"route[{number}]."
        point = _POINT.read(raw, COLLECTION, track.index, prefix)
        if isinstance(point, Rejected):
            yield point
        else:
            yield from _position(point, prefix, track)


def _position(point: RoutePoint, prefix: str, track: Track) -> Iterator[Sample | Rejected]:
    at = instant(point.timestamp, track.context)
    if isinstance(at, str):
        yield track.rejected(f"{prefix}timestamp", at)
        return
    for series in ("latitude", "longitude"):  # half a position is none
        if reason := acceptable(series, getattr(point, series)):
            yield track.rejected(f"{prefix}{series}", reason)
            return
    zone = _zone(point.timestamp, track)
    yield Sample(track.source, "latitude", at, point.latitude, None, zone)
    yield Sample(track.source, "longitude", at, point.longitude, None, zone)
    if point.altitude_m is None:
        return
    if reason := acceptable("altitude", point.altitude_m):
        yield track.rejected(f"{prefix}altitudeM", reason)
    else:
        yield Sample(track.source, "altitude", at, point.altitude_m, None, zone)


def _zone(timestamp: str, track: Track) -> int | None:
    return track.zone if track.zone is not None else stated_zone(None, timestamp)


def laps(entries: list[msgspec.Raw], track: Track) -> Iterator[Entry | Rejected]:
    """laps[] with RFC 3339 times and the distance in metres, null where nobody measured it."""
    for number, raw in enumerate(entries):
        lap = _LAP.read(raw, COLLECTION, track.index, f"laps[{number}].")
        times = lap if isinstance(lap, Rejected) else _times(lap, f"laps[{number}].", track)
        yield times if isinstance(times, Rejected) else {**times, "distance_meters": lap.distance_m}  # type: ignore[union-attr]


def segments(entries: list[msgspec.Raw], track: Track) -> Iterator[Entry | Rejected]:
    """segments[] with RFC 3339 times, what was done and how often."""
    for number, raw in enumerate(entries):
        segment = _SEGMENT.read(raw, COLLECTION, track.index, f"segments[{number}].")
        if isinstance(segment, Rejected):
            yield segment
            continue
        times = _times(segment, f"segments[{number}].", track)
        if isinstance(times, Rejected):
            yield times
            continue
        kind = None if segment.type is None else str(segment.type).strip().lower()[:100]
        yield {**times, "type": kind, "repetitions": segment.repetitions}


def _times(part: Lap | Segment, prefix: str, track: Track) -> Entry | Rejected:
    when = span(part, COLLECTION, track.index, track.context)
    if isinstance(when, Rejected):
        return track.rejected(f"{prefix}{when.field}", when.reason)
    return {"start_time": rfc3339(when.start), "end_time": rfc3339(when.end)}
