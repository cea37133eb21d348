"""Answers of the connect page: rendered without a script, kept by nobody, telling no other site where they were."""

import re
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from providers.connections.connect import LinkHolder, Question
from providers.widget.endings import ending_of
from providers.widget.faces import face_of
from wearlink.lib.web import pages

SILENT: Final = {"Referrer-Policy": "no-referrer"}  # the address is a secret, and no form here asks for its origin
HOST: Final = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?")


def shown(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = HTTPStatus.OK) -> HttpResponse:
    page = pages.show(request, f"connect/{template}.html", context, status=status)
    page["Referrer-Policy"] = SILENT["Referrer-Policy"]
    return page


def result(
    request: HttpRequest, name: str, code: str, *, status: int, back: str = "", holder: LinkHolder | None = None
) -> HttpResponse:
    """Return how something went, in one sentence, a fault with its code in small print. code: empty for success.

    back: our own page to go back to; without it the way leads to the app the holder of the link came from.
    """
    ending = ending_of(code) if code else None
    context = {
        "title": ending.heading if ending else "Connected",
        "message": ending.sentence if ending else f"{name} is connected.",
        "tone": "ok" if ending is None else "bad" if ending.is_fault else "idle",
        "code": code if ending and ending.is_fault else "",
        "back": back,
        "app": face_of(holder.organization) if holder else None,
        "return_to": holder.return_to if holder else "",
    }
    return shown(request, "result", context, status=status)


def confirm(request: HttpRequest, name: str, question: Question) -> HttpResponse:
    """Return the question whether an organization shall get the data. Its form leads on to the customer's app."""
    context = {"name": name, "app": face_of(question.organization), "query": request.GET.urlencode()}
    page = shown(request, "confirm", context)
    allowed = f"form-action 'self' {_form_target(question.redirect_uri)}".rstrip()
    page["Content-Security-Policy"] = pages.CSP.replace("form-action 'self'", allowed)
    return page


def _form_target(address: str) -> str:
    """Return the origin or scheme of an address as a policy names it; empty for what a policy cannot name."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:" if parts.scheme else ""
    return f"{parts.scheme}://{parts.netloc}" if HOST.fullmatch(parts.netloc) else ""


def away(location: str) -> HttpResponse:
    """Redirect to another address; also to those with an app's own scheme, which Django's redirect refuses."""
    return HttpResponse(status=HTTPStatus.FOUND, headers={**pages.HEADERS, **SILENT, "Location": location})
