"""Where an end user's data come from, and which source goes before which: tried out before it is saved.

An order is saved as the end user's source_priority, as PATCH /users/{user_id} does; what it would change is told by the
function behind POST …/source-preferences/preview.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpResponse

from accounts.end_users import source_preferences, users
from accounts.models import EndUser
from adminportal.acting import act
from adminportal.dashboard.end_users.end_user import find, reader_of, show_tab
from adminportal.dashboard.end_users.why import TITLES
from adminportal.dashboard.shell import TenantRequest, page, show_part, wants_part
from healthdata.api.sources import shown_sources
from healthdata.figures.load import candidate
from healthdata.figures.preview import PREVIEW_DAYS, PreviewedFigure, preview
from healthdata.metrics import METRICS
from healthdata.models import Source
from healthdata.sources.preferences import SOURCE, WILDCARD, Priority

CHANGES_SHOWN: Final = 60
METRIC_TITLES: Final = {
    WILDCARD: "Every figure",
    **{metric.name: TITLES[metric.field][0] for metric in METRICS if metric.field in TITLES},
}


@dataclass(frozen=True, slots=True)
class OrderedSource:
    """A source at its place; is_out: it counts for nothing."""

    uid: str
    name: str
    kind: str
    is_out: bool


@dataclass(frozen=True, slots=True)
class SourceOrder:
    """The order of one metric as it stands in the form. is_own: the end user has one of their own for it."""

    metric: str
    title: str
    sources: list[OrderedSource]
    is_own: bool

    @property
    def saved_as(self) -> list[str]:
        """As source_priority names it."""
        return [f"{'-' if one.is_out else ''}{SOURCE}{one.uid}" for one in self.sources]


@page("GET", section="end-users")
def sources(request: TenantRequest, user_id: str) -> HttpResponse:
    """The sources, and the order that ?metric names."""
    user = find(request, user_id)
    return _show(request, user, current_order(user, _metric(request.GET.get("metric", ""))))


@page("POST", section="end-users")
def try_order(request: TenantRequest, user_id: str) -> HttpResponse:
    """What an order would change; nothing is saved. `move` takes one source a place up or down."""
    user = find(request, user_id)
    order = posted_order(request, user)
    proposed = Priority.cascade(request.organization.source_priority, with_order(user, order))
    first, last, changes = preview(user.key, reader_of(user).priority, proposed)
    tried = {"first": first, "last": last, "days": len({one.day for one in changes}), "changes": _named(changes)}
    if wants_part(request):
        context = {"user": user, "order": order, "tried": tried, "of": PREVIEW_DAYS}
        return show_part(request, "end_users/source_order", context)
    return _show(request, user, order, tried)


@page("POST", section="end-users")
def save_order(request: TenantRequest, user_id: str) -> HttpResponse:
    """Keep the order, or go back to the organization's."""
    user = find(request, user_id)
    order = posted_order(request, user)
    wanted = with_order(user, order)
    done = f"The order of sources for “{order.title}” is saved. Days are computed anew in the background."
    if "reset" in request.POST:
        wanted.pop(order.metric, None)
        done = f"“{order.title}” follows your organization’s order again."
    back = f"/dashboard/end-users/{user.id}/sources?metric={order.metric}"
    return act(request, done, lambda: users.update(user, {"source_priority": wanted}), back=back)


def _metric(text: str) -> str:
    return text if text in METRIC_TITLES else WILDCARD


def _show(
    request: TenantRequest, user: EndUser, order: SourceOrder, tried: dict[str, Any] | None = None
) -> HttpResponse:
    context = {
        "rows": shown_sources(user.key, reader_of(user).priority),
        "order": order,
        "tried": tried,
        "metrics": METRIC_TITLES,
        "of": PREVIEW_DAYS,
    }
    return show_tab(request, user, "sources", context)


def current_order(user: EndUser, metric: str) -> SourceOrder:
    """As it counts now; what is left out stands last."""
    priority = reader_of(user).priority
    found = []
    for source in Source.objects.filter(user_key=user.key, is_hidden=False, merged_into=None).order_by("id"):
        one = candidate(source)
        is_out = priority.excludes(one, metric)
        found.append((is_out, priority.rank(one, metric), source.id, _shown(source, is_out=is_out)))
    ordered = [entry[3] for entry in sorted(found, key=lambda entry: entry[:3])]
    return SourceOrder(metric, METRIC_TITLES[metric], ordered, metric in user.source_priority)


def _shown(source: Source, *, is_out: bool) -> OrderedSource:
    kind = (source.device_type or "app").replace("_", " ")
    return OrderedSource(str(source.uid), source.device or source.provider, f"{source.provider} · {kind}", is_out)


def posted_order(request: TenantRequest, user: EndUser) -> SourceOrder:
    """The form's order: its sources as they stand there, those it does not name behind them, and one move."""
    known = current_order(user, _metric(request.POST.get("metric", "")))
    by_uid = {one.uid: one for one in known.sources}
    uids = [uid for uid in dict.fromkeys(request.POST.getlist("order")) if uid in by_uid]
    uids += [uid for uid in by_uid if uid not in uids]
    direction, _, moved = request.POST.get("move", "").partition(":")
    if moved in uids:
        at = uids.index(moved)
        to = max(at - 1, 0) if direction == "up" else min(at + 1, len(uids) - 1)
        uids.insert(to, uids.pop(at))
    out = set(request.POST.getlist("out"))
    found = [OrderedSource(uid, by_uid[uid].name, by_uid[uid].kind, uid in out) for uid in uids]
    return SourceOrder(known.metric, known.title, found, known.is_own)


def with_order(user: EndUser, order: SourceOrder) -> dict[str, Any]:
    """The end user's source_priority with this order in it. Raises InvalidInput."""
    said = user.source_priority.get(order.metric)
    own = {**said, "order": order.saved_as} if isinstance(said, dict) else order.saved_as
    wanted = {**user.source_priority, order.metric: own}
    source_preferences.require_valid(user.key, wanted)
    return wanted


def _named(changes: Sequence[PreviewedFigure]) -> list[tuple[str, PreviewedFigure]]:
    newest = sorted(changes, key=lambda one: one.day, reverse=True)[:CHANGES_SHOWN]
    return [(TITLES.get(one.metric, (one.metric, ""))[0], one) for one in newest]
