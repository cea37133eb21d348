"""The fixed windows of the public endpoints, per network address, as the documentation promises them."""

import redis
from django.http import HttpRequest
from django_ratelimit.core import get_usage
from rest_framework.request import Request

from wearlink.lib.errors import TooManyRequests, Unavailable
from wearlink.lib.valkey.ratelimit import REFUSAL, address_of

REGISTER = "5/60s"
LOGIN = "10/60s"
RESET = "5/60s"


def throttle(request: Request | HttpRequest, group: str, rate: str) -> None:
    """Count one attempt of this address. Raises TooManyRequests, and Unavailable when attempts cannot be counted."""
    try:
        usage = get_usage(
            request._request if isinstance(request, Request) else request,
            group=f"accounts.{group}",
            key=lambda group, request: address_of(request),
            rate=rate,
            increment=True,
        )
    except redis.RedisError as error:  # never let guesses through uncounted
        raise Unavailable("Sign-in is not possible at the moment. Please try again.") from error
    if usage and usage["should_limit"]:
        raise TooManyRequests(REFUSAL, retry_after=max(usage["time_left"], 1), code="rate_limited")
