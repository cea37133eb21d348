"""Counters per organization, metric and day (UTC): quotas, the usage page and the operator's figures read them.

Work is counted in its own transaction, so that what is rolled back was never counted. `count` keeps one row a day and
answers its total, which a quota needs; `add` spreads writers over several rows, so that the workers of one
organization do not wait for each other, and takes several metrics at once: one statement a batch, not one a sample.
A metric is counted by one of the two, always the same.

Some metrics are levels: what is stored counts up, what is removed counts down, and the level of a moment is the sum of
all days before it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import Sum

from accounts.models import DailyUsage, MonthlyUsage
from wearlink.lib import clock

SLOTS: Final = 7  # rows that `add` spreads writers over; `count` has row 0 to itself

NUTRITION_PHOTOS: Final = "nutrition_photos"
VISION_RECOGNITIONS: Final = "vision_recognitions"
VISION_INPUT_TOKENS: Final = "vision_input_tokens"
VISION_OUTPUT_TOKENS: Final = "vision_output_tokens"
VISION_COST_MICROS: Final = "vision_cost_micros"
IMAGE_BYTES: Final = "image_bytes"
OBJECT_BYTES: Final = "object_bytes"
WEBHOOK_DELIVERIES: Final = "webhook_deliveries"
API_CALLS: Final = "api_calls"
END_USERS: Final = "end_users"
SAMPLES_STORED: Final = "samples_stored"


@dataclass(frozen=True, slots=True)
class UsageMetric:
    """A counter: its unit, and exactly when it counts. A level may be counted down."""

    name: str
    unit: str
    meaning: str
    level: bool = False


METRICS: Final = {
    metric.name: metric
    for metric in (
        UsageMetric(
            NUTRITION_PHOTOS, "photos", "Meal logs that came with an image, discarded ones included: the quota."
        ),
        UsageMetric(VISION_RECOGNITIONS, "logs", "Meal logs whose vision_model was set: once a log, not once a call."),
        UsageMetric(VISION_INPUT_TOKENS, "tokens", "Tokens sent to vision models, of every call, as the vendor bills."),
        UsageMetric(VISION_OUTPUT_TOKENS, "tokens", "Tokens that vision models answered, thinking included."),
        UsageMetric(
            VISION_COST_MICROS, "millionths of a USD", "Those tokens at the prices of billing.costs.vision_micros."
        ),
        UsageMetric(IMAGE_BYTES, "bytes", "size_bytes of meal images whose object is kept.", level=True),
        UsageMetric(
            OBJECT_BYTES, "bytes", "Other objects kept for the organization: payloads and uploads.", level=True
        ),
        UsageMetric(WEBHOOK_DELIVERIES, "deliveries", "Webhook messages that an endpoint took (2xx), tests included."),
        UsageMetric(
            API_CALLS, "calls", "Calls by API keys, dashboards and phones, refused ones included; a minute late."
        ),
        UsageMetric(END_USERS, "users", "End users at the end of the day; counted each night.", level=True),
        UsageMetric(SAMPLES_STORED, "records", "Samples, daily values, workouts, stages and scores that were new."),
    )
}

# Written out: `make bench`, POST of 500 records, two clients at once: p50; usage page, this month: p50.
_ADD: Final = """
    INSERT INTO accounts_dailyusage (organization_id, date, metric, slot, total)
    SELECT owner, %s, metric, %s, n
    FROM unnest(%s::text[], %s::bigint[]) AS counted(metric, n),
         (SELECT coalesce(%s::uuid, (SELECT organization_id FROM accounts_enduser WHERE key = %s)) AS owner) AS whose
    WHERE owner IS NOT NULL
    ON CONFLICT (organization_id, metric, date, slot) DO UPDATE SET total = accounts_dailyusage.total + excluded.total
    RETURNING total
"""


_TAKE: Final = """
    INSERT INTO accounts_dailyusage AS usage (organization_id, date, metric, slot, total) VALUES (%s, %s, %s, 0, 1)
    ON CONFLICT (organization_id, metric, date, slot) DO UPDATE SET total = usage.total + 1 WHERE usage.total < %s
    RETURNING total
