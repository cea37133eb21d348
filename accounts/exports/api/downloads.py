"""GET /data-exports/{token}/download: what a link opens, once."""

from http import HTTPStatus

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from accounts import audit
from accounts.authentication import ApiKeyAuthentication, Caller, DashboardAuthentication, SdkAuthentication
from accounts.exports import download, links
from accounts.exports.api.answers import ARCHIVE_TYPE, ArchiveAnswer, archive_headers
from accounts.exports.api.exports import TAGS
from accounts.exports.models import DataExport
from accounts.models import Organization
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.views import TenantView
from wearlink.lib.errors import NotFound
from wearlink.lib.valkey.ratelimit import address_of

TOKEN = OpenApiParameter("token", str, OpenApiParameter.PATH, description="As `download_url` has it.")
_WAYS_IN = (ApiKeyAuthentication(), DashboardAuthentication(), SdkAuthentication())


class DownloadView(TenantView):
    """Public: the link is the permission. Credentials of another tenant get 404, though."""

    callers = frozenset()

    @extend_schema(
        operation_id="download_export",
        tags=TAGS,
        summary="Download an export",
        parameters=[TOKEN],
        description=(
            "The archive behind a `download_url`, without credentials, once. Where the download breaks off, the same "
            "client (address and User-Agent) continues with `Range: bytes=N-` within 60 seconds. HEAD answers the size "
            "and does not use the link up. 410 with code `link_used` or `link_expired`: ask for a new export."
        ),
        responses={
            (200, ARCHIVE_TYPE): OpenApiResponse(OpenApiTypes.BINARY),
            (206, ARCHIVE_TYPE): OpenApiResponse(OpenApiTypes.BINARY, description="From the byte asked for."),
            **errors(404, 410, 416, 503),
        },
    )
    def get(self, request: Request, token: str) -> ArchiveAnswer:
        export = self._found(request, token)
        size = export.size_bytes or 0
        start = download.start_of(self._range(request, export), size)
        if links.use(
            export, links.client_of(address_of(request._request), request.headers.get("User-Agent", "")), start
        ):
            audit.record(
                "data_export.downloaded",
                actor=audit.ANONYMOUS,
                organization=Organization(pk=export.organization_id),
                target=str(export.user_id),
                data={"export_id": str(export.id)},
            )
        answer = ArchiveAnswer(
            download.stream(export, start), status=HTTPStatus.PARTIAL_CONTENT if start else HTTPStatus.OK
        )
        self._describe(answer, export, start)
        return answer

    def head(self, request: Request, token: str) -> HttpResponse:
        """Return what GET would send, as long as it would."""
        export = self._found(request, token)
        if export.state != DataExport.State.READY:
            raise links.LinkGone("This link was used before. Ask for a new export.")
        answer = HttpResponse()
        self._describe(answer, export, 0)
        return answer

    def _found(self, request: Request, token: str) -> DataExport:
        export = links.find(token)
        for way in _WAYS_IN:
            entered = way.authenticate(request)
            if entered is not None and not _may(entered[1], export):
                raise NotFound("There is no such download.")
        return export

    def _range(self, request: Request, export: DataExport) -> str:
        """Return the Range header; none where If-Range names another archive."""
        known = request.headers.get("If-Range")
        return "" if known is not None and known != _etag(export) else request.headers.get("Range", "")

    def _describe(self, answer: HttpResponseBase, export: DataExport, start: int) -> None:
        size = export.size_bytes or 0
        for name, value in archive_headers(size - start).items():
            answer[name] = value
        answer["Accept-Ranges"] = "bytes"
        answer["ETag"] = _etag(export)
        answer["Cache-Control"] = "no-store"
        if start:
            answer["Content-Range"] = f"bytes {start}-{size - 1}/{size}"


def _may(caller: Caller, export: DataExport) -> bool:
    mine = caller.organization.pk == export.organization_id
    return mine and caller.end_user_id in (None, export.user_id)


def _etag(export: DataExport) -> str:
    return f'"{bytes(export.token_hash or b"").hex()[:32]}"'
