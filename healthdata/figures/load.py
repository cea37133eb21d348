"""The sources' samples of some local days, unpacked from the store for the merge."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import repeat
from typing import Final

from healthdata.days import ZoneHistory
from healthdata.merge import Amount, Readings, Stretch, condense, wear, within
from healthdata.merge.preferences import SourceCandidate
from healthdata.metrics import ACTIVITY_SERIES
from healthdata.models import DailyValue, Source, Stream
from healthdata.models.series import HOUR_MS
from healthdata.queries.chunks import Chunk, between
from healthdata.queries.streams import StreamRef
from healthdata.store.columns import NO_ZONE
from healthdata.store.series.daily_claims import DAY_MS, EPOCH_ORDINAL
from wearlink.lib.postgres.whole_rows import whole_rows

MINUTE_MS: Final = 60_000
#: An amount over more than a day counts as if it had come in its first day: nobody walks that long.
MAX_AMOUNT_MS: Final = DAY_MS
HEART_RATE: Final = "heart_rate"
WEAR_TIME: Final = "wear_time"
#: What is worn for as long as it reads the heart. A phone or a scale is not.
WORN_TYPES: Final = frozenset({"watch", "ring", "fitness_band", "chest_strap", "head_mounted"})


@dataclass(slots=True)
class Rows:
    """Samples of one stream that state one zone (or none), in order of time."""

    stream: int
    zone: int  # NO_ZONE: the end user's
    moments: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    durations: list[int] = field(default_factory=list)  # empty: all are instants
    longest: int = 0  # of the durations

    def add(self, chunk: Chunk, base: int, picked: Sequence[int] | None) -> None:
        """Append a chunk's samples, or those at the places `picked`."""
        offsets, values, durations = chunk.offsets, chunk.vals, chunk.durations
        if picked is not None:
            offsets, values = [offsets[at] for at in picked], [values[at] for at in picked]
            durations = None if durations is None else [durations[at] for at in picked]
        if durations is not None and len(self.durations) < len(self.moments):
            self.durations += [0] * (len(self.moments) - len(self.durations))
        self.moments += [base + offset for offset in offsets]
        self.values += values
        if durations is not None:
            self.durations += durations
            self.longest = max(self.longest, max(durations, default=0))
        elif self.durations:
            self.durations += [0] * len(offsets)


@dataclass(slots=True)
class Inputs:
    """Some local days of one end user."""

    zones: ZoneHistory
    sources: dict[int, Source]
    samples: dict[tuple[str, int], list[Rows]]  # (series, source) → rows of each zone
    daily: dict[tuple[date, str], dict[int, float]]  # (day, series) → source → the vendor's own figure
    candidates: dict[int, SourceCandidate] = field(default_factory=dict)
    _bounds: dict[date, Stretch] = field(default_factory=dict, init=False, repr=False)

    def window(self, day: date, zone: int) -> Stretch:
        """Return the instants of a local day for rows that state a zone, or none."""
        if zone == NO_ZONE:
            if day not in self._bounds:
                self._bounds[day] = self.zones.bounds(day)
            return self._bounds[day]
        start = (day.toordinal() - EPOCH_ORDINAL) * DAY_MS - zone * MINUTE_MS
        return start, start + DAY_MS

    def amounts(self, series: str, day: date) -> dict[int, tuple[list[Amount], float]]:
        """Return source → its amounts of a day without overlaps, and how much was left out as condensed."""
        found = {}
        for (code, source), parts in self.samples.items():
            if code != series:
                continue
            rough: list[Amount] = []
            for rows in parts:
                rough += amounts_within(rows, self.window(day, rows.zone))
            if rough:
                found[source] = condense(rough)
        return found

    def readings(self, series: str, day: date) -> dict[int, Readings]:
        """Return source → its readings of a day."""
        found = {}
        for (code, source), parts in self.samples.items():
            if code == series and (one := readings_within(source, parts, day, self)) is not None:
                found[source] = one
        return found

    def readings_of(self, series: str, source: int, day: date) -> Readings | None:
        """Return one source's readings of a day."""
        return readings_within(source, self.samples.get((series, source), ()), day, self)

    def worn(self, heart: Mapping[int, Readings], bounds: Stretch) -> dict[int, list[Stretch]]:
        """Return source → when it was worn on a day, for what reads the heart on a body."""
        return {
            source: wear(one.moments, bounds)
            for source, one in heart.items()
            if self.sources[source].device_type in WORN_TYPES
        }


