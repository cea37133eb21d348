"""SaaS metrics: who pays, who stays, who uses it. Activity is what the day's counters say."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncWeek

from accounts import usage
from accounts.models import DailyUsage, Developer, MonthlyUsage, Organization
from billing import money
from billing.figures import finance
from billing.models import Plan, Subscription

Recurring = Mapping[str, tuple[int, finance.Money]]  # finance.recurring()

DEFAULT_LIFESPAN: Final = 12.0  # months, without any history
DAU_DAYS: Final = 30
COHORTS: Final = 8  # weeks
TOP: Final = 10
#: An organization is active on a day on which one of these was counted.
ACTIVITY: Final = (usage.API_CALLS, usage.SAMPLES_STORED)


def paid(now: datetime) -> dict[str, Any]:
    recurring = finance.recurring()
    return {"financials": financials(recurring), "plan_mix": plan_mix(now, recurring)}


def activity(today: date) -> dict[str, Any]:
    """Return the matrices of use, which count the rows of many days; how popular providers are is not ours to know."""
    return {
        "funnel": funnel(today),
        "dau": daily_active(today),
        "weekly_cohorts": weekly_cohorts(today),
        "top_developers": top(today),
    }


def financials(recurring: Recurring) -> dict[str, float]:
    """ARPU, LTV, churn and conversion. A customer is an organization that ever paid."""
    paying = sum(count for count, _ in recurring.values())
    arpu = money.units(finance.total(recurring).usd) / paying if paying else 0.0
    paid = Subscription.objects.filter(paid_count__gt=0)
    customers = paid.values("organization_id").distinct().count()
    lost = paid.values("organization_id").distinct().exclude(
        organization_id__in=Subscription.objects.open().filter(paid_count__gt=0).values("organization_id")
    ).count()  # fmt: skip
    churn = finance.percent(lost, customers) or 0.0
    lifespan = round(100 / churn, 2) if churn else DEFAULT_LIFESPAN
    return {
        "arpu_usd": round(arpu, 2),
        "ltv_usd": round(arpu * lifespan, 2),
        "estimated_lifespan_months": lifespan,
        "churn_rate_pct": churn,
        "free_to_paid_conversion_pct": finance.percent(customers, Organization.objects.count()) or 0.0,
    }


def plan_mix(now: datetime, recurring: Recurring) -> list[dict[str, Any]]:
    """Return each plan with a price: how many pay for it, and its share of the MRR."""
    whole = finance.total(recurring).usd
    found = []
    for plan in Plan.objects.in_force(now):
        if not plan.is_sold:
            continue
        count, amount = recurring.get(plan.code, (0, finance.Money()))
        found.append(
            {
                "plan": plan.code,
                "active": count,
                "monthly_usd": money.units(plan.price_usd_cents or 0),
                "contributing_mrr_usd": money.units(amount.usd),
                "pct_of_mrr": finance.percent(amount.usd, whole) or 0.0,
            }
        )
    return found


def funnel(today: date) -> list[dict[str, Any]]:
    """Return how far organizations came: each step counts those that took it, with their share of all."""
    of_each = {"organization_id": OuterRef("pk"), "metric": usage.SAMPLES_STORED, "total__gt": 0}
    has_data = Exists(MonthlyUsage.objects.filter(**of_each)) | Exists(DailyUsage.objects.filter(**of_each))
    paying = Subscription.objects.filter(status__in=finance.RECURRING).values("organization_id").distinct()
    steps = {
        "registered": Organization.objects.count(),
        "verified": Developer.objects.filter(email_verified_at__isnull=False)
        .values("organization_id").distinct().count(),
        "first_end_user": sum(1 for n in usage.levels(today, usage.END_USERS).values() if n > 0),
        "first_data": Organization.objects.filter(has_data).count(),
        "paying": paying.count(),
    }  # fmt: skip
    whole = steps["registered"]
    return [{"step": step, "count": n, "pct": finance.percent(n, whole) or 0.0} for step, n in steps.items()]


def daily_active(today: date) -> list[dict[str, Any]]:
    """Return organizations with activity, each of the last DAU_DAYS days."""
    first = today - timedelta(days=DAU_DAYS - 1)
    counts = _active(first, today).values("date").annotate(n=Count("organization_id", distinct=True))
    found = dict(counts.values_list("date", "n"))
    days = (first + timedelta(days=number) for number in range(DAU_DAYS))
    return [{"date": day.isoformat(), "active": found.get(day, 0)} for day in days]


def weekly_cohorts(today: date) -> list[dict[str, Any]]:
    """Return organizations by the week (from Monday, UTC) of their registration, and how many were active n weeks
    later.
    """
    last = today - timedelta(days=today.weekday())
    first = last - timedelta(weeks=COHORTS - 1)
    since = datetime.combine(first, time.min, UTC)
    joined: Counter[date] = Counter()
    for moment in Organization.objects.filter(created_at__gte=since).values_list("created_at", flat=True):
        joined[moment.date() - timedelta(days=moment.weekday())] += 1
    rows = _active(first, today).filter(organization__created_at__gte=since)
    pairs = rows.annotate(week=TruncWeek("date")).values_list("week", "organization_id", "organization__created_at")
    active: Counter[tuple[date, date]] = Counter()
    for week, _, moment in pairs.distinct():
        active[moment.date() - timedelta(days=moment.weekday()), week] += 1
    found = []
    for number in range(COHORTS):
        week = first + timedelta(weeks=number)
        later = [week + timedelta(weeks=turn) for turn in range(COHORTS - number)]
        retained = [active[week, one] for one in later]
        found.append({"week": week.isoformat(), "size": joined[week], "retained": retained})
    return found


def top(today: date) -> list[dict[str, Any]]:
    """Return the organizations with most activity in the last DAU_DAYS days."""
    rows = DailyUsage.objects.filter(metric__in=ACTIVITY, date__gt=today - timedelta(days=DAU_DAYS), date__lte=today)
    sums = rows.values("organization_id").annotate(
        api_calls=Sum("total", filter=Q(metric=usage.API_CALLS), default=0),
        samples=Sum("total", filter=Q(metric=usage.SAMPLES_STORED), default=0),
        activity=Sum("total"),
    )
    found = list(sums.order_by("-activity", "organization_id")[:TOP])
    owners = Organization.objects.in_bulk([row["organization_id"] for row in found])
    return [
        {
            "organization_id": str(row["organization_id"]),
            "name": owners[row["organization_id"]].name,
            "plan": owners[row["organization_id"]].plan,
            "api_calls": row["api_calls"],
            "samples": row["samples"],
        }
        for row in found
        if row["organization_id"] in owners
    ]


def _active(first: date, last: date) -> QuerySet[DailyUsage]:
    """Return the counters that tell of activity in some days."""
    return DailyUsage.objects.filter(metric__in=ACTIVITY, date__gte=first, date__lte=last, total__gt=0)
