"""Every error answer has one shape: {"detail": …, "code": …, "errors"?: [{field, message}], "request_id"?: …}.

A 429 also repeats Retry-After in ``headers``, as the documentation shows it; that of a plan's quota has an object as
its detail. This is the one place that decides statuses.
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import redis
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response

from wearlink.lib.api.rendering import as_json
from wearlink.lib.api.views import VARY
from wearlink.lib.errors import (
    RETRY_SECONDS,
    Conflict,
    FieldError,
    InvalidInput,
    QuotaExceeded,
    TooManyRequests,
    Unavailable,
    WearLinkError,
)
from wearlink.lib.monitoring import logs
from wearlink.lib.web import pages

logger = logging.getLogger(__name__)
API_PREFIXES = ("/api/", "/v1/")
PAGES: Mapping[int, tuple[str, str]] = {
    400: ("This request cannot be read", "The address or the form you sent is damaged. Please go back and try again."),
    403: ("Not allowed", "This page cannot be used this way. Open it again and repeat what you did."),
    404: ("There is no such page", "The address may be mistyped, or what was here has been deleted."),
    500: ("Something went wrong on our side", "It has been noted. Please try again; if it persists, ask for help."),
    503: ("A part of the service does not answer", "Nothing was lost. Please try again in a few seconds."),
}
OUTAGES = (OperationalError, InterfaceError, Unavailable, redis.ConnectionError, redis.TimeoutError)


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Return the answer to an exception raised in a view; None (a 500) for what only a fault of the program raises."""
    found = _translated(error)
    if found is None:
        return None
    status, body, headers = found
    if isinstance(error, QuotaExceeded):  # documented to the letter
        return Response(body, status=status, headers=headers)
    return Response(_identified(body), status=status, headers=headers)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer as Django's handler404: no route has this path."""
    return _plain(request, HTTPStatus.NOT_FOUND, {"detail": "Not found.", "code": "not_found"})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer as Django's handler400: Django refused the request before any view saw it."""
    return _plain(request, HTTPStatus.BAD_REQUEST, {"detail": "The request cannot be read.", "code": "bad_request"})


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer as Django's handler403."""
    return _plain(request, HTTPStatus.FORBIDDEN, {"detail": "Not allowed.", "code": "forbidden"})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer as CSRF_FAILURE_VIEW: a form came without its token, or was open for too long."""
    return forbidden(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: a fault of ours; says nothing about it but the id to find it by.

    Also what a plain view or a middleware raises because a part we depend on is down, which is a 503.
    """
    error = sys.exception()
    if isinstance(error, OUTAGES):
        status, body, headers = _unavailable(error)
        return _plain(request, status, body, headers)
    body = {"detail": "Something went wrong on our side. Contact support if it persists.", "code": "server_error"}
    return _plain(request, HTTPStatus.INTERNAL_SERVER_ERROR, body)


def _plain(
    request: HttpRequest, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """JSON below the API's paths and for programs, a page for browsers elsewhere."""
    in_the_api = request.path_info.startswith(API_PREFIXES)
    if not in_the_api and pages.is_for_a_browser(request):
        answer = page(request, status, body)
    else:
        answer = as_json(_identified(body), status)
    if in_the_api:
        # a shared cache may keep a 404 that does not say otherwise, and show it to who would have been answered
        answer["Cache-Control"], answer["Vary"] = "no-store", f"{VARY}, Accept-Encoding"
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def page(request: HttpRequest, status: int, body: Mapping[str, Any]) -> HttpResponse:
    """Return the page that a browser shows in place of an error's body."""
    return pages.show(request, "site/error.html", _page_of(status, body), status=status)


def _page_of(status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    title, message = PAGES.get(status, ("Something went wrong", body["detail"]))
    return {
        "title": title,
        "message": message,
        "request_id": logs.request_id() if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "",
    }


def _identified(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with the id under which the logs have the request."""
    identity = logs.request_id()
    return body | {"request_id": identity} if identity else body


Answer = tuple[int, dict[str, Any], dict[str, str]]


def _translated(error: Exception) -> Answer | None:
    if isinstance(error, WearLinkError):
        return _ours(error)
    if isinstance(error, Http404):
        return 404, {"detail": "Not found.", "code": "not_found"}, {}
    if isinstance(error, PermissionDenied):
        return 403, {"detail": "Not allowed.", "code": "forbidden"}, {}
    if isinstance(error, exceptions.APIException):
        return _framework(error)
    if isinstance(error, RequestDataTooBig):
        return 413, {"detail": "The body is larger than accepted.", "code": "too_large"}, {}
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return 400, {"detail": "The request cannot be read.", "code": "bad_request"}, {}
    return _unavailable(error) if isinstance(error, OUTAGES) else None


def _unavailable(error: BaseException) -> Answer:
    if isinstance(error, Unavailable):
        return _ours(error)
    logger.error("A part did not answer: %s", type(error.__cause__ or error).__name__)
    part = "cache" if isinstance(error, redis.ConnectionError | redis.TimeoutError) else "database"
    return _ours(Unavailable(f"The {part} does not answer. Please try again."))


def _quota(error: QuotaExceeded) -> Answer:
    detail = {"code": error.code, **asdict(error.facts)}
    return error.status, {"detail": detail}, {"Retry-After": str(error.retry_after)}


def _ours(error: WearLinkError) -> Answer:
    if isinstance(error, QuotaExceeded):
        return _quota(error)
    body: dict[str, Any] = {"detail": error.detail, "code": error.code}
    headers: dict[str, str] = {}
    if isinstance(error, InvalidInput) and error.errors:
        body["errors"] = [{"field": item.field, "message": item.message} for item in error.errors]
    if isinstance(error, Conflict) and error.existing_id:
        body["existing_id"] = error.existing_id
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after)
        body["headers"] = dict(headers)
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(RETRY_SECONDS)
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="wearlink"'
    return error.status, body, headers


def _framework(error: exceptions.APIException) -> Answer:
    if isinstance(error, exceptions.ValidationError):
        found = tuple(flatten(error.detail))
        first = found[0] if found else FieldError("", "The input is not valid.")
        detail = f"{first.field}: {first.message}" if first.field else first.message
        return _ours(InvalidInput(detail, errors=found))
    codes = error.get_codes()
    headers = {"WWW-Authenticate": 'Bearer realm="wearlink"'} if error.status_code == HTTPStatus.UNAUTHORIZED else {}
    return (
        error.status_code,
        {"detail": str(error.detail), "code": codes if isinstance(codes, str) else "error"},
        headers,
    )


def flatten(detail: Any, path: str = "") -> Sequence[FieldError]:
    """Return the field errors of a DRF error detail, nested fields joined by dots."""
    if isinstance(detail, Mapping):
        found: list[FieldError] = []
        for name, value in detail.items():
            inner = path if name == "non_field_errors" else f"{path}.{name}" if path else str(name)
            found += flatten(value, inner)
        return found
    if isinstance(detail, list | tuple):
        found = []
        for index, value in enumerate(detail):
            nested = isinstance(value, Mapping | list) and bool(value)
            found += flatten(value, f"{path}.{index}" if nested and path else path)
        return found
    return [FieldError(path, str(detail))]
