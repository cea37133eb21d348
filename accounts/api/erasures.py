"""GET /erasures and /erasures/{erasure_id}: how far erasures are, and their receipts."""

from typing import Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import erasure_shapes as shapes
from accounts.deletion import erasing
from accounts.models import Erasure
from wearlink.lib.api.pagination import PageQuery
from wearlink.lib.api.views import TenantView

TAGS: Final = ["Users"]
ERASURE_ID: Final = OpenApiParameter(
    "erasure_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the erasure."
)


class Erasures(TenantView):
    """The erasures of the organization."""

    query_class = PageQuery

    @extend_schema(
        operation_id="list_erasures",
        tags=TAGS,
        summary="List erasures",
        description="Every end user that was deleted, newest first: ids and counts, nothing of the user.",
        responses={200: OpenApiResponse(shapes.ErasurePageSerializer, examples=[shapes.PAGE])},
    )
    def get(self, request: Request) -> Response:
        rows = Erasure.objects.filter(organization_id=self.organization.pk).order_by("-key")
        return self.paginated(rows, lambda found: [shapes.shown(row) for row in found])


class ErasureDetail(TenantView):
    @extend_schema(
        operation_id="get_erasure",
        tags=TAGS,
        summary="How far an erasure is",
        parameters=[ERASURE_ID],
        description="What was deleted, what is left and, at the end, the signed receipt.",
        responses={200: OpenApiResponse(shapes.ErasureSerializer, examples=[shapes.DONE])},
    )
    def get(self, request: Request, erasure_id: UUID) -> Response:
        return Response(shapes.shown(erasing.find(self.organization.pk, erasure_id)))
