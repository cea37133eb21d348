"""POST /v1/webhooks/razorpay: what Razorpay calls. No key: the signature counts."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.auth import PublicView
from billing.api.subscription import TAGS
from billing.razorpay import hooks
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.parsing import RawParser, read_body
from wearlink.lib.valkey import ratelimit


class RazorpayHook(PublicView):
    """The address that Razorpay's webhook is given."""

    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="razorpay_webhook",
        summary="Take an event of Razorpay's",
        description="Called by Razorpay. Stored before it is answered; the signature is compared in constant time over "
        "the bytes received, with the current and the previous secret. An event that is known is answered 200 again. "
        "400: the signature is missing or wrong, or Razorpay would not send this. 404: no secret is configured here.",
        tags=TAGS,
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses={200: OpenApiResponse({"type": "object"}, description="Stored."), **errors(404, 503)},
        examples=[OpenApiExample("Stored", value={"status": "ok"}, response_only=True)],
    )
    def post(self, request: Request) -> Any:
        plain = request._request
        ratelimit.charge(plain, "vendor:razorpay", None)  # a few addresses, and not limited
        body = read_body(plain, hooks.MAX_BODY)
        headers = plain.headers
        hooks.receive(body, headers.get("X-Razorpay-Signature", ""), headers.get("X-Razorpay-Event-Id", ""))
        return Response({"status": "ok"})


@extend_schema(exclude=True)
class OtherRazorpayHook(RazorpayHook):
    """The same at another address."""
