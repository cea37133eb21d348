"""The operator's figures of a small world, against sums made by hand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import usage
from accounts.models import DailyUsage, Organization
from billing import plans
from billing.figures import cogs, finance, insights
from billing.models import Invoice, Subscription, VendorPlan

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 4, 24, 12, tzinfo=UTC)
TODAY = NOW.date()


class FiguresWorld:
    """Four organizations: two pay for developer, one paid for scale and left, one never paid."""

    def __init__(self) -> None:
        self.plans = {
            code: VendorPlan.objects.create(
                plan=plans.find(code, NOW), razorpay_id=f"plan_{code}", amount=amount, currency="INR"
            )
            for code, amount in (("developer", 831_600), ("scale", 4_191_600))
        }
        names = (("Alpha", 3), ("Beta", 10), ("Gamma", 40), ("Delta", 0))
        self.organizations = {
            name: Organization.objects.create(name=name, created_at=NOW - timedelta(days=days)) for name, days in names
        }
        self.number = 0
        self.pay("Alpha", "developer", "active", date(2026, 4, 22), date(2026, 3, 22))
        self.pay("Beta", "developer", "pending", date(2026, 4, 15))
        self.pay("Gamma", "scale", "cancelled", date(2026, 3, 16))

    def pay(self, name: str, plan: str, status: str, *days: date) -> None:
        organization, vendor_plan = self.organizations[name], self.plans[plan]
        subscription = Subscription.objects.create(
            organization=organization, vendor_plan=vendor_plan, razorpay_id=f"sub_{name}", status=status,
            paid_count=len(days),
        )  # fmt: skip
        for day in days:
            self.number += 1
            Invoice.objects.create(
                number=f"WL-{self.number}", organization=organization, subscription=subscription, plan=plan,
                bill_to=name, payment_id=f"pay_{self.number}", currency="INR", amount=vendor_plan.amount,
                amount_inr=vendor_plan.amount, amount_usd=vendor_plan.amount // 84, usd_inr_rate=Decimal(84),
                fee=vendor_plan.amount * 2 // 100, paid_at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            )  # fmt: skip

    def count(self, name: str, day: date, **counted: int) -> None:
        for metric, total in counted.items():
            DailyUsage.objects.create(organization=self.organizations[name], date=day, metric=metric, total=total)


@pytest.fixture
def world() -> FiguresWorld:
    return FiguresWorld()


def test_finance(world: FiguresWorld) -> None:
    refunded = Invoice.objects.get(payment_id="pay_3")  # Beta's
    refunded.refunded, refunded.refunded_at = 83_160, NOW - timedelta(days=1)
    refunded.save()
    assert finance.summary(NOW) == {
        "mrr_inr": 16_632, "mrr_usd": 198,  # 2 × 8,316
        "arr_inr": 199_584, "arr_usd": 2_376,
        "revenue_this_month_inr": 16_632, "revenue_this_month_usd": 198,
        "revenue_last_month_inr": 50_232, "revenue_last_month_usd": 598,  # 8,316 + 41,916
        "mom_change_pct": -66.89,  # (16,632 − 50,232) ÷ 50,232
        "refunds_this_month_inr": 831.6, "refunds_this_month_usd": 9.9, "refund_count_this_month": 1,
        "active_subscriptions": 2, "usd_inr_rate": 84,
    }  # fmt: skip


def test_an_empty_platform_has_figures_too() -> None:
    found = finance.summary(datetime(2026, 1, 5, tzinfo=UTC))
    assert (found["mrr_usd"], found["mom_change_pct"]) == (0, None)
    assert cogs.summary(TODAY, TODAY)["gross_margin_pct"] is None
    assert insights.financials(finance.recurring()) == {
        "arpu_usd": 0, "ltv_usd": 0, "estimated_lifespan_months": 12, "churn_rate_pct": 0,
        "free_to_paid_conversion_pct": 0,
    }  # fmt: skip


def test_lists_are_filtered(world: FiguresWorld) -> None:
    assert [one.payment_id for one in finance.invoices(plan="developer", since=date(2026, 4, 1))] == ["pay_1", "pay_3"]
    assert finance.invoices(status="refunded").count() == 0
    assert finance.invoices(until=date(2026, 3, 16)).get().plan == "scale"
    assert finance.subscriptions(status="cancelled").get().organization.name == "Gamma"
    assert finance.subscriptions(plan="developer").count() == 2


def test_costs_of_a_month(world: FiguresWorld) -> None:
    world.count("Alpha", date(2026, 4, 10), vision_recognitions=1_000, vision_cost_micros=14_000_000)
    world.count("Beta", date(2026, 4, 24), vision_recognitions=500, webhook_deliveries=10_000)
    world.count("Beta", date(2026, 3, 1), image_bytes=3_000_000_000, webhook_deliveries=7)
    world.count("Alpha", date(2026, 4, 20), image_bytes=-1_000_000_000)
    world.count("Alpha", date(2026, 5, 1), image_bytes=9_000_000_000, vision_recognitions=9)
    found = cogs.summary(date(2026, 4, 1), date(2026, 4, 30))
    costs = {line["name"]: (line["quantity"], line["cost_inr"], line["measured_inr"]) for line in found["lines"]}
    assert costs == {
        "vision": (1_500, 1_800, 1_176),  # × 1.20; $14 × 84 by tokens
        "storage": (2, 3.7, None),  # 2 GB for a month × 1.85
        "webhooks": (10_000, 400, None),  # × 0.04
        "razorpay": (16_632, 392.52, 332.64),  # 2.36 %; 2 % as told
        "infrastructure": (1, 12_000, None),
    }
    assert (found["total_cost_inr"], found["revenue_inr"]) == (14_596.22, 16_632)
    assert (found["gross_margin_inr"], found["gross_margin_pct"]) == (2_035.78, 12.24)
    assert found["total_cost_usd"] == 173.76


def test_plans_at_full_use(world: FiguresWorld) -> None:
    found = {one["plan"]: one for one in cogs.summary(TODAY, TODAY)["unit_economics"]}
    assert (found["hobby"]["ai_cost_at_full_use_inr"], found["hobby"]["margin_inr"]) == (720, -720)
    assert (found["developer"]["ai_cost_at_full_use_inr"], found["developer"]["margin_inr"]) == (18_000, -9_684)
    assert (found["developer"]["margin_pct"], found["developer"]["is_underpriced"]) == (-116.45, True)
    assert found["scale"]["ai_cost_at_full_use_usd"] == 2_142.86
    assert (found["enterprise"]["margin_inr"], found["enterprise"]["is_underpriced"]) == (None, False)


def test_rates_come_from_the_settings(world: FiguresWorld, settings: Any) -> None:
    settings.FIXED_INFRA_INR_PER_MONTH = Decimal(3_000)
    settings.USD_INR_RATE = Decimal(100)
    found = cogs.summary(TODAY, TODAY)
    (fixed,) = [line for line in found["lines"] if line["name"] == "infrastructure"]
    assert (fixed["cost_inr"], fixed["cost_usd"], found["usd_inr_rate"]) == (100, 1, 100)


def test_insights(world: FiguresWorld) -> None:
    assert insights.financials(finance.recurring()) == {
        "arpu_usd": 99, "ltv_usd": 297, "estimated_lifespan_months": 3, "churn_rate_pct": 33.33,
        "free_to_paid_conversion_pct": 75,
    }  # fmt: skip
    assert insights.plan_mix(NOW, finance.recurring()) == [
        {"plan": "developer", "active": 2, "monthly_usd": 99, "contributing_mrr_usd": 198, "pct_of_mrr": 100},
        {"plan": "scale", "active": 0, "monthly_usd": 499, "contributing_mrr_usd": 0, "pct_of_mrr": 0},
    ]


def test_activity(world: FiguresWorld) -> None:
    world.count("Alpha", TODAY, api_calls=5, samples_stored=100)
    world.count("Alpha", TODAY - timedelta(days=1), api_calls=1)
    world.count("Beta", TODAY, api_calls=50)
    world.count("Beta", TODAY - timedelta(days=40), samples_stored=5_000, end_users=2)
    dau = insights.daily_active(TODAY)
    assert (len(dau), dau[-1], dau[-2]["active"]) == (30, {"date": "2026-04-24", "active": 2}, 1)
    assert [(one["name"], one["api_calls"], one["samples"]) for one in insights.top(TODAY)] == [
        ("Alpha", 6, 100), ("Beta", 50, 0),
    ]  # fmt: skip
    steps = {one["step"]: (one["count"], one["pct"]) for one in insights.funnel(TODAY)}
    assert steps == {
        "registered": (4, 100), "verified": (0, 0), "first_end_user": (1, 25), "first_data": (2, 50),
        "paying": (2, 50),
    }  # fmt: skip
    cohorts = insights.weekly_cohorts(TODAY)
    assert cohorts[-1] == {"week": "2026-04-20", "size": 2, "retained": [1]}  # Alpha and Delta; Alpha was there
    assert cohorts[-2] == {"week": "2026-04-13", "size": 1, "retained": [0, 1]}  # Beta
    assert cohorts[1]["week"] == "2026-03-09"
    assert sum(one["size"] for one in cohorts) == 4


def test_everything_together_asks_little(world: FiguresWorld, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(25):
        found = {**insights.paid(NOW), **insights.activity(TODAY)}
    assert set(found) == {"financials", "plan_mix", "funnel", "dau", "weekly_cohorts", "top_developers"}
    assert usage.levels(TODAY) == {}
