"""Answers of the connect page: rendered without a script, kept by nobody, telling no other site where they were."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from providers.connections import connect
from wearlink.lib import pages


def shown(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = HTTPStatus.OK) -> HttpResponse:
    return pages.show(request, f"connect/{template}.html", context, status=status)


def result(request: HttpRequest, name: str, code: str, *, status: int, back: str = "") -> HttpResponse:
    """How something went, in one sentence, with its code in small print. code: empty for success."""
    message = connect.CODES.get(code, connect.CODES["vendor_error"]) if code else f"{name} is connected."
    title = "Not connected" if code else "Connected"
    return shown(request, "result", {"title": title, "message": message, "code": code, "back": back}, status=status)


def away(location: str) -> HttpResponse:
    """On to another address; also to those with an app's own scheme, which Django's redirect refuses."""
    return HttpResponse(status=HTTPStatus.FOUND, headers={**pages.HEADERS, "Location": location})
