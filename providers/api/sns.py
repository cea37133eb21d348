"""POST /sns/notification: what SNS calls. No key: the signature counts, and the topic."""

import hashlib
import logging
from typing import Any, ClassVar, Final

import redis
from django.conf import settings
from django.core.cache import cache
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from providers.api.vendor_webhooks import TAGS
from providers.imports import bucket_notifications, tasks
from wearlink.lib import clock
from wearlink.lib.api.openapi import errors
from wearlink.lib.api.parsing import RawParser, read_body
from wearlink.lib.api.views import TenantView
from wearlink.lib.net import sns, sns_endpoint
from wearlink.lib.net.sns import SnsMessage
from wearlink.lib.valkey import ratelimit

MAX_BYTES: Final = 512 * 1024  # SNS sends up to 256 kB, and names around it
REMEMBERED: Final = 2 * int(sns.WINDOW.total_seconds())
logger = logging.getLogger(__name__)


class SnsAnswerSerializer(serializers.Serializer[Any]):
    """The handling of the message."""

    status = serializers.ChoiceField(["accepted", "duplicate", "confirmed", "ignored"])


class SnsView(TenantView):
    """The address that the topic of the object store's events is subscribed with."""

    callers: ClassVar[frozenset[str]] = frozenset()
    parser_classes = (RawParser,)

    @extend_schema(
        operation_id="sns_notification",
        tags=TAGS,
        summary="Take an event of the object store",
        description=(
            "Called by Amazon SNS, as text/plain. Taken only from the topics in SNS_TOPIC_ARNS, signed by SNS, not "
            "older than an hour, and once; the subscription to such a topic is confirmed by itself. An event is a "
            "reason to look for the object, whose own size counts. 401: not signed, or not for us. 503: try again."
        ),
        request={"application/json": {"type": "object"}},
        responses={
            200: OpenApiResponse(
                SnsAnswerSerializer,
                examples=[OpenApiExample("Taken", response_only=True, value={"status": "accepted"})],
            ),
            **errors(400, 401, 413, 503),
        },
    )
    def post(self, request: Request) -> Response:
        ratelimit.charge(request._request, "vendor:sns", None)
        message = sns.parse(read_body(request._request, MAX_BYTES))
        _prove(message)
        return Response({"status": _once(message)})


def _prove(message: SnsMessage) -> None:
    """Raise Unproven, Unavailable if the certificate cannot be had."""
    versions = ("1", "2") if settings.SNS_ALLOW_VERSION_1 else ("2",)
    sns.check(message, settings.SNS_TOPIC_ARNS, versions, clock.now())
    sns.check_certificate_url(message.certificate_url, settings.SNS_ENDPOINT_URL)
    sns.verify(message, sns_endpoint.key_of(message.certificate_url))


def _once(message: SnsMessage) -> str:
    """Act on a message that was not acted on yet; what fails must come again.

    Where the cache has forgotten it, nothing happens twice either: the rows know.
    """
    mark = f"sns:{hashlib.sha256(message.message_id.encode()).hexdigest()}"
    try:
        if cache.get(mark):
            return "duplicate"
    except redis.RedisError as error:
        logger.warning("The cache does not answer: %s", type(error).__name__)
    became = _act(message)
    try:
        cache.set(mark, 1, REMEMBERED)
    except redis.RedisError as error:
        logger.warning("The cache does not answer: %s", type(error).__name__)
    return became


def _act(message: SnsMessage) -> str:
    if message.kind == sns.CONFIRMATION:
        sns_endpoint.confirm(message)
        logger.info("The subscription to %s is confirmed", message.topic)
        return "confirmed"
    if message.kind == sns.UNSUBSCRIBED:
        logger.warning("The subscription to %s has ended: uploads are found later, by looking for them", message.topic)
        return "ignored"
    for job in bucket_notifications.take(message.text):
        tasks.enqueue(job)
    return "accepted"
