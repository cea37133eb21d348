"""/billing/invoices: what was paid, as JSON and as PDF."""

from typing import TYPE_CHECKING
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from billing import invoices
from billing.api import examples, shapes
from billing.api.subscription import TAGS
from billing.models import Invoice
from wearlink.lib.api.etags import ETagMixin
from wearlink.lib.api.views import TenantView
from wearlink.lib.lazy import LazyModule

if TYPE_CHECKING:
    from billing import invoice_pdf
else:
    invoice_pdf = LazyModule("billing.invoice_pdf")  # the makers of PDFs and fonts weigh 15 MB

PAGINATION = {"page": 1, "limit": 20, "total_count": 1, "total_pages": 1, "has_more": False}


class Invoices(TenantView):
    """GET /billing/invoices."""

    query_class = shapes.InvoiceQuery

    @extend_schema(
        operation_id="billing_invoices_list",
        summary="List invoices",
        description="Newest first; one for each payment that was captured.",
        tags=TAGS,
        responses=shapes.InvoicePage,
        examples=[
            OpenApiExample("Invoices", value={"data": [examples.INVOICE], "pagination": PAGINATION}, response_only=True)
        ],
    )
    def get(self, request: Request) -> Response:
        rows = Invoice.objects.for_organization(self.organization)
        if "status" in self.query:
            rows = rows.filter(status=self.query["status"])
        return self.paginated(rows, lambda found: shapes.InvoiceSerializer(found, many=True).data)


class InvoiceDetail(ETagMixin, TenantView):
    """GET /billing/invoices/{invoice_id}."""

    @extend_schema(
        operation_id="billing_invoices_get",
        summary="Get an invoice",
        tags=TAGS,
        responses=shapes.InvoiceSerializer,
        examples=[OpenApiExample("Invoice", value=examples.INVOICE, response_only=True)],
    )
    def get(self, request: Request, invoice_id: UUID) -> Response:
        """Return one invoice."""
        return Response(shapes.InvoiceSerializer(invoices.find(self.organization, invoice_id)).data)


class InvoicePdf(TenantView):
    """GET /billing/invoices/{invoice_id}/pdf."""

    @extend_schema(
        operation_id="billing_invoices_pdf",
        summary="Download an invoice",
        tags=TAGS,
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, invoice_id: UUID) -> HttpResponse:
        """Return the invoice as a PDF."""
        invoice = invoices.find(self.organization, invoice_id)
        answer = HttpResponse(invoice_pdf.render(invoice), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{invoice.number}.pdf"'
        return answer
