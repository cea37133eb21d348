"""POST /users/{user_id}/export and …/export/async, GET /users/{user_id}/exports and one of them."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from accounts.exports import requests
from accounts.exports.api import shapes
from accounts.exports.api.answers import ARCHIVE_TYPE, ArchiveAnswer, FileBlocks, archive_headers
from accounts.exports.models import DataExport
from accounts.replies import idempotent
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import PageQuery
from wearlink.lib.errors import NotFound

TAGS: Final = ["Exports"]
EXPORT_ID: Final = OpenApiParameter(
    "export_id", OpenApiTypes.UUID, OpenApiParameter.PATH, description="Id of the export."
)
_HOLDS: Final = (
    "A ZIP of NDJSON files, one a type of data and series, photos of meals, `manifest.json` with lines and SHA-256 of "
    "each, and README.txt. A line is the object that this API answers for the same thing. `types`, a range of local "
    "days and `format=csv` (of samples) limit it; profile, connections and sources have no days and are there whole. "
)


class ExportNowView(EndUserView):
    """An export that is answered at once."""

    query_classes = {"POST": shapes.ExportQuery}

    @extend_schema(
        operation_id="export_user",
        tags=TAGS,
        summary="Export a small user's data at once",
        description=_HOLDS + "Up to 100,000 samples and other rows, and 20 MB of photos; above that 409 with code "
        "`export_too_large`: POST /users/{user_id}/export/async takes any number.",
        request=None,
        responses={(200, ARCHIVE_TYPE): OpenApiResponse(OpenApiTypes.BINARY), **errors(409, 503)},
    )
    def post(self, request: Request, user_id: UUID) -> ArchiveAnswer:
        bodies.read(bodies.NoFields, request)
        file = requests.make_now(self.end_user, shapes.options_of(self.query), self.actor)
        size = file.seek(0, 2)
        file.seek(0)
        return ArchiveAnswer(FileBlocks(file), headers=archive_headers(size))


class ExportLaterView(EndUserView):
    """An export that a worker makes."""

    query_classes = {"POST": shapes.ExportQuery}

    @extend_schema(
        operation_id="export_user_async",
        tags=TAGS,
        summary="Export a user's data",
        description=_HOLDS + "A worker makes it; `export.ready` is sent, and GET /users/{user_id}/exports shows a link "
        "that opens once, for 24 hours, whoever has it. 429 with code `backlog`: three exports of this user wait.",
        request=None,
        responses={202: OpenApiResponse(shapes.ExportAcceptedSerializer, examples=[shapes.ACCEPTED])},
    )
    @idempotent
    def post(self, request: Request, user_id: UUID) -> Response:
        bodies.read(bodies.NoFields, request)
        export = requests.queue(self.end_user, shapes.options_of(self.query), self.actor)
        answer = {"id": str(export.id), "status": "queued", "export_id": str(export.id)}
        return Response(answer, status=HTTPStatus.ACCEPTED)


class ExportsView(EndUserView):
    """The exports of an end user."""

    query_class = PageQuery

    @extend_schema(
        operation_id="list_exports",
        tags=TAGS,
        summary="List exports",
        description="Newest first. Archives go a minute after their download, or when their time is over; rows stay.",
        responses={200: OpenApiResponse(shapes.ExportPageSerializer, examples=[shapes.PAGE])},
    )
    def get(self, request: Request, user_id: UUID) -> Response:
        rows = DataExport.objects.for_user(self.end_user.key).defer("members", "parts").order_by("-key")
        return self.paginated(rows, lambda found: [shapes.shown(export) for export in found])


class ExportView(EndUserView):
    @extend_schema(
        operation_id="get_export",
        tags=TAGS,
        summary="How far an export is",
        parameters=[EXPORT_ID],
        description=(
            "queued and running are on their way; ready can be downloaded; downloaded and expired are over; failed "
            "says why in `error`."
        ),
        responses={200: OpenApiResponse(shapes.ExportSerializer, examples=[shapes.READY])},
    )
    def get(self, request: Request, user_id: UUID, export_id: UUID) -> Response:
        export = DataExport.objects.for_user(self.end_user.key).filter(id=export_id).first()
        if export is None:
            raise NotFound("Export not found")
        return Response(shapes.shown(export))
