"""store: batches of records into the tables of the domain."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain

from django.db import connection, transaction

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.models import SleepSession
from healthdata.records import (
    DailyRecord,
    Sample,
    SampleColumns,
    Score,
    SourceInfo,
    StageRecord,
    Storable,
    WorkoutRecord,
)
from healthdata.store import due, feed, own_scores, scores, stated_zones, workouts
from healthdata.store.result import StoreResult
from healthdata.store.series import averages, daily, samples
from healthdata.store.series.samples import SampleBatch
from healthdata.store.sleep import nights, same_nights, stages
from healthdata.store.sources import SourceBook


@dataclass(slots=True)
class Sorted:
    """The records of one batch by kind, each in their order."""

    samples: SampleBatch = field(default_factory=SampleBatch)
    daily: list[DailyRecord] = field(default_factory=list)
    stages: list[StageRecord] = field(default_factory=list)
    workouts: list[WorkoutRecord] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)


def store(user_key: int, batches: Sequence[Sequence[Storable]], *, causes: Sequence[str] = ()) -> list[StoreResult]:
    """Store batches of records, in their order; one result a batch.

    `causes` names each batch for the history of the figures that it changes.

    Runs in the caller's transaction if there is one, so that the caller can mark the batches as done in the same
    commit. What comes from a source beyond those that an end user may have is left out, and counted as refused. Values
    must be finite and in the unit of their series, which must be in the catalogue.
    """
    results = [StoreResult() for _ in batches]
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        book = SourceBook.open(user_key)
        refused = book.add_sources(sources_of(batches))
        if refused:
            batches = without(batches, refused, results)
        sorted_batches = [by_kind(batch) for batch in batches]
        samples.store(book, [batch.samples for batch in sorted_batches], results, zones)
        daily.store(book, [batch.daily for batch in sorted_batches], results)
        workouts.store(book, [batch.workouts for batch in sorted_batches], results, zones)
        scores.store(book, [batch.scores for batch in sorted_batches], results)
        touched = stages.store(book, [batch.stages for batch in sorted_batches], results)
        settle_nights(book, touched, results, zones)
        marks = due.of_results(results, zones, causes)
        events: Iterator[StageRecord | WorkoutRecord] = chain.from_iterable(
            (*batch.stages, *batch.workouts) for batch in sorted_batches
        )
        if (day := stated_zones.contradicted(results, events, zones)) is not None:
            marks[stated_zones.LEARN, day] = ""
        due.mark(user_key, marks)
        feed.note(user_key, results, zones)
    return results


@contextmanager
def of_user(user_key: int) -> Iterator[None]:
    """Open a transaction that alone writes this end user's data. Keep it short; its lock ends with the commit.

    A failure ends the caller's transaction, too.
    """
    with transaction.atomic(savepoint=False):
        # Written out: advisory lock.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [user_key])
        yield


def without(
    batches: Sequence[Sequence[Storable]], refused: set[SourceInfo], results: Sequence[StoreResult]
) -> list[list[Storable]]:
    """Return the batches without what comes from these sources."""
    kept = [[record for record in batch if record.source not in refused] for batch in batches]
    for batch, result in zip(batches, results, strict=True):
        left_out = [record for record in batch if record.source in refused]
        result.refused += sum(len(one.starts) if isinstance(one, SampleColumns) else 1 for one in left_out)
    return kept


def sources_of(batches: Sequence[Sequence[Storable]]) -> Iterable[SourceInfo]:
    """Return the sources of records, in the order in which they come; the records of a payload share their objects."""
    sources = [record.source for batch in batches for record in batch]
    return dict(zip(map(id, sources), sources, strict=True)).values()


def by_kind(batch: Sequence[Storable]) -> Sorted:
    """Return the records by kind. A pass over the batch a kind: most batches have one, and others two or three."""
    by_kind = Sorted()
    places = {
        Sample: by_kind.samples.single,
        SampleColumns: by_kind.samples.columns,
        DailyRecord: by_kind.daily,
        StageRecord: by_kind.stages,
        WorkoutRecord: by_kind.workouts,
        Score: by_kind.scores,
    }
    for kind in set(map(type, batch)):
        places[kind].extend([record for record in batch if record.__class__ is kind])  # type: ignore[index, attr-defined]
    return by_kind


def settle_nights(
    book: SourceBook, touched: stages.Touched, results: Sequence[StoreResult], zones: ZoneHistory
) -> None:
    """Sessions, their averages and the scores that rest on them, wherever stages or samples changed."""
    rebuilt = nights.rebuild(book, touched, results, zones)
    last = results[-1] if results else StoreResult()
    changes = [change for result in results for change in result.changes.samples]
    near = averages.sessions_touched_by(book.user_key, changes)
    averaged = averages.refresh(book.user_key, {s.pk: s for s in [*near, *rebuilt.changed]}.values())
    created = {key for result in results for key in result.changes.sleep_created}
    note_updated(last, [session for session in averaged if session.pk not in created])
    days = {session.day for session in [*rebuilt.changed, *rebuilt.deleted]} | rebuilt.days_left
    regrouped = same_nights.regroup(book.user_key, days)
    already = {pk for result in results for pk in (*result.changes.sleep_created, *result.changes.sleep_updated)}
    last.changes.sleep_updated += [session.pk for session in regrouped if session.pk not in already]
    days |= {session.day for session in regrouped}
    own_scores.rescore(book.user_key, days, last, zones)
    due.mark_days(book.user_key, due.SCORES, days | {session.day for session in averaged}, "")


def note_updated(result: StoreResult, sessions: Iterable[SleepSession]) -> None:
    for session in sessions:
        if session.pk not in result.changes.sleep_updated:
            result.changes.sleep_updated.append(session.pk)
