"""Buying a plan: our row first, then Razorpay's subscription, and never two of them.

Creating a subscription has no idempotency key at Razorpay. So the row is committed with a request id before the call,
the id goes along in the notes, and the finder of a row without an answer looks among Razorpay's subscriptions for it
before asking again. Nothing here runs inside the caller's transaction: the row must survive a crash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Developer, Organization
from billing import money, plans
from billing.models import Plan, Subscription, VendorPlan
from billing.razorpay import events, gateway
from billing.razorpay.states import ANSWERED, FETCHED, ReportedSubscription
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import Conflict, InvalidInput, NotFound

CYCLES: Final = 120  # months that a subscription runs; Razorpay wants a number
SLACK: Final = timedelta(days=1)  # between our clock and Razorpay's, at the very most
STILL_ASKING: Final = timedelta(minutes=1)  # longer than a call to Razorpay may take
GIVEN_UP: Final = timedelta(minutes=10)
CREATING, CREATED = Subscription.Status.CREATING, Subscription.Status.CREATED


class SubscriptionExists(Conflict):
    """The organization has a subscription, which can be changed."""

    default_code = "subscription_exists"


class SubscriptionMissing(NotFound):
    """The organization has no subscription."""

    default_code = "subscription_not_found"


@dataclass(frozen=True, slots=True)
class Checkout:
    """The result of a checkout: the row, the key for Razorpay's page, and whether the row was made just now."""

    subscription: Subscription
    key_id: str
    made: bool


def start(developer: Developer, code: str, actor: audit.Actor) -> Checkout:
    """Return a subscription to a plan that waits for its first payment; the one that waits already, if there is one.

    Raises InvalidInput, SubscriptionExists, PaymentsNotConfigured, GatewayDown, GatewayRefused.
    """
    if not gateway.is_configured():
        raise gateway.PaymentsNotConfigured
    plan = plans.find(code)
    if not plan.is_sold:
        sold = ", ".join(one.code for one in Plan.objects.in_force() if one.is_sold)
        raise InvalidInput.on("plan", f"the {plan.code} plan is not bought here. Accepted: {sold}.")
    organization = developer.organization
    waiting = _waiting(organization, plan)
    if waiting is not None:
        return Checkout(waiting, settings.RAZORPAY_KEY_ID, made=False)
    vendor_plan = vendor_plan_of(plan)
    row = _claim(organization, vendor_plan, actor)
    notes = {"request_id": str(row.request_id), "organization_id": str(organization.pk), "plan": plan.code}
    try:
        answer = gateway.create_subscription(plan_id=vendor_plan.razorpay_id, total_count=CYCLES, notes=notes)
    except gateway.GatewayDown:
        Subscription.objects.filter(pk=row.pk).update(answer_lost=True)
        raise
    except (gateway.GatewayRefused, gateway.GatewayMissing):
        Subscription.objects.filter(pk=row.pk, status=CREATING).delete()
        raise
    made = events.take_in(row.pk, ReportedSubscription(answer.entity, answer.at, FETCHED), actor)
    return Checkout(made, settings.RAZORPAY_KEY_ID, made=True)


def _waiting(organization: Organization, plan: Plan) -> Subscription | None:
    """Return the subscription that waits for its first payment. One to another plan is cancelled, one that was never
    answered is looked for; raises SubscriptionExists for one that runs.
    """
    rows = Subscription.objects.for_organization(organization).open().select_related("vendor_plan__plan")
    row = rows.first()
    if row is not None and row.status == CREATING:
        if not row.answer_lost and row.created_at > clock.now() - STILL_ASKING:
            raise SubscriptionExists("Another checkout is under way; please try again in a moment.")
        row = look_for(row)
    if row is None:
        return None
    if row.status != CREATED:
        raise SubscriptionExists("There is a subscription already; change its plan instead.")
    if row.vendor_plan.plan.code == plan.code:
        return row
    answer = gateway.cancel_subscription(row.razorpay_id or "", at_cycle_end=False)
    events.take_in(row.pk, ReportedSubscription(answer.entity, answer.at, ANSWERED))
    return None


def look_for(row: Subscription) -> Subscription | None:
    """Find out what became of a request that was never answered: the row with its subscription, or None and the row is
    gone, since Razorpay has none. Raises GatewayDown.
    """
    since = int((row.created_at - SLACK).timestamp())
    for entity in gateway.subscriptions(plan_id=row.vendor_plan.razorpay_id, since=since):
        found = events.by_request(entity)
        if found is not None and found.pk == row.pk:
            answer = gateway.subscription(str(entity.get("id") or ""))
            return events.take_in(row.pk, ReportedSubscription(answer.entity, answer.at, FETCHED))
    Subscription.objects.filter(pk=row.pk, status=CREATING).delete()
    return None


def _claim(organization: Organization, vendor_plan: VendorPlan, actor: audit.Actor) -> Subscription:
    try:
        with transaction.atomic():
            row = Subscription.objects.create(organization=organization, vendor_plan=vendor_plan)
            data = {"plan": vendor_plan.plan.code, "request_id": str(row.request_id)}
            audit.record("billing.checkout_started", actor=actor, organization=organization, target=row, data=data)
    except IntegrityError as error:
        raise SubscriptionExists("Another checkout has just begun.") from error
    return row


def vendor_plan_of(plan: Plan) -> VendorPlan:
    """Return the plan at Razorpay for a version and today's rate; made there if there is none. Raises GatewayDown.

    Made twice, by two calls at once or after a lost answer, one of the two is simply never used.
    """
    if not plan.price_usd_cents:
        raise InvalidInput.on("plan", f"the {plan.code} plan has no price.")
    price = money.both(plan.price_usd_cents, money.USD)
    rows = VendorPlan.objects.select_related("plan").filter(plan=plan, currency=money.INR, amount=price.inr)
    found = rows.first()
    if found is not None:
        return found
    answer = gateway.create_plan(name=f"WearLink {plan.name}", code=plan.code, amount=price.inr, currency=money.INR)
    row = VendorPlan(plan=plan, razorpay_id=str(answer.entity["id"]), currency=money.INR, amount=price.inr)
    with tenancy.platform():  # who pays by it is another table's
        VendorPlan.objects.bulk_create([row], ignore_conflicts=True)
    return rows.get()


def verify(organization: Organization, signed: Mapping[str, str], actor: audit.Actor) -> Subscription:
    """Check what Checkout handed to the browser, then ask Razorpay for the state: the signature proves the way, not
    the state. Raises InvalidInput, SubscriptionMissing, GatewayDown.
    """
    if not gateway.is_configured():
        raise gateway.PaymentsNotConfigured
    razorpay_id = signed["razorpay_subscription_id"]
    row = Subscription.objects.for_organization(organization).filter(razorpay_id=razorpay_id).first()
    if row is None:
        raise SubscriptionMissing("Subscription not found")
    if not gateway.is_checkout_signed(signed["razorpay_payment_id"], razorpay_id, signed["razorpay_signature"]):
        raise InvalidInput.on("razorpay_signature", "is not Razorpay's.", code="bad_signature")
    answer = gateway.subscription(razorpay_id)
    with transaction.atomic():
        found = events.take_in(row.pk, ReportedSubscription(answer.entity, answer.at, FETCHED))
        audit.record("billing.checkout_verified", actor=actor, organization=organization, target=found)
    return found


def expired_claims() -> list[UUID]:
    """Return requests that were never answered and that nobody came back for."""
    old = clock.now() - GIVEN_UP
    return list(Subscription.objects.filter(status=CREATING, created_at__lt=old).values_list("pk", flat=True))
