"""An end user's sources, the settings of each, and their order, which is previewed before it is saved.

An order is saved as the end user's source_priority, as PATCH /users/{user_id} does; what it would change is computed by
the function behind POST …/source-preferences/preview.
"""

from datetime import date
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from accounts.api.serializers import EndUserChangesSerializer
from accounts.end_users import source_preferences, users
from accounts.models import EndUser
from adminportal.dashboard import acts, source_orders
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.end_users.end_user import find, reader_of, show_tab
from adminportal.dashboard.shell import TenantRequest, page, show_part, wants_part
from adminportal.dashboard.source_orders import METRIC_TITLES, OrderedSource, SourceOrder
from adminportal.dashboard.submissions import FormField, SubmittedForm
from healthdata.api.source_shapes import SourceChangesSerializer
from healthdata.api.sources import shown_sources
from healthdata.figures.load import candidate
from healthdata.figures.preview import PREVIEW_DAYS, PreviewedFigure, preview, preview_source
from healthdata.merge.preferences import SOURCE, Priority
from healthdata.models import Source
from healthdata.sources import source_settings
from wearlink.lib.api import bodies


@page("GET", section="end-users")
def sources(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return the sources, and the order that ?metric names."""
    user = find(request, user_id)
    return _show(request, user, current_order(user, source_orders.metric_of(request.GET.get("metric", ""))))


@page("GET", "POST", section="end-users")
def source(request: TenantRequest, user_id: str, source_id: str) -> HttpResponse:
    """Return one source: its name, whether it is hidden, and which other it counts as.

    What touches figures is saved by the second click: the first shows which days would change.
    """
    user = find(request, user_id)
    row = source_settings.find(user.key, source_id)
    form = SubmittedForm.of(request, _fields(user, row), _decided(user, row))
    tried: dict[str, Any] | None = None
    if form.is_sent:
        with form.judged():
            values = form.read(SourceChangesSerializer, _changes(form))
            values["label"] = values.pop("name") or ""
            wanted, changed = source_settings.proposed(user.key, source_id, values)
            if set(changed) - {"label"} and form.text("seen") != _state(form):
                tried = _tried(preview_source(user.key, reader_of(user).priority, wanted))
            else:
                row = source_settings.update(user.key, source_id, values)
        if form.is_accepted and tried is None:
            to = reverse("dashboard:sources", args=[user.id])
            return acts.done(request, f"{row.device or row.provider} was changed.", to, audited=False)
    return _show_source(request, user, row, form, tried)


def _show_source(
    request: TenantRequest, user: EndUser, row: Source, form: SubmittedForm, tried: dict[str, Any] | None
) -> HttpResponse:
    path = f"/api/v1/users/{user.id}/sources/{row.uid}"
    changes = _changes(form) if form.is_sent else {"name": "Jane’s old watch", "is_hidden": True}
    calls = [
        ApiCall("PATCH", path, "rename, hide or merge this source", changes),
        ApiCall("PATCH", path, "count it for itself again", {"merged_into": None}),
    ]
    context = {
        "form": form,
        "source": row,
        "tried": tried,
        "of": PREVIEW_DAYS,
        "seen": _state(form),
        "calls": calls[: 2 if row.merged_into else 1],
    }
    status = HTTPStatus.BAD_REQUEST if form.is_sent and not form.is_accepted else HTTPStatus.OK
    return show_tab(request, user, "sources", context, template="source", status=status)


def _state(form: SubmittedForm) -> str:
    """Return what of the form touches figures, so that nothing else is saved than what was shown."""
    return f"{form.text('is_hidden')} {form.text('merged_into')}".strip() or "neither"


def _tried(found: tuple[date, date, list[PreviewedFigure]]) -> dict[str, Any]:
    """Return what a preview found, for the template."""
    first, last, changes = found
    days = len({one.day for one in changes})
    return {"first": first, "last": last, "days": days, "changes": source_orders.named(changes)}


@page("POST", section="end-users")
def try_order(request: TenantRequest, user_id: str) -> HttpResponse:
    """Return what an order would change; nothing is saved. `move` takes one source a place up or down."""
    user = find(request, user_id)
    order = posted_order(request, user)
    proposed = Priority.cascade(request.organization.source_priority, with_order(user, order))
    tried = _tried(preview(user.key, reader_of(user).priority, proposed))
    if wants_part(request):
        context = {"user": user, "order": order, "tried": tried, "of": PREVIEW_DAYS, **_addresses(user)}
        return show_part(request, "source_order", {**context, "request": request})
    return _show(request, user, order, tried)


@page("POST", section="end-users")
def save_order(request: TenantRequest, user_id: str) -> HttpResponse:
    """Keep the order, or go back to the organization's."""
    user = find(request, user_id)
    order = posted_order(request, user)
    if "reset" in request.POST:
        wanted = {metric: own for metric, own in user.source_priority.items() if metric != order.metric}
        words = f"“{order.title}” follows your organization’s order again."
    else:
        wanted = with_order(user, order)
        words = f"The order of sources for “{order.title}” is saved. Days are computed again in the background."
    back = f"{reverse('dashboard:sources', args=[user.id])}?metric={order.metric}"
    return acts.carry_out(
        request, lambda: users.update(user, {"source_priority": wanted}), lambda _: words, back, audited=False
    )


def _addresses(user: EndUser) -> dict[str, str]:
    return {
        "trial": reverse("dashboard:try-order", args=[user.id]),
        "saving": reverse("dashboard:save-order", args=[user.id]),
        "falls_back": "the organization’s order",
    }


def _show(
    request: TenantRequest, user: EndUser, order: SourceOrder, tried: dict[str, Any] | None = None
) -> HttpResponse:
    rows = shown_sources(user.key, reader_of(user).priority)
    names = {one["id"]: one["device"] or one["provider"] for one in rows}
    path, body = f"/api/v1/users/{user.id}", {"source_priority": {"steps": ["watch", "phone"]}}
    context = {
        "rows": [one | {"counts_as": names.get(one["merged_into"] or "")} for one in rows],
        "order": order,
        "tried": tried,
        "metrics": METRIC_TITLES,
        "of": PREVIEW_DAYS,
        **_addresses(user),
        "calls": [
            ApiCall("GET", f"{path}/sources", "list sources"),
            ApiCall("POST", f"{path}/source-preferences/preview", "preview an order", body),
            ApiCall("PATCH", path, "save an order", body),
        ],
    }
    return show_tab(request, user, "sources", context)


def current_order(user: EndUser, metric: str) -> SourceOrder:
    """Return the order as it counts now; sources that are left out come last."""
    priority = reader_of(user).priority
    found = []
    for source in Source.objects.filter(user_key=user.key, is_hidden=False, merged_into=None).order_by("id"):
        one = candidate(source)
        is_out = priority.excludes(one, metric)
        found.append((is_out, priority.rank(one, metric), source.id, _shown(source, is_out=is_out)))
    ordered = [entry[3] for entry in sorted(found, key=lambda entry: entry[:3])]
    own = user.source_priority.get(metric)
    return SourceOrder(metric, METRIC_TITLES[metric], ordered, own is not None, source_orders.coverage_of(own))


def _shown(source: Source, *, is_out: bool) -> OrderedSource:
    kind = f"{source.provider} · {(source.device_type or 'app').replace('_', ' ')}"
    return OrderedSource(
        str(source.uid), source.device or source.provider, kind, f"{SOURCE}{source.uid}", is_out
    )  # fmt: skip


def posted_order(request: TenantRequest, user: EndUser) -> SourceOrder:
    """Return the form's order: its sources in their order there, those it does not name behind them, and one move."""
    metric = source_orders.metric_of(request.POST.get("metric", ""))
    return source_orders.posted(request.POST, current_order(user, metric))


def with_order(user: EndUser, order: SourceOrder) -> dict[str, Any]:
    """Return the end user's source_priority with this order in it. Raises InvalidInput, ValidationError."""
    asked = {"source_priority": {**user.source_priority, order.metric: order.to_save}}
    wanted: dict[str, Any] = bodies.validate(EndUserChangesSerializer(data=asked, partial=True))["source_priority"]
    source_preferences.require_valid(user.key, wanted)
    return wanted


def _decided(user: EndUser, row: Source) -> dict[str, str]:
    target = Source.objects.filter(user_key=user.key, id=row.merged_into).first() if row.merged_into else None
    return {
        "name": row.label,
        "is_hidden": "1" if row.is_hidden else "",
        "merged_into": str(target.uid) if target else "",
    }


def _changes(form: SubmittedForm) -> dict[str, Any]:
    merged = form.text("merged_into") or None
    return {"name": form.text("name"), "is_hidden": bool(form.text("is_hidden")), "merged_into": merged}


def _fields(user: EndUser, row: Source) -> list[FormField]:
    others = Source.objects.filter(user_key=user.key, merged_into=None).exclude(pk=row.pk).order_by("id")
    choices = [(str(one.uid), f"{one.device or one.provider} ({one.provider})") for one in others]
    return [
        FormField(
            "name", "Name", help="Shown instead of what the device calls itself. Empty: its own name.",
            placeholder=row.name or row.model or row.provider,
        ),
        FormField(
            "merged_into", "Counts as", "select", "For a device that came under two names: its data count and are "
            "shown as those of the other.", [("", "itself"), *choices],
        ),
        FormField(
            "is_hidden", "Hide it", "checkbox", "All of its data are left out of time series and figures. They stay "
            "stored, so this can be undone.",
        ),
    ]  # fmt: skip
