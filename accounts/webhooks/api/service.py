"""POST /webhooks/svix: what Svix itself tells of endpoints (its operational webhooks). No key: the signature counts."""

from typing import Any, Final
from uuid import UUID

import orjson
from django.conf import settings
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth import PublicView
from accounts.webhooks import signing
from accounts.webhooks.endpoints import catalogue_sync
from wearlink.lib import clock
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.parsing import RawParser, read_body
from wearlink.lib.errors import InvalidInput, NotFound

TAGS: Final = ["Webhooks"]
MAX_BODY: Final = 64 * 1024
#: What Svix calls the events after which an endpoint may be disabled there.
CHANGES: Final = frozenset({"endpoint.disabled", "endpoint.updated"})


class SvixNotConfigured(NotFound):
    """A call as if from Svix at an installation that has no secret of Svix's, so that nobody may make it."""

    default_code = "svix_not_configured"


class NotFromSvix(InvalidInput):
    """A call that was not signed with Svix's secret."""

    default_code = "bad_signature"


class SvixNotices(PublicView):
    """The address of an operational webhook at Svix."""

    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="svix_webhook",
        summary="Take a notice of Svix's",
        description="Called by Svix, where `SVIX_OPERATIONAL_SECRET` is set: an endpoint that was disabled there is "
        "looked up there, and disabled here with its mail and event. Other events are answered 200 and ignored. "
        "400: the signature is missing, wrong or five minutes old. 404: no secret is configured here.",
        tags=TAGS,
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses={200: OpenApiResponse({"type": "object"}, description="Taken."), **errors(404)},
        examples=[OpenApiExample("Taken", value={"status": "ok"}, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        secret = settings.SVIX_OPERATIONAL_SECRET
        if not (secret and settings.SVIX_TOKEN):
            raise SvixNotConfigured("No secret of Svix is configured here.")
        body = read_body(request._request, MAX_BODY)
        if not signing.is_signed(request.headers, body, secret, clock.now_ms() // 1000):
            raise NotFromSvix("The signature is not Svix's.")
        organization_id = organization_of(body)
        if organization_id is not None:
            catalogue_sync.request_look(organization_id)
        return Response({"status": "ok"})


def organization_of(body: bytes) -> UUID | None:
    """Return whose endpoints may have changed; None for events of other kinds and of applications that are not ours."""
    try:
        event: Any = orjson.loads(body)
        return UUID(event["data"]["appUid"]) if event["type"] in CHANGES else None
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None
