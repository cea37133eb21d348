"""From what a store call changed to webhook events, in the store's own transaction.

    announce(user_key, results)

Rows that came again as they were raise nothing. Samples of one provider and series make one batch, which is cut where
its message would grow too large. What is written here is a draft of plain columns: the thousands of objects of a body
are made from it by the worker that sends it. A store call of more than OMITTED_FROM rows, such as the import of a
year, tells each series' range and count, and no samples.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, Literal

import msgspec

from accounts import zones as user_zones
from accounts.webhooks import audience, events
from accounts.webhooks.audience import Person
from accounts.webhooks.events import Event
from healthdata import serializers
from healthdata.catalogue import SERIES
from healthdata.days import ZoneHistory
from healthdata.event_types import TYPES
from healthdata.models import HealthScore, SleepSession, Workout
from healthdata.queries.daily import midnight
from healthdata.queries.rows import SampleRow, ordinal_of, sample_id
from healthdata.store.columns import NO_ZONE, Columns
from healthdata.store.result import DailyChange, SampleChange, StoreResult
from wearlink.lib.api.rendering import dumps
from wearlink.lib.clock import rfc3339

MOST_SAMPLES: Final = 2_500
MOST_BYTES: Final = 256 * 1024
ENVELOPE_BYTES: Final = 1_024  # what surrounds the samples, generously
OMITTED_FROM: Final = 50_000
DRAFT: Final = "samples"
_encode: Final = msgspec.msgpack.Encoder().encode

BatchKey = tuple[str, str]  # provider, series


class Part(msgspec.Struct, array_like=True, gc=False):
    """Samples of one stream as columns.

    offsets: ms from base, 32 bits (64 for daily values, which lie far apart); vals: doubles; durations (32 bits) and
    zones (16 bits): one for all where all are the same.
    """

    key48: int
    device: str | None
    daily: bool
    base: int
    offsets: bytes
    vals: bytes
    durations: int | bytes | None
    zones: int | bytes

    @property
    def code(self) -> Literal["q", "i"]:
        """The array type of the offsets."""
        return "q" if self.daily else "i"

    def cut(self, first: int, last: int) -> "Part":
        """The samples [first, last)."""
        width = len(self.offsets) // len(self)
        return Part(
            self.key48, self.device, self.daily, self.base,
            self.offsets[width * first : width * last],
            self.vals[8 * first : 8 * last],
            self.durations[4 * first : 4 * last] if isinstance(self.durations, bytes) else self.durations,
            self.zones[2 * first : 2 * last] if isinstance(self.zones, bytes) else self.zones,
        )  # fmt: skip

    def __len__(self) -> int:
        return len(self.vals) // 8

    def moments(self) -> "Sequence[int]":
        """Offsets as numbers."""
        return memoryview(self.offsets).cast(self.code)

    def lengths(self) -> "Sequence[int] | int | None":
        """Durations as numbers, or the one of all."""
        return memoryview(self.durations).cast("i") if isinstance(self.durations, bytes) else self.durations


class Draft(msgspec.Struct, array_like=True):
    """One message to be: a batch, or a piece of one. Times in ms."""

    user_id: str
    provider: str
    series: str
    sample_count: int
    start: int
    end: int
    omitted: bool
    chunk_index: int
    total_chunks: int
    parts: list[Part]


def announce(user_key: int, results: Sequence[StoreResult]) -> int:
    """Emit what these results of one store call changed; returns the number of messages.

    One query where nobody listens to anything, two for samples, and one more for each kind of session that somebody
    listens to. An end user who is unknown (or just erased) has no listeners.
    """
    changes = [result.changes for result in results]
    if not any(one.samples or one.daily or _sessions_of(one) for one in changes):
        return 0
    person = audience.of_person(user_key)
    if person is None or not person.audience.listeners:
        return 0
    wanted = person.audience.types_for(person.user_id)
    found = [*_of_sessions(person, results, wanted), *_of_samples(user_key, person, results, wanted)]
    return events.emit_many(person.audience, found) if found else 0


def _sessions_of(changes: Any) -> bool:
    return any(getattr(changes, name) for name, *_ in _SESSIONS)


# --- Sessions and scores --------------------------------------------------------------------------------------------

Show = Callable[[Any], dict[str, Any]]
_SESSIONS: Final[Sequence[tuple[str, str, Any, Show]]] = (
    ("workouts_created", "workout.created", Workout, serializers.workout),
    ("workouts_updated", "workout.updated", Workout, serializers.workout),
    ("sleep_created", "sleep.created", SleepSession, serializers.sleep_session),
    ("sleep_updated", "sleep.updated", SleepSession, serializers.sleep_session),
    ("scores_created", "health_score.created", HealthScore, serializers.score),
)


def _of_sessions(person: Person, results: Sequence[StoreResult], wanted: frozenset[str]) -> Iterator[Event]:
    for name, event_type, model, show in _SESSIONS:
        if event_type not in wanted:
            continue
        keys = {key for result in results for key in getattr(result.changes, name)}
        if name.endswith("_updated"):  # what this very call has created is told as created
            created = name.replace("_updated", "_created")
            keys -= {key for result in results for key in getattr(result.changes, created)}
        if keys:
            rows = model.objects.select_related("source").filter(pk__in=keys).order_by("pk")
            for row in rows:
                data = {"user_id": str(person.user_id), **show(row)}
                yield Event(event_type, data, user_id=person.user_id)


# --- Samples --------------------------------------------------------------------------------------------------------


def _of_samples(
    user_key: int, person: Person, results: Sequence[StoreResult], wanted: frozenset[str]
) -> Iterator[Event]:
    rows = sum(len(change.columns) for result in results for change in result.changes.samples)
    rows += sum(len(result.changes.daily) for result in results)
    batches: dict[BatchKey, list[Part]] = {}
    for result in results:
        for change in result.changes.samples:
            if not wanted.isdisjoint(TYPES[change.stream.series]):
                batches.setdefault((change.source.provider, change.stream.series), []).append(_part(change))
    daily = [change for result in results for change in result.changes.daily]
    for key, part in _daily_parts(user_key, daily, wanted):
        batches.setdefault(key, []).append(part)
    for (provider, series), parts in sorted(batches.items()):
        takers = [event_type for event_type in TYPES[series] if event_type in wanted]
        for draft in drafts(str(person.user_id), provider, series, parts, omitted=rows > OMITTED_FROM):
            data = b"%s:%s" % (DRAFT.encode(), _encode(draft))
            for event_type in takers:
                yield Event(event_type, draft=data, user_id=person.user_id)


def _part(change: SampleChange, *, daily: bool = False) -> Part:
    columns = change.columns
    return Part(
        key48=change.stream.key48,
        device=change.source.device,
        daily=daily,
        base=change.start,
        offsets=array("q" if daily else "i", columns.offsets).tobytes(),
        vals=array("d", columns.vals).tobytes(),
        durations=None if columns.durations is None else _one_or_all("i", columns.durations),
        zones=columns.zones if isinstance(columns.zones, int) else _one_or_all("h", columns.zones),
    )


def _one_or_all(code: Literal["i", "h"], numbers: list[int]) -> int | bytes:
    first = numbers[0]
    return first if numbers.count(first) == len(numbers) else array(code, numbers).tobytes()


def _daily_parts(
    user_key: int, changes: Sequence[DailyChange], wanted: frozenset[str]
) -> Iterator[tuple[BatchKey, Part]]:
    """A vendor's figures of dates stand at their local midnights, as in GET /timeseries."""
    heard = [change for change in changes if not wanted.isdisjoint(TYPES[change.stream.series])]
    zones = ZoneHistory(user_zones.history(user_key)) if heard else ZoneHistory()
    by_stream: dict[int, list[DailyChange]] = {}
    for change in heard:
        by_stream.setdefault(change.stream.id, []).append(change)
    for found in by_stream.values():
        stream, source = found[0].stream, found[0].source
        latest = {midnight(change.day, change.zone, zones): change for change in found}
        ordered = sorted(latest.items())
        columns = Columns(
            offsets=[at for at, _ in ordered],
            vals=[change.value for _, change in ordered],
            durations=None,
            zones=[NO_ZONE if change.zone is None else change.zone for _, change in ordered],
        )
        yield (source.provider, stream.series), _part(SampleChange(source, stream, 0, columns), daily=True)


