from billing.models.event import RazorpayEvent
from billing.models.invoice import Invoice, InvoiceSeries, Refund
from billing.models.plan import Plan, VendorPlan
from billing.models.subscription import BillingAccount, Subscription

__all__ = [
    "BillingAccount",
    "Invoice",
    "InvoiceSeries",
    "Plan",
    "RazorpayEvent",
    "Refund",
    "Subscription",
    "VendorPlan",
]
