"""Overview, finance, costs and metrics over the API, of a world whose sums were made by hand."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer, Organization
from adminportal import support
from billing import plans
from billing.models import Invoice, Subscription, VendorPlan
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/admin"


def pay(organization: Organization, amount: int = 831_600) -> Invoice:
    """Return a subscription to developer, and its first payment a moment ago."""
    vendor_plan = VendorPlan.objects.get_or_create(
        razorpay_id="plan_developer", defaults={"plan": plans.find("developer"), "amount": amount, "currency": "INR"}
    )[0]
    subscription = Subscription.objects.create(
        organization=organization, vendor_plan=vendor_plan, razorpay_id=f"sub_{organization.name}", status="active",
        paid_count=1,
    )  # fmt: skip
    return Invoice.objects.create(
        number=f"WL-{organization.name}", organization=organization, subscription=subscription, plan="developer",
        bill_to=organization.name, payment_id=f"pay_{organization.name}", currency="INR", amount=amount,
        amount_inr=amount, amount_usd=amount // 84, usd_inr_rate=Decimal(84), fee=amount * 2 // 100,
        paid_at=clock.now(),
    )  # fmt: skip


def test_a_platform_with_nobody_on_it_divides_by_nothing(admins: APIClient) -> None:
    shown = admins.get(f"{ROOT}/overview").json()
    assert (shown["mrr_inr"], shown["arr_usd"], shown["usd_inr_rate"]) == (0, 0, 84)
    assert shown["tenants"] == {"organizations": 1, "developers": 2, "end_users": 0, "live_connections": 0}
    assert set(shown["things_to_do"].values()) == {0}
    metrics = admins.get(f"{ROOT}/insights").json()
    assert metrics["financials"] == {
        "arpu_usd": 0.0, "ltv_usd": 0.0, "estimated_lifespan_months": 12.0, "churn_rate_pct": 0.0,
        "free_to_paid_conversion_pct": 0.0,
    }  # fmt: skip
    assert metrics["providers"] == []
    assert admins.get(f"{ROOT}/finance/summary").json()["mom_change_pct"] is None
    assert admins.get(f"{ROOT}/cogs/summary").json()["gross_margin_pct"] is None


def test_the_overview_counts_tenants_money_and_what_waits(admins: APIClient, alice: Developer) -> None:
    pay(alice.organization)
    charlie = factories.charlie()
    Developer.objects.filter(pk=charlie.pk).update(
        email_verified_at=None, locked_until=clock.now() + timedelta(hours=1)
    )
    for number in range(7):
        target = alice if number < 5 else charlie
        AuditEntry.objects.create(action="auth.sign_in_failed", actor_kind="anonymous", target_id=str(target.pk))
    support.submit({"email": "dana@example.com", "message": "Help"})
    shown = admins.get(f"{ROOT}/overview").json()
    assert (shown["mrr_inr"], shown["mrr_usd"], shown["arr_inr"], shown["arr_usd"]) == (8316, 99, 99_792, 1188)
    assert shown["tenants"]["organizations"] == 3
    assert shown["plan_distribution"] == [{"plan": "hobby", "organizations": 3}]
    assert (len(shown["signups"]), shown["signups"][-1]["organizations"]) == (14, 3)
    assert shown["things_to_do"] == {
        "pending_nutrition_reviews": 0, "open_support_tickets": 1, "locked_developers": 1, "failed_login_bursts": 1,
        "unverified_accounts": 1, "dead_payloads": 0,
    }  # fmt: skip


def test_finance_lists_what_was_sold_and_paid(admins: APIClient, alice: Developer) -> None:
    pay(alice.organization)
    pay(factories.charlie().organization)
    summary = admins.get(f"{ROOT}/finance/summary").json()
    assert (summary["mrr_usd"], summary["revenue_this_month_inr"], summary["active_subscriptions"]) == (198, 16_632, 2)
    sold = admins.get(f"{ROOT}/finance/subscriptions?q=alpha&status=active&plan=developer").json()
    assert [(one["organization_name"], one["amount_inr"], one["amount_usd"]) for one in sold["data"]] == [
        ("Alpha", 8316, 99)
    ]
    assert sold["usd_inr_rate"] == 84
    today = clock.now().date()
    paid = admins.get(f"{ROOT}/finance/invoices?status=paid&start_date={today}&end_date={today}&q=wl-gam").json()
    assert [(one["organization_name"], one["amount_inr"]) for one in paid["data"]] == [("Gamma", 8316)]
    assert admins.get(f"{ROOT}/finance/invoices?plan=scale").json()["data"] == []
    assert admins.get(f"{ROOT}/finance/invoices?status=owed").json()["errors"][0]["field"] == "status"


def test_marking_as_refunded_moves_no_money_and_happens_once(
    admins: APIClient, admin: Developer, alice: Developer
) -> None:
    invoice = pay(alice.organization)
    path = f"{ROOT}/finance/invoices/{invoice.id}/mark-refunded"
    shown = admins.post(path).json()
    assert (shown["status"], shown["refunded"], shown["organization_name"]) == ("refunded", 0, "Alpha")
    assert shown["refunded_at"] is not None
    assert admins.post(path).status_code == 409
    (act,) = AuditEntry.objects.filter(action="billing.invoice_marked_refunded")
    assert (act.actor_id, act.data["moves_money"]) == (str(admin.pk), False)


def test_costs_name_each_line_and_the_use_at_which_a_plan_breaks_even(admins: APIClient, alice: Developer) -> None:
    pay(alice.organization)
    shown = admins.get(f"{ROOT}/cogs/summary").json()
    assert [one["name"] for one in shown["lines"]] == ["vision", "storage", "webhooks", "razorpay", "infrastructure"]
    fees = shown["lines"][3]
    assert (fees["quantity"], fees["cost_inr"]) == (8316, 196.26)
    developer = next(one for one in shown["unit_economics"] if one["plan"] == "developer")
    # 500 photos on 30 days at 1.20 rupees are 18,000, against a price of 8,316
    assert (developer["ai_cost_at_full_use_inr"], developer["price_inr"]) == (18_000, 8316)
    assert (developer["is_underpriced"], developer["break_even_utilisation_pct"]) == (True, 46.2)


@pytest.mark.parametrize("query", ["start_date=2026-02-02&end_date=2026-02-01", "start_date=2020-01-01", "end_date=x"])
def test_days_that_make_no_range_are_refused(admins: APIClient, query: Any) -> None:
    assert admins.get(f"{ROOT}/cogs/summary?{query}").status_code == 400
