"""The shapes on the wire. A payload is read all at once, or left in pieces where one item of it is malformed.

Unknown fields are ignored everywhere. What a struct calls optional may be missing or null, and read item by item (see
providers.sdk.reader) even of the wrong type.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from providers.contract import AnomalousPayload

NO_SOURCE: Final = msgspec.Raw(b"null")
NO_METADATA: Final = msgspec.Raw(b"null")


class RecordItem(msgspec.Struct, gc=False, rename="camel"):
    type: str
    start_date: str
    end_date: str
    value: float | None = None
    unit: str | None = None
    zone_offset: str | None = None
    source: msgspec.Raw = NO_SOURCE
    id: str | None = None
    metadata: msgspec.Raw = NO_METADATA


class Value(msgspec.Struct, gc=False):
    """One named figure of a workout or a night."""

    type: str
    value: float
    unit: str | None = None


class SleepItem(msgspec.Struct, gc=False, rename="camel"):
    stage: str | int
    start_date: str
    end_date: str
    zone_offset: str | None = None
    source: msgspec.Raw = NO_SOURCE
    id: str | None = None
    parent_id: str | None = None
    values: list[Value] | None = None


class RoutePoint(msgspec.Struct, gc=False, rename="camel"):
    """One position. How exact it was stays in the stored payload."""

    timestamp: str
    latitude: float
    longitude: float
    altitude_m: float | None = None


class TrackPoint(msgspec.Struct, gc=False):
    """One reading taken within a workout."""

    timestamp: str
    type: str
    value: float
    unit: str | None = None


class Segment(msgspec.Struct, gc=False, rename="camel"):
    """A part of a workout done in one way."""

    start_date: str
    end_date: str
    type: str | int | None = None
    repetitions: int | None = None


class Lap(msgspec.Struct, gc=False, rename="camel"):
    start_date: str
    end_date: str
    distance_m: float | None = None


class WorkoutItem(msgspec.Struct, rename="camel"):
    """One session. Its lists are read one by one, so that a bad point does not cost the workout."""

    type: str | int
    start_date: str
    end_date: str
    zone_offset: str | None = None
    source: msgspec.Raw = NO_SOURCE
    id: str | None = None
    title: str | None = None
    notes: str | None = None
    values: list[msgspec.Raw] | None = None
    segments: list[msgspec.Raw] | None = None
    laps: list[msgspec.Raw] | None = None
    route: list[msgspec.Raw] | None = None
    samples: list[msgspec.Raw] | None = None


class _Data(msgspec.Struct):
    records: list[RecordItem] | None = None
    sleep: list[SleepItem] | None = None
    workouts: list[WorkoutItem] | None = None


class Clock(msgspec.Struct, rename="camel"):
    """A phone's statement about its own clock, as sent."""

    sync_timestamp: object = None
    time_zone: object = None


class _Payload(Clock, rename="camel"):
    data: _Data | None = None


class RawData(msgspec.Struct):
    """The three collections with their items unread."""

    records: list[msgspec.Raw] | None = None
    sleep: list[msgspec.Raw] | None = None
    workouts: list[msgspec.Raw] | None = None


class _RawPayload(Clock, rename="camel"):
    data: RawData | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The readable items of a payload, each with its place in its collection."""

    records: Iterable[tuple[int, RecordItem]]
    sleep: Iterable[tuple[int, SleepItem]]
    workouts: Iterable[tuple[int, WorkoutItem]]
    clock: Clock
    lists: Sequence[tuple[str, Sequence[RecordItem | SleepItem | WorkoutItem]]] = ()  # the same, by collection


_PAYLOAD: Final = msgspec.json.Decoder(_Payload)
_RAW_PAYLOAD: Final = msgspec.json.Decoder(_RawPayload)
_NUL: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")


def without_nul(body: bytes) -> bytes:
    """JSON without escaped NUL characters, which PostgreSQL can keep in no text."""
    # looked for one byte first, which is ten times faster: most bodies have no backslash
    return _NUL.sub(rb"\1", body) if b"\\" in body and b"\\u0000" in body else body


def read_batch(body: bytes) -> Batch | None:
    """Return all items in one go, which is several times faster; None if one of them (or more) is malformed."""
    try:
        payload = _PAYLOAD.decode(without_nul(body))
    except (msgspec.DecodeError, RecursionError):
        return None
    data = payload.data or _Data()
    records, sleep, workouts = data.records or [], data.sleep or [], data.workouts or []
    lists = (("records", records), ("sleep", sleep), ("workouts", workouts))
    return Batch(enumerate(records), enumerate(sleep), enumerate(workouts), payload, lists)


def read_raw_batch(body: bytes) -> tuple[RawData, Clock]:
    """Return the collections with their items unread. Raises AnomalousPayload."""
    try:
        payload = _RAW_PAYLOAD.decode(without_nul(body))
    except (msgspec.DecodeError, RecursionError) as error:
        raise AnomalousPayload(f"The payload is not a sync: {error}") from error
    data = payload.data or RawData()
    return RawData(data.records or [], data.sleep or [], data.workouts or []), payload
