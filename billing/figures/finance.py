"""Revenue: what recurs, what was paid, what went back. Every amount in rupees and in dollars."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from billing import money
from billing.models import Invoice, Subscription

#: Subscriptions that are charged each month, though the last charge may have failed for now.
RECURRING: Final = (Subscription.Status.ACTIVE, Subscription.Status.PENDING)
MONTHS_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Money:
    """The same sum in both currencies, in paise and cents."""

    inr: int = 0
    usd: int = 0

    def times(self, factor: int) -> "Money":
        return Money(self.inr * factor, self.usd * factor)

    def shown(self, name: str) -> dict[str, float]:
        """Return it as `name_inr` and `name_usd`, in rupees and dollars."""
        return {f"{name}_inr": money.units(self.inr), f"{name}_usd": money.units(self.usd)}


def recurring() -> dict[str, tuple[int, Money]]:
    """Return subscriptions that recur and what they bring a month, by plan."""
    rows = Subscription.objects.filter(status__in=RECURRING).values_list("vendor_plan__plan__code").annotate(
        count=Count("pk"), inr=Sum("vendor_plan__amount"), usd=Sum("vendor_plan__plan__price_usd_cents")
    )  # fmt: skip
    return {code: (count, Money(inr, usd or 0)) for code, count, inr, usd in rows}


def mrr() -> Money:
    return total(recurring())


def total(by_plan: Mapping[str, tuple[int, Money]]) -> Money:
    """Return what all plans bring together."""
    found = [amount for _, amount in by_plan.values()]
    return Money(sum(one.inr for one in found), sum(one.usd for one in found))


def paid(since: datetime, until: datetime) -> Money:
    """Return captured payments of a stretch of time, refunds not taken off."""
    found = Invoice.objects.filter(paid_at__gte=since, paid_at__lt=until).aggregate(
        inr=Sum("amount_inr"), usd=Sum("amount_usd")
    )
    return Money(found["inr"] or 0, found["usd"] or 0)


def refunded(since: datetime, until: datetime) -> tuple[int, Money]:
    """Return how many invoices had money sent back in a stretch of time, and how much, at the rate each
    was charged at.
    """
    rows = Invoice.objects.filter(refunded_at__gte=since, refunded_at__lt=until, refunded__gt=0)
    inr = usd = count = 0
    for invoice in rows.only("refunded", "currency", "usd_inr_rate").iterator():
        both = money.both(invoice.refunded, invoice.currency, invoice.usd_inr_rate)
        count, inr, usd = count + 1, inr + both.inr, usd + both.usd
    return count, Money(inr, usd)


def summary(now: datetime) -> dict[str, float | int | None]:
    """MRR, ARR, this month against the last one, and refunds. The change is null where there was nothing before."""
    this = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    last = (this.replace(month=this.month - 1)) if this.month > 1 else this.replace(year=this.year - 1, month=12)
    monthly, revenue, before = mrr(), paid(this, now), paid(last, this)
    refunds, back = refunded(this, now)
    return {
        **monthly.shown("mrr"),
        **monthly.times(MONTHS_A_YEAR).shown("arr"),
        **revenue.shown("revenue_this_month"),
        **before.shown("revenue_last_month"),
        "mom_change_pct": percent(revenue.inr - before.inr, before.inr),
        **back.shown("refunds_this_month"),
        "refund_count_this_month": refunds,
        "active_subscriptions": sum(count for count, _ in recurring().values()),
        "usd_inr_rate": float(settings.USD_INR_RATE),
    }


def subscriptions(*, status: str | None = None, plan: str | None = None) -> QuerySet[Subscription]:
    """Return every subscription that Razorpay has, newest first."""
    rows = Subscription.objects.known().select_related("organization", "vendor_plan__plan")
    if status is not None:
        rows = rows.filter(status=status)
    return rows if plan is None else rows.filter(vendor_plan__plan__code=plan)


def invoices(
    *, status: str | None = None, plan: str | None = None, since: date | None = None, until: date | None = None
) -> QuerySet[Invoice]:
    """Return every invoice, newest first; days are UTC, both ends included."""
    wanted = {"status": status, "plan": plan, "paid_at__date__gte": since, "paid_at__date__lte": until}
    filters = {name: value for name, value in wanted.items() if value is not None}
    return Invoice.objects.select_related("organization").filter(**filters)


def percent(part: float, whole: float) -> float | None:
    """Return two decimals; null of nothing."""
    return round(100 * part / whole, 2) if whole else None
