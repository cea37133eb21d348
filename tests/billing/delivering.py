"""Delivering Razorpay's events as it does, and looking at the books they leave."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rest_framework.test import APIClient

from accounts.models import Organization
from billing import plans, tasks
from billing.models import Invoice, RazorpayEvent, Refund, Subscription, VendorPlan
from tests.billing.razorpay_server import WEBHOOK_SECRET, sign

URL = "/v1/webhooks/razorpay"
SAMPLES = Path(__file__).parent / "fixtures"
VENDOR = APIClient()  # one for all: each new one loads the middleware anew
SAMPLE_SUBSCRIPTION = "sub_WL00000000001"


def post(body: bytes, event_id: str = "", *, secret: str = WEBHOOK_SECRET, url: str = URL, **headers: str) -> Any:
    given = {"HTTP_X_RAZORPAY_SIGNATURE": sign(body, secret), "HTTP_X_RAZORPAY_EVENT_ID": event_id, **headers}
    return VENDOR.post(url, body, content_type="application/json", **given)


def deliver(event: Mapping[str, Any], event_id: str = "") -> None:
    """An event that is taken, and done."""
    answer = post(json.dumps(event).encode(), event_id)
    assert answer.status_code == 200, answer.content
    work()


def work() -> None:
    tasks.process_events()


def samples() -> list[tuple[str, dict[str, Any]]]:
    """Return the sample events with their ids, in the order in which they happened."""
    found = [(path.stem, json.loads(path.read_text())) for path in SAMPLES.glob("wh.*.json")]
    return sorted(found, key=lambda one: (one[1]["created_at"], one[0]))


def sample_subscription(organization: Organization) -> Subscription:
    """Return the row that the samples are about, before any of them came."""
    own = {}
    for code, razorpay_id, amount in (
        ("developer", "plan_WLdev0000000001", 831_600),
        ("scale", "plan_WLscale0000001", 4_191_600),
    ):
        own[code] = VendorPlan.objects.get_or_create(
            razorpay_id=razorpay_id, defaults={"plan": plans.find(code), "amount": amount, "currency": "INR"}
        )[0]
    return Subscription.objects.create(
        organization=organization,
        vendor_plan=own["developer"],
        razorpay_id=SAMPLE_SUBSCRIPTION,
        status=Subscription.Status.CREATED,
    )


def books(organizations: Iterable[Organization]) -> list[dict[str, Any]]:
    """Return everything that money and limits rest on, without our own ids and the times of hearing."""
    found = []
    for organization in organizations:
        organization.refresh_from_db()
        rows = Subscription.objects.for_organization(organization).order_by("created_at")
        invoices = Invoice.objects.for_organization(organization).order_by("payment_id")
        payments = [invoice.payment_id for invoice in invoices]
        found.append(
            {
                "plan": organization.plan,
                "limits": organization.limits,
                "subscriptions": [
                    {name: getattr(row, name) for name in SUBSCRIPTION} | {"plan": row.vendor_plan.plan.code}
                    for row in rows
                ],
                "invoices": [{name: getattr(invoice, name) for name in INVOICE} for invoice in invoices],
                "refunds": sorted(
                    Refund.objects.filter(payment_id__in=payments).values_list("razorpay_id", "amount", "status")
                ),
            }
        )
    return found


SUBSCRIPTION = (
    "razorpay_id", "status", "customer_id", "current_start", "current_end", "charge_at", "ended_at", "paid_count",
    "total_count", "failing_since", "last_event_at", "short_url",
)  # fmt: skip
INVOICE = (
    "payment_id", "razorpay_id", "plan", "status", "currency", "amount", "amount_inr", "amount_usd", "usd_inr_rate",
    "fee", "period_start", "period_end", "paid_at", "refunded", "refunded_at",
)  # fmt: skip


def dead() -> list[str]:
    """Errors of events that were given up."""
    return list(RazorpayEvent.objects.exclude(error="").values_list("error", flat=True))
