"""COGS: what a month cost, each plan at full use, and the price book."""

from datetime import date, timedelta
from operator import attrgetter
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.limits import NUMBERS
from adminportal.acting import act
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import TableColumn
from adminportal.platform import audit_trail
from adminportal.platform.pages.acts import panel
from adminportal.platform.pages.base import SmallTable, admin_of, show_tables
from adminportal.platform.site import site
from billing import money, plans
from billing.figures import cogs
from billing.models import Plan
from wearlink.lib import clock
from wearlink.lib.errors import NotFound

MONTHS: Final = 12
OVERRIDES: Final = {
    "vision": "COST_PER_VISION_RECOGNITION_INR",
    "storage": "COST_PER_GB_STORAGE_INR_PER_MONTH",
    "webhooks": "COST_PER_WEBHOOK_DELIVERY_INR",
    "razorpay": "RAZORPAY_FEE_PCT",
    "infrastructure": "FIXED_INFRA_INR_PER_MONTH",
}


def margin(one: dict[str, Any]) -> tuple[str, str]:
    """Return what a month at full use leaves, as mark and word."""
    left = one["margin_usd"]
    if left is None:
        return ("idle", "by agreement")
    words = f"{'−' if left < 0 else ''}$ {abs(left):,.2f}"
    return ("bad" if one["is_underpriced"] else "ok", words)


def _limit(name: str) -> TableColumn:
    return TableColumn(name.replace("_", " ").removeprefix("max "), attrgetter(name), "number")


LINES: Final = SmallListing(
    name="cost-lines",
    title="Cost lines",
    columns=[
        TableColumn("Line", lambda one: one["name"]),
        TableColumn("Quantity", lambda one: one["quantity"], "fine"),
        TableColumn("Unit", lambda one: one["unit"]),
        TableColumn("Rate, ₹ a unit", lambda one: one["rate_inr"], "rate"),
        TableColumn("Setting", lambda one: OVERRIDES[one["name"]], wide=True),
        TableColumn("Measured", lambda one: one["measured_inr"], "rupees", wide=True),
        TableColumn("Cost", lambda one: one["cost_usd"], "money"),
        TableColumn("in rupees", lambda one: one["cost_inr"], "rupees"),
    ],
)
ECONOMICS: Final = SmallListing(
    name="plans-at-full-use",
    title="Plans against cost at 100 % use",
    note="every photo the plan allows, for thirty days",
    bad=lambda one: bool(one["is_underpriced"]),
    columns=[
        TableColumn("Plan", lambda one: one["plan"], link=lambda one: reverse("admin:plan", args=[one["plan"]])),
        TableColumn("Margin", margin, "status"),
        TableColumn("of the price", lambda one: one["margin_pct"], "percent"),
        TableColumn("Photos a day", lambda one: one["photos_per_day"], "number"),
        TableColumn("Price", lambda one: one["price_usd"], "money"),
        TableColumn("Cost of recognitions", lambda one: one["ai_cost_at_full_use_usd"], "money"),
        TableColumn("Breaks even at use of", lambda one: one["break_even_utilisation_pct"], "percent"),
    ],
)
VERSIONS: Final = SmallListing(
    name="plan-versions",
    title="Versions",
    columns=[
        TableColumn("In force from", lambda row: row.valid_from, "when"),
        TableColumn("Price", lambda row: _dollars(row.price_usd_cents), "money"),
        *map(_limit, NUMBERS),
    ],
)


class PriceForm(forms.Form):
    """A new version of a plan. Empty: by agreement, or no limit."""

    price_usd = forms.DecimalField(
        label="Price a month, $", min_value=0, max_value=1_000_000, decimal_places=2, required=False
    )

    def __init__(self, plan: Plan, *arguments: Any) -> None:
        super().__init__(*arguments)
        price = _dollars(plan.price_usd_cents)
        self.fields["price_usd"].initial = None if price is None else f"{price:.2f}"
        for name in NUMBERS:
            self.fields[name] = forms.IntegerField(
                label=name.replace("_", " ").capitalize(), min_value=0, max_value=2_000_000_000, required=False,
                initial=getattr(plan, name),
            )  # fmt: skip

    def changes(self, plan: Plan) -> dict[str, int | None]:
        """Return what differs from the version in force."""
        price = self.cleaned_data["price_usd"]
        wanted = {name: self.cleaned_data[name] for name in NUMBERS}
        wanted["price_usd_cents"] = None if price is None else int(price * money.UNITS)
        return {name: value for name, value in wanted.items() if getattr(plan, name) != value}


@site.page("cogs/", "cogs")
@require_safe
def cogs_page(request: HttpRequest) -> HttpResponseBase:
    """Return what a month cost, and each plan at full use."""
    today = clock.now().date()
    months = _months(today)
    chosen = next((one for one in months if one[0] == request.GET.get("month")), months[0])
    _, _, first, last = chosen
    found = cogs.summary(first, min(last, today))
    tables = {"lines": (LINES, found["lines"]), "economics": (ECONOMICS, found["unit_economics"])}
    context = {"found": found, "months": months, "month": chosen[0], "rate": settings.USD_INR_RATE}
    return show_tables(request, "cogs", "COGS", tables, context)


@site.page("cogs/plans/<slug:code>/", "plan")
def plan_page(request: HttpRequest, code: str) -> HttpResponseBase:
    """Return a plan with its versions; POST makes a new one that holds from now on."""
    versions = list(Plan.objects.filter(code=code).order_by("-valid_from"))
    if not versions:
        raise NotFound("There is no such plan")
    plan = plans.find(code)
    form = PriceForm(plan, request.POST or None)
    if request.method == "POST" and form.is_valid():
        actor = audit.developer(admin_of(request))
        changes = form.changes(plan)
        done = f"The new version of {plan.name} is in force."
        return act(request, done, lambda: plans.change(code, changes, actor), back=request.path)
    tables: dict[str, SmallTable] = {
        "versions": (VERSIONS, versions),
        "acts": panel(audit_trail.entries(target_id=f"plan:{code}")[:10]),
    }
    return show_tables(request, "plan", f"{plan.name} plan", tables, {"form": form, "plan": plan})


def _months(today: date) -> list[tuple[str, str, date, date]]:
    """Return the last twelve months: value, words, first and last day; this one first."""
    found, first = [], today.replace(day=1)
    for _ in range(MONTHS):
        following = (first + timedelta(days=31)).replace(day=1)
        found.append((f"{first:%Y-%m}", f"{first:%B %Y}", first, following - timedelta(days=1)))
        first = (first - timedelta(days=1)).replace(day=1)
    return found


def _dollars(cents: int | None) -> float | None:
    return None if cents is None else money.units(cents)
