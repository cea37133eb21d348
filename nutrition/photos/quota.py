"""The number of photos that an organization may send a day (UTC). Manual entries are not counted."""

from datetime import timedelta
from typing import Final

from accounts import usage
from accounts.models import Organization
from wearlink.lib import clock
from wearlink.lib.errors import QuotaExceeded, QuotaFacts

RESOURCE: Final = "nutrition_image"


def check(organization: Organization) -> None:
    """Refuse early what `take` would refuse, before any work is done. Raises QuotaExceeded."""
    cap = organization.photos_per_day
    if cap is not None and usage.used(organization.pk, usage.NUTRITION_PHOTOS) >= cap:
        raise _exceeded(organization, cap)


def take(organization: Organization) -> None:
    """Count one photo, in the transaction that stores its log. Raises QuotaExceeded: exactly the cap gets through."""
    cap = organization.photos_per_day
    if cap is None:
        usage.count(organization.pk, usage.NUTRITION_PHOTOS)
    elif cap < 1 or not usage.take(organization.pk, usage.NUTRITION_PHOTOS, cap):
        raise _exceeded(organization, cap)


def _exceeded(organization: Organization, cap: int) -> QuotaExceeded:
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    message = (
        f"Daily nutrition image quota reached ({cap} for the {organization.plan} plan). Resets at 00:00 UTC. "
        "Manual logs are not affected."
    )
    facts = QuotaFacts(message=message, limit=cap, used=cap, plan=organization.plan, resource=RESOURCE)
    return QuotaExceeded(facts, retry_after=max(1, round((midnight - now).total_seconds())))
