"""Changing what is bought: another plan, an end, a pause, and taking these back. Razorpay decides, and we copy."""

from collections.abc import Callable
from typing import Final

from django.db import transaction

from accounts import audit
from accounts.models import Organization
from billing import checkout, plans
from billing.checkout import SubscriptionMissing
from billing.models import Subscription
from billing.razorpay import events, gateway
from billing.razorpay.gateway import GatewayAnswer
from billing.razorpay.states import ANSWERED, ReportedSubscription
from wearlink.lib.errors import Conflict, InvalidInput

Status = Subscription.Status
CHANGEABLE: Final = frozenset({Status.AUTHENTICATED, Status.ACTIVE})


class WrongState(Conflict):
    """The subscription is in no state to do this."""

    default_code = "subscription_state"


def change_plan(organization: Organization, code: str, *, at_cycle_end: bool, actor: audit.Actor) -> Subscription:
    """Move to another plan that is sold; for the free one, cancel. Raises InvalidInput, WrongState, GatewayDown."""
    row = _open(organization)
    _require(row, CHANGEABLE, "changed")
    plan = plans.find(code)
    if not plan.is_sold:
        raise InvalidInput.on("plan", f"the {plan.code} plan is not bought here; cancel to go back to the free one.")
    if plan.code == row.vendor_plan.plan.code and not row.next_plan:
        raise InvalidInput.on("plan", f"the subscription is to the {plan.code} plan already.")
    vendor_plan = checkout.vendor_plan_of(plan)
    answer = gateway.change_subscription(_id(row), plan_id=vendor_plan.razorpay_id, at_cycle_end=at_cycle_end)
    data = {"plan": plan.code, "at_cycle_end": at_cycle_end}
    return _take_in(
        row, answer, actor, "billing.plan_change_requested", data, next_plan=plan.code if at_cycle_end else ""
    )


def cancel(organization: Organization, *, at_cycle_end: bool, actor: audit.Actor) -> Subscription:
    """End it: now, or when what is paid for is over. Raises WrongState, GatewayDown."""
    row = _open(organization)
    waits = at_cycle_end and row.status in (Status.ACTIVE, Status.PENDING, Status.HALTED)
    answer = gateway.cancel_subscription(_id(row), at_cycle_end=waits)
    return _take_in(row, answer, actor, "billing.cancel_requested", {"at_cycle_end": waits}, cancel_at_cycle_end=waits)


def pause(organization: Organization, *, actor: audit.Actor) -> Subscription:
    """Charge nothing until it is resumed. Raises WrongState, GatewayDown."""
    row = _open(organization)
    _require(row, frozenset({Status.ACTIVE}), "paused")
    return _take_in(row, gateway.pause_subscription(_id(row)), actor, "billing.pause_requested", {})


def resume(organization: Organization, *, actor: audit.Actor) -> Subscription:
    """Go on with a paused one, or take back a change that waits. A cancellation cannot be taken back at Razorpay.

    Raises WrongState, GatewayDown.
    """
    row = _open(organization)
    call: Callable[[str], GatewayAnswer]
    if row.status == Status.PAUSED:
        call, what = gateway.resume_subscription, "paused"
    elif row.next_plan:
        call, what = gateway.keep_subscription, "scheduled_change"
    elif row.cancel_at_cycle_end:
        raise WrongState("A cancellation cannot be taken back; subscribe again when the subscription has ended.")
    else:
        raise WrongState("There is nothing to resume: the subscription is not paused and no change waits.")
    return _take_in(row, call(_id(row)), actor, "billing.resume_requested", {"was": what}, next_plan="")


def _open(organization: Organization) -> Subscription:
    if not gateway.is_configured():
        raise gateway.PaymentsNotConfigured
    rows = Subscription.objects.for_organization(organization).known().open().select_related("vendor_plan__plan")
    found = rows.first()
    if found is None:
        raise SubscriptionMissing("There is no subscription.")
    return found


def _require(row: Subscription, states: frozenset[Status], done: str) -> None:
    if row.status not in states:
        raise WrongState(f"A subscription that is {row.status} cannot be {done}.")


def _id(row: Subscription) -> str:
    return row.razorpay_id or ""


def _take_in(
    row: Subscription,
    answer: GatewayAnswer,
    actor: audit.Actor,
    action: str,
    data: dict[str, object],
    **intent: str | bool,
) -> Subscription:
    """Razorpay's answer, what we asked for and the audit entry, in one commit."""
    with transaction.atomic():
        found = events.take_in(row.pk, ReportedSubscription(answer.entity, answer.at, ANSWERED), actor)
        if intent and not found.has_ended:
            for name, value in intent.items():
                setattr(found, name, value)
            found.save(update_fields=list(intent))
        audit.record(action, actor=actor, organization=found.organization, target=found, data=data)
    return found
