"""The rebuild of all that depends on local days, after a change of an end user's time zone.

The mark of the earliest day is the job: it is written with the change, a worker does the work and takes it away.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from django.db.models import F

from accounts.end_users import zones as user_zones
from accounts.end_users.zones import ZoneMove
from healthdata.days import ZoneHistory
from healthdata.figures import due as due_days
from healthdata.models import DayFigure, DayRevision, DueDay, SleepStage, Stream, Workout, ZoneChange
from healthdata.models.series import HOUR_MS
from healthdata.queries.counts import series_of_sources
from healthdata.store import due, feed
from healthdata.store.columns import NO_ZONE
from healthdata.store.result import StoreResult
from healthdata.store.series import chunks
from healthdata.store.series.daily_claims import day_ms
from healthdata.store.sleep import stages
from healthdata.store.sources import SourceBook
from healthdata.store.verbs import of_user, settle_nights
from healthdata.webhooks.emit import emit_changes
from wearlink.lib import clock
from wearlink.lib.clock import from_ms, to_ms

ZONE: Final = int(DueDay.Kind.ZONE)
HOUR_BATCH_SIZE: Final = 24 * 60  # of one stream: bounds the memory
DAY_MS: Final = 24 * HOUR_MS


def request(move: ZoneMove) -> None:
    """Mark what another zone touches, write the rebuild down, and wake a worker."""
    user_key = move.user_key
    ZoneChange.objects.create(
        user_key=user_key,
        zone=move.zone,
        valid_from=move.since,
        is_learned=move.is_learned,
        created_at=clock.now(),
    )
    spans = series_of_sources(user_key)
    since = max(move.since, min((one.first_ms for one in spans), default=move.since))
    first = from_ms(max(since - DAY_MS, 0)).date()
    due.mark_days(user_key, ZONE, [first], "time_zone")
    if spans:
        last = from_ms(max(one.last_ms for one in spans) + DAY_MS).date()
        for kind in (due.FIGURES, due.SCORES):
            due.mark_days(user_key, kind, due.day_range(first, last), "time_zone")
    due_days.LINE.request_work(user_key)


def work_off(user_key: int) -> None:
    """Do what is marked; each mark in a transaction of its own."""
    for mark in DueDay.objects.filter(user_key=user_key, kind=ZONE).order_by("day"):
        ZoneChange.objects.filter(user_key=user_key, started_at=None).update(started_at=clock.now())
        with of_user(user_key):
            moved = rebuild(user_key, day_ms(mark.day))
            open_ones = ZoneChange.objects.filter(user_key=user_key, finished_at=None)
            open_ones.update(
                workouts=F("workouts") + moved.workouts, sleep_sessions=F("sleep_sessions") + moved.sleep_sessions
            )
            due.unmark(user_key, [mark])


def finish(user_key: int) -> None:
    """Close the rebuilds that began, once no figure of their days is due any more."""
    begun = ZoneChange.objects.filter(user_key=user_key, finished_at=None, started_at__isnull=False)
    rows = list(begun)
    if not rows or DueDay.objects.filter(user_key=user_key, kind__in=(ZONE, due.FIGURES)).exists():
        return
    for row in rows:
        changed = DayFigure.objects.filter(user_key=user_key, revised_at__gte=row.created_at).values_list("day")
        gone = DayRevision.objects.filter(user_key=user_key, at__gte=row.created_at).values_list("day")
        row.days = changed.union(gone).count()
        row.finished_at = clock.now()
    ZoneChange.objects.bulk_update(rows, ["days", "finished_at"])


class Moved(NamedTuple):
    """The numbers of rows that belong to another day now."""

    workouts: int
    sleep_sessions: int


def rebuild(user_key: int, since: int) -> Moved:
    """Bring the shares of days in chunks, and the days of workouts and nights, in line with the zones."""
    zones = ZoneHistory(user_zones.history(user_key))
    for stream in Stream.objects.filter(user_key=user_key).exclude(grain=Stream.Grain.DAILY):
        for low, high in hours_of(stream, since):
            rewrite(stream, low, high, zones)
    emitted, quiet = StoreResult(), StoreResult()
    workouts = move_workouts(user_key, since, zones)
    quiet.changes.workouts_updated += [workout.pk for workout in workouts]  # nothing that a workout shows has changed
    touched = stages.Touched()
    rows = SleepStage.objects.filter(user_key=user_key, end_ms__gte=since)
    for source, start, end in rows.values_list("source_id", "start_ms", "end_ms"):
        touched.add(source, start, end, 0)
    settle_nights(SourceBook.open(user_key), touched, [emitted], zones)
    emit_changes(user_key, [emitted])
    feed.note(user_key, [emitted, quiet], zones)
    return Moved(len(workouts), len(set(emitted.changes.sleep_updated)))


def move_workouts(user_key: int, since: int, zones: ZoneHistory) -> list[Workout]:
    """Give workouts that state no zone the day of the end user's; returns those of which it is another."""
    rows = Workout.objects.filter(user_key=user_key, zone=None, start__gte=from_ms(since))
    moved = []
    for workout in rows.only("key", "start", "day"):
        day = zones.day_of(to_ms(workout.start))
        if day != workout.day:
            workout.day = day
            moved.append(workout)
    Workout.objects.bulk_update(moved, ["day"], batch_size=500)
    return moved


def hours_of(stream: Stream, since: int) -> Iterator[tuple[int, int]]:
    """Yield runs of hours in which a stream has chunks."""
    found = chunks.hours_from(stream.user_key, stream.id, since // HOUR_MS - stream.span)
    for at in range(0, len(found), HOUR_BATCH_SIZE):
        run = found[at : at + HOUR_BATCH_SIZE]
        yield run[0], run[-1]


def rewrite(stream: Stream, low: int, high: int, zones: ZoneHistory) -> None:
    """Lay chunks down again whose rows state no zone: their shares of days follow from the end user's."""
    stored = chunks.load_range(stream.user_key, stream.id, low, high)
    moved = {
        key: columns
        for key, columns in stored.items()
        if columns.zones == NO_ZONE or (not isinstance(columns.zones, int) and NO_ZONE in columns.zones)
    }
    if moved:
        chunks.write(stream.user_key, moved, existing=set(moved), spans={stream.id: stream.span}, zones=zones)


user_zones.on_change(request)
