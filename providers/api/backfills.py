"""GET /providers/{provider}/users/{user_id}/backfill/status, POST …/cancel and …/{type_name}/retry."""

from http import HTTPStatus
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from providers.api.schema import backfill_examples as examples
from providers.api.schema.backfill_shapes import BackfillSerializer, shown
from providers.connections import lifecycle, orders
from providers.contract import CloudProvider
from providers.models import Backfill, Connection
from providers.runs import backfills
from providers.vendor_api import credentials
from wearlink.lib.api import bodies
from wearlink.lib.api.openapi import errors
from wearlink.lib.errors import NotAvailable, NotFound

TAGS = ["Sync"]
TYPE_NAME = OpenApiParameter(
    "type_name", OpenApiTypes.STR, OpenApiParameter.PATH, description="workouts, sleep, body or daily."
)


class NoBackfill(NotFound):
    """A connection of which no history was ever asked for."""

    default_code = "no_backfill"


class BackfillView(EndUserView):
    provider: CloudProvider

    def locate(self, **kwargs: Any) -> None:
        """Set self.end_user and self.provider; raises EndUserNotFound, UnknownProvider, NotAvailable."""
        super().locate(**kwargs)
        self.provider = credentials.get_cloud(str(kwargs["provider"]))
        if not self.provider.history:
            raise NotAvailable(f"{self.provider.name} is pulled: see POST …/sync/historical.", code="no_backfill")

    def connection(self) -> Connection:
        """Return the end user's connection, live or ended. Raises NotConnected."""
        return lifecycle.find(self.end_user, self.provider.slug)

    def answer(self, row: Backfill | None, status: int = HTTPStatus.OK) -> Response:
        """Return the backfill as it is. Raises NoBackfill."""
        if row is None:
            raise NoBackfill(f"No history of {self.provider.name} was asked for. Begin with POST …/sync/historical.")
        whole = Backfill.objects.prefetch_related("parts__backfill").get(pk=row.pk)
        return Response(BackfillSerializer(shown(whole, self.end_user.id)).data, status=status)


class BackfillStatusView(BackfillView):
    @extend_schema(
        operation_id="get_backfill_status",
        tags=TAGS,
        summary="Show the state of a backfill",
        description=(
            "The newest backfill of this connection: history that the provider pushes after it was asked, one kind of "
            "summary at a time. It begins when the user connects, and by POST …/sync/historical. `missing` says what "
            "did not come; a day may lack because the device was not worn."
        ),
        responses={200: OpenApiResponse(BackfillSerializer, examples=[examples.STATUS]), **errors(501)},
    )
    def get(self, request: Request, provider: str, user_id: str) -> Response:
        return self.answer(backfills.latest(self.connection()))


class BackfillCancelView(BackfillView):
    @extend_schema(
        operation_id="cancel_backfill",
        tags=TAGS,
        summary="Cancel a backfill",
        description=(
            "Nothing more is asked for. What was asked for already may still come, and is stored. A backfill that has "
            "ended stays as it is."
        ),
        request=None,
        responses={200: OpenApiResponse(BackfillSerializer, examples=[examples.CANCELLED]), **errors(501)},
    )
    def post(self, request: Request, provider: str, user_id: str) -> Response:
        bodies.read(bodies.NoFields, request)
        row = self.connection()
        backfills.cancel(row.pk)
        return self.answer(backfills.latest(row))


class BackfillRetryView(BackfillView):
    @extend_schema(
        operation_id="retry_backfill",
        tags=TAGS,
        summary="Ask for one type again",
        description=(
            "What of the type failed, was cancelled, brought nothing or lacks days is asked for again; the rest stays. "
            "The provider sends a stretch of time once: what it says it was asked for already ends as done with reason "
            "already_asked."
        ),
        parameters=[TYPE_NAME],
        request=None,
        responses={202: OpenApiResponse(BackfillSerializer, examples=[examples.RETRIED]), **errors(409, 501)},
    )
    def post(self, request: Request, provider: str, user_id: str, type_name: str) -> Response:
        bodies.read(bodies.NoFields, request)
        asked = orders.retry_backfill(self.end_user, self.provider, type_name)
        return self.answer(asked, HTTPStatus.ACCEPTED)
