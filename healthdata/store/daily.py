"""Vendors' own figures of a local date: one value a stream and day, the newer replacing the older."""

from collections.abc import Iterable, Sequence
from datetime import date

from healthdata.models import DailyValue, Origin, Stream
from healthdata.records import DailyValue as DailyRecord
from healthdata.store.result import DailyChange, StoreResult
from healthdata.store.sources import SourceBook

DAY_MS = 86_400_000
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()

DayKey = tuple[int, date]  # stream, day


def store(book: SourceBook, batches: Sequence[list[DailyRecord]], results: Sequence[StoreResult]) -> None:
    """Write the daily values of all batches in their order."""
    wanted = {
        (book.source(record.source).id, record.series): book.source(record.source)
        for batch in batches
        for record in batch
    }
    if not wanted:
        return
    triples = [(source, series, int(Stream.Grain.DAILY)) for (_, series), source in wanted.items()]
    streams = book.streams(triples, {})
    rows = stored(book.user_key, {stream.id for stream in streams.values()}, batches)
    changed: dict[DayKey, DailyValue] = {}
    for number, batch in enumerate(batches):
        for record in batch:
            source = book.source(record.source)
            stream = streams[source.id, record.series, int(Stream.Grain.DAILY)]
            if apply(rows, changed, book.user_key, stream, record, results[number]):
                change = DailyChange(source, stream, record.day, record.value, record.zone)
                results[number].changes.daily.append(change)
    write(changed.values())
    note_origins(book, batches, streams)


def stored(user_key: int, streams: set[int], batches: Sequence[list[DailyRecord]]) -> dict[DayKey, DailyValue]:
    days = [record.day for batch in batches for record in batch]
    found = DailyValue.objects.filter(user_key=user_key, stream_id__in=streams, day__range=(min(days), max(days)))
    return {(row.stream_id, row.day): row for row in found}


def apply(
    rows: dict[DayKey, DailyValue],
    changed: dict[DayKey, DailyValue],
    user_key: int,
    stream: Stream,
    record: DailyRecord,
    result: StoreResult,
) -> bool:
    """Put one record into `rows`; says whether it changed anything."""
    key = (stream.id, record.day)
    row = rows.get(key)
    if row is None:
        rows[key] = changed[key] = DailyValue(
            user_key=user_key, stream=stream, day=record.day,
            value=record.value, zone=record.zone, version=record.version,
        )  # fmt: skip
        result.count(inserted=1)
        return True
    stale = row.version is not None and record.version is not None and record.version < row.version
    zone = row.zone if record.zone is None else record.zone
    if stale or (row.value, row.zone) == (record.value, zone):
        result.count(unchanged=1)
        return False
    row.value, row.zone, row.version = record.value, zone, record.version
    changed[key] = row
    result.count(updated=1)
    return True


def write(rows: Iterable[DailyValue]) -> None:
    DailyValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user_key", "stream", "day"],
        update_fields=["value", "zone", "version"],
        batch_size=2_000,
    )


def note_origins(
    book: SourceBook, batches: Sequence[list[DailyRecord]], streams: dict[tuple[int, str, int], Stream]
) -> None:
    """Remember which days came from documents that their vendor may delete by id (the day as ms of UTC midnight)."""
    fresh: dict[tuple[str, str, int], Origin] = {}
    for record in (record for batch in batches for record in batch):
        if record.external_id is None:
            continue
        source = book.source(record.source)
        target = streams[source.id, record.series, int(Stream.Grain.DAILY)].id
        at = day_ms(record.day)
        fresh[source.provider, record.external_id, target] = Origin(
            user_key=book.user_key, provider=source.provider, external_id=record.external_id,
            kind=Origin.Kind.DAILY, target=target, start_ms=at, end_ms=at, version=record.version,
        )  # fmt: skip
    if fresh:
        upsert_origins(list(fresh.values()))


def upsert_origins(rows: list[Origin]) -> None:
    Origin.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["user_key", "provider", "external_id", "kind", "target"],
        update_fields=["start_ms", "end_ms", "value", "stage", "version"],
        batch_size=2_000,
    )


def day_ms(day: date) -> int:
    """UTC midnight of a date in ms: how daily values enter Origin and the ids of the API."""
    return (day.toordinal() - EPOCH_ORDINAL) * DAY_MS
