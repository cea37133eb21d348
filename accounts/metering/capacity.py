"""The rows of its plan that an organization uses up (end users, seats), and refusing more than fit.

Only making more is refused: what is there stays when a plan shrinks. End users are counted at most every few seconds a
process, since an organization may have a million and make hundreds a second; the limit is generous, not exact.
"""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.models import Developer, EndUser, Invitation, Organization
from wearlink.lib.errors import Conflict

REMEMBERED: Final = 30.0  # seconds, while there is plenty of room
NEARLY_FULL: Final = 0.9
REMEMBERED_NEARLY_FULL: Final = 1.0
MAX_REMEMBERED: Final = 10_000  # organizations


class PlanLimitReached(Conflict):
    """The plan has no room for more."""

    default_code = "plan_limit_reached"

    def __init__(self, organization: Organization, limit: int, what: str) -> None:
        super().__init__(f"The {organization.plan} plan has room for {limit} {what}. Upgrade to make more.")


@dataclass(slots=True)
class _Count:
    number: int
    until: float


_counts: dict[UUID, _Count] = {}  # of this process


def end_users(organization: Organization) -> int:
    """Return how many end users there are, counted now."""
    return EndUser.objects.filter(organization_id=organization.pk).count()


def team_seats(organization: Organization) -> int:
    members = Developer.objects.filter(organization_id=organization.pk).count()
    return members + Invitation.objects.filter(organization_id=organization.pk).open().count()


def require_seat(organization: Organization) -> None:
    """Raise PlanLimitReached unless one more may be invited. Call with the organization's row locked."""
    limit = organization.max_team_seats
    if limit is not None and team_seats(organization) >= limit:
        raise PlanLimitReached(organization, limit, "team members and invitations")


def require_end_user(organization: Organization) -> None:
    """Raise PlanLimitReached unless one more end user may be made; counts it."""
    limit = organization.max_end_users
    if limit is None:
        return
    known, now = _counts.get(organization.pk), time.monotonic()
    if known is None or now >= known.until or known.number >= limit:
        known = _remember(organization, end_users(organization), limit, now)
    if known.number >= limit:
        raise PlanLimitReached(organization, limit, "end users")
    known.number += 1


def _remember(organization: Organization, number: int, limit: int, now: float) -> _Count:
    if len(_counts) >= MAX_REMEMBERED:
        _counts.clear()
    plenty = number < limit * NEARLY_FULL
    known = _counts[organization.pk] = _Count(number, now + (REMEMBERED if plenty else REMEMBERED_NEARLY_FULL))
    return known
