"""Workouts: found again by their vendor's id, else by device and times within a second; updated in place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import inf

from healthdata.days import ZoneHistory
from healthdata.models import Source, Workout
from healthdata.records import WorkoutRecord
from healthdata.store import same_workouts
from healthdata.store.result import RemovedRow, StoreResult
from healthdata.store.sources import SourceBook
from wearlink.lib.clock import from_ms, to_ms

SAME_SECOND = timedelta(seconds=1)
PLAIN = (  # fields that go from record to row as they are
    "type", "zone", "version", "duration_seconds", "distance_meters", "calories_kcal", "basal_calories_kcal",
    "avg_heart_rate_bpm", "max_heart_rate_bpm", "min_heart_rate_bpm", "elevation_gain_meters",
    "elevation_loss_meters", "avg_speed_mps", "max_speed_mps", "average_power_watts", "details", "segments", "laps",
)  # fmt: skip
EMPTY: "tuple[object, ...]" = (None, "", {}, [])
TEXT = ("original_type", "title", "notes")  # empty where the record has none


@dataclass(slots=True)
class StoredWorkouts:
    """The user's stored workouts that the incoming ones may be."""

    by_id: dict[tuple[int, str], Workout] = field(default_factory=dict)
    days_left: set[date] = field(default_factory=set)  # on which there was a workout before
    by_second: dict[tuple[int, int], list[Workout]] = field(default_factory=dict)  # source, second of the start

    def add(self, row: Workout) -> None:
        if row.external_id is not None:
            self.by_id[row.source_id, row.external_id] = row
        self.by_second.setdefault((row.source_id, row.start_ms // 1000), []).append(row)

    def find(self, source: Source, external_id: str | None, start: datetime, end: datetime) -> Workout | None:
        """Find by id, else by times, so that one session seen with and without an id is one."""
        if external_id is not None and (row := self.by_id.get((source.id, external_id))):
            return row
        second = to_ms(start) // 1000
        near = (row for at in (second - 1, second, second + 1) for row in self.by_second.get((source.id, at), ()))
        for row in sorted(near, key=_age):
            named_twice = row.external_id is not None and external_id is not None
            if not named_twice and abs(row.start - start) <= SAME_SECOND and abs(row.end - end) <= SAME_SECOND:
                return row
        return None


def _age(row: Workout) -> float:
    return row.pk or inf


def store(
    book: SourceBook, batches: Sequence[list[WorkoutRecord]], results: Sequence[StoreResult], zones: ZoneHistory
) -> None:
    """Write the workouts of all batches in their order."""
    known = stored(book, [record for batch in batches for record in batch])
    created: list[tuple[Workout, StoreResult]] = []
    changed: dict[int, tuple[Workout, StoreResult]] = {}
    for number, batch in enumerate(batches):
        for record in batch:
            row, outcome = put(book, known, record, zones)
            results[number].count(**{outcome: 1})
            if outcome == "inserted":
                created.append((row, results[number]))
            elif outcome == "updated" and row.pk is not None:
                changed[row.pk] = (row, results[number])
    Workout.objects.bulk_create([row for row, _ in created], batch_size=1_000)
    for row, result in created:
        result.changes.workouts_created.append(row.pk)
    for row, result in changed.values():
        row.save()
        result.changes.workouts_updated.append(row.pk)
    settle(book.user_key, {row.day for row, _ in [*created, *changed.values()]} | known.days_left, results)


def settle(user_key: int, days: Iterable[date], results: Sequence[StoreResult]) -> None:
    """Find out which workouts of these days are the same as another source's."""
    touched = {pk for result in results for pk in (*result.changes.workouts_created, *result.changes.workouts_updated)}
    for row in same_workouts.regroup(user_key, days):
        if row.pk not in touched:
            results[-1].changes.workouts_updated.append(row.pk)


def stored(book: SourceBook, records: Sequence[WorkoutRecord]) -> StoredWorkouts:
    """Look them up in two queries at the most: by ids, and by times."""
    known = StoredWorkouts()
    if not records:
        return known
    near = Workout.objects.filter(
        user_key=book.user_key,
        start__range=(
            from_ms(min(r.start for r in records)) - SAME_SECOND,
            from_ms(max(r.start for r in records)) + SAME_SECOND,
        ),
    )
    rows = {row.pk: row for row in near}
    ids = {record.external_id for record in records if record.external_id is not None}
    if ids:
        rows |= {row.pk: row for row in Workout.objects.filter(user_key=book.user_key, external_id__in=ids)}
    for row in rows.values():
        known.add(row)
    return known


def put(book: SourceBook, known: StoredWorkouts, record: WorkoutRecord, zones: ZoneHistory) -> tuple[Workout, str]:
    """Apply one record; the row comes back with what happened to it: inserted, updated or unchanged."""
    source = book.source(record.source)
    start, end = from_ms(record.start), from_ms(record.end)
    row = known.find(source, record.external_id, start, end)
    new = row is None
    if row is None:
        row = Workout(user_key=book.user_key, source=source, external_id=record.external_id)
    elif row.day != zones.day_of(record.start, record.zone):
        known.days_left.add(row.day)
    stale = None not in (row.version, record.version) and record.version < row.version  # type: ignore[operator]
    if stale or not (fill(row, record, zones) or new):
        return row, "unchanged"
    if new:
        known.add(row)
    return row, "inserted" if new else "updated"


def fill(row: Workout, record: WorkoutRecord, zones: ZoneHistory) -> bool:
    """Copy the record into the row; says whether anything differed.

    A record without an id that turns out to be a session known by its id (an export after the phone) is the poorer
    account of it: it only fills what is missing. No record takes away a zone or a figure that is known by not saying
    it: phones leave out what their user has since forbidden them to read.
    Details are put together, the newer ones on top.
    """
    gaps_only = row.external_id is not None and record.external_id is None
    values: dict[str, object] = {name: getattr(record, name) for name in PLAIN}
    values |= {name: getattr(record, name) or "" for name in TEXT}
    values |= {"start": from_ms(record.start), "end": from_ms(record.end)}
    values["day"] = zones.day_of(record.start, record.zone)
    if record.external_id is not None:
        values["external_id"] = record.external_id
    changed = False
    for name, value in values.items():
        known = getattr(row, name)
        if name == "details" and known:
            value = {**known, **record.details}
        if known not in EMPTY and (gaps_only or (name in PLAIN and value in EMPTY)):
            continue
        if known != value:
            setattr(row, name, value)
            changed = True
    return changed


def retract(user_key: int, provider: str, external_ids: Iterable[str], result: StoreResult) -> int:
    """Delete the workouts of these vendor ids; returns how many went."""
    named = Workout.objects.filter(user_key=user_key, source__provider=provider, external_id__in=list(external_ids))
    rows = list(named.select_related("source"))
    Workout.objects.filter(pk__in=[row.pk for row in rows]).delete()
    result.changes.workouts_deleted += [
        RemovedRow(row.pk, row.id, row.source.provider, row.day, row.start, row.end) for row in rows
    ]
    settle(user_key, {row.day for row in rows}, [result])
    return len(rows)
