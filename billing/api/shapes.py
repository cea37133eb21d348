"""The shapes of billing: what is accepted and what is answered."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rest_framework import serializers

from accounts.api.fields import Moment
from accounts.api.serializers import PlanLimitsSerializer
from billing import money, settle
from billing.checkout import Checkout
from billing.models import Invoice, Plan, Subscription
from wearlink.lib.api.pagination import PagePagination, PageQuery, WholePagination

Shape = serializers.Serializer[Any]
WHEN = ("now", "cycle_end")
PLAN_HELP = "The code of a plan with a price, as in GET /billing/plans."
SHOWN_STATES = [value for value in Subscription.Status.values if value != Subscription.Status.CREATING]


class PlanSerializer(Shape):
    """A plan as it is sold now."""

    code = serializers.CharField()
    name = serializers.CharField()
    price_usd = serializers.FloatField(allow_null=True, help_text="Dollars a month; null: by agreement.")
    price_inr = serializers.FloatField(allow_null=True, help_text="Rupees a month at today's rate, as charged.")
    limits = PlanLimitsSerializer()

    def to_representation(self, instance: Plan) -> dict[str, Any]:
        """Return it with the price in both currencies."""
        price = None if instance.price_usd_cents is None else money.both(instance.price_usd_cents, money.USD)
        return {
            "code": instance.code,
            "name": instance.name,
            "price_usd": None if price is None else money.units(price.usd),
            "price_inr": None if price is None else money.units(price.inr),
            "limits": PlanLimitsSerializer(instance.limits).data,
        }


class PlansSerializer(Shape):
    """The plans with their prices, and the exchange rate behind them."""

    data = PlanSerializer(many=True)  # type: ignore[assignment]
    pagination = WholePagination()
    usd_inr_rate = serializers.FloatField(help_text="Rupees a dollar.")
    checkout_available = serializers.BooleanField(help_text="False: an administrator sets your plan.")


class SubscriptionSerializer(Shape):
    """The organization's subscription, as Razorpay last reported it."""

    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=SHOWN_STATES)
    plan = serializers.CharField(source="vendor_plan.plan.code")
    price_inr = serializers.SerializerMethodField(help_text="Rupees a month.")
    razorpay_subscription_id = serializers.CharField(source="razorpay_id", help_text="Razorpay's id of it.")
    short_url = serializers.CharField(help_text="Razorpay's page: the first payment, and later another card.")
    current_start = Moment(allow_null=True, help_text="When the paid cycle began; null before the first payment.")
    current_end = Moment(allow_null=True, help_text="When the paid cycle ends.")
    charge_at = Moment(allow_null=True, help_text="When the next payment is due.")
    ended_at = Moment(allow_null=True, help_text="When it ended; null while it runs.")
    next_plan = serializers.SerializerMethodField(help_text="The plan from the next cycle on; null: no change waits.")
    cancel_at_cycle_end = serializers.BooleanField(help_text="Whether it ends with the cycle.")
    failing_since = Moment(allow_null=True, help_text="When charging began to fail; null: it does not.")
    grace_until = serializers.SerializerMethodField(help_text="Until when the plan stays while payments fail.")
    paid_count = serializers.IntegerField(help_text="Cycles paid.")
    created_at = Moment()

    def get_price_inr(self, row: Subscription) -> float:
        return money.units(row.vendor_plan.amount)

    def get_next_plan(self, row: Subscription) -> str | None:
        return row.next_plan or None

    def get_grace_until(self, row: Subscription) -> datetime | None:
        return row.failing_since + settle.grace() if row.failing_since else None


class BillingBannerSerializer(Shape):
    """A message about billing, to be shown on every page."""

    severity = serializers.ChoiceField(choices=["info", "warning", "critical"], help_text="How loud to be.")
    code = serializers.ChoiceField(choices=["payment_pending", "payment_halted", "grace_ended"])
    message = serializers.CharField()


class BillingStateSerializer(Shape):
    """The plan in effect and the subscription behind it."""

    plan = serializers.CharField()
    limits = PlanLimitsSerializer()
    granted = serializers.BooleanField(help_text="Whether an administrator set the plan.")
    subscription = SubscriptionSerializer(allow_null=True, help_text="What is bought; null without one.")
    banner = BillingBannerSerializer(allow_null=True, help_text="What to tell people; null: nothing.")


class PlanChoiceSerializer(Shape):
    """The plan to buy."""

    plan = serializers.CharField(max_length=32, help_text=PLAN_HELP)


