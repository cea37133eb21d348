"""An organization's use beside its limits: now, and day by day. Read from counters, never from raw tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from accounts import usage
from accounts.limits import Limits
from accounts.models import Developer, EndUser, Invitation, Organization
from accounts.webhooks.models import Endpoint
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput
from wearlink.lib.postgres import prepared

MAX_DAYS: Final = 366  # days of an answer
#: The name of a figure → the metrics whose sum it is.
FLOWS: Final = {
    "photos": (usage.NUTRITION_PHOTOS,),
    "api_calls": (usage.API_CALLS,),
    "webhook_deliveries": (usage.WEBHOOK_DELIVERIES,),
    "samples": (usage.SAMPLES_STORED,),
    "vision_recognitions": (usage.VISION_RECOGNITIONS,),
}
LEVELS: Final = {
    "end_users": (usage.END_USERS,),
    "storage_bytes": (usage.IMAGE_BYTES, usage.OBJECT_BYTES),
}
_COLUMNS: Final = {**FLOWS, **LEVELS}
_NAMES: Final = [name for names in _COLUMNS.values() for name in names]
_SUMS: Final = ", ".join(
    f"coalesce(sum(total) FILTER (WHERE metric IN ({', '.join(repr(name) for name in metrics)})), 0)::bigint"
    for metrics in _COLUMNS.values()
)
# A year has four thousand rows: summed here they cost a fifth of what they cost as objects.
# Written out: `make bench`, usage page, this month: p50.
_DAYS: Final = f"""
    SELECT date, {_SUMS} FROM accounts_dailyusage
    WHERE organization_id = %s AND metric = ANY(%s) AND date BETWEEN %s AND %s GROUP BY date
"""  # noqa: S608 - the names are our own
# What accounts.metering.capacity and the endpoints' own limit count, in one round trip.
_HELD: Final = f"""
    SELECT (SELECT coalesce(sum(total), 0)::bigint FROM accounts_dailyusage
            WHERE organization_id = o.id AND metric = '{usage.NUTRITION_PHOTOS}' AND date = %s),
           (SELECT count(*) FROM {EndUser._meta.db_table} WHERE organization_id = o.id),
           (SELECT count(*) FROM {Endpoint._meta.db_table} WHERE organization_id = o.id AND deleted_at IS NULL),
           (SELECT count(*) FROM {Developer._meta.db_table} WHERE organization_id = o.id)
         + (SELECT count(*) FROM {Invitation._meta.db_table} WHERE organization_id = o.id AND accepted_at IS NULL
            AND revoked_at IS NULL AND expires_at > %s)
    FROM {Organization._meta.db_table} o WHERE o.id = %s
"""  # noqa: S608 - the names are our own


@dataclass(frozen=True, slots=True)
class Resource:
    """A limited resource and its use. `period` is "day" for what starts again at midnight UTC, else "now"."""

    resource: str
    used: int
    limit: int | None
    period: str

    @property
    def remaining(self) -> int | None:
        """The amount that is left, at least 0, since limits may shrink. None: no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


def resources(organization: Organization, today: date) -> list[Resource]:
    """Return what is used of each limit now."""
    limits: Limits = organization.limits
    with prepared() as cursor:
        cursor.execute(_HELD, [today, clock.now(), organization.pk])
        photos, users, endpoints, seats = cursor.fetchone()
    return [
        Resource("photos", photos, limits.photos_per_day, "day"),
        Resource("end_users", users, limits.max_end_users, "now"),
        Resource("webhook_endpoints", endpoints, limits.max_webhook_endpoints, "now"),
        Resource("team_seats", seats, limits.max_team_seats, "now"),
    ]


def days(organization: Organization, first: date, last: date) -> list[dict[str, Any]]:
    """Return every day of the range with its figures; a level is that of the day's end. Raises InvalidInput."""
    if last < first:
        raise InvalidInput.on("end_date", "must not be before start_date.")
    if (last - first).days >= MAX_DAYS:
        raise InvalidInput.on("end_date", f"the range may have at most {MAX_DAYS} days.")
    return list(_days(organization, first, last))


def _days(organization: Organization, first: date, last: date) -> Iterator[dict[str, Any]]:
    with prepared() as cursor:
        cursor.execute(_DAYS, [organization.pk, _NAMES, first, last])
        counted = {row[0]: row[1:] for row in cursor.fetchall()}
    before = usage.levels_of(organization.pk, first - timedelta(days=1))
    level = [sum(before.get(name, 0) for name in names) for names in LEVELS.values()]
    nothing = (0,) * len(_COLUMNS)
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        sums = counted.get(day, nothing)
        level = [held + change for held, change in zip(level, sums[len(FLOWS) :], strict=True)]
        yield {"date": day.isoformat(), **dict(zip(_COLUMNS, (*sums[: len(FLOWS)], *level), strict=True))}


def totals(found: list[dict[str, Any]]) -> dict[str, int]:
    """Return sums of the range for what flows, and the last day's level for what is held."""
    sums = {figure: sum(day[figure] for day in found) for figure in FLOWS}
    return sums | {figure: found[-1][figure] for figure in LEVELS}
