"""Plan, subscription, invoices, and what is used of each limit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from adminportal.dashboard import acts
from adminportal.dashboard.account import payment
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.kit import charts, formats
from adminportal.kit.charts import BarChart
from billing import changes, checkout, invoices, settle, usage_page
from billing.api import shapes
from billing.models import BillingAccount, Invoice, Plan, Subscription
from billing.razorpay import gateway
from billing.usage_page import Resource
from wearlink.lib import clock
from wearlink.lib.api import bodies
from wearlink.lib.api.callers import DASHBOARD
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from billing import invoice_pdf
else:
    invoice_pdf = LazyModule("billing.invoice_pdf")  # the makers of PDFs and fonts weigh 15 MB

SUBSCRIPTION: Final = "/api/v1/billing/subscription"
WHEN: Final = (("cycle_end", "At the end of the paid cycle"), ("now", "Now"))
NEARLY: Final = 0.8  # of a limit, from which its meter warns
INVOICES_SHOWN: Final = 24
NAMES: Final = {
    "photos": ("Meal photos", "today (UTC)"),
    "end_users": ("End users", "now"),
    "webhook_endpoints": ("Webhook endpoints", "now"),
    "team_seats": ("Team seats", "members and open invitations"),
}
STATES: Final = {
    "created": ("info", "waits for its first payment"),
    "authenticated": ("info", "begins soon"),
    "active": ("ok", "active"),
    "pending": ("warn", "payment failed, tried again"),
    "halted": ("bad", "payments stopped"),
    "paused": ("idle", "paused"),
    "cancelled": ("idle", "cancelled"),
    "completed": ("idle", "completed"),
    "expired": ("idle", "expired"),
}
PAID: Final = {  # as the checkout answers
    "razorpay_payment_id": "pay_…",
    "razorpay_subscription_id": "sub_…",
    "razorpay_signature": "…",
}
CALLS: Final = (
    ApiCall("GET", "/api/v1/billing/usage", "read usage"),
    ApiCall("GET", SUBSCRIPTION, "read the plan and the subscription"),
    ApiCall("POST", SUBSCRIPTION, "subscribe", {"plan": "developer"}, caller=DASHBOARD),
    ApiCall("PATCH", SUBSCRIPTION, "change the plan", {"plan": "scale"}, caller=DASHBOARD),
    ApiCall(
        "POST", f"{SUBSCRIPTION}/verify", "report that the checkout was paid",
        PAID, caller=DASHBOARD,
    ),
    ApiCall("POST", f"{SUBSCRIPTION}/pause", "pause", caller=DASHBOARD),
    ApiCall("POST", f"{SUBSCRIPTION}/resume", "resume", caller=DASHBOARD),
    ApiCall("POST", f"{SUBSCRIPTION}/cancel", "cancel", caller=DASHBOARD),
    ApiCall("GET", "/api/v1/billing/plans", "list plans"),
    ApiCall("GET", "/api/v1/billing/invoices", "list invoices"),
    ApiCall("GET", "/api/v1/billing/invoices/INVOICE_ID", "read an invoice"),
    ApiCall("GET", "/api/v1/billing/invoices/INVOICE_ID/pdf", "download an invoice"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QuotaMeter:
    """A limit as a meter and in words."""

    name: str
    period: str
    used: int
    limit: int | None

    @property
    def words(self) -> str:
        used = formats.number(self.used)
        if self.limit is None:
            return f"{used}, no limit"
        return f"{used} of {formats.number(self.limit)}, {formats.number(max(self.limit - self.used, 0))} left"

    @property
    def state(self) -> tuple[str, str] | None:
        """A pill where it is time to look; None where all is well."""
        if self.limit is None or self.used < NEARLY * self.limit:
            return None
        return ("bad", "used up") if self.used >= self.limit else ("warn", "nearly used up")

    @property
    def nearly(self) -> float:
        return NEARLY * (self.limit or 0)


@page(section="billing")
def billing_page(request: TenantRequest) -> HttpResponse:
    """Return all of it on one page."""
    organization, today = request.organization, clock.now().date()
    row = settle.current(organization)
    days = usage_page.days(organization, today.replace(day=1), today)
    plans = [shapes.PlanSerializer(plan).data | {"is_sold": plan.is_sold} for plan in Plan.objects.in_force()]
    offered = payment.form(request, row)
    context = {
        "plans": plans,
        "is_configured": gateway.is_configured(),
        "granted": BillingAccount.objects.filter(pk=organization.pk).exclude(granted_plan="").exists(),
        "subscription": row,
        "state": STATES.get(row.status) if row else None,
        "price_inr": row.vendor_plan.amount / 100 if row else None,
        "grace_until": row.failing_since + settle.grace() if row and row.failing_since else None,
        "can_change": row is not None and row.status in changes.CHANGEABLE,
        "banner": settle.banner(row, clock.now()),
        "meters": [_meter(one) for one in usage_page.resources(organization, today)],
        "totals": usage_page.totals(days),
        "charts": _charts(days, today),
        "invoices": _invoices(request),
        "checkout": offered,
        "whens": WHEN,
        "calls": CALLS,
    }
    return payment.allow(show(request, "account/billing", "Usage & billing", context), offered)


@page("POST", section="billing", managers=True)
def subscribe(request: TenantRequest) -> HttpResponse:
    """Begin a checkout; the page then leads to the payment, which no form may do by itself under our policy."""

    def do() -> checkout.Checkout:
        plan = bodies.validate(shapes.PlanChoiceSerializer(data={"plan": request.POST.get("plan", "")}))["plan"]
        return checkout.start(request.developer, plan, request.actor)

    return _carry_out(request, do, "The subscription waits for its first payment: choose Pay now below.")


@page("POST", section="billing", managers=True)
def change(request: TenantRequest) -> HttpResponse:
    def do() -> Subscription:
        data = {"plan": request.POST.get("plan", ""), "when": request.POST.get("when", "")}
        values = bodies.validate(shapes.PlanChangeSerializer(data=data))
        waits = values["when"] == "cycle_end"
        return changes.change_plan(request.organization, values["plan"], at_cycle_end=waits, actor=request.actor)

    return _carry_out(request, do, "The change of plan was asked for.")


@page("POST", section="billing", managers=True)
def cancel(request: TenantRequest) -> HttpResponse:
    def do() -> Subscription:
        data = {"when": request.POST.get("when", "")}
        waits = bodies.validate(shapes.CancelSubscriptionSerializer(data=data))["when"] == "cycle_end"
        return changes.cancel(request.organization, at_cycle_end=waits, actor=request.actor)

    return _carry_out(request, do, "The subscription ends as you asked.")


@page("POST", section="billing", managers=True)
def pause(request: TenantRequest) -> HttpResponse:
    """Charge nothing until it is resumed."""
    return _carry_out(
        request, lambda: changes.pause(request.organization, actor=request.actor), "The subscription is paused."
    )


@page("POST", section="billing", managers=True)
def resume(request: TenantRequest) -> HttpResponse:
    """Go on, or take back a change that waits."""
    return _carry_out(
        request,
        lambda: changes.resume(request.organization, actor=request.actor),
        "The subscription goes on as before.",
    )


@page(section="billing")
def invoice_file(request: TenantRequest, invoice_id: UUID) -> HttpResponse:
    invoice = invoices.find(request.organization, invoice_id)
    answer = HttpResponse(invoice_pdf.render(invoice), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{invoice.number}.pdf"'
    return answer


def _carry_out(request: TenantRequest, do: Callable[[], object], words: str) -> HttpResponse:
    return acts.carry_out(request, do, lambda _: words, reverse("dashboard:billing"))


def _meter(one: Resource) -> QuotaMeter:
    name, period = NAMES[one.resource]
    return QuotaMeter(name, period, one.used, one.limit)


def _charts(days: Sequence[dict[str, Any]], today: date) -> list[BarChart]:
    """Return this month's charts; none before there is something to see."""
    drawn = []
    for figure, title, unit in (("api_calls", "API calls", "calls"), ("samples", "Records stored", "records")):
        rows = [(charts.day_label(day["date"]), float(day[figure])) for day in days]
        if any(value for _, value in rows):
            drawn.append(charts.bars(f"{title} in {today:%B} (UTC days)", f"{unit} a day", rows))
    return drawn


def _invoices(request: TenantRequest) -> list[dict[str, Any]]:
    rows = Invoice.objects.for_organization(request.organization)[:INVOICES_SHOWN]
    return [{**shapes.InvoiceSerializer(row).data, "row": row} for row in rows]
