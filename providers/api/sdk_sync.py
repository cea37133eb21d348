"""POST /sdk/users/{user_id}/sync and GET …/sync/{batch_id}: a phone's uploads and what became of them."""

from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import EndUserView
from providers import registry
from providers.api.schema import examples
from providers.api.schema.shapes import SyncAcceptedSerializer, SyncSerializer, SyncStatusSerializer
from providers.models import Payload
from providers.payloads import bodies, receive
from providers.sdk import envelope
from wearlink.lib.api.callers import API_KEY, SDK
from wearlink.lib.api.jobs import JobStatus
from wearlink.lib.api.openapi import errors
from wearlink.lib.errors import NotFound


class SdkView(EndUserView):
    """Base of what a phone may call: with that user's SDK token, or from a server with an API key."""

    callers: ClassVar[frozenset[str]] = frozenset({SDK, API_KEY})


class SyncView(SdkView):
    """POST /sdk/users/{user_id}/sync."""

    judges_encoding = True

    @extend_schema(
        operation_id="sync_sdk_data",
        tags=["SDK"],
        summary="Upload data of a phone",
        description=(
            "Stores the body and answers at once; it is processed in the order of receipt. The same body again is "
            "recognised, and so is every record in it: sending twice, in another order or in other pieces changes "
            "nothing. Only the envelope can fail the call. Items are judged one by one when the batch is processed: "
            "refused ones are counted by reason and do not touch the others.\n\n"
            "At most 10 MB and 10,000 items a call. The body may be gzipped (`Content-Encoding: gzip`), which saves a "
            "phone most of the bytes; 10 MB are counted after inflating. 429 with code `backlog` means that more than "
            "1,000 batches of this user wait."
        ),
        request=SyncSerializer,
        examples=[examples.SYNC],
        responses={202: OpenApiResponse(SyncAcceptedSerializer, examples=[examples.ACCEPTED]), **errors(503)},
    )
    def post(self, request: Request, user_id: str) -> Response:
        """Check the envelope, keep the body, answer."""
        plain = request._request
        if plain.content_type != "application/json":
            raise UnsupportedMediaType(plain.content_type or "none")
        body = bodies.read(plain, request.headers.get("Content-Encoding", ""), _length(plain.META))
        found = envelope.check(body, registry.sdk_slugs())
        batch_id = receive.receive(
            receive.IncomingPayload(
                user_key=self.end_user.key,
                organization_id=self.organization.pk,
                provider=found.provider,
                body=body,
                items=found.items,
            )
        )
        answer = {
            "status_code": 202,
            "response": "Import task queued successfully",
            "user_id": str(self.end_user.id),
            "id": str(batch_id),
            "batch_id": str(batch_id),
            "status": JobStatus.QUEUED,
        }
        return Response(answer, status=HTTPStatus.ACCEPTED)


class SyncStatusView(SdkView):
    """GET /sdk/users/{user_id}/sync/{batch_id}."""

    @extend_schema(
        operation_id="get_sdk_sync",
        tags=["SDK"],
        summary="What became of an upload",
        description=(
            "queued, running, done, done_with_errors (items were refused: see `rejected`), failed (given up after five "
            "attempts; `error` says why). Counts are of stored records, of which a workout with a route gives many. "
            "Kept for 90 days."
        ),
        responses={200: OpenApiResponse(SyncStatusSerializer, examples=[examples.STATUS])},
    )
    def get(self, request: Request, user_id: str, batch_id: str) -> Response:
        """Return the batch's state and the counts of its last run."""
        return Response(status(self._payload(batch_id), str(self.end_user.id)))

    def _payload(self, text: str) -> Payload:
        try:
            batch_id = UUID(text)
        except ValueError as error:
            raise NotFound("Batch not found") from error
        payload = Payload.objects.defer("body").for_user(self.end_user.key).filter(batch_id=batch_id).first()
        if payload is None:
            raise NotFound("Batch not found")
        return payload


def status(payload: Payload, user_id: str) -> dict[str, Any]:
    """Return a payload as the API shows it."""
    return {
        "id": str(payload.batch_id),
        "batch_id": str(payload.batch_id),
        "user_id": user_id,
        "provider": payload.provider,
        "status": payload.status,
        "created_at": payload.received_at,
        "started_at": payload.started_at,
        "finished_at": payload.done_at,
        "items": payload.items,
        "inserted": payload.inserted,
        "updated": payload.updated,
        "unchanged": payload.unchanged,
        "rejected": payload.rejected,
        "rejected_examples": payload.reject_samples,
        "error": payload.error or None,
    }


def _length(meta: dict[str, Any]) -> int:
    text = str(meta.get("CONTENT_LENGTH") or "")
    return int(text) if text.isdecimal() else 0