"""


def take(organization_id: UUID, metric: str, cap: int) -> bool:
    """Add 1 to today's counter unless it has reached the cap, which is at least 1; False if it has.

    One statement: however many ask at once, exactly as many get True as there is room for. The row is locked until the
    transaction ends, and what is rolled back was never taken.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [organization_id, clock.now().date(), metric, cap])
        return cursor.fetchone() is not None


_LEVEL_NAMES: Final = [metric.name for metric in METRICS.values() if metric.level]
_LEVELS: Final = """
    SELECT metric, sum(total)::bigint FROM (
        SELECT metric, total FROM accounts_monthlyusage
        WHERE organization_id = %s AND metric = ANY(%s) AND month < %s
        UNION ALL
        SELECT metric, total FROM accounts_dailyusage
        WHERE organization_id = %s AND metric = ANY(%s) AND date BETWEEN %s AND %s
    ) AS changed GROUP BY metric
"""


def count(organization_id: UUID, metric: str, n: int = 1) -> int:
    """Add n to today's counter and return its new value. Atomic; the row is locked until the transaction ends."""
    return _write({metric: n}, slot=0, organization_id=organization_id)


def add(organization_id: UUID, counted: Mapping[str, int]) -> None:
    """Add to several of today's counters at once; zeros are left out."""
    counted = {metric: n for metric, n in sorted(counted.items()) if n}
    if counted:
        _write(counted, slot=_own_slot(), organization_id=organization_id)


def add_of_user(user_key: int, counted: Mapping[str, int]) -> None:
    """Count for the organization of an end user of whom only the key is known; nothing if there is none."""
    counted = {metric: n for metric, n in sorted(counted.items()) if n}
    if counted:
        _write(counted, slot=_own_slot(), user_key=user_key)


def level(organization_id: UUID, metric: str, on: date) -> int:
    """Return the level at the end of a day."""
    return levels_of(organization_id, on).get(metric, 0)


def levels_of(organization_id: UUID, on: date) -> dict[str, int]:
    """Return every level of an organization at the end of a day, by metric; the day must not be pruned yet."""
    since = _open_month(on)
    with connection.cursor() as cursor:
        cursor.execute(_LEVELS, [organization_id, _LEVEL_NAMES, since, organization_id, _LEVEL_NAMES, since, on])
        found: dict[str, int] = dict(cursor.fetchall())
    return found


def levels(on: date, *metrics: str) -> dict[tuple[UUID, str], int]:
    """Return levels of everybody at the end of a day, by organization and metric; every level, unless
    some are named.
    """
    since, names = _open_month(on), metrics or _LEVEL_NAMES
    months = MonthlyUsage.objects.filter(metric__in=names, month__lt=since)
    days = DailyUsage.objects.filter(metric__in=names, date__gte=since, date__lte=on)
    found: dict[tuple[UUID, str], int] = {}
    for rows in (months, days):
        for owner, metric, total in rows.values_list("organization_id", "metric").annotate(sum=Sum("total")):
            found[owner, metric] = found.get((owner, metric), 0) + total
    return found


def _open_month(on: date) -> date:
    """Return the first day of the month before: older ones are closed and rolled up."""
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)


def used(organization_id: UUID, metric: str, on: date | None = None) -> int:
    """Return the counter of a day (default: today)."""
    rows = DailyUsage.objects.filter(organization_id=organization_id, metric=metric, date=on or clock.now().date())
    return rows.aggregate(total=Sum("total"))["total"] or 0


def _own_slot() -> int:
    return 1 + os.getpid() % SLOTS


def _write(
    counted: Mapping[str, int], *, slot: int, organization_id: UUID | None = None, user_key: int | None = None
) -> int:
    unknown = counted.keys() - METRICS.keys()
    if unknown:
        raise LookupError(f"No such metric: {', '.join(sorted(unknown))}")
    metrics, numbers = list(counted), list(counted.values())
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [clock.now().date(), slot, metrics, numbers, organization_id, user_key])
        row = cursor.fetchone()
    return row[0] if row else 0
