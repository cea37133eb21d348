"""Processing of Razorpay's events. Everything here may happen twice and in any order."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from accounts import audit
from billing import invoices, settle
from billing.entities import moment
from billing.models import RazorpayEvent, Subscription
from billing.razorpay import gateway, states
from billing.razorpay.states import FETCHED, ReportedSubscription
from wearlink.lib import clock
from wearlink.lib.errors import Unavailable

logger = logging.getLogger(__name__)
MAX_ATTEMPTS: Final = 5
TRIED_FOR: Final = timedelta(seconds=60)  # who claimed an event has done it by then, or is dead
FIRST_RETRY: Final = timedelta(seconds=10)
BATCH: Final = 200


class UnknownSubscription(LookupError):
    """An event about a subscription of which we have no row; its id is the argument."""


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """An event, read. The name is family and word, as in subscription.charged."""

    name: str
    at: int
    payload: Mapping[str, Any]

    @property
    def family(self) -> str:
        return self.name.partition(".")[0]

    @property
    def word(self) -> str:
        return self.name.partition(".")[2]

    def entity(self, kind: str) -> Mapping[str, Any]:
        """Return the subscription, payment, invoice or refund it carries; empty if none."""
        found = (self.payload.get(kind) or {}).get("entity")
        return found if isinstance(found, dict) else {}


def drain() -> None:
    """Do what all waiting events ask for; one that fails waits for its next attempt and stops no other."""
    while keys := due():
        for key in keys:
            process(key)


def due() -> list[int]:
    """Return keys of the events that wait, in the order they happened."""
    rows = RazorpayEvent.objects.filter(state=RazorpayEvent.State.RECEIVED, due_at__lte=Now())
    return list(rows.order_by("created_at", "pk").values_list("pk", flat=True)[:BATCH])


def process(key: int) -> bool:
    """Do what a stored event asks for; False if somebody else has it, it is done, or it failed."""
    waiting = RazorpayEvent.objects.filter(pk=key, state=RazorpayEvent.State.RECEIVED, due_at__lte=Now())
    if not waiting.update(due_at=Now() + TRIED_FOR, attempts=F("attempts") + 1):
        return False
    row = RazorpayEvent.objects.get(pk=key)
    try:
        handled = _apply_with_truth(_read(row))
    except Exception as error:  # one event stops no other; it is tried again, then dead
        logger.exception("Razorpay's event %s (%s) failed", row.event_id, row.name)
        _put_off(row, error)
        return False
    state = RazorpayEvent.State.DONE if handled else RazorpayEvent.State.IGNORED
    RazorpayEvent.objects.filter(pk=key).update(state=state, error="")
    return True


def _read(row: RazorpayEvent) -> GatewayEvent:
    body = orjson.loads(row.body)
    return GatewayEvent(row.name, row.created_at, body.get("payload") or {})


def _put_off(row: RazorpayEvent, error: Exception) -> None:
    """Put an event off. An outage of Razorpay costs no attempt; another error may be the event's."""
    outage = isinstance(error, Unavailable)
    dead = not outage and row.attempts >= MAX_ATTEMPTS
    RazorpayEvent.objects.filter(pk=row.pk).update(
        state=RazorpayEvent.State.DEAD if dead else RazorpayEvent.State.RECEIVED,
        attempts=F("attempts") - 1 if outage else F("attempts"),
        due_at=Now() + FIRST_RETRY * 2 ** max(row.attempts - 1, 0),
        error=f"{type(error).__name__}: {error}"[:300],
    )


def _apply_with_truth(event: GatewayEvent) -> bool:
    """Apply; where the subscription is unknown, first ask Razorpay which of our requests made it."""
    try:
        return apply(event)
    except UnknownSubscription as unknown:
        if not adopt(str(unknown)):
            return False
    return apply(event)


def apply(event: GatewayEvent) -> bool:
    """Return whether it was about something of ours. Raises UnknownSubscription, StrangeEntity."""
    if event.family == "subscription":
        _subscription_reported(event)
    elif event.name == "invoice.paid":
        _invoice_paid(event)
    elif event.family == "refund":
        invoices.record_refund(event.entity("refund"))
    else:
        return False
    return True


def adopt(razorpay_id: str) -> bool:
    """Give a subscription that Razorpay has to the request of ours that made it; False if none did."""
    try:
        answer = gateway.subscription(razorpay_id)
    except (gateway.GatewayMissing, gateway.PaymentsNotConfigured):
        return False
    row = by_request(answer.entity)
    if row is None:
        return False
    take_in(row.pk, ReportedSubscription(answer.entity, answer.at, FETCHED))
    return True


def by_request(entity: Mapping[str, Any]) -> Subscription | None:
    """Return our row that asked for a subscription, by the request id in its notes."""
    notes = entity.get("notes")
    try:
        request_id = UUID(str(notes.get("request_id"))) if isinstance(notes, dict) else None
    except ValueError:
        request_id = None
    return None if request_id is None else Subscription.objects.filter(request_id=request_id).first()


@transaction.atomic
def take_in(key: UUID, reported: ReportedSubscription, actor: audit.Actor = audit.SYSTEM) -> Subscription:
    """Let what Razorpay says count on a row, and on the organization's limits; the row as it is then."""
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("vendor_plan__plan", "organization")
    subscription = rows.get(pk=key)
    if subscription.razorpay_id is None:
        subscription.razorpay_id = str(reported.entity["id"])
        subscription.save(update_fields=["razorpay_id"])
    before, replaced = subscription.status, states.counts(subscription, reported)
    if replaced:
        states.take_over(subscription, reported)
    if states.note(subscription, reported) or replaced:
        subscription.save(update_fields=states.COLUMNS)
        settle.settle(subscription.organization, actor)
        settle.warn(subscription)
    if before != subscription.status:
        data = {"from": before, "to": subscription.status, "plan": subscription.vendor_plan.plan.code}
        organization = subscription.organization
        audit.record(
            "billing.subscription_updated", actor=actor, organization=organization, target=subscription, data=data
        )
    return subscription


def _subscription_reported(event: GatewayEvent) -> None:
    entity, payment = event.entity("subscription"), event.entity("payment")
    row = _known(entity.get("id"))
    subscription = take_in(row.pk, ReportedSubscription(entity, event.at, event.word))
    if payment:
        start, end = moment(entity.get("current_start")), moment(entity.get("current_end"))
        invoices.record(subscription, invoices.Charge(payment, start, end, str(entity.get("plan_id") or "")))


def _invoice_paid(event: GatewayEvent) -> None:
    entity, payment = event.entity("invoice"), event.entity("payment")
    if entity.get("subscription_id") is None:
        return
    start, end = moment(entity.get("billing_start")), moment(entity.get("billing_end"))
    charge = invoices.Charge(payment, start, end, invoice_id=str(entity.get("id") or ""))
    invoices.record(_known(entity["subscription_id"]), charge)


def _known(razorpay_id: Any) -> Subscription:
    rows = Subscription.objects.select_related("vendor_plan__plan", "organization")
    found = rows.filter(razorpay_id=str(razorpay_id or "")).first()
    if found is None:
        raise UnknownSubscription(str(razorpay_id or ""))
    return found


def prune(before_days: int) -> None:
    """Empty the bodies of old events; the rows stay, so that an event that comes again is still known."""
    old = clock.now() - timedelta(days=before_days)
    settled = RazorpayEvent.objects.filter(received_at__lt=old).exclude(state=RazorpayEvent.State.RECEIVED)
    settled.exclude(body=b"").update(body=b"")
