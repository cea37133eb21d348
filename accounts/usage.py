"""Counters per organization, metric and day (UTC): quotas and the operator's figures read them."""

from datetime import date
from uuid import UUID

from django.db import connection

from accounts.models import DailyUsage
from wearlink.lib import clock

_ADD = """
    INSERT INTO accounts_dailyusage (organization_id, date, metric, total) VALUES (%s, %s, %s, %s)
    ON CONFLICT (organization_id, metric, date) DO UPDATE SET total = accounts_dailyusage.total + excluded.total
    RETURNING total
"""


def count(organization_id: UUID, metric: str, n: int = 1) -> int:
    """Add n to today's counter and return its new value. Atomic; the row is locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [organization_id, clock.now().date(), metric, n])
        (total,) = cursor.fetchone()
    return total


def used(organization_id: UUID, metric: str, on: date | None = None) -> int:
    """The counter of a day (default: today)."""
    rows = DailyUsage.objects.filter(organization_id=organization_id, metric=metric, date=on or clock.now().date())
    return rows.values_list("total", flat=True).first() or 0
