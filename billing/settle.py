"""The plan in effect: what is bought decides what is allowed, with warnings while charging fails and a grace period."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts import audit
from accounts.models import Organization
from billing import plans
from billing.models import BillingAccount, Subscription
from wearlink.lib import clock
from wearlink.lib.work import task_queue

MAIL: Final = "billing.tasks.mail_owners"
GRACE_ENDED: Final = "grace_ended"
_WATCHED: Final = (*Subscription.FAILING, Subscription.Status.PAUSED)


@dataclass(frozen=True, slots=True)
class Banner:
    """A message for every page of the dashboard; severity as of announcements."""

    severity: str
    code: str
    message: str


def grace() -> timedelta:
    """Return how long the paid plan stays while charging fails."""
    return timedelta(days=settings.BILLING_GRACE_DAYS)


def current(organization: Organization) -> Subscription | None:
    """Return the subscription that counts: the open one, else the last; None before the first."""
    rows = Subscription.objects.for_organization(organization).known().select_related("vendor_plan__plan")
    return rows.open().first() or rows.first()


def plan_in_effect(organization: Organization, now: datetime) -> str:
    """Return the code of the plan: an administrator's word, else what is paid for, else the free one."""
    account = BillingAccount.objects.filter(pk=organization.pk).exclude(granted_plan="").first()
    if account is not None:
        return account.granted_plan
    found = Subscription.objects.for_organization(organization).open().select_related("vendor_plan__plan").first()
    return (found.paid_plan(now, grace()) if found else None) or plans.FREE


def settle(organization: Organization, actor: audit.Actor = audit.SYSTEM) -> Organization:
    """Give the organization the limits of the plan in effect. Nothing is ever deleted."""
    return plans.apply(organization, plan_in_effect(organization, clock.now()), actor)


@transaction.atomic
def withdraw_grant(organization: Organization, actor: audit.Actor) -> Organization:
    """Take an administrator's plan back, so that what is bought counts again."""
    if BillingAccount.objects.filter(pk=organization.pk).exclude(granted_plan="").update(granted_plan=""):
        audit.record("billing.grant_withdrawn", actor=actor, organization=organization, target=organization)
    return settle(organization, actor)


def warn(subscription: Subscription) -> None:
    """Tell the owners once that charging fails, once that it was given up, and once that the grace is over.

    Called with the row locked; the mail goes after the commit.
    """
    word = _word(subscription)
    if word == subscription.warned_of:
        return
    subscription.warned_of = word
    subscription.save(update_fields=["warned_of"])
    if word:
        task_queue.enqueue(MAIL, str(subscription.pk), word)


def _word(subscription: Subscription) -> str:
    if subscription.status not in Subscription.FAILING:
        return ""
    return GRACE_ENDED if subscription.warned_of == GRACE_ENDED else str(subscription.status)


def look_after() -> int:
    """Return what time alone changes: the end of grace, and of what a paused subscription has paid. Returns how many
    ended.
    """
    ended, now = 0, clock.now()
    for key in list(Subscription.objects.filter(status__in=_WATCHED).values_list("pk", flat=True)):
        with transaction.atomic():
            rows = Subscription.objects.select_for_update(of=("self",)).select_related("vendor_plan__plan")
            subscription = rows.get(pk=key)
            if subscription.paid_plan(now, grace()) is not None:
                continue
            ended += _end_of_grace(subscription)
            settle(subscription.organization)
    return ended


def _end_of_grace(subscription: Subscription) -> int:
    if subscription.status not in Subscription.FAILING or subscription.warned_of == GRACE_ENDED:
        return 0
    subscription.warned_of = GRACE_ENDED
    subscription.save(update_fields=["warned_of"])
    organization = subscription.organization
    audit.record("billing.grace_ended", actor=audit.SYSTEM, organization=organization, target=subscription)
    task_queue.enqueue(MAIL, str(subscription.pk), GRACE_ENDED)
    return 1


def banner(subscription: Subscription | None, now: datetime) -> Banner | None:
    """Return what the organization's dashboard should say of its subscription now."""
    if subscription is None or subscription.status not in Subscription.FAILING or subscription.failing_since is None:
        return None
    until = subscription.failing_since + grace()
    if now >= until:
        message = "Your payments failed. Your organization is on the free plan until a payment succeeds."
        return Banner("critical", GRACE_ENDED, f"{message} Nothing was deleted.")
    day = f"{until:%Y-%m-%d}"
    if subscription.status == Subscription.Status.HALTED:
        message = f"Your payments failed and are no longer tried. Please update your card by {day}."
        return Banner("critical", "payment_halted", message)
    message = f"Your last payment failed and will be tried again. Please check your card by {day}."
    return Banner("warning", "payment_pending", message)
