"""What rests on local days, brought in line with an end user's other time zone.

The mark of the earliest day is the job: it is written with the change, a worker does the work and takes it away.
"""

from collections.abc import Iterator
from typing import Final

from accounts import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures import due as due_days
from healthdata.models import DueDay, SleepStage, Stream, Workout
from healthdata.models.series import HOUR_MS
from healthdata.queries.counts import series_of_sources
from healthdata.store import chunks, due, stages
from healthdata.store.columns import NO_ZONE
from healthdata.store.daily_claims import day_ms
from healthdata.store.result import StoreResult
from healthdata.store.sources import SourceBook
from healthdata.store.verbs import of_user, settle_nights
from wearlink.lib.clock import from_ms, to_ms

ZONE: Final = int(DueDay.Kind.ZONE)
HOURS_AT_ONCE: Final = 24 * 60  # of one stream: bounds the memory
DAY_MS: Final = 24 * HOUR_MS


def request(user_key: int, since: int) -> None:
    """Mark what a zone that is another one since an instant (ms) touches, and wake a worker."""
    spans = series_of_sources(user_key)
    since = max(since, min((one.first_ms for one in spans), default=since))
    first = from_ms(max(since - DAY_MS, 0)).date()
    due.mark_days(user_key, ZONE, [first], "time_zone")
    if spans:
        last = from_ms(max(one.last_ms for one in spans) + DAY_MS).date()
        due.mark_days(user_key, due.FIGURES, due.day_range(first, last), "time_zone")
    due_days.WAKE_UP.request_work(user_key)


def work_off(user_key: int) -> None:
    """Do what is marked; each mark in a transaction of its own."""
    for mark in DueDay.objects.filter(user_key=user_key, kind=ZONE).order_by("day"):
        with of_user(user_key):
            rebuild(user_key, day_ms(mark.day))
            due.unmark(user_key, [mark])


def rebuild(user_key: int, since: int) -> None:
    """Bring the shares of days in chunks, and the days of workouts and nights, in line with the zones."""
    zones = ZoneHistory(user_zones.history(user_key))
    for stream in Stream.objects.filter(user_key=user_key).exclude(grain=Stream.Grain.DAILY):
        for low, high in hours_of(stream, since):
            rewrite(stream, low, high, zones)
    workouts = list(Workout.objects.filter(user_key=user_key, zone=None, start__gte=from_ms(since)))
    for workout in workouts:
        workout.day = zones.day_of(to_ms(workout.start))
    Workout.objects.bulk_update(workouts, ["day"], batch_size=500)
    touched = stages.Touched()
    rows = SleepStage.objects.filter(user_key=user_key, end_ms__gte=since)
    for source, start, end in rows.values_list("source_id", "start_ms", "end_ms"):
        touched.add(source, start, end, 0)
    settle_nights(SourceBook.open(user_key), touched, [StoreResult()], zones)


def hours_of(stream: Stream, since: int) -> Iterator[tuple[int, int]]:
    """Runs of hours in which a stream has chunks."""
    found = chunks.hours_from(stream.user_key, stream.id, since // HOUR_MS - stream.span)
    for at in range(0, len(found), HOURS_AT_ONCE):
        run = found[at : at + HOURS_AT_ONCE]
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
