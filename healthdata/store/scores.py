"""Vendors' scores: one a provider, category, day and (where given) vendor id."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime

from healthdata.models import HealthScore
from healthdata.records import Score
from healthdata.store.result import RemovedRow, StoreResult
from healthdata.store.sources import SourceBook

Identity = tuple[str, str, date, str]
FIELDS = ("score", "range_min", "range_max", "zone", "version", "components", "rank")
DayOfScore = tuple[str, str, date]  # provider, category, local day


def store(book: SourceBook, batches: Sequence[list[Score]], results: Sequence[StoreResult]) -> None:
    """Write the scores of all batches in their order."""
    days = [record.day for batch in batches for record in batch]
    if not days:
        return
    found = HealthScore.objects.filter(user_key=book.user_key, day__range=(min(days), max(days)))
    rows = {identity(row.provider, row.category, row.day, row.external_id): row for row in found}
    created: list[tuple[HealthScore, StoreResult]] = []
    changed: dict[int, tuple[HealthScore, StoreResult]] = {}
    touched: set[Identity] = set()
    for number, batch in enumerate(batches):
        for record in batch:
            key = identity(record.source.provider, record.category, record.day, record.external_id or "")
            row = rows.get(key)
            if row is None:
                rows[key] = row = make(book, record)
                touched.add(key)
                created.append((row, results[number]))
                results[number].count(inserted=1)
            elif update(row, record):
                results[number].count(updated=1)
                touched.add(key)
                if row.pk is not None:
                    changed[row.pk] = (row, results[number])
            else:
                results[number].count(unchanged=1)
    HealthScore.objects.bulk_create([row for row, _ in created], batch_size=1_000)
    for row, _ in changed.values():
        row.save()
    fresh = {row.pk for row, _ in created}
    flipped = [row for row in elect(rows.values(), {key[:3] for key in touched}) if row.pk not in fresh]
    note_flipped(flipped, results[-1])
    for row, result in created:
        if not row.superseded:
            result.changes.scores_created.append(row.pk)
    for row, result in changed.values():
        if not row.superseded:
            result.changes.scores_updated.append(row.pk)


def elect(rows: Iterable[HealthScore], days: Collection[DayOfScore]) -> list[HealthScore]:
    """Choose one of several documents' scores of a day: the highest rank, then version, then the last written.

    Returns the rows that count and did not, or no longer count.
    """
    flipped = []
    rivals: dict[DayOfScore, list[HealthScore]] = {}
    for row in rows:
        if (row.provider, row.category, row.day) in days:
            rivals.setdefault((row.provider, row.category, row.day), []).append(row)
    for scores in rivals.values():
        standing = max(scores, key=standing_of)
        for row in scores:
            if row.superseded is (row is standing):
                row.superseded = row is not standing
                HealthScore.objects.filter(pk=row.pk).update(superseded=row.superseded)
                flipped.append(row)
    return flipped


def standing_of(row: HealthScore) -> tuple[int, int, datetime, int]:
    return row.rank, -1 if row.version is None else row.version, row.updated_at, row.pk


def retract(user_key: int, provider: str, external_ids: Collection[str], result: StoreResult) -> int:
    """Delete the scores of these vendor ids; returns how many went. Others' scores of their days come back."""
    named = HealthScore.objects.filter(user_key=user_key, provider=provider, external_id__in=external_ids)
    rows = list(named)
    days = {(row.provider, row.category, row.day) for row in rows}
    if not days:
        return 0
    HealthScore.objects.filter(pk__in=[row.pk for row in rows]).delete()
    left = HealthScore.objects.filter(user_key=user_key, provider=provider, day__in={day for *_, day in days})
    result.changes.scores_deleted += [removed(row) for row in rows if not row.superseded]
    note_flipped(elect(left, days), result)
    return len(rows)


def note_flipped(rows: Iterable[HealthScore], result: StoreResult) -> None:
    """Note scores that count from now on as created, and those that no longer do as deleted."""
    for row in rows:
        if row.superseded:
            result.changes.scores_deleted.append(removed(row))
        else:
            result.changes.scores_created.append(row.pk)


def removed(row: HealthScore) -> RemovedRow:
    """Return the event's data about a deleted score."""
    return RemovedRow(row.pk, row.id, row.provider, row.day, category=row.category)


def identity(provider: str, category: str, day: date, external_id: str) -> Identity:
    return provider, category, day, external_id


def make(book: SourceBook, record: Score) -> HealthScore:
    source = book.source(record.source)
    row = HealthScore(
        user_key=book.user_key,
        source=source,
        provider=source.provider,
        category=record.category,
        day=record.day,
        external_id=record.external_id or "",
    )
    update(row, record)
    return row


def update(row: HealthScore, record: Score) -> bool:
    """Copy the record into the row unless it is older; says whether anything differed."""
    if row.version is not None and record.version is not None and record.version < row.version:
        return False
    changed = False
    for name in FIELDS:
        if getattr(row, name) != getattr(record, name):
            setattr(row, name, getattr(record, name))
            changed = True
    return changed
