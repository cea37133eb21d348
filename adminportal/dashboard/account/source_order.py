"""The order of sources for all end users who have none of their own, previewed on some of them first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse

from accounts.api.serializers import OrganizationSerializer
from accounts.end_users import source_preferences, users
from accounts.models import EndUser, Organization
from accounts.organization import organizations
from adminportal.dashboard import acts, source_orders
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.listing import name_of
from adminportal.dashboard.shell import TenantRequest, page, show, show_part, wants_part
from adminportal.dashboard.source_orders import METRIC_TITLES, OrderedSource, SourceOrder
from healthdata.figures.preview import PREVIEW_DAYS, PreviewedFigure, preview
from healthdata.merge.preferences import PLATFORM_ORDER, Priority
from healthdata.models import Source
from providers import registry
from wearlink.lib import tenancy
from wearlink.lib.api import bodies
from wearlink.lib.api.callers import DASHBOARD

TRIED_ON: Final = 3  # end users, unless one is named
LOOKED_AT: Final = 200  # the newest, among whom those with several sources are found
PATH: Final = "/api/v1/organization"


@dataclass(frozen=True, slots=True)
class TriedOrder:
    """The changes that an order would make for some end users; changes are (name, figure's title, figure)."""

    names: list[str]
    first: date | None
    last: date | None
    days: int
    changes: list[tuple[str, str, PreviewedFigure]]


@page("GET", section="source-order")
def source_order_page(request: TenantRequest) -> HttpResponse:
    """Return the order that ?metric names."""
    return _show(request, current_order(request.organization, request.GET.get("metric", "")))


@page("POST", section="source-order")
def try_source_order(request: TenantRequest) -> HttpResponse:
    """Return what an order would change for some end users; nothing is saved."""
    order = _posted(request)
    rows = _asked_for(request)
    tried = tried_on(request.organization, rows, with_order(request.organization, order))
    if wants_part(request):
        context = {"order": order, "tried": tried, "asked": request.POST.get("on", ""), **_words()}
        return show_part(request, "source_order", {**context, "request": request})
    return _show(request, order, tried)


@page("POST", section="source-order", managers=True)
def save_source_order(request: TenantRequest) -> HttpResponse:
    """Keep the order, or go back to the platform's."""
    order = _posted(request)
    current = dict(request.organization.source_priority)
    if "reset" in request.POST or not order.sources:
        wanted = {metric: own for metric, own in current.items() if metric != order.metric}
        words = f"“{order.title}” follows WearLink’s order again."
    else:
        wanted = with_order(request.organization, order)
        words = f"The order for “{order.title}” is saved. Figures follow it when they are next read."
    settings = {"settings": {"source_priority": wanted}}
    back = f"{reverse('dashboard:source-order')}?metric={order.metric}"
    return acts.carry_out(
        request,
        lambda: organizations.update(request.developer, settings, actor=request.actor),
        lambda _: words,
        back,
    )


def current_order(organization: Organization, asked: str) -> SourceOrder:
    """Return it as it is saved, with all that may be added to it; else WearLink's own, which is then no order of
    theirs.
    """
    metric = source_orders.metric_of(asked)
    own = organization.source_priority.get(metric)
    names = own.get("order", []) if isinstance(own, dict) else own or _of_platform(metric)
    known = {one.uid: one for one in _nameable()}
    ordered = []
    for name in names:
        bare = name.lstrip("-")
        one = known.pop(bare, None) or OrderedSource(bare, bare, "", bare)
        ordered.append(OrderedSource(one.uid, one.name, one.kind, one.saved_as, name.startswith("-")))
    title, coverage = METRIC_TITLES[metric], source_orders.coverage_of(own)
    others = list(known.values())
    return SourceOrder(metric, title, ordered, own is not None, coverage, is_open=True, others=others)


def with_order(organization: Organization, order: SourceOrder) -> dict[str, Any]:
    """Return the organization's source_priority with this order in it. Raises InvalidInput, ValidationError."""
    wanted = {**organization.source_priority, order.metric: order.to_save}
    if not order.sources:
        wanted.pop(order.metric)
    body = {"settings": {"source_priority": wanted}}
    found: dict[str, Any] = bodies.validate(OrganizationSerializer(data=body, partial=True))["settings"]
    source_preferences.require_valid(None, found["source_priority"])
    priority: dict[str, Any] = found["source_priority"]
    return priority


def tried_on(organization: Organization, rows: Sequence[EndUser], wanted: dict[str, Any]) -> TriedOrder:
    """Compare these end users' last days under both orders."""
    first = last = None
    changes: list[tuple[str, str, PreviewedFigure]] = []
    days = 0
    for row in rows:
        tenancy.look_at(row.key)
        now = Priority.cascade(organization.source_priority, row.source_priority)
        then = Priority.cascade(wanted, row.source_priority)
        first, last, found = preview(row.key, now, then)
        days += len({one.day for one in found})
        changes += [(name_of(row), title, one) for title, one in source_orders.named(found)]
    return TriedOrder([name_of(row) for row in rows], first, last, days, changes[: source_orders.CHANGES_SHOWN])


def _posted(request: TenantRequest) -> SourceOrder:
    return source_orders.posted(
        request.POST, current_order(request.organization, request.POST.get("metric", ""))
    )  # fmt: skip


def _asked_for(request: TenantRequest) -> list[EndUser]:
    """Return the end user that ?on names by any of their ids or the e-mail; else some of the newest with several
    sources.
    """
    wanted = request.POST.get("on", "").replace("\x00", "").strip()[:255]
    if not wanted:
        return _with_several_sources(request.organization)
    rows = users.listed(request.organization, **{"email" if "@" in wanted else "external_id": wanted})
    try:
        found = users.find(request.organization, UUID(wanted))
    except ValueError:
        found = rows.first()
    return [found] if found else []


def _with_several_sources(organization: Organization) -> list[EndUser]:
    newest = list(users.listed(organization)[:LOOKED_AT])
    by_key = {row.key: row for row in newest}
    counted = Source.objects.filter(user_key__in=by_key).values("user_key").annotate(n=Count("id"))
    several = counted.filter(n__gt=1).order_by("-n", "user_key").values_list("user_key", flat=True)[:TRIED_ON]
    return [by_key[key] for key in several]


def _nameable() -> list[OrderedSource]:
    types = dict.fromkeys(name for order in PLATFORM_ORDER.values() for name in order.ranks)
    found = [OrderedSource(one, one.replace("_", " ").capitalize(), "device type", one) for one in types]
    return found + [OrderedSource(slug, registry.get(slug).name, "provider", slug) for slug in registry.providers()]


def _of_platform(metric: str) -> list[str]:
    ranks = PLATFORM_ORDER.get(metric, PLATFORM_ORDER["*"]).ranks
    return sorted(ranks, key=lambda name: ranks[name])


def _words() -> dict[str, Any]:
    return {
        "trial": reverse("dashboard:try-source-order"),
        "saving": reverse("dashboard:save-source-order"),
        "falls_back": "WearLink’s order",
        "of": PREVIEW_DAYS,
        "for_all": True,
    }


def _show(request: TenantRequest, order: SourceOrder, tried: TriedOrder | None = None) -> HttpResponse:
    body = {"settings": {"source_priority": {order.metric: order.to_save or ["watch", "phone"]}}}
    context = {
        "order": order,
        "tried": tried,
        "asked": request.POST.get("on", ""),
        "metrics": METRIC_TITLES,
        "may_save": request.developer.manages,
        **_words(),
        "calls": [
            ApiCall("GET", PATH, "read the order", caller=DASHBOARD),
            ApiCall("PATCH", PATH, "change the order", body, caller=DASHBOARD),
        ],
    }
    return show(request, "account/source_order", "Source order", context)
