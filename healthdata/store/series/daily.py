"""Vendors' own figures of a local date: one value a stream and day.

Without documents the newer value replaces the older; of several documents' figures healthdata.store.series.daily_claims
chooses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from healthdata.models import DailyValue, Origin, Stream
from healthdata.records import DailyRecord
from healthdata.store.result import DailyChange, StoreResult
from healthdata.store.series.claims import DayKey
from healthdata.store.series.daily_claims import DailyClaims, day_of
from healthdata.store.sources import SourceBook


@dataclass(slots=True)
class DailyRows:
    """The stored figures that a call may touch, as they are and as the call leaves them."""

    user_key: int
    rows: dict[DayKey, DailyValue]
    changed: dict[DayKey, DailyValue] = field(default_factory=dict)
    gone: set[DayKey] = field(default_factory=set)

    @classmethod
    def load(cls, user_key: int, streams: Iterable[int], days: Iterable[date]) -> "DailyRows":
        found = DailyValue.objects.filter(user_key=user_key, stream_id__in=set(streams), day__in=set(days))
        return cls(user_key, {(row.stream_id, row.day): row for row in found})

    def put(self, place: DayKey, value: float, zone: int | None, version: int | None) -> str:
        """Make a row hold a figure; says what that was: inserted, updated or unchanged."""
        row = self.rows.get(place)
        self.gone.discard(place)
        if row is None:
            row = DailyValue(user_key=self.user_key, stream_id=place[0], day=place[1], value=value, zone=zone)
            row.version = version
            self.rows[place] = self.changed[place] = row
            return "inserted"
        zone = row.zone if zone is None else zone
        if (row.value, row.zone) == (value, zone):
            return "unchanged"
        row.value, row.zone, row.version = value, zone, version
        self.changed[place] = row
        return "updated"

    def leave(self, place: DayKey, value: float | None, standing: Origin | None) -> bool:
        """Remove a figure that its document no longer has; the next one by rank takes its place.

        A row that holds another value was written by somebody else since, and stays. Says whether anything changed.
        """
        row = self.rows.get(place)
        if standing is not None and standing.value is not None:
            return self.put(place, standing.value, standing.zone, standing.version) != "unchanged"
        if row is None or (value is not None and row.value != value):
            return False
        del self.rows[place]
        self.changed.pop(place, None)
        self.gone.add(place)
        return True

    def write(self) -> None:
        for stream, day in self.gone:
            DailyValue.objects.filter(user_key=self.user_key, stream_id=stream, day=day).delete()
        DailyValue.objects.bulk_create(
            self.changed.values(),
            update_conflicts=True,
            unique_fields=["user_key", "stream", "day"],
            update_fields=["value", "zone", "version"],
            batch_size=2_000,
        )


def store(book: SourceBook, batches: Sequence[list[DailyRecord]], results: Sequence[StoreResult]) -> None:
    """Write the daily values of all batches in their order."""
    records = [record for batch in batches for record in batch]
    if not records:
        return
    wanted = {(book.source(record.source).id, record.series): book.source(record.source) for record in records}
    triples = [(source, series, int(Stream.Grain.DAILY)) for (_, series), source in wanted.items()]
    streams = book.streams(triples, {})
    named = [record for record in records if record.external_id is not None]
    ids = {stream.id for stream in streams.values()}
    claims = DailyClaims.load(
        book.user_key, ids, (record.day for record in named), (record.external_id or "" for record in named)
    )
    days = {record.day for record in records} | {day_of(origin) for origin in claims.by_key.values()}
    rows = DailyRows.load(book.user_key, ids, days)
    for number, batch in enumerate(batches):
        for record in batch:
            stream = streams[book.source(record.source).id, record.series, int(Stream.Grain.DAILY)]
            apply(book, claims, rows, stream, record, results[number])
    rows.write()
    claims.save()


def apply(
    book: SourceBook, claims: DailyClaims, rows: DailyRows, stream: Stream, record: DailyRecord, result: StoreResult
) -> None:
    """Put one record into `rows` and count what became of it."""
    source, place = book.source(record.source), (stream.id, record.day)
    value, zone, version = record.value, record.zone, record.version
    if record.external_id is not None:
        known = claims.by_key.get((source.provider, record.external_id, stream.id))
        before = None if known is None else known.value
        former = claims.say(source.provider, record, stream.id)
        if former is not None and rows.leave(former, before, claims.standing(former)):
            result.changes.daily_left.append((stream, former[1]))
        standing = claims.standing(place)
        if standing is None:  # an older version of a document that has moved to another day
            result.count(unchanged=1)
            return
        value, zone, version = standing.value or 0.0, standing.zone, standing.version
    else:
        row = rows.rows.get(place)
        if row is not None and row.version is not None and version is not None and version < row.version:
            result.count(unchanged=1)
            return
    outcome = rows.put(place, value, zone, version)
    result.count(**{outcome: 1})
    if outcome != "unchanged":
        result.changes.daily.append(DailyChange(source, stream, record.day, value, zone, outcome == "updated"))


def release(user_key: int, origins: Sequence[Origin]) -> list[DayKey]:
    """Take away what documents said of days, whose claims are deleted already; returns the days that changed."""
    streams, days = {origin.target for origin in origins}, {day_of(origin) for origin in origins}
    claims = DailyClaims.load(user_key, streams, days, ())
    rows = DailyRows.load(user_key, streams, days)
    left = []
    for origin in origins:
        place = (origin.target, day_of(origin))
        if rows.leave(place, origin.value, claims.standing(place)):
            left.append(place)
    rows.write()
    return left
