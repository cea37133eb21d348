"""/admin/finance, /admin/cogs and /admin/insights: what comes in, what it costs, who stays."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import Q
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.platform import PlatformView
from adminportal.api import figures
from adminportal.api.lists import TAGS, PlatformListView, SearchQuery
from adminportal.api.shapes import SubscriptionRowSerializer
from adminportal.platform import insights, overview
from billing import invoices
from billing.figures import cogs, finance
from billing.models import Invoice, Subscription
from wearlink.lib import clock
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.errors import InvalidInput

MAX_DAYS: Final = 731
INVOICE_ID = OpenApiParameter("invoice_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the invoice.")


class SubscriptionQuery(SearchQuery):
    """The filters and page of a list of subscriptions."""

    status = serializers.ChoiceField(Subscription.Status.values, required=False, help_text="State at Razorpay.")
    plan = serializers.CharField(max_length=32, required=False, help_text="Code of the plan.")


class PlatformInvoiceQuery(SearchQuery):
    """The filters and page of a list of invoices."""

    status = serializers.ChoiceField(Invoice.Status.values, required=False, help_text="Paid, or sent back.")
    plan = serializers.CharField(max_length=32, required=False, help_text="Code of the plan.")
    start_date = serializers.DateField(required=False, help_text="Paid on this day (UTC) or later.")
    end_date = serializers.DateField(required=False, help_text="Paid on this day (UTC) or before.")


class CostQuery(serializers.Serializer[Any]):
    """The range of days of a cost report."""

    start_date = serializers.DateField(required=False, help_text="First day (UTC); default: the first of this month.")
    end_date = serializers.DateField(required=False, help_text="Last day (UTC); default: today.")


class Overview(PlatformView):
    """GET /admin/overview."""

    @extend_schema(
        operation_id="admin_overview",
        tags=TAGS,
        summary="Overview and growth",
        description="Tenants, recurring revenue, plans, sign-ups of 14 days (UTC), and what waits for you.",
        responses=figures.OverviewSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(overview.cards(clock.now()))


class FinanceSummary(PlatformView):
    """GET /admin/finance/summary."""

    @extend_schema(
        operation_id="admin_finance_summary",
        tags=TAGS,
        summary="Recurring revenue",
        description="MRR, ARR, this month (UTC) against the last one, refunds. In rupees and in dollars.",
        responses=figures.FinanceSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the current sums."""
        return Response(finance.summary(clock.now()))


class PlatformSubscriptions(PlatformListView):
    """GET /admin/finance/subscriptions."""

    query_class = SubscriptionQuery

    @extend_schema(
        operation_id="admin_finance_subscriptions",
        tags=TAGS,
        summary="Subscriptions of all tenants",
        description="Newest first. `q` is looked for in names of organizations and in Razorpay's id.",
        responses=figures.SubscriptionListSerializer,
    )
    def get(self, request: Request) -> Response:
        filters = self.filters()
        q = filters.pop("q", "")
        rows = finance.subscriptions(**filters).order_by("-created_at", "id")
        if q:
            rows = rows.filter(Q(organization__name__icontains=q) | Q(razorpay_id__icontains=q))
        return self.listed(rows, lambda row: SubscriptionRowSerializer(row).data, usd_inr_rate=rate())


class PlatformInvoices(PlatformListView):
    """GET /admin/finance/invoices."""

    query_class = PlatformInvoiceQuery

    @extend_schema(
        operation_id="admin_finance_invoices",
        tags=TAGS,
        summary="Invoices of all tenants",
        description="Newest first. `q` is looked for in names of organizations and in the invoice's number.",
        responses=figures.InvoiceListSerializer,
    )
    def get(self, request: Request) -> Response:
        filters = self.filters(("start_date", "since"), ("end_date", "until"))
        q = filters.pop("q", "")
        rows = finance.invoices(**filters).order_by("-paid_at", "id")
        if q:
            rows = rows.filter(Q(organization__name__icontains=q) | Q(number__icontains=q))
        return self.listed(rows, lambda row: figures.PlatformInvoiceSerializer(row).data, usd_inr_rate=rate())


class MarkRefunded(PlatformView):
    """POST /admin/finance/invoices/{invoice_id}/mark-refunded."""

    @extend_schema(
        operation_id="admin_finance_mark_refunded",
        tags=TAGS,
        summary="Note that an invoice was refunded",
        description="Bookkeeping only: send the money back at Razorpay first. 409 where it is no longer paid. Audited.",
        parameters=[INVOICE_ID],
        request=None,
        responses={200: figures.PlatformInvoiceSerializer, **errors(409)},
    )
    def post(self, request: Request, invoice_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        row = invoices.mark_refunded(self.ids["invoice_id"], self.actor)
        return Response(figures.PlatformInvoiceSerializer(row).data)


class Cogs(PlatformView):
    """GET /admin/cogs/summary."""

    query_class = CostQuery

    @extend_schema(
        operation_id="admin_cogs_summary",
        tags=TAGS,
        summary="What the platform costs to run",
        description="Five lines with their rates, gross margin, and each plan at full use of its photos.",
        responses=figures.CogsSerializer,
    )
    def get(self, request: Request) -> Response:
        today = clock.now().date()
        first, last = self.query.get("start_date", today.replace(day=1)), self.query.get("end_date", today)
        if first > last:
            raise InvalidInput.on("start_date", "must not be after end_date.")
        if last - first > timedelta(days=MAX_DAYS):
            raise InvalidInput.on("start_date", f"at most {MAX_DAYS} days can be asked for at once.")
        return Response(cogs.summary(first, last))


class Insights(PlatformView):
    """GET /admin/insights."""

    @extend_schema(
        operation_id="admin_insights",
        tags=TAGS,
        summary="SaaS metrics",
        description="ARPU, LTV, churn, conversion, plans, funnel, activity, cohorts, providers, top tenants.",
        responses=figures.InsightsSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(insights.payload(clock.now()) | {"usd_inr_rate": rate()})


def rate() -> float:
    """Return rupees for a dollar, as configured."""
    return float(settings.USD_INR_RATE)
