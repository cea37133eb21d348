"""The first payment: Razorpay's form on the billing page, its hosted page where no script runs, and what comes back.

The form is a script of Razorpay's. The page that offers it is the only one of the portal whose policy names another
origin, only while something waits to be paid, and nothing is asked of that origin before the button is pressed.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from adminportal.dashboard import acts, shell
from adminportal.dashboard.shell import TenantRequest, page
from billing import checkout
from billing.api import shapes
from billing.models import Subscription
from billing.razorpay import gateway
from wearlink.lib.api import bodies
from wearlink.lib.errors import InvalidInput

Status = Subscription.Status
HANDED_OVER: Final = ("razorpay_payment_id", "razorpay_subscription_id", "razorpay_signature")
OUTCOMES: Final = {
    Status.ACTIVE: "Paid. Your plan is active.",
    Status.AUTHENTICATED: "Your card was accepted. The plan begins with the first charge, usually within minutes.",
}
NOT_YET: Final = "Razorpay took the payment and has not confirmed it yet. This page changes as soon as it does."
FORGED: Final = (
    "What came back does not carry Razorpay's signature, so nothing was changed. If you have paid, the plan begins as "
    "soon as Razorpay confirms it; there is no need to pay again."
)


@dataclass(frozen=True, slots=True)
class PaymentForm:
    """The options that open Razorpay's form, and the page that does the same without a script."""

    script: str
    key_id: str
    subscription_id: str
    description: str
    email: str
    hosted: str


def form(request: TenantRequest, row: Subscription | None) -> PaymentForm | None:
    """Offer the form to those who may pay, while a subscription waits for its first payment."""
    if row is None or row.status != Status.CREATED or not row.razorpay_id:
        return None
    if not gateway.is_configured() or not request.developer.manages:
        return None
    return PaymentForm(
        script=settings.RAZORPAY_CHECKOUT_URL,
        key_id=settings.RAZORPAY_KEY_ID,
        subscription_id=row.razorpay_id,
        description=f"{row.vendor_plan.plan.name} plan, monthly",
        email=request.developer.email,
        hosted=row.short_url,
    )


def allow(response: HttpResponse, offered: PaymentForm | None) -> HttpResponse:
    """Let the page load the form it offers: two origins, and windows of banks that report back to the form."""
    if offered is None:
        return response
    script, api = _origin(offered.script), _origin(settings.RAZORPAY_API_URL)
    widened = {"script-src": script, "connect-src": f"{script} {api}"}
    rules = []
    for rule in shell.CSP.split("; "):
        name = rule.partition(" ")[0]
        rules.append(f"{rule} {widened[name]}" if name in widened else rule)
    rules.append(f"frame-src {script} {api}")
    response.headers["Content-Security-Policy"] = "; ".join(rules)
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin-allow-popups"
    return response


@page("POST", section="billing", managers=True)
def verify(request: TenantRequest) -> HttpResponse:
    """Take in what the form handed to the browser."""

    def do() -> Subscription:
        handed = {name: request.POST.get(name, "") for name in HANDED_OVER}
        signed = bodies.validate(shapes.VerifyPaymentSerializer(data=handed))
        try:
            return checkout.verify(request.organization, signed, request.actor)
        except InvalidInput as error:
            raise InvalidInput(FORGED, errors=error.errors, code=error.code) from error

    def words(row: Subscription) -> str:
        return OUTCOMES.get(Status(row.status), NOT_YET)

    return acts.carry_out(request, do, words, reverse("dashboard:billing"))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
