"""store, retract and retract_range: what the rest of WearLink may do to the tables of the domain."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from django.db import connection, transaction

from accounts import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.models import DailyValue, HealthScore, Origin, SleepSession, SleepStage, Stream
from healthdata.models.series import HOUR_MS
from healthdata.records import DailyValue as DailyRecord
from healthdata.records import Record, Sample, Score, Workout
from healthdata.records import SleepStage as StageRecord
from healthdata.store import averages, chunks, daily, due, nights, own_scores, samples, scores, stages, workouts
from healthdata.store.columns import Columns, without, without_range
from healthdata.store.result import RemovedSamples, StoreResult
from healthdata.store.sources import SourceBook
from wearlink.lib.clock import from_ms

Edit = Callable[[Columns, int], tuple[Columns, int]]  # columns, their base in ms → what stays, how many rows went


@dataclass(slots=True)
class Sorted:
    """The records of one batch by kind, each in their order."""

    samples: list[Sample] = field(default_factory=list)
    daily: list[DailyRecord] = field(default_factory=list)
    stages: list[StageRecord] = field(default_factory=list)
    workouts: list[Workout] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)


def store(user_key: int, batches: Sequence[Sequence[Record]], *, causes: Sequence[str] = ()) -> list[StoreResult]:
    """Store batches of records, in their order; one result a batch.

    `causes` names each batch for the history of the figures that it changes.

    Runs in the caller's transaction if there is one, so that the caller can mark the batches as done in the same
    commit. Values must be finite and in the unit of their series, which must be in the catalogue.
    """
    results = [StoreResult() for _ in batches]
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        sorted_batches = [by_kind(batch) for batch in batches]
        book = SourceBook.open(user_key)
        book.enter({id(record.source): record.source for batch in batches for record in batch}.values())
        samples.store(book, [batch.samples for batch in sorted_batches], results, zones)
        daily.store(book, [batch.daily for batch in sorted_batches], results)
        workouts.store(book, [batch.workouts for batch in sorted_batches], results, zones)
        scores.store(book, [batch.scores for batch in sorted_batches], results)
        touched = stages.store(book, [batch.stages for batch in sorted_batches], results)
        settle_nights(book, touched, results, zones)
        due.mark(user_key, due.of_results(results, zones, causes))
    return results


@contextmanager
def of_user(user_key: int) -> Iterator[None]:
    """A transaction that is the only one to write this user's data. Held shortly, and freed at commit."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [user_key])
        yield


def by_kind(batch: Sequence[Record]) -> Sorted:
    piles = Sorted()
    places = {
        Sample: piles.samples,
        DailyRecord: piles.daily,
        StageRecord: piles.stages,
        Workout: piles.workouts,
        Score: piles.scores,
    }
    for record in batch:
        places[type(record)].append(record)  # type: ignore[attr-defined]
    return piles


def settle_nights(
    book: SourceBook, touched: stages.Touched, results: Sequence[StoreResult], zones: ZoneHistory
) -> None:
    """Sessions, their averages and the scores that rest on them, wherever stages or samples changed."""
    rebuilt = nights.rebuild(book, touched, results, zones)
    last = results[-1] if results else StoreResult()
    changes = [change for result in results for change in result.changes.samples]
    near = averages.sessions_touched_by(book.user_key, changes)
    for session in averages.refresh(book.user_key, {s.pk: s for s in [*near, *rebuilt.changed]}.values()):
        created = any(session.pk in result.changes.sleep_created for result in results)
        if not created and session.pk not in last.changes.sleep_updated:
            last.changes.sleep_updated.append(session.pk)
    days = {session.day for session in [*rebuilt.changed, *rebuilt.deleted]} | rebuilt.days_left
    own_scores.rescore(book.user_key, days, last, zones)


def retract(user_key: int, provider: str, external_id: str) -> int:
    """Delete what came under a vendor's id; returns how many rows went. Unknown ids delete nothing."""
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        origins = list(Origin.objects.filter(user_key=user_key, provider=provider, external_id=external_id))
        gone = workouts.retract(user_key, provider, [external_id])
        scored, _ = HealthScore.objects.filter(user_key=user_key, provider=provider, external_id=external_id).delete()
        gone += scored + sum(take_out(user_key, origin, zones) for origin in origins)
        Origin.objects.filter(pk__in=[origin.pk for origin in origins]).delete()
    return gone


