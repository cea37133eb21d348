"""Finance: what was sold and what was paid."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import audit
from adminportal.acting import act
from adminportal.kit.tables import Filter, Listing, TableColumn
from adminportal.platform import audit_trail
from adminportal.platform.pages.acts import panel
from adminportal.platform.pages.base import admin_of, show_list, show_tables
from adminportal.platform.site import site
from billing import invoices, money
from billing.figures import finance
from billing.models import Invoice, Subscription
from wearlink.lib import clock

PLANS: Final = [(code, code.title()) for code in ("developer", "scale", "enterprise")]
STATES: Final = {
    "active": "ok", "authenticated": "info", "created": "idle", "creating": "idle", "pending": "warn", "halted": "bad",
    "paused": "idle", "cancelled": "idle", "completed": "idle", "expired": "idle", "failed": "bad",
}  # fmt: skip
PAID: Final = {"paid": "ok", "partially_refunded": "warn", "refunded": "idle"}

SUBSCRIPTIONS: Final = Listing(
    name="subscriptions",
    columns=[
        TableColumn("Organization", lambda row: row.organization.name),
        TableColumn("State", lambda row: (STATES.get(row.status, "idle"), row.status), "status"),
        TableColumn("Plan", lambda row: row.vendor_plan.plan.code),
        TableColumn("A month", lambda row: _usd(row.vendor_plan.plan.price_usd_cents), "money"),
        TableColumn("Charges", lambda row: row.paid_count, "number", sort="paid_count", wide=True),
        TableColumn("Paid until", lambda row: row.current_end, "when"),
        TableColumn("Begun", lambda row: row.created_at, "when", sort="created_at", wide=True),
    ],
    filters=[
        Filter("status", "State", [(one, one) for one in Subscription.Status.values]),
        Filter("plan", "Plan", PLANS),
    ],
    sort="-created_at",
    empty="Nobody has subscribed yet.",
)
INVOICES: Final = Listing(
    name="invoices",
    columns=[
        TableColumn(
            "Number", lambda row: row.number, sort="number", link=lambda row: reverse("admin:invoice", args=[row.pk])
        ),
        TableColumn("State", lambda row: (PAID[row.status], row.status.replace("_", " ")), "status"),
        TableColumn("Organization", lambda row: row.organization.name),
        TableColumn("Plan", lambda row: row.plan),
        TableColumn("Amount", lambda row: money.units(row.amount_usd), "money", sort="amount_usd"),
        TableColumn("Paid", lambda row: row.paid_at, "when", sort="paid_at"),
    ],
    filters=[
        Filter("status", "State", [(one, one.replace("_", " ")) for one in Invoice.Status.values]),
        Filter("plan", "Plan", PLANS),
    ],
    sort="-paid_at",
    empty="No payment has been taken yet.",
)


@site.page("finance/", "finance")
@require_safe
def finance_page(request: HttpRequest) -> HttpResponseBase:
    chosen = SUBSCRIPTIONS.chosen(request)
    q = chosen.pop("q", "")
    rows = finance.subscriptions(**chosen)
    if q:
        rows = rows.filter(Q(organization__name__icontains=q) | Q(razorpay_id__icontains=q))
    context: dict[str, Any] = {"summary": finance.summary(clock.now()), "tab": "subscriptions"}
    return show_list(request, "Finance", SUBSCRIPTIONS, rows, template="finance", **context)


@site.page("finance/invoices/", "invoices")
@require_safe
def invoice_list(request: HttpRequest) -> HttpResponseBase:
    chosen: dict[str, Any] = dict(INVOICES.chosen(request))
    q = chosen.pop("q", "")
    rows = finance.invoices(**chosen)
    if q:
        rows = rows.filter(Q(organization__name__icontains=q) | Q(number__icontains=q))
    context: dict[str, Any] = {"summary": finance.summary(clock.now()), "tab": "invoices"}
    return show_list(request, "Invoices", INVOICES, rows, template="finance", **context)


@site.page("finance/invoices/<uuid:invoice_id>/", "invoice")
@require_safe
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    row = invoices.find_any(invoice_id)
    context = {"row": row, "amount_inr": money.units(row.amount_inr), "amount_usd": money.units(row.amount_usd)}
    tables = {"acts": panel(audit_trail.entries(target_id=str(row.pk))[:10])}
    return show_tables(request, "invoice", f"Invoice {row.number}", tables, context | {"state": PAID[row.status]})


@site.page("finance/invoices/<uuid:invoice_id>/mark-refunded/", "mark-refunded")
@require_POST
def mark_refunded(request: HttpRequest, invoice_id: UUID) -> HttpResponseBase:
    """Bookkeeping: the money is sent back at Razorpay."""
    actor = audit.developer(admin_of(request))
    back = reverse("admin:invoice", args=[invoice_id])
    done = "Noted as refunded. No money was moved."
    return act(request, done, lambda: invoices.mark_refunded(invoice_id, actor), back=back)


def _usd(cents: int | None) -> float | None:
    return None if cents is None else money.units(cents)
