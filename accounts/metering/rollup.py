"""Counters, tidied up by night: one row a day, sums of months, and how many end users there are.

All of it may run again: each step sets what it finds, and adds nothing twice.
"""

from datetime import date, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Count

from accounts import usage
from accounts.models import DailyUsage, EndUser
from wearlink.lib import clock

KEPT: Final = timedelta(days=500)  # of days; months are kept for good
MONTHS_BACK: Final = 3  # that are summed again

# Written out: rows move by one `DELETE … RETURNING` into an upsert that adds, so none is counted twice or lost.
_FOLD: Final = """
    WITH spread AS (
        DELETE FROM accounts_dailyusage WHERE slot > 0 AND date < %s RETURNING organization_id, date, metric, total
    )
    INSERT INTO accounts_dailyusage (organization_id, date, metric, slot, total)
    SELECT organization_id, date, metric, 0, sum(total) FROM spread GROUP BY organization_id, date, metric
    ON CONFLICT (organization_id, metric, date, slot) DO UPDATE SET total = accounts_dailyusage.total + excluded.total
"""
_MONTHS: Final = """
    INSERT INTO accounts_monthlyusage (organization_id, month, metric, total)
    SELECT organization_id, date_trunc('month', date)::date, metric, sum(total) FROM accounts_dailyusage
    WHERE date >= %s GROUP BY 1, 2, 3
    ON CONFLICT (organization_id, metric, month) DO UPDATE SET total = excluded.total
    WHERE accounts_monthlyusage.total <> excluded.total
"""
_END_USERS: Final = """
    INSERT INTO accounts_dailyusage (organization_id, date, metric, slot, total)
    SELECT owner, %s, %s, 0, n FROM unnest(%s::uuid[], %s::bigint[]) AS changed(owner, n)
    ON CONFLICT (organization_id, metric, date, slot) DO UPDATE SET total = accounts_dailyusage.total + excluded.total
"""


def run(today: date | None = None) -> None:
    """Roll up what was counted before today (UTC; default: by the clock)."""
    today = today or clock.now().date()
    _count_end_users(today - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(_FOLD, [today])
        cursor.execute(_MONTHS, [_months_before(today, MONTHS_BACK)])
    DailyUsage.objects.filter(date__lt=today - KEPT).delete()


@transaction.atomic
def _count_end_users(on: date) -> None:
    """Bring the level of end users in line with how many there are now."""
    known = usage.levels(on)
    now = dict(EndUser.objects.order_by().values_list("organization_id").annotate(Count("key")))
    gone = {owner: 0 for owner, metric in known if metric == usage.END_USERS}
    changed = {owner: n - known.get((owner, usage.END_USERS), 0) for owner, n in {**gone, **now}.items()}
    changed = {owner: n for owner, n in changed.items() if n}
    with connection.cursor() as cursor:
        cursor.execute(_END_USERS, [on, usage.END_USERS, list(changed), list(changed.values())])


def _months_before(day: date, number: int) -> date:
    """Return the first day of the month that lies that many months before."""
    months = day.year * 12 + day.month - 1 - number
    return date(months // 12, months % 12 + 1, 1)