def take_out(user_key: int, origin: Origin, zones: ZoneHistory) -> int:
    """Delete the row that an origin points at."""
    if origin.kind == Origin.Kind.DAILY:
        day = date.fromordinal(origin.start_ms // daily.DAY_MS + daily.EPOCH_ORDINAL)
        gone, _ = DailyValue.objects.filter(user_key=user_key, stream_id=origin.target, day=day).delete()
        if gone:
            mark_removed(Stream.objects.get(pk=origin.target), [day])
        return gone
    if origin.kind == Origin.Kind.STAGE:
        gone, _ = SleepStage.objects.filter(
            user_key=user_key, source_id=origin.target, start_ms=origin.start_ms, end_ms=origin.end_ms,
            stage=origin.stage,
        ).delete()  # fmt: skip
        resettle(user_key, origin.target, (origin.start_ms, origin.end_ms), zones)
        return gone
    stream = Stream.objects.get(pk=origin.target)
    if origin.value is None:  # a document of many samples
        return take_out_range(stream, origin.start_ms, origin.end_ms + 1, zones)
    hour = samples.chunk_of(stream, origin.start_ms)[1]
    return edit_chunks(
        stream, hour, hour, zones, lambda columns, base: without(columns, [(origin.start_ms - base, origin.value)])
    )


def resettle(user_key: int, source: int, span: tuple[int, int], zones: ZoneHistory) -> None:
    """Rebuild the sessions of a stretch whose stage rows were deleted."""
    touched = stages.Touched()
    touched.add(source, *span, 0)
    settle_nights(SourceBook.open(user_key), touched, [StoreResult()], zones)


def retract_range(user_key: int, stream_id: int, start: int, end: int) -> int:
    """Delete the samples of a stream with start <= time < end (ms); returns how many went."""
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        return take_out_range(Stream.objects.get(user_key=user_key, pk=stream_id), start, end, zones)


def take_out_range(stream: Stream, start: int, end: int, zones: ZoneHistory) -> int:
    return edit_chunks(
        stream,
        samples.chunk_of(stream, start)[1],
        samples.chunk_of(stream, end)[1],
        zones,
        lambda columns, base: without_range(columns, start - base, end - base),
    )


def edit_chunks(stream: Stream, first: int, last: int, zones: ZoneHistory, edit: Edit) -> int:
    """Apply `edit` to the stream's chunks that begin in hours [first, last]; returns how many rows went."""
    stored = chunks.load_range(stream.user_key, stream.id, first, last)
    changed: dict[chunks.ChunkKey, Columns] = {}
    gone = 0
    for key, columns in stored.items():
        stay, removed = edit(columns, key[1] * HOUR_MS)
        if removed:
            changed[key] = stay
            gone += removed
    chunks.write(stream.user_key, changed, existing=set(stored), spans={stream.id: stream.span}, zones=zones)
    if changed:
        hours = [hour for _, hour in changed]
        gone_from = RemovedSamples(stream, min(hours) * HOUR_MS, (max(hours) + stream.span) * HOUR_MS)
        mark_removed(stream, due.days_between(gone_from, zones))
    for session in nights_near(stream, changed):
        averages.refresh(stream.user_key, [session])
    return gone


def mark_removed(stream: Stream, days: Iterable[date]) -> None:
    """Have the figures of days computed anew that lost some of their data."""
    marks: due.DayMarks = {}
    due.note(marks, stream.series, days, "retraction")
    due.mark(stream.user_key, marks)


def nights_near(stream: Stream, changed: dict[chunks.ChunkKey, Columns]) -> list[SleepSession]:
    """Sessions whose averages may rest on samples that went."""
    if stream.series not in averages.FIELDS or not changed:
        return []
    hours = [hour for _, hour in changed]
    low, high = min(hours) * HOUR_MS, (max(hours) + stream.span) * HOUR_MS
    return list(
        SleepSession.objects.select_related("source").filter(
            user_key=stream.user_key, start__lte=from_ms(high), end__gte=from_ms(low)
        )
    )
