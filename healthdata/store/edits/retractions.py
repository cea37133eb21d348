"""retract and retract_range: taking rows of the domain away again."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.models import Origin, SleepSession, Stream
from healthdata.models.series import HOUR_MS
from healthdata.store import due, feed, scores, workouts
from healthdata.store.columns import without_range
from healthdata.store.result import RemovedSamples, StoreResult
from healthdata.store.series import averages, chunks, claims, daily
from healthdata.store.series.working_set import WorkingSet, chunk_of
from healthdata.store.sleep import stages
from healthdata.store.sources import SourceBook
from healthdata.store.verbs import note_updated, of_user, settle_nights
from wearlink.lib.clock import from_ms


def retract(user_key: int, provider: str, external_ids: Collection[str], result: StoreResult | None = None) -> int:
    """Delete what came under a vendor's ids; returns how many rows went. Unknown ids delete nothing.

    Rows that other documents claim stay, as do those that somebody else has written since. `result` takes down what
    was deleted or changed by it.
    """
    seen = StoreResult()
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        ids = list(external_ids)
        found = Origin.objects.filter(user_key=user_key, provider=provider, external_id__in=ids)
        origins = list(found.order_by("pk"))
        found.delete()
        gone = workouts.retract(user_key, provider, ids, seen) + scores.retract(user_key, provider, ids, seen)
        gone += take_out_days(user_key, [one for one in origins if one.kind == Origin.Kind.DAILY], seen)
        gone += take_out_stages(user_key, [one for one in origins if one.kind == Origin.Kind.STAGE], zones, seen)
        gone += take_out_samples(user_key, [one for one in origins if one.kind == Origin.Kind.SAMPLE], zones, seen)
        feed.note(user_key, [seen], zones)
    if result is not None:
        result.changes.extend(seen.changes)
    return gone


def take_out_days(user_key: int, origins: Sequence[Origin], result: StoreResult) -> int:
    """Recompute figures of days whose claims went; return how many changed."""
    if not origins:
        return 0
    left = daily.release(user_key, origins)
    streams = Stream.objects.in_bulk({stream for stream, _ in left})
    for stream, day in left:
        mark_removed(streams[stream], [day])
        result.changes.daily_left.append((streams[stream], day))
    return len(left)


def take_out_stages(user_key: int, origins: Sequence[Origin], zones: ZoneHistory, result: StoreResult) -> int:
    """Delete stage rows whose claims were deleted, and build their nights again."""
    if not origins:
        return 0
    touched = stages.Touched()
    for origin in origins:
        touched.add(origin.target, origin.start_ms, origin.end_ms, 0)
    gone = stages.delete(user_key, {stages.key_of(origin) for origin in origins})
    settle_nights(SourceBook.open(user_key), touched, [result], zones)
    return gone


def take_out_samples(user_key: int, origins: Sequence[Origin], zones: ZoneHistory, result: StoreResult) -> int:
    values: dict[int, list[claims.Said]] = {}
    for origin in origins:
        values.setdefault(origin.target, []).extend(claims.said_by(origin))
    gone = 0
    for stream in Stream.objects.filter(user_key=user_key, pk__in=values).order_by("pk"):
        rows = values[stream.pk]
        if rows:
            gone += take_out(stream, rows, zones, result)
    return gone


def take_out(stream: Stream, values: list[claims.Said], zones: ZoneHistory, result: StoreResult) -> int:
    """Take samples of one stream out, but for those that other documents claim."""
    span = min(at for at, _ in values), max(at for at, _ in values)
    working = WorkingSet.load(stream.user_key, {chunk_of(stream, at) for at, _ in values})
    gone = claims.release(working, stream, values, claims.others(stream, span, ()))
    settle_samples(working, stream, zones, result)
    if gone:
        result.changes.removed.append(RemovedSamples(stream, *span, gone))
    return gone


def retract_range(user_key: int, stream_id: int, start: int, end: int, result: StoreResult | None = None) -> int:
    """Delete the samples of a stream with start <= time < end (ms), whoever wrote them; returns how many went."""
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        stream = Stream.objects.get(user_key=user_key, pk=stream_id)
        first, last = chunk_of(stream, start)[1], chunk_of(stream, end)[1]
        stored = chunks.load_range(user_key, stream.pk, first, last)
        working, gone = WorkingSet(user_key, dict(stored), set(stored)), 0
        for key, columns in stored.items():
            base = key[1] * HOUR_MS
            stay, removed = without_range(columns, start - base, end - base)
            if removed:
                working.put(key, stay)
                gone += removed
        seen = StoreResult()
        settle_samples(working, stream, zones, seen)
        if gone:
            seen.changes.removed.append(RemovedSamples(stream, start, end - 1, gone))
        feed.note(user_key, [seen], zones)
    if result is not None:
        result.changes.extend(seen.changes)
    return gone


def settle_samples(working: WorkingSet, stream: Stream, zones: ZoneHistory, result: StoreResult) -> None:
    """Write the remaining samples, and mark everything that depends on them to be computed again."""
    if not working.dirty:
        return
    working.write([stream], zones)
    hours = [hour for _, hour in working.dirty]
    span = min(hours) * HOUR_MS, (max(hours) + stream.span) * HOUR_MS
    mark_removed(stream, due.days_between(RemovedSamples(stream, *span), zones))
    nights = averages.refresh(stream.user_key, nights_near(stream, span))
    note_updated(result, nights)
    due.mark_days(stream.user_key, due.SCORES, {session.day for session in nights}, "")


def mark_removed(stream: Stream, days: Iterable[date]) -> None:
    """Mark the days that lost some of their data, so that their figures are computed again."""
    marks: due.DayMarks = {}
    due.note(marks, stream.series, days, "retraction")
    due.mark(stream.user_key, marks)


def nights_near(stream: Stream, span: tuple[int, int]) -> list[SleepSession]:
    """Return sessions whose averages may rest on samples that went."""
    if stream.series not in averages.FIELDS:
        return []
    near = SleepSession.objects.select_related("source").filter(
        user_key=stream.user_key, start__lte=from_ms(span[1]), end__gte=from_ms(span[0])
    )
    return list(near)
