"""The choice of the recording that counts for a night or a workout, made again when the order of sources changes.

The mark is the job, as with time zones: it is written with the change, and a worker does the work.
"""

from typing import Final
from uuid import UUID

from django.db import connection

from accounts.end_users import source_preferences
from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures import due as due_days
from healthdata.models import DueDay, SleepSession, Workout
from healthdata.queries.counts import series_of_sources
from healthdata.store import due, feed, own_scores, same_workouts
from healthdata.store.result import StoreResult
from healthdata.store.sleep import same_nights
from healthdata.store.verbs import of_user
from healthdata.webhooks.emit import emit_changes
from wearlink.lib import clock
from wearlink.lib.clock import from_ms

# Written out: a set made of three tables is inserted where it lies, instead of being read and sent back.
_MARK_ALL: Final = """
INSERT INTO healthdata_dueday (user_key, kind, day, marks, causes, since)
SELECT DISTINCT s.user_key, %s, %s::date, 1, 'preference', %s::timestamptz
FROM healthdata_source s JOIN accounts_enduser u ON u.key = s.user_key WHERE u.organization_id = %s
ORDER BY s.user_key
ON CONFLICT (user_key, kind, day) DO UPDATE SET marks = healthdata_dueday.marks + 1
"""


def request(organization_id: UUID, user_key: int | None) -> None:
    """Mark an end user, or all of an organization; the figures of one end user's days too, others' when they are read.

    A worker is woken for one; an organization's are found by the sweep.
    """
    if user_key is None:
        with connection.cursor() as cursor:
            cursor.execute(_MARK_ALL, [due.REGROUP, due.SINCE_EVER, clock.now(), organization_id])
        return
    due.mark_days(user_key, due.REGROUP, [due.SINCE_EVER], "preference")
    spans = series_of_sources(user_key)
    if spans:
        first, last = min(one.first_ms for one in spans), max(one.last_ms for one in spans)
        due.mark_around(user_key, (from_ms(first).date(), from_ms(last).date()), "preference")
    due_days.LINE.request_work(user_key)


def work_off(user_key: int) -> None:
    """Work off the mark, and emit which recordings count from now on."""
    marks = list(DueDay.objects.filter(user_key=user_key, kind=due.REGROUP))
    if not marks:
        return
    with of_user(user_key):
        zones = ZoneHistory(user_zones.history(user_key))
        nights = SleepSession.objects.filter(user_key=user_key).values_list("day", flat=True).distinct()
        workouts = Workout.objects.filter(user_key=user_key).values_list("day", flat=True).distinct()
        result = StoreResult()
        regrouped = same_nights.regroup(user_key, nights)
        result.changes.sleep_updated += [row.pk for row in regrouped]
        result.changes.workouts_updated += [row.pk for row in same_workouts.regroup(user_key, workouts)]
        days = {row.day for row in regrouped}
        own_scores.rescore(user_key, days, result, zones)
        due.mark_days(user_key, due.SCORES, days, "")
        emit_changes(user_key, [result])
        feed.note(user_key, [result], zones)
        due.unmark(user_key, marks)


source_preferences.on_change(request)
