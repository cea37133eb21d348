"""Response shapes of the endpoints of money and metrics."""

from typing import Any

from rest_framework import serializers

from adminportal.api.shapes import SubscriptionRowSerializer
from billing.api.shapes import InvoiceSerializer
from billing.models import Invoice
from wearlink.lib.api.pagination import OffsetPagination

RATE = "Rupees for a dollar, as configured (USD_INR_RATE)."


def whole(help_text: str) -> serializers.IntegerField:
    return serializers.IntegerField(help_text=help_text)


def amount(help_text: str, *, nullable: bool = False) -> serializers.FloatField:
    """Return a field for rupees, dollars or percent."""
    return serializers.FloatField(help_text=help_text, allow_null=nullable)


class TenantCountsSerializer(serializers.Serializer[Any]):
    """The numbers of organizations, developers, end users and live connections."""

    organizations = whole("Tenants.")
    developers = whole("Developers.")
    end_users = whole("End users.")
    live_connections = whole("Connections that bring data, or should.")


class PlanShareSerializer(serializers.Serializer[Any]):
    """The number of organizations on a plan."""

    plan = serializers.CharField(help_text="Code of the plan.")
    organizations = whole("Tenants on it.")


class SignupsSerializer(serializers.Serializer[Any]):
    """The number of organizations that registered on a day."""

    date = serializers.DateField(help_text="UTC.")
    organizations = whole("Tenants that registered.")


class ThingsToDoSerializer(serializers.Serializer[Any]):
    """The numbers of things that wait for an administrator."""

    pending_nutrition_reviews = whole("Meals in the review queue.")
    open_support_tickets = whole("Tickets that are not resolved yet.")
    locked_developers = whole("Accounts whose sign-in is refused now.")
    failed_login_bursts = whole("Accounts with five or more failed sign-ins in the last hour.")
    unverified_accounts = whole("Accounts with an unconfirmed address.")
    dead_payloads = whole("Payloads given up after five attempts.")


class OverviewSerializer(serializers.Serializer[Any]):
    """The figures of the overview page."""

    tenants = TenantCountsSerializer(help_text="How many there are.")
    mrr_inr = amount("Monthly recurring revenue, rupees.")
    mrr_usd = amount("Monthly recurring revenue, dollars.")
    arr_inr = amount("Twelve times that, rupees.")
    arr_usd = amount("Twelve times that, dollars.")
    plan_distribution = PlanShareSerializer(many=True, help_text="Tenants by plan.")
    signups = SignupsSerializer(many=True, help_text="The last 14 days, today last.")
    things_to_do = ThingsToDoSerializer(help_text="What waits for an administrator.")
    usd_inr_rate = amount(RATE)


class FinanceSerializer(serializers.Serializer[Any]):
    """Recurring revenue, and revenue by month."""

    mrr_inr = amount("Monthly recurring revenue, rupees.")
    mrr_usd = amount("Monthly recurring revenue, dollars.")
    arr_inr = amount("Twelve times that, rupees.")
    arr_usd = amount("Twelve times that, dollars.")
    revenue_this_month_inr = amount("Paid since the first of this month (UTC), rupees.")
    revenue_this_month_usd = amount("The same in dollars.")
    revenue_last_month_inr = amount("Paid in the month before, rupees.")
    revenue_last_month_usd = amount("The same in dollars.")
    mom_change_pct = amount("This month against the last one; null without one.", nullable=True)
    refunds_this_month_inr = amount("Sent back this month, rupees.")
    refunds_this_month_usd = amount("The same in dollars.")
    refund_count_this_month = whole("Invoices of which money was sent back.")
    active_subscriptions = whole("Subscriptions that are charged each month.")
    usd_inr_rate = amount(RATE)


class SubscriptionListSerializer(serializers.Serializer[Any]):
    """A page of subscriptions, newest first."""

    data = SubscriptionRowSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = OffsetPagination(help_text="Size of the whole.")
    usd_inr_rate = amount(RATE)


class PlatformInvoiceSerializer(InvoiceSerializer):
    """An invoice with whose it is."""

    organization_id = serializers.UUIDField(help_text="Who paid.")
    organization_name = serializers.CharField(help_text="Their name now.")
    refunded_inr = amount("Sent back, rupees.")
    refunded_usd = amount("Sent back, dollars.")

    def to_representation(self, instance: Invoice) -> dict[str, Any]:
        """Return it with both currencies of what was sent back, at the rate of the day of the charge."""
        shown = super().to_representation(instance)
        share = instance.refunded / instance.amount if instance.amount else 0
        return {
            **shown,
            "organization_id": str(instance.organization_id),
            "organization_name": instance.organization.name,
            "refunded_inr": round(shown["amount_inr"] * share, 2),
            "refunded_usd": round(shown["amount_usd"] * share, 2),
        }


class InvoiceListSerializer(serializers.Serializer[Any]):
    """A page of invoices, newest first."""

    data = PlatformInvoiceSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = OffsetPagination(help_text="Size of the whole.")
    usd_inr_rate = amount(RATE)


