"""/billing/plans and /billing/subscription: the price list, and buying, changing and ending."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth import PublicView
from accounts.models import Developer
from accounts.organization import roles
from accounts.replies import idempotent_call
from billing import changes, checkout, settle
from billing.api import examples, shapes
from billing.models import BillingAccount, Plan, Subscription
from billing.razorpay import gateway
from wearlink.lib import clock
from wearlink.lib.api import bodies
from wearlink.lib.api.callers import DASHBOARD
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import whole
from wearlink.lib.api.views import TenantView

TAGS = ["Billing"]
MANAGERS = "Owners and admins."
REFUSALS = errors(403, 404, 409, 422, 501, 503)
ANSWER = OpenApiExample("Subscription", value=examples.BILLING, response_only=True)


class Plans(PublicView):
    """GET /billing/plans."""

    @extend_schema(
        operation_id="billing_plans",
        summary="List plans",
        description="Prices and limits as they are now, cheapest first. A limit that is null does not exist.",
        tags=TAGS,
        responses=shapes.PlansSerializer,
        examples=[OpenApiExample("Plans", value=examples.PLANS, response_only=True)],
    )
    def get(self, request: Request) -> Response:
        return Response(
            {
                **whole([shapes.PlanSerializer(plan).data for plan in Plan.objects.in_force()]),
                "usd_inr_rate": settings.USD_INR_RATE,
                "checkout_available": gateway.is_configured(),
            }
        )


class SubscriptionView(TenantView):
    """Base view of an organization's subscription: everybody reads it, owners and admins change it in the dashboard."""

    writers = frozenset({DASHBOARD})

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Members are refused before any answer is replayed."""
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            self.manager()

    def manager(self) -> Developer:
        """Return the caller; raises Forbidden for members."""
        developer: Developer = self.caller.developer
        roles.require_manager(developer)
        return developer

    def answer(self, row: Subscription | None) -> Response:
        """Return the plan in effect, the limits, the subscription and what to warn of."""
        organization = self.organization
        organization.refresh_from_db()
        granted = BillingAccount.objects.filter(pk=organization.pk).exclude(granted_plan="").exists()
        found: dict[str, Any] = {
            "plan": organization.plan,
            "limits": shapes.PlanLimitsSerializer(organization.limits).data,
            "granted": granted,
            "subscription": None if row is None else shapes.SubscriptionSerializer(row).data,
            "banner": None if granted else shapes.banner_of(row, clock.now()),
        }
        return Response(found)


class SubscriptionDetail(SubscriptionView):
    """GET, POST and PATCH /billing/subscription."""

    @extend_schema(
        operation_id="billing_subscription_get",
        summary="Get the plan and the subscription",
        description="The open subscription, or else the last one.",
        tags=TAGS,
        responses=shapes.BillingStateSerializer,
        examples=[ANSWER],
    )
    def get(self, request: Request) -> Response:
        return self.answer(settle.current(self.organization))

    @extend_schema(
        operation_id="billing_subscription_create",
        summary="Subscribe to a plan",
        description=f"{MANAGERS} Makes a subscription at Razorpay that waits for its first payment: open `short_url`, "
        "or Checkout with `key_id` and `subscription_id`. Asked again for the same plan, the one that waits is "
        "answered (200). 501: no payments on this installation. 503: Razorpay does not answer; asking again never "
        "makes a second subscription.",
        tags=TAGS,
        request=shapes.PlanChoiceSerializer,
        responses={
            200: shapes.SubscriptionCheckoutSerializer,
            201: shapes.SubscriptionCheckoutSerializer,
            **errors(403, 409, 422, 501, 503),
        },
        examples=[
            OpenApiExample("Developer", value={"plan": "developer"}, request_only=True),
            OpenApiExample("Checkout", value=examples.CHECKOUT, response_only=True),
        ],
    )
    @idempotent_call
    def post(self, request: Request) -> Response:
        developer = self.manager()
        code = bodies.read(shapes.PlanChoiceSerializer, request)["plan"]
        made = checkout.start(developer, code, self.actor)
        return Response(
            shapes.SubscriptionCheckoutSerializer(made).data, status=HTTPStatus.CREATED if made.made else HTTPStatus.OK
        )

    @extend_schema(
        operation_id="billing_subscription_update",
        summary="Change the plan",
        description=f"{MANAGERS} Now, or at the end of the cycle that is paid.",
        tags=TAGS,
        request=shapes.PlanChangeSerializer,
        responses={200: shapes.BillingStateSerializer, **REFUSALS},
        examples=[
            OpenApiExample("At the end", value={"plan": "scale", "when": "cycle_end"}, request_only=True),
            ANSWER,
        ],
    )
    @idempotent_call
    def patch(self, request: Request) -> Response:
        self.manager()
        values = bodies.read(shapes.PlanChangeSerializer, request)
        waits = values["when"] == "cycle_end"
        return self.answer(changes.change_plan(self.organization, values["plan"], at_cycle_end=waits, actor=self.actor))


class VerifyCheckout(SubscriptionView):
    """POST /billing/subscription/verify."""

    @extend_schema(
        operation_id="billing_subscription_verify",
        summary="Verify a checkout",
        description=f"{MANAGERS} With the three values that Checkout gives to its handler. The signature is checked, "
        "then Razorpay is asked which state the subscription is in.",
        tags=TAGS,
        request=shapes.VerifyPaymentSerializer,
        responses={200: shapes.BillingStateSerializer, **REFUSALS},
        examples=[OpenApiExample("Returned", value=examples.RETURNED, request_only=True), ANSWER],
    )
    @idempotent_call
    def post(self, request: Request) -> Response:
        self.manager()
        values = bodies.read(shapes.VerifyPaymentSerializer, request)
        return self.answer(checkout.verify(self.organization, values, self.actor))


class CancelSubscription(SubscriptionView):
    """POST /billing/subscription/cancel."""

    @extend_schema(
        operation_id="billing_subscription_cancel",
        summary="Cancel the subscription",
        description=f"{MANAGERS} At the end of the cycle that is paid, or now; then the organization is on the free "
        "plan. Nothing is deleted.",
        tags=TAGS,
        request=shapes.CancelSubscriptionSerializer,
        responses={200: shapes.BillingStateSerializer, **REFUSALS},
        examples=[OpenApiExample("Now", value={"when": "now"}, request_only=True), ANSWER],
    )
    @idempotent_call
    def post(self, request: Request) -> Response:
        self.manager()
        waits = bodies.read(shapes.CancelSubscriptionSerializer, request)["when"] == "cycle_end"
        return self.answer(changes.cancel(self.organization, at_cycle_end=waits, actor=self.actor))


class PauseSubscription(SubscriptionView):
    """POST /billing/subscription/pause."""

    @extend_schema(
        operation_id="billing_subscription_pause",
        summary="Pause the subscription",
        description=f"{MANAGERS} Nothing is charged until it is resumed; the plan stays for as long as it is paid.",
        tags=TAGS,
        request=None,
        responses={200: shapes.BillingStateSerializer, **REFUSALS},
        examples=[ANSWER],
    )
    @idempotent_call
    def post(self, request: Request) -> Response:
        bodies.read(bodies.NoFields, request)
        self.manager()
        return self.answer(changes.pause(self.organization, actor=self.actor))


class ResumeSubscription(SubscriptionView):
    """POST /billing/subscription/resume."""

    @extend_schema(
        operation_id="billing_subscription_resume",
        summary="Resume the subscription",
        description=f"{MANAGERS} Goes on with a paused one, or takes back a change of plan that waits.",
        tags=TAGS,
        request=None,
        responses={200: shapes.BillingStateSerializer, **REFUSALS},
        examples=[ANSWER],
    )
    @idempotent_call
    def post(self, request: Request) -> Response:
        bodies.read(bodies.NoFields, request)
        self.manager()
        return self.answer(changes.resume(self.organization, actor=self.actor))
