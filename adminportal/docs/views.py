"""The pages at /docs, for people as HTML and for programs as the Markdown they are made of."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from adminportal.docs import navigation, pages, search
from adminportal.docs.pages import DocPage

# One small script of ours, styles and fonts from here, and nothing from anywhere else.
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@require_safe
def page(request: HttpRequest, slug: str = navigation.FRONT) -> HttpResponse:
    found = _page(slug)
    context = {
        "page": found,
        "html": mark_safe(found.text.html),
        "before": pages.address_of(found.before) if found.before else "",
        "after": pages.address_of(found.after) if found.after else "",
        "title": found.entry.title,
        "slug": slug,
    }
    return show(request, "docs/page.html", context)


@require_safe
def markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page's Markdown, with its live parts."""
    return HttpResponse(_page(slug).markdown, content_type="text/markdown; charset=utf-8")


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Search: a page, or its list alone for the script that asks while somebody types."""
    query = request.GET.get("q", "").strip()
    context = {"query": query, "results": search.find(query), "title": "Search", "slug": "search"}
    return show(request, "docs/results.html" if wants_part(request) else "docs/search.html", context)


def _page(slug: str) -> DocPage:
    found = pages.load(slug)
    if found is None:
        raise Http404
    return found


def wants_part(request: HttpRequest) -> bool:
    """Tell whether our script asks for a fragment."""
    return request.headers.get("X-Requested-With") == "docs.js"


def show(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Render a page in the documentation's frame, or a fragment of one."""
    answer = render(request, template, {"sections": _sections(), **context})
    answer["Content-Security-Policy"] = CSP
    answer["Cache-Control"] = "no-cache"
    answer["Referrer-Policy"] = "no-referrer"
    answer["Vary"] = "Cookie, X-Requested-With"
    return answer


def _sections() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Return the navigation: names of sections with slug, title and address of their pages."""
    found = []
    for name, entries in navigation.SECTIONS:
        found.append((name, [(one.slug, one.title, pages.address_of(one)) for one in entries]))
    return found