class PlanChangeSerializer(PlanChoiceSerializer):
    """The plan to change to, and when."""

    when = serializers.ChoiceField(choices=WHEN, default="now", help_text="now, or with the next cycle.")


class CancelSubscriptionSerializer(Shape):
    """The moment at which the subscription is to end."""

    when = serializers.ChoiceField(
        choices=WHEN, default="cycle_end", help_text="now, or with the end of the paid cycle."
    )


class VerifyPaymentSerializer(Shape):
    """The fields that Razorpay's Checkout gave to the browser, unchanged."""

    razorpay_payment_id = serializers.CharField(max_length=64, help_text="Checkout's own name for it.")
    razorpay_subscription_id = serializers.CharField(max_length=64, help_text="Checkout's own name for it.")
    razorpay_signature = serializers.CharField(max_length=256, help_text="Checkout's own name for it.")


class CheckoutOptionsSerializer(Shape):
    """The options of Razorpay's Checkout; or open short_url instead."""

    key_id = serializers.CharField(help_text="Checkout's `key`.")
    subscription_id = serializers.CharField(help_text="Checkout's `subscription_id`.")
    short_url = serializers.CharField(help_text="Razorpay's page, for those who do not embed Checkout.")
    name = serializers.CharField(help_text="Checkout's `name`.")
    description = serializers.CharField(help_text="Checkout's `description`.")


class SubscriptionCheckoutSerializer(Shape):
    """A subscription that waits for its first payment."""

    subscription = SubscriptionSerializer(help_text="The subscription in its present state.")
    checkout = CheckoutOptionsSerializer(help_text="What Checkout is opened with.")

    def to_representation(self, instance: Checkout) -> dict[str, Any]:
        """Build the options from the row and our key."""
        row = instance.subscription
        return {
            "subscription": SubscriptionSerializer(row).data,
            "checkout": {
                "key_id": instance.key_id,
                "subscription_id": row.razorpay_id,
                "short_url": row.short_url,
                "name": "WearLink",
                "description": f"{row.vendor_plan.plan.name} plan, monthly",
            },
        }


class InvoiceSerializer(Shape):
    """A payment and what it was for."""

    id = serializers.UUIDField()
    number = serializers.CharField(help_text="The number on it, one higher for each.")
    status = serializers.ChoiceField(choices=Invoice.Status.values)
    plan = serializers.CharField()
    currency = serializers.CharField(help_text="In which it was paid.")
    amount = serializers.IntegerField(help_text="In the smallest unit of the currency (paise, cents).")
    amount_inr = serializers.FloatField(help_text="Rupees.")
    amount_usd = serializers.FloatField(help_text="Dollars.")
    usd_inr_rate = serializers.FloatField(help_text="Rupees a dollar when it was charged.")
    refunded = serializers.IntegerField(help_text="Paid back, in the smallest unit of the currency.")
    period_start = Moment(allow_null=True, help_text="First moment of what is paid for.")
    period_end = Moment(allow_null=True, help_text="Last moment of what is paid for.")
    paid_at = Moment(help_text="When it was paid.")
    refunded_at = Moment(allow_null=True, help_text="When it was paid back; null: it was not.")
    pdf_url = serializers.CharField(help_text="Path of the PDF.")

    def to_representation(self, instance: Invoice) -> dict[str, Any]:
        """Build the fields by hand: a page has a hundred invoices."""
        return {
            "id": str(instance.id),
            "number": instance.number,
            "status": instance.status,
            "plan": instance.plan,
            "currency": instance.currency,
            "amount": instance.amount,
            "amount_inr": money.units(instance.amount_inr),
            "amount_usd": money.units(instance.amount_usd),
            "usd_inr_rate": instance.usd_inr_rate,
            "refunded": instance.refunded,
            "period_start": instance.period_start,
            "period_end": instance.period_end,
            "paid_at": instance.paid_at,
            "refunded_at": instance.refunded_at or instance.marked_refunded_at,
            "pdf_url": f"/api/v1/billing/invoices/{instance.id}/pdf",
        }


class InvoiceQuery(PageQuery):
    """The filter and page of a list of invoices."""

    status = serializers.ChoiceField(
        choices=Invoice.Status.values, required=False, help_text="Only invoices in this state."
    )


class InvoicePage(Shape):
    """A page of the organization's invoices."""

    data = InvoiceSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


def banner_of(row: Subscription | None, now: datetime) -> dict[str, str] | None:
    found = settle.banner(row, now)
    return None if found is None else asdict(found)
