"""What an organization used, against what it may: now, and day by day. Read from counters, never from raw tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from accounts import capacity, usage
from accounts.limits import Limits
from accounts.models import DailyUsage, Organization
from accounts.webhooks.models import Endpoint
from wearlink.lib.errors import InvalidInput

LONGEST: Final = 366  # days of an answer
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
_FIGURES: Final = {metric: figure for figure, metrics in {**FLOWS, **LEVELS}.items() for metric in metrics}


@dataclass(frozen=True, slots=True)
class Resource:
    """Something with a limit. `period` is "day" for what begins anew at midnight UTC, else "now"."""

    resource: str
    used: int
    limit: int | None
    period: str

    @property
    def remaining(self) -> int | None:
        """How much is left; never less than nothing, since limits may shrink. None: no limit."""
        return None if self.limit is None else max(self.limit - self.used, 0)


def resources(organization: Organization, today: date) -> list[Resource]:
    """What is used of each limit now."""
    limits: Limits = organization.limits
    endpoints = Endpoint.objects.for_organization(organization).count()
    return [
        Resource("photos", usage.used(organization.pk, usage.NUTRITION_PHOTOS, today), limits.photos_per_day, "day"),
        Resource("end_users", capacity.end_users(organization), limits.max_end_users, "now"),
        Resource("webhook_endpoints", endpoints, limits.max_webhook_endpoints, "now"),
        Resource("team_seats", capacity.team_seats(organization), limits.max_team_seats, "now"),
    ]


def days(organization: Organization, first: date, last: date) -> list[dict[str, Any]]:
    """Every day of the range with its figures; a level is that of the day's end. Raises InvalidInput."""
    if last < first:
        raise InvalidInput.on("end_date", "must not be before start_date.")
    if (last - first).days >= LONGEST:
        raise InvalidInput.on("end_date", f"the range may have at most {LONGEST} days.")
    return list(_days(organization, first, last))


def _days(organization: Organization, first: date, last: date) -> Iterator[dict[str, Any]]:
    counted: dict[tuple[date, str], int] = {}
    for day, metric, total in _rows(organization, first, last):
        figure = _FIGURES.get(metric)
        if figure is not None:
            counted[day, figure] = counted.get((day, figure), 0) + total
    before = usage.levels(first - timedelta(days=1), organization_id=organization.pk)
    level = {figure: sum(before.get((organization.pk, name), 0) for name in names) for figure, names in LEVELS.items()}
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        found: dict[str, Any] = {"date": day.isoformat()}
        for figure in FLOWS:
            found[figure] = counted.get((day, figure), 0)
        for figure in LEVELS:
            level[figure] += counted.get((day, figure), 0)
            found[figure] = level[figure]
        yield found


def _rows(organization: Organization, first: date, last: date) -> Iterator[tuple[date, str, int]]:
    rows = DailyUsage.objects.filter(organization_id=organization.pk, date__gte=first, date__lte=last)
    return iter(rows.values_list("date", "metric", "total"))


def totals(found: list[dict[str, Any]]) -> dict[str, int]:
    """Sums of the range for what flows, and the last day's level for what is held."""
    sums = {figure: sum(day[figure] for day in found) for figure in FLOWS}
    return sums | {figure: found[-1][figure] for figure in LEVELS}
