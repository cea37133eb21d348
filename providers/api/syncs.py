"""POST /providers/{provider}/users/{user_id}/sync and /sync/historical; GET /users/{user_id}/sync-runs."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from providers.api.schema import cloud_examples as examples
from providers.api.schema import cloud_shapes as shapes
from providers.connections import orders
from providers.contract import CloudProvider
from providers.models import Backfill, SyncRun
from providers.vendor_api import credentials
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.pagination import PageQuery

TAGS = ["Sync"]


class SyncOrderView(EndUserView):
    provider: CloudProvider

    def locate(self, **kwargs: Any) -> None:
        """Set self.end_user and self.provider; raises EndUserNotFound, UnknownProvider."""
        super().locate(**kwargs)
        self.provider = credentials.get_cloud(str(kwargs["provider"]))

    def answer(self, run: SyncRun | Backfill) -> Response:
        answer = {
            "id": run.id,
            "run_id": run.id,
            "status": run.status,
            "provider": run.provider,
            "user_id": self.end_user.id,
            "start": run.start,
            "end": run.end,
        }
        return Response(shapes.SyncOrderedSerializer(answer).data, status=HTTPStatus.ACCEPTED)


class SyncNowView(SyncOrderView):
    @extend_schema(
        operation_id="sync_provider",
        tags=TAGS,
        summary="Pull the latest data",
        description=(
            "From where the last sync ended, and some days before it for revisions. While one is under way, its run is "
            "answered again."
        ),
        request=None,
        responses={202: OpenApiResponse(shapes.SyncOrderedSerializer, examples=[examples.ORDERED]), **errors(409, 501)},
    )
    def post(self, request: Request, provider: str, user_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        return self.answer(orders.order_latest(self.end_user, self.provider))


class SyncHistoryView(SyncOrderView):
    @extend_schema(
        operation_id="sync_provider_history",
        tags=TAGS,
        summary="Pull all history",
        description=(
            "As far back as the provider goes, the newest first, within its limits; it may take hours. Of a provider "
            "that pushes history after it was asked, the answer is its backfill: GET …/backfill/status shows more."
        ),
        request=None,
        responses={202: OpenApiResponse(shapes.SyncOrderedSerializer, examples=[examples.ORDERED]), **errors(409, 501)},
    )
    def post(self, request: Request, provider: str, user_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        return self.answer(orders.order_history(self.end_user, self.provider))


class SyncRunsView(EndUserView):
    query_class = PageQuery

    @extend_schema(
        operation_id="list_sync_runs",
        tags=TAGS,
        summary="List sync runs",
        description=(
            "Newest first, kept for 90 days. queued and running are on their way; done and done_with_errors have "
            "ended, the latter with what is lacking in `problems`; failed says why in `error`: the next run begins "
            "where it began, unless the connection ended."
        ),
        responses={200: OpenApiResponse(shapes.SyncRunPageSerializer, examples=[examples.RUNS])},
    )
    def get(self, request: Request, user_id: str) -> Response:
        rows = SyncRun.objects.filter(user_key=self.end_user.key).order_by("-key")
        return self.paginated(rows, lambda found: shapes.SyncRunSerializer(found, many=True).data)
