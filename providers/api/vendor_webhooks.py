"""POST and GET /v1/webhooks/{provider}: what vendors call, and nobody else. No key: the signature counts."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from providers.contract import InboundRequest, WebhookReply
from providers.payloads import bodies
from providers.vendor_api import credentials
from providers.webhooks import receive
from wearlink.lib import clock
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.parsing import RawParser
from wearlink.lib.api.views import TenantView
from wearlink.lib.errors import TooLarge
from wearlink.lib.valkey import ratelimit

TAGS = ["Vendor webhooks"]


class VendorWebhookView(TenantView):
    """The address a vendor's app is given."""

    callers: ClassVar[frozenset[str]] = frozenset()
    parser_classes = (RawParser,)

    @classmethod
    def query_class_for(cls, method: str) -> None:
        """Query parameters are the vendors' own."""
        return

    @extend_schema(
        operation_id="vendor_webhook",
        tags=TAGS,
        summary="Take a vendor's event",
        description=(
            "Called by vendors. Stored durably before it is answered; signatures are compared in constant time over "
            "the bytes received. Unknown kinds of events and unknown accounts are answered as accepted and counted. "
            "404: the provider is unknown or has no credentials here. 401: the signature is not valid."
        ),
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses={
            200: OpenApiResponse(None, description="Stored, or nothing to us."),
            204: OpenApiResponse(None, description="The same, for vendors that expect it."),
            201: OpenApiResponse(None, description="A handshake of vendors that expect it."),
            **errors(400, 401, 404, 413, 503),
        },
    )
    def post(self, request: Request, provider: str, app_id: UUID | None = None, path_secret: str = "") -> Any:
        """Take an event, or a handshake that comes as one."""
        return self._answer(provider, app_id, path_secret)

    @extend_schema(
        operation_id="vendor_webhook_handshake",
        tags=TAGS,
        summary="Answer a vendor's handshake",
        description="Called by vendors when a subscription is made.",
        responses={
            200: OpenApiResponse({"type": "object", "additionalProperties": True}, description="The challenge."),
            204: OpenApiResponse(None, description="The code is ours."),
            **errors(400, 401, 404),
        },
    )
    def get(self, request: Request, provider: str, app_id: UUID | None = None, path_secret: str = "") -> Any:
        return self._answer(provider, app_id, path_secret)

    def _answer(self, slug: str, app_id: UUID | None, path_secret: str) -> Any:
        plain = self.request._request
        ratelimit.charge(plain, f"vendor:{slug[:32]}", None)  # vendors come from few addresses and are not limited
        limit = credentials.get_cloud(slug).max_body
        length = str(plain.META.get("CONTENT_LENGTH") or "0")
        if length.isdecimal() and int(length) > limit:
            raise TooLarge(f"The body is larger than the {limit} bytes accepted.")
        body = bodies.read_mapped(plain, limit)
        inbound = InboundRequest(
            method=plain.method or "GET",
            query=plain.GET.dict(),
            headers={name.lower(): value for name, value in plain.headers.items()},
            body=body,
            received=clock.now_ms(),
            path_secret=path_secret,
        )
        return _to_response(receive.receive(slug, app_id, inbound))


def _to_response(reply: WebhookReply) -> HttpResponse | Response:
    return HttpResponse(reply.body, status=reply.status, content_type=reply.content_type)
