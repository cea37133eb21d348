"""/docs/api: the reference of the API, drawn in the browser by Swagger UI out of the running schema.

Swagger UI rather than Redoc or Scalar: it comes in a wheel we already have, draws both themes, and lets a reader make
the call. What it does badly out of the box is mended in static/reference.js.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

# Swagger UI draws its icons as data: images and sets styles from its script, which needs no exception.
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """Show the page, in the theme that the reader chose."""
    page = render(request, "site/reference.html")
    page["Content-Security-Policy"] = CSP
    page["Cache-Control"] = "no-cache"
    page["Vary"] = "Cookie"
    page["Referrer-Policy"] = "no-referrer"
    return page
