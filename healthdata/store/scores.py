"""Vendors' scores: one a provider, category, day and (where given) vendor id."""

from collections.abc import Sequence
from datetime import date

from healthdata.models import HealthScore
from healthdata.records import Score
from healthdata.store.result import StoreResult
from healthdata.store.sources import SourceBook

Identity = tuple[str, str, date, str]
FIELDS = ("score", "range_min", "range_max", "zone", "version", "components")


def store(book: SourceBook, batches: Sequence[list[Score]], results: Sequence[StoreResult]) -> None:
    """Write the scores of all batches in their order."""
    days = [record.day for batch in batches for record in batch]
    if not days:
        return
    found = HealthScore.objects.filter(user_key=book.user_key, day__range=(min(days), max(days)))
    rows = {identity(row.provider, row.category, row.day, row.external_id): row for row in found}
    created: list[tuple[HealthScore, StoreResult]] = []
    changed: dict[int, tuple[HealthScore, StoreResult]] = {}
    for number, batch in enumerate(batches):
        for record in batch:
            key = identity(record.source.provider, record.category, record.day, record.external_id or "")
            row = rows.get(key)
            if row is None:
                rows[key] = row = make(book, record)
                created.append((row, results[number]))
                results[number].count(inserted=1)
            elif update(row, record):
                results[number].count(updated=1)
                if row.pk is not None:
                    changed[row.pk] = (row, results[number])
            else:
                results[number].count(unchanged=1)
    HealthScore.objects.bulk_create([row for row, _ in created], batch_size=1_000)
    for row, result in created:
        result.changes.scores_created.append(row.pk)
    for row, result in changed.values():
        row.save()
        result.changes.scores_updated.append(row.pk)


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
