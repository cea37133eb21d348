"""The encrypted columns of this app, for accounts.field_keys."""

from accounts import field_keys
from billing.models import RazorpayEvent

field_keys.register("events of Razorpay", RazorpayEvent, "body")
