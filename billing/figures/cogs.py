"""The costs of running the platform, by the documented lines and rates. Rates are rupees."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.conf import settings
from django.db.models import Sum

from accounts import usage
from accounts.models import DailyUsage
from billing import money
from billing.figures import finance
from billing.models import Invoice, Plan

DAYS_A_MONTH: Final = 30
BYTES_A_GB: Final = 1_000_000_000
MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost: so many of `unit`, at `rate` rupees each. `measured_inr` is the supplier's own figure, if any."""

    name: str
    unit: str
    quantity: Decimal
    rate: Decimal
    measured_inr: Decimal | None = None

    @property
    def cost(self) -> Decimal:
        return self.quantity * self.rate

    def shown(self) -> dict[str, Any]:
        """Return the cost for the API, in both currencies."""
        return {
            "name": self.name,
            "unit": self.unit,
            "quantity": float(self.quantity),
            "rate_inr": float(self.rate),
            **_both("cost", self.cost),
            "measured_inr": None if self.measured_inr is None else _round(self.measured_inr),
        }


def lines(first: date, last: date) -> list[Cost]:
    """Return the five lines of days (UTC, both ends included).

    Recognitions are meal logs whose vision_model was set; storage is what is held at the end, by the month; deliveries
    are those that endpoints took; fees are a share of the rupees paid.
    """
    counted = totals(first, last)
    months = Decimal((last - first).days + 1) / DAYS_A_MONTH
    held = sum(usage.levels(last, usage.IMAGE_BYTES).values())
    since, until = span(first, last)
    paid = Decimal(finance.paid(since, until).inr) / money.UNITS
    tokens = Decimal(counted.get(usage.VISION_COST_MICROS, 0)) / MICROS * settings.USD_INR_RATE
    return [
        Cost("vision", "recognition", Decimal(counted.get(usage.VISION_RECOGNITIONS, 0)),
             settings.COST_PER_VISION_RECOGNITION_INR, tokens),
        Cost("storage", "GB-month", Decimal(held) / BYTES_A_GB * months, settings.COST_PER_GB_STORAGE_INR_PER_MONTH),
        Cost("webhooks", "delivery", Decimal(counted.get(usage.WEBHOOK_DELIVERIES, 0)),
             settings.COST_PER_WEBHOOK_DELIVERY_INR),
        Cost("razorpay", "rupee paid", paid, settings.RAZORPAY_FEE_PCT / 100, fees(since, until)),
        Cost("infrastructure", "month", months, settings.FIXED_INFRA_INR_PER_MONTH),
    ]  # fmt: skip


def summary(first: date, last: date) -> dict[str, Any]:
    """Return lines, their sum, the margin of what was earned (payments less refunds), and each plan at full use."""
    found = lines(first, last)
    since, until = span(first, last)
    earned = finance.paid(since, until).inr - finance.refunded(since, until)[1].inr
    revenue, total = Decimal(earned) / money.UNITS, sum((line.cost for line in found), Decimal())
    return {
        "start_date": first.isoformat(),
        "end_date": last.isoformat(),
        "lines": [line.shown() for line in found],
        **_both("total_cost", total),
        **_both("revenue", revenue),
        **_both("gross_margin", revenue - total),
        "gross_margin_pct": finance.percent(float(revenue - total), float(revenue)),
        "unit_economics": [unit(plan) for plan in Plan.objects.in_force()],
        "usd_inr_rate": float(settings.USD_INR_RATE),
    }


def unit(plan: Plan) -> dict[str, Any]:
    """Return a month of a customer who sends every photo the plan allows. Nulls where there is no limit or no price."""
    cost = price = margin = None
    if plan.photos_per_day is not None:
        cost = plan.photos_per_day * DAYS_A_MONTH * settings.COST_PER_VISION_RECOGNITION_INR
    if plan.price_usd_cents is not None:
        price = Decimal(plan.price_usd_cents) / money.UNITS * settings.USD_INR_RATE
    if cost is not None and price is not None:
        margin = price - cost
    return {
        "plan": plan.code,
        "photos_per_day": plan.photos_per_day,
        **_both("price", price),
        **_both("ai_cost_at_full_use", cost),
        **_both("margin", margin),
        "margin_pct": None if margin is None or not price else finance.percent(float(margin), float(price)),
        "break_even_utilisation_pct": finance.percent(float(price), float(cost))
        if cost and price is not None
        else None,
        "is_underpriced": margin is not None and margin < 0,
    }


def totals(first: date, last: date) -> dict[str, int]:
    """Sum all organizations' counters of some days, by metric."""
    names = [usage.VISION_RECOGNITIONS, usage.VISION_COST_MICROS, usage.WEBHOOK_DELIVERIES]
    rows = DailyUsage.objects.filter(metric__in=names, date__gte=first, date__lte=last)
    return dict(rows.values_list("metric").annotate(sum=Sum("total")))


def fees(since: datetime, until: datetime) -> Decimal | None:
    """Return the fees that Razorpay reported for rupee payments; None where it reported none."""
    rows = Invoice.objects.filter(paid_at__gte=since, paid_at__lt=until, currency=money.INR, fee__isnull=False)
    found = rows.aggregate(sum=Sum("fee"))["sum"]
    return None if found is None else Decimal(found) / money.UNITS


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the moments from the beginning of the first day to the end of the last."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    return begin, begin + timedelta(days=(last - first).days + 1)


def _both(name: str, rupees: Decimal | None) -> dict[str, float | None]:
    if rupees is None:
        return {f"{name}_inr": None, f"{name}_usd": None}
    return {f"{name}_inr": _round(rupees), f"{name}_usd": _round(rupees / settings.USD_INR_RATE)}


def _round(amount: Decimal) -> float:
    return float(round(amount, 2))
