"""Nightly reconciliation in case webhooks were lost: asks Razorpay of open subscriptions, their invoices and refunds.

It also repairs the time after Razorpay has switched a failing webhook off.
"""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Final
from uuid import UUID

from billing import checkout, invoices
from billing.entities import moment
from billing.models import Invoice, Subscription
from billing.razorpay import events, gateway
from billing.razorpay.states import FETCHED, ReportedSubscription
from wearlink.lib import clock
from wearlink.lib.errors import WearLinkError

logger = logging.getLogger(__name__)
REFUNDS_BACK: Final = timedelta(days=3)


def run() -> int:
    """Reconcile everything; returns how many subscriptions could not be. One that fails does not stop the others."""
    if not gateway.is_configured():
        return 0
    failed = settle_claims()
    keys = Subscription.objects.known().open().values_list("pk", flat=True)
    failed += sum(not _tried(key) for key in list(keys))
    since = int((clock.now() - REFUNDS_BACK).timestamp())
    for refund in gateway.refunds(since=since):
        invoices.record_refund(refund)
    return failed


def settle_claims() -> int:
    """Find out about requests that were never answered; returns for how many Razorpay did not answer now either."""
    failed = 0
    if not gateway.is_configured():
        return failed
    for key in checkout.expired_claims():
        row = Subscription.objects.select_related("vendor_plan__plan").filter(pk=key).first()
        try:
            if row is not None:
                checkout.look_for(row)
        except WearLinkError as error:
            logger.warning("A checkout could not be cleared up: %s", error.code)
            failed += 1
    return failed


def one(key: UUID) -> None:
    """Reconcile one subscription and its paid invoices. Raises GatewayDown and the like."""
    row = Subscription.objects.select_related("vendor_plan__plan", "organization").get(pk=key)
    answer = gateway.subscription(row.razorpay_id or "")
    events.take_in(key, ReportedSubscription(answer.entity, answer.at, FETCHED))
    for charge in _missing(row):
        invoices.record(row, charge)


def _missing(row: Subscription) -> Iterator[invoices.Charge]:
    """Yield the payments of paid invoices that we do not have."""
    known = set(Invoice.objects.filter(subscription=row).values_list("payment_id", flat=True))
    for entity in gateway.invoices(row.razorpay_id or ""):
        payment_id = str(entity.get("payment_id") or "")
        if entity.get("status") != "paid" or not payment_id or payment_id in known:
            continue
        start, end = moment(entity.get("billing_start")), moment(entity.get("billing_end"))
        payment = gateway.payment(payment_id).entity
        yield invoices.Charge(payment, start, end, invoice_id=str(entity.get("id") or ""))


def _tried(key: UUID) -> bool:
    try:
        one(key)
    except WearLinkError as error:
        logger.warning("Subscription %s could not be reconciled: %s", key, error.code)
        return False
    return True
