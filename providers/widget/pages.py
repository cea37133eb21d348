"""Answers of the connect page: rendered without a script, kept by nobody, telling no other site where they were."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from providers.connections import connect

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def shown(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page."""
    page = render(request, f"connect/{template}.html", context, status=status)
    for name, value in HEADERS.items():
        page[name] = value
    return page


def result(request: HttpRequest, name: str, code: str, *, status: int, back: str = "") -> HttpResponse:
    """How something went, in one sentence, with its code in small print. code: empty for success."""
    said = connect.CODES.get(code, connect.CODES["vendor_error"]) if code else f"{name} is connected."
    title = "Not connected" if code else "Connected"
    return shown(request, "result", {"title": title, "message": said, "code": code, "back": back}, status=status)


def away(location: str) -> HttpResponse:
    """On to another address; also to those with an app's own scheme, which Django's redirect refuses."""
    return HttpResponse(status=302, headers={**HEADERS, "Location": location})
