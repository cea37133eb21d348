"""The four plans, and the one function that gives an organization its limits."""

from dataclasses import dataclass

from django.db import transaction

from accounts import audit, authentication
from accounts.limits import HOBBY, Limits
from accounts.models import Organization
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Plan:
    """What is sold. price_usd is whole dollars a month; None means by agreement."""

    code: str
    name: str
    price_usd: int | None
    limits: Limits


PLANS = {
    plan.code: plan
    for plan in (
        Plan("hobby", "Hobby", 0, HOBBY),
        Plan("developer", "Developer", 99, Limits("developer", requests_per_minute=30_000, photos_per_day=500)),
        Plan("scale", "Scale", 499, Limits("scale", requests_per_minute=120_000, photos_per_day=5_000)),
        Plan("enterprise", "Enterprise", None, Limits("enterprise", requests_per_minute=None, photos_per_day=None)),
    )
}

audit.register("billing.plan_changed", "The organization moved to another plan.")


@transaction.atomic
def apply(organization: Organization, plan: str, actor: audit.Actor) -> Organization:
    """Put an organization on a plan; its limits hold from the next request on.

    Does nothing when it is on that plan with those limits already. Raises InvalidInput for an unknown plan.
    """
    if plan not in PLANS:
        raise InvalidInput.on("plan", f"{plan[:32]!r} is no plan. Accepted: {', '.join(PLANS)}.")
    locked = Organization.objects.select_for_update().get(pk=organization.pk)
    before, limits = locked.limits, PLANS[plan].limits
    if before == limits:
        return locked
    locked.plan = limits.plan
    locked.requests_per_minute = limits.requests_per_minute
    locked.photos_per_day = limits.photos_per_day
    locked.updated_at = clock.now()
    locked.save(update_fields=["plan", "requests_per_minute", "photos_per_day", "updated_at"])
    authentication.forget_organization(locked.pk)
    data = {"from": before.plan, "to": plan}
    audit.record("billing.plan_changed", actor=actor, organization=locked, target=locked, data=data)
    return locked