def drafts(user_id: str, provider: str, series: str, parts: Sequence[Part], *, omitted: bool) -> list[Draft]:
    """The messages of one batch, in order of time."""
    ordered = sorted(parts, key=lambda part: part.base + _first(part))
    start = min(part.base + _first(part) for part in ordered)
    end = max(_end(part) for part in ordered)
    count = sum(len(part) for part in ordered)
    pieces = [[]] if omitted else list(_pieces(ordered, _room(provider, series, ordered)))
    return [
        Draft(user_id, provider, series, count, start, end, omitted, index, len(pieces), piece)
        for index, piece in enumerate(pieces)
    ]


def _pieces(parts: Iterable[Part], room: int) -> Iterator[list[Part]]:
    piece: list[Part] = []
    free = room
    for part in parts:
        first = 0
        while first < len(part):
            last = min(first + free, len(part))
            piece.append(part if (first, last) == (0, len(part)) else part.cut(first, last))
            free -= last - first
            first = last
            if not free:
                yield piece
                piece, free = [], room
    if piece:
        yield piece


def _room(provider: str, series: str, parts: Sequence[Part]) -> int:
    """How many samples a message may have, by the longest that one of them can become."""
    longest = max((part.device or "" for part in parts), key=len)
    row = SampleRow(
        id=sample_id(0, 0), timestamp=1_776_211_200_001, series=series, value=-123_456.123_456, provider=provider,
        device=longest, duration=86_399_999, zone=-330,
    )  # fmt: skip
    size = len(dumps({**serializers.sample(row), "is_daily_total": False})) + 1
    return max(min(MOST_SAMPLES, (MOST_BYTES - ENVELOPE_BYTES) // size), 1)


def _first(part: Part) -> int:
    return part.moments()[0]


def _end(part: Part) -> int:
    lengths = part.lengths()
    last = lengths if isinstance(lengths, int) else lengths[-1] if lengths else 0
    return part.base + part.moments()[-1] + last


# --- From draft to body ---------------------------------------------------------------------------------------------


def render(encoded: bytes) -> bytes:
    """The JSON of an event's data."""
    draft = msgspec.msgpack.decode(encoded, type=Draft)
    return dumps(
        {
            "user_id": draft.user_id,
            "provider": draft.provider,
            "series_type": draft.series,
            "sample_count": draft.sample_count,
            "start_time": rfc3339(draft.start),
            "end_time": rfc3339(draft.end),
            "samples": [sample for part in draft.parts for sample in _samples(draft, part)],
            "samples_omitted": draft.omitted,
            "chunk_index": draft.chunk_index,
            "total_chunks": draft.total_chunks,
        }
    )


def _samples(draft: Draft, part: Part) -> Iterator[dict[str, Any]]:
    """The objects of GET /timeseries, each with is_daily_total."""
    total = part.daily if SERIES[draft.series].is_additive else None
    vals, lengths = memoryview(part.vals).cast("d"), part.lengths()
    zones = part.zones if isinstance(part.zones, int) else memoryview(part.zones).cast("h")
    for place, (offset, value) in enumerate(zip(part.moments(), vals, strict=True)):
        at = part.base + offset
        zone = zones if isinstance(zones, int) else zones[place]
        length = lengths if lengths is None or isinstance(lengths, int) else lengths[place]
        row = SampleRow(
            id=sample_id(part.key48, at, 0 if part.daily else ordinal_of(draft.series, value)),
            timestamp=at,
            series=draft.series,
            value=value,
            provider=draft.provider,
            device=part.device,
            duration=length or None,
            zone=None if zone == NO_ZONE else zone,
        )
        yield {**serializers.sample(row), "is_daily_total": total}


events.register_draft(DRAFT, render)
