"""The number of calls that a caller has left this minute, stated on every answer of the API and enforced only where
that is switched on.
"""

import ipaddress
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from wearlink.lib import valkey
from wearlink.lib.errors import TooManyRequests
from wearlink.lib.valkey import Script

WINDOW_SECONDS = 60
UNLIMITED = 1_000_000
PER_ADDRESS = 600
REFUSAL = f"Too many requests. Please wait {WINDOW_SECONDS} seconds and try again."  # documented
API_PREFIXES = ("/api/", "/v1/")
VENDORS = ("/v1/webhooks/", "/api/v1/webhooks/", "/api/v1/billing/webhooks/", "/api/v1/sns/")
PAUSE_AFTER_FAILURE = 1.0  # seconds without counting, so that a dead Valkey does not slow every call down

TAKE: Final = Script.beside(__file__, "take.lua")
DRAIN: Final = Script.beside(__file__, "drain.lua")
CALLS, ASIDE = "calls", "calls:aside"
CALLERS = ("key:", "organization:")  # buckets of customers, whose calls are shown on their usage page

logger = logging.getLogger(__name__)
_pause = {"until": 0.0}  # monotonic seconds


@dataclass(frozen=True, slots=True)
class RateState:
    """The values of the headers. reset is epoch seconds; refused: this call was over the limit."""

    limit: int
    remaining: int
    reset: int
    refused: bool


@dataclass(frozen=True, slots=True)
class Count:
    """The result of one trip to Valkey: calls in the bucket's window, its end (epoch seconds), a stamp, and the epoch
    of the connections (valkey.epoch).
    """

    calls: int
    reset: int
    stamp: bytes
    epoch: int


def count(bucket: str, stamp: str = "") -> Count | None:
    """Count one call in a bucket and read a stamp; either may be empty for not to. None while Valkey is down."""
    if time.monotonic() < _pause["until"]:
        return None
    try:
        tally = CALLS if bucket.startswith(CALLERS) else ""
        calls, reset, found = valkey.run(TAKE, [bucket and f"rate:{bucket}", stamp, tally], WINDOW_SECONDS)
    except redis.RedisError as error:
        _pause["until"] = time.monotonic() + PAUSE_AFTER_FAILURE
        logger.warning("Calls are not counted: Valkey does not answer (%s).", type(error).__name__)
        return None
    return Count(calls, reset, found, valkey.epoch())


def drain() -> dict[str, int]:
    """Return the calls since the last time, by bucket; the same again until `drained`. Raises redis.RedisError."""
    found = valkey.run(DRAIN, [CALLS, ASIDE])
    return {bucket.decode(): int(number) for bucket, number in zip(found[::2], found[1::2], strict=True)}


def drained() -> None:
    """Forget what `drain` returned, once it is stored elsewhere. Raises redis.RedisError."""
    valkey.ask("DEL", ASIDE)


def take(bucket: str, limit: int | None) -> RateState:
    """Count one call. A limit of None is never exceeded. Fails open: without Valkey the whole limit is left."""
    return stated(count(bucket), limit)


def stated(counted: Count | None, limit: int | None) -> RateState:
    """Return what the headers say after a count; None is one that could not be made."""
    shown = UNLIMITED if limit is None else limit
    if counted is None:
        return RateState(shown, shown, int(time.time()) + WINDOW_SECONDS, refused=False)
    floor, over = (1, False) if limit is None else (0, counted.calls > limit)
    return RateState(shown, max(shown - counted.calls, floor), counted.reset, refused=over)


def charge(request: HttpRequest, bucket: str, limit: int | None) -> None:
    """Count this request in its caller's bucket, once; the authenticator may have done so in looking for the caller
    (request.counted). Raises TooManyRequests when over the limit and limits are enforced.
    """
    counted: Count | None = getattr(request, "counted", None)
    state = take(bucket, limit) if counted is None else stated(counted, limit)
    request.rate_state = state  # type: ignore[attr-defined]
    if state.refused and settings.ENFORCE_API_LIMIT:
        raise TooManyRequests(REFUSAL, retry_after=retry_after(state), code="rate_limited")


def retry_after(state: RateState) -> int:
    """Return whole seconds until the window ends, at least one."""
    return min(max(state.reset - int(time.time()), 1), WINDOW_SECONDS)


def address_of(request: HttpRequest) -> str:
    """Return the caller's network address; of IPv6 the /64, which is what one customer line is given."""
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)


class RateLimitMiddleware:
    """Puts X-RateLimit-Limit, -Remaining and -Reset on every answer below the API's paths.

    Calls without credentials over an address's limit are refused before anything is done for them, whatever
    ENFORCE_API_LIMIT says; not those of vendors, who have none and come from few addresses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if not path.startswith(API_PREFIXES):
            return self.get_response(request)
        if _is_nobody(request) and not path.startswith(VENDORS):
            state = take(f"address:{address_of(request)}", PER_ADDRESS)
            request.rate_state = state  # type: ignore[attr-defined]
            if state.refused:
                return _with_headers(_refused(state), state)
        return self._after(request, self.get_response(request))

    def _after(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        state: RateState | None = getattr(request, "rate_state", None)
        if state is None:
            state = take(f"address:{address_of(request)}", PER_ADDRESS)
            if state.refused and settings.ENFORCE_API_LIMIT:
                response = _refused(state)
        return _with_headers(response, state)


def _is_nobody(request: HttpRequest) -> bool:
    meta = request.META
    return "HTTP_X_WEARLINK_API_KEY" not in meta and "HTTP_AUTHORIZATION" not in meta


def _with_headers(response: HttpResponse, state: RateState) -> HttpResponse:
    response["X-RateLimit-Limit"] = str(state.limit)
    response["X-RateLimit-Remaining"] = str(state.remaining)
    response["X-RateLimit-Reset"] = str(state.reset)
    return response


def _refused(state: RateState) -> HttpResponse:
    seconds = str(retry_after(state))
    body = {"detail": REFUSAL, "code": "rate_limited", "headers": {"Retry-After": seconds}}
    return JsonResponse(body, status=HTTPStatus.TOO_MANY_REQUESTS, headers={"Retry-After": seconds})