def load(
    user_key: int,
    first: date,
    last: date,
    zones: ZoneHistory,
    *,
    hidden: bool = False,
    series: Sequence[str] = (*ACTIVITY_SERIES, WEAR_TIME),
    instead: Source | None = None,
) -> Inputs:
    """Return all that the figures of the days first..last are made of, or some series of it. Four queries.

    instead: a source as it might be, in place of the stored one.
    """
    sources = {source.id: source for source in whole_rows(Source, "user_key = %s", [user_key])}
    if instead is not None:
        sources[instead.id] = instead
    streams = whole_rows(Stream, "user_key = %s AND series = ANY(%s) ORDER BY id", [user_key, list(series)])
    counted = {stream.id: owner for stream in streams if (owner := owner_of(stream, sources, hidden=hidden))}
    inputs = Inputs(zones, sources, {}, defaultdict(dict))
    inputs.candidates = {one.id: candidate(one) for one in sources.values()}
    intraday = [one for one in streams if one.id in counted and one.grain != Stream.Grain.DAILY]
    load_samples(inputs, user_key, intraday, counted, (first, last))
    daily = {one.id: one for one in streams if one.id in counted and one.grain == Stream.Grain.DAILY}
    if daily:
        rows = whole_rows(DailyValue, "user_key = %s AND stream_id = ANY(%s) AND day BETWEEN %s AND %s",
                          [user_key, list(daily), first, last])  # fmt: skip
        for row in rows:
            inputs.daily[row.day, daily[row.stream_id].series][counted[row.stream_id]] = row.value
    return inputs


def owner_of(stream: Stream, sources: Mapping[int, Source], *, hidden: bool) -> int | None:
    """Return the source that a stream's data count as; None where that is hidden."""
    own = sources[stream.source_id]
    owner = sources.get(own.merged_into or own.id, own)
    if own.is_hidden or owner.is_hidden:
        return (own.id if own.is_hidden else owner.id) if hidden else None
    return owner.id


def candidate(source: Source) -> SourceCandidate:
    """Return the source as orders see it."""
    return SourceCandidate(source.id, source.provider, source.device_type or None, uid=str(source.uid))


def load_samples(
    inputs: Inputs,
    user_key: int,
    streams: Sequence[Stream | StreamRef],
    counted: Mapping[int, int],
    days: tuple[date, date],
) -> None:
    """Unpack the chunks that may reach into the days."""
    if not streams:
        return
    # rows may state any zone of the earth: a local day begins 14 hours before UTC's, and ends 12 after
    first = (days[0].toordinal() - EPOCH_ORDINAL) * 24 - 14
    last = (days[1].toordinal() - EPOCH_ORDINAL) * 24 + 24 + 12
    back = {stream.id: 24 if stream.grain == Stream.Grain.INTERVAL else 0 for stream in streams}
    by_id = {stream.id: stream for stream in streams}
    hours = {stream.id: first - back[stream.id] - stream.span + 1 for stream in streams}
    for chunk in between(user_key, hours, last):
        stream = by_id[chunk.stream_id]
        parts = inputs.samples.setdefault((stream.series, counted[stream.id]), [])
        add_chunk(parts, chunk)


def add_chunk(parts: list[Rows], chunk: Chunk) -> None:
    """Sort a chunk's rows by the zone that they state."""
    base = chunk.hour * HOUR_MS
    if chunk.zones is None:
        rows_of(parts, chunk.stream_id, NO_ZONE if chunk.zone is None else chunk.zone).add(chunk, base, None)
        return
    for zone in sorted(set(chunk.zones)):
        picked = [at for at, one in enumerate(chunk.zones) if one == zone]
        rows_of(parts, chunk.stream_id, zone).add(chunk, base, picked)


def rows_of(parts: list[Rows], stream: int, zone: int) -> Rows:
    """Return the rows of a stream and zone."""
    for rows in parts:
        if (rows.stream, rows.zone) == (stream, zone):
            return rows
    parts.append(Rows(stream, zone))
    return parts[-1]


def amounts_within(rows: Rows, day: Stretch) -> list[Amount]:
    """Return the parts of a zone's amounts that lie in a day."""
    begin, end = day
    moments, found = rows.moments, []
    first, last = bisect_left(moments, begin - min(rows.longest, MAX_AMOUNT_MS)), bisect_left(moments, end)
    durations = rows.durations[first:last] or repeat(0)
    for start, value, duration in zip(moments[first:last], rows.values[first:last], durations):  # noqa: B905 - repeat()
        if begin <= start and 0 < duration <= end - start and duration <= MAX_AMOUNT_MS:
            found.append(Amount(start, start + duration, value))
        elif (part := within(start, min(duration, MAX_AMOUNT_MS), value, day)) is not None:
            found.append(part)
    return found


def readings_within(source: int, parts: Sequence[Rows], day: date, inputs: Inputs) -> Readings | None:
    """Return a day's readings of all zones, in order."""
    found: Readings | None = None
    for rows in parts:
        window = inputs.window(day, rows.zone)
        first, last = bisect_left(rows.moments, window[0]), bisect_left(rows.moments, window[1])
        if first == last:
            continue
        durations = rows.durations[first:last] if rows.durations and any(rows.durations[first:last]) else None
        one = Readings(source, rows.moments[first:last], rows.values[first:last], durations)
        found = one if found is None else together(found, one)
    return found


def together(one: Readings, other: Readings) -> Readings:
    """Return readings of two zones (or of two sources merged into one) in order; of two at one instant
    the first stays.
    """
    rows: dict[int, tuple[float, int]] = {}
    for part in (other, one):
        durations = part.durations or [0] * len(part.moments)
        rows |= dict(zip(part.moments, zip(part.values, durations, strict=True), strict=True))
    moments = sorted(rows)
    durations = [rows[at][1] for at in moments]
    return Readings(one.source_id, moments, [rows[at][0] for at in moments], durations if any(durations) else None)
