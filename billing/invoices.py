"""Invoices and refunds: one invoice a captured payment, however often and in whatever order we hear of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum

from accounts import audit
from accounts.models import Organization
from billing import money
from billing.entities import StrangeEntity, moment, number
from billing.models import Invoice, InvoiceSeries, Refund, Subscription, VendorPlan
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, NotFound

CAPTURED: Final = "captured"
_RANK: Final = {Refund.Status.PENDING: 0, Refund.Status.FAILED: 1, Refund.Status.PROCESSED: 2}


class InvoiceNotFound(NotFound):
    """The organization has no such invoice."""

    default_code = "invoice_not_found"


class NotPaid(Conflict):
    """Only a paid invoice can be marked as refunded."""

    default_code = "invoice_not_paid"


@dataclass(frozen=True, slots=True)
class Charge:
    """A payment for a cycle: Razorpay's payment, and what is known of its invoice and plan."""

    payment: Mapping[str, Any]
    period_start: datetime | None
    period_end: datetime | None
    plan_id: str = ""
    invoice_id: str = ""


@transaction.atomic
def record(subscription: Subscription, charge: Charge) -> Invoice | None:
    """Return the invoice of a captured payment, made if it is new; None for a payment that was not captured.

    Raises StrangeEntity and, for a currency that is not taken, InvalidInput.
    """
    payment = charge.payment
    payment_id, amount = str(payment.get("id") or ""), number(payment.get("amount"))
    if payment.get("status") not in (CAPTURED, "refunded") or not payment_id or not amount:
        return None
    Subscription.objects.select_for_update(of=("self",)).only("pk").get(pk=subscription.pk)  # one recorder at a time
    known = Invoice.objects.filter(payment_id=payment_id).first()
    return known or _create(subscription, charge, payment_id, amount)


def _create(subscription: Subscription, charge: Charge, payment_id: str, amount: int) -> Invoice:
    payment = charge.payment
    currency = str(payment.get("currency") or "")
    found = money.both(amount, currency)
    paid_at = moment(payment.get("created_at"))
    if paid_at is None:
        raise StrangeEntity("A payment has no time.")
    fee = payment.get("fee")
    organization = subscription.organization
    invoice = Invoice.objects.create(
        number=_next_number(paid_at),
        organization=organization,
        subscription=subscription,
        plan=_plan_of(subscription, charge.plan_id, amount, currency),
        bill_to=organization.name,
        payment_id=payment_id,
        razorpay_id=charge.invoice_id or str(payment.get("invoice_id") or ""),
        currency=currency,
        amount=amount,
        amount_inr=found.inr,
        amount_usd=found.usd,
        usd_inr_rate=found.rate,
        fee=None if fee is None else number(fee),
        period_start=charge.period_start,
        period_end=charge.period_end,
        paid_at=paid_at,
    )
    _apply_refunds(invoice)
    data = {"number": invoice.number, "amount": amount, "currency": currency}
    audit.record("billing.invoice_recorded", actor=audit.SYSTEM, organization=organization, target=invoice, data=data)
    return invoice


def record_refund(refund: Mapping[str, Any]) -> Refund:
    """Keep a refund and let it count on its invoice, which may come later. Raises StrangeEntity."""
    razorpay_id, status = str(refund.get("id") or ""), str(refund.get("status") or "")
    refunded_at = moment(refund.get("created_at"))
    if not razorpay_id or refunded_at is None or status not in Refund.Status.values:
        raise StrangeEntity("A refund lacks its id, time or status.")
    with transaction.atomic():
        row, _ = Refund.objects.select_for_update().get_or_create(
            razorpay_id=razorpay_id,
            defaults={
                "payment_id": str(refund.get("payment_id") or ""),
                "currency": str(refund.get("currency") or "")[:3],
                "amount": number(refund.get("amount")),
                "status": status,
                "refunded_at": refunded_at,
            },
        )
        if _RANK[Refund.Status(status)] > _RANK[Refund.Status(row.status)]:
            row.status = status
            row.save(update_fields=["status"])
        invoice = Invoice.objects.select_for_update().filter(payment_id=row.payment_id).first()
        if invoice is not None:
            _apply_refunds(invoice)
    return row


def _apply_refunds(invoice: Invoice) -> None:
    """Bring the refund columns in line with the refunds; audited when that changes something."""
    processed = Refund.objects.filter(payment_id=invoice.payment_id, status=Refund.Status.PROCESSED)
    found = processed.aggregate(total=Sum("amount"), last=Max("refunded_at"))
    total = min(found["total"] or 0, invoice.amount)
    if total == invoice.refunded:
        return
    invoice.refunded, invoice.refunded_at = total, found["last"]
    whole = total >= invoice.amount or invoice.marked_refunded_at is not None
    invoice.status = Invoice.Status.REFUNDED if whole else Invoice.Status.PARTIALLY_REFUNDED
    invoice.save(update_fields=["refunded", "refunded_at", "status"])
    organization = Organization(pk=invoice.organization_id)
    data = {"number": invoice.number, "refunded": total, "currency": invoice.currency}
    audit.record("billing.refund_recorded", actor=audit.SYSTEM, organization=organization, target=invoice, data=data)


@transaction.atomic
def mark_refunded(invoice_id: UUID, actor: audit.Actor) -> Invoice:
    """Note that an invoice was refunded. Bookkeeping only: the money is sent back at Razorpay, before this.

    Raises InvoiceNotFound, NotPaid.
    """
    invoice = Invoice.objects.select_for_update().filter(pk=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound("Invoice not found")
    if invoice.status != Invoice.Status.PAID:
        raise NotPaid(f"The invoice is {invoice.status}; only a paid one can be marked as refunded.")
    invoice.status, invoice.marked_refunded_at = Invoice.Status.REFUNDED, clock.now()
    invoice.save(update_fields=["status", "marked_refunded_at"])
    organization = Organization(pk=invoice.organization_id)
    data = {"number": invoice.number, "moves_money": False}
    audit.record("billing.invoice_marked_refunded", actor=actor, organization=organization, target=invoice, data=data)
    return invoice


def find(organization: Organization, invoice_id: UUID) -> Invoice:
    """Return the organization's invoice of this id; raises InvoiceNotFound."""
    found = Invoice.objects.for_organization(organization).filter(pk=invoice_id).first()
    if found is None:
        raise InvoiceNotFound("Invoice not found")
    return found


def find_any(invoice_id: UUID) -> Invoice:
    """Return an invoice of any organization, for the platform's administrators. Raises InvoiceNotFound."""
    invoice = Invoice.objects.select_related("organization").filter(pk=invoice_id).first()
    if invoice is None:
        raise InvoiceNotFound("Invoice not found")
    return invoice


def _next_number(paid_at: datetime) -> str:
    year = paid_at.astimezone(UTC).year
    series, _ = InvoiceSeries.objects.select_for_update().get_or_create(year=year)
    series.last += 1
    series.save(update_fields=["last"])
    return f"WL-{year}-{series.last:06}"


def _plan_of(subscription: Subscription, plan_id: str, amount: int, currency: str) -> str:
    """Return what was paid for: the plan the event names, else the one of that price, else what is bought now."""
    own = subscription.vendor_plan
    plans = VendorPlan.objects.select_related("plan")
    found = plans.filter(razorpay_id=plan_id).first() if plan_id else None
    if found is None and (own.amount, own.currency) != (amount, currency):
        found = plans.filter(amount=amount, currency=currency).order_by("-pk").first()
    code: str = (found or own).plan.code
    return code