class CostLineSerializer(serializers.Serializer[Any]):
    """One line of the platform's costs."""

    name = serializers.CharField(help_text="vision, storage, webhooks, razorpay or infrastructure.")
    unit = serializers.CharField(help_text="What is counted.")
    quantity = amount("How much of it.")
    rate_inr = amount("Rupees for one.")
    cost_inr = amount("Rupees.")
    cost_usd = amount("Dollars.")
    measured_inr = amount("What the supplier itself reported, in rupees; null where it reports nothing.", nullable=True)


class UnitEconomicsSerializer(serializers.Serializer[Any]):
    """A plan whose customer uses every photo of it, a month."""

    plan = serializers.CharField(help_text="Code of the plan.")
    photos_per_day = serializers.IntegerField(allow_null=True, help_text="Null: no limit.")
    price_inr = amount("Price, rupees.", nullable=True)
    price_usd = amount("Price, dollars.", nullable=True)
    ai_cost_at_full_use_inr = amount("Cost of the recognitions, rupees.", nullable=True)
    ai_cost_at_full_use_usd = amount("Cost of the recognitions, dollars.", nullable=True)
    margin_inr = amount("Price less cost, rupees.", nullable=True)
    margin_usd = amount("Price less cost, dollars.", nullable=True)
    margin_pct = amount("Margin in percent of the price.", nullable=True)
    break_even_utilisation_pct = amount("Share of the photos at which the price is used up.", nullable=True)
    is_underpriced = serializers.BooleanField(help_text="Whether full use costs more than the price.")


class CogsSerializer(serializers.Serializer[Any]):
    """The platform's running costs beside its revenue."""

    start_date = serializers.DateField(help_text="First day, UTC.")
    end_date = serializers.DateField(help_text="Last day, UTC.")
    lines = CostLineSerializer(many=True, help_text="The five lines.")
    total_cost_inr = amount("Sum of the lines, rupees.")
    total_cost_usd = amount("Sum of the lines, dollars.")
    revenue_inr = amount("Payments less refunds, rupees.")
    revenue_usd = amount("Payments less refunds, dollars.")
    gross_margin_inr = amount("Revenue less cost, rupees.")
    gross_margin_usd = amount("Revenue less cost, dollars.")
    gross_margin_pct = amount("In percent of the revenue; null without any.", nullable=True)
    unit_economics = UnitEconomicsSerializer(many=True, help_text="Each plan at full use.")
    usd_inr_rate = amount(RATE)


class FinancialsSerializer(serializers.Serializer[Any]):
    """The usual ratios of a subscription business."""

    arpu_usd = amount("Recurring revenue a paying organization, dollars a month.")
    ltv_usd = amount("ARPU times the estimated lifespan.")
    estimated_lifespan_months = amount("100 / churn rate; 12 without any history.")
    churn_rate_pct = amount("Customers that ended, in percent of all that ever paid.")
    free_to_paid_conversion_pct = amount("Organizations that ever paid, in percent of all.")


class PlanMixSerializer(serializers.Serializer[Any]):
    """A plan with a price."""

    plan = serializers.CharField(help_text="Code of the plan.")
    active = whole("Subscriptions.")
    monthly_usd = amount("Its price.")
    contributing_mrr_usd = amount("What it brings a month.")
    pct_of_mrr = amount("Share of the recurring revenue.")


class FunnelStepSerializer(serializers.Serializer[Any]):
    """The number of organizations that reached a step."""

    step = serializers.CharField(help_text="registered, verified, first_end_user, first_data or paying.")
    count = whole("Organizations that took it.")
    pct = amount("Share of all.")


class ActiveDaySerializer(serializers.Serializer[Any]):
    """The number of organizations that were active on a day."""

    date = serializers.DateField(help_text="UTC.")
    active = whole("Organizations with calls or new data.")


class CohortSerializer(serializers.Serializer[Any]):
    """The organizations that registered in a week, and how many stayed."""

    week = serializers.DateField(help_text="Its Monday.")
    size = whole("How many registered.")
    retained = serializers.ListField(
        child=serializers.IntegerField(), help_text="How many were active in that week, the one after it, and so on."
    )


class ProviderPopularitySerializer(serializers.Serializer[Any]):
    """The number of connections to a provider."""

    provider = serializers.CharField(help_text="Slug of the provider.")
    connections = whole("All, past ones included.")
    live = whole("Those that bring data, or should.")


class TopTenantSerializer(serializers.Serializer[Any]):
    """A tenant with much activity in the last 30 days."""

    organization_id = serializers.UUIDField(help_text="Id of the organization.")
    name = serializers.CharField(help_text="Its name.")
    plan = serializers.CharField(help_text="Code of its plan.")
    api_calls = whole("Calls.")
    samples = whole("Samples stored.")


class InsightsSerializer(serializers.Serializer[Any]):
    """Every matrix of the SaaS metrics."""

    financials = FinancialsSerializer(help_text="The usual ratios.")
    plan_mix = PlanMixSerializer(many=True, help_text="Plans with a price.")
    funnel = FunnelStepSerializer(many=True, help_text="From registering to paying.")
    dau = ActiveDaySerializer(many=True, help_text="Active organizations, the last 30 days.")
    weekly_cohorts = CohortSerializer(many=True, help_text="By the week of registering, eight weeks.")
    providers = ProviderPopularitySerializer(many=True, help_text="The most popular first.")
    top_developers = TopTenantSerializer(many=True, help_text="Ten tenants with most activity.")
    usd_inr_rate = amount(RATE)
