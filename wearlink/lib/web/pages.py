"""Pages for people: rendered on the server, with the strictest policy a browser knows, kept by no cache."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

CSP: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    # Other sites learn nothing; no-referrer would make a browser send `Origin: null`, which our own forms refuse.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept",
}


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Render a template as a page that runs no script and tells other sites nothing about its address."""
    page = render(request, template, dict(context), status=status)
    for name, value in HEADERS.items():
        page[name] = value
    return page


def is_for_a_browser(request: HttpRequest) -> bool:
    """Return whether HTML is wanted more than JSON: the first of the two in Accept, which browsers begin with
    text/html.
    """
    for part in request.headers.get("Accept", "").split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in ("text/html", "application/xhtml+xml"):
            return True
        if kind in ("application/json", "*/*"):
            return False
    return False
