"""The parts that all pages of /admin share: the shell's context, and lists that are also CSV."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse

from accounts.models import Developer
from adminportal.kit.small_tables import SmallListing
from adminportal.kit.tables import Listing
from adminportal.platform.site import site

SmallTable: TypeAlias = tuple[SmallListing, Sequence[Any]]


def show(request: HttpRequest, template: str, title: str, context: Mapping[str, Any]) -> TemplateResponse:
    """Return a page of ours in the shell."""
    shell = site.each_context(request)
    if not shell["has_permission"]:  # a reviewer, who may be here all the same; the side bar knows where else
        shell |= {"has_permission": True, "sidebar_navigation": site.get_sidebar_list(request)}
    return TemplateResponse(request, f"platform/{template}.html", {**shell, "title": title, **context})


def show_list(
    request: HttpRequest, title: str, listing: Listing, rows: "QuerySet[Any, Any]", *, template: str = "list",
    tables: Mapping[str, SmallTable] | None = None, **context: Any,
) -> HttpResponseBase:  # fmt: skip
    """Return a list in the shell, and small ones beside it; with ?format=csv the whole of it as a file."""
    beside = tables or {}
    if request.GET.get("format") == "csv":
        return _file(request, beside) or listing.csv(request, rows)
    drawn = {name: one.table(request, members) for name, (one, members) in beside.items()}
    return show(request, template, title, {"table": listing.table(request, rows), **drawn, **context})


def show_tables(
    request: HttpRequest, template: str, title: str, tables: Mapping[str, SmallTable],
    context: Mapping[str, Any],
) -> HttpResponseBase:  # fmt: skip
    """Return a page of several small lists, by the names its template has for them; each also as a file."""
    if request.GET.get("format") == "csv":
        file = _file(request, tables)
        if file is not None:
            return file
    drawn = {name: listing.table(request, rows) for name, (listing, rows) in tables.items()}
    return show(request, template, title, {**context, **drawn})


def _file(request: HttpRequest, tables: Mapping[str, SmallTable]) -> HttpResponseBase | None:
    """Return the small list that the address names, as CSV."""
    for listing, rows in tables.values():
        if listing.name == request.GET.get("table"):
            return listing.csv(request, rows)
    return None


def admin_of(request: HttpRequest) -> Developer:
    """Return who is signed in; the site lets nobody else in."""
    return cast(Developer, request.user)
