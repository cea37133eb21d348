"""Endpoints: the list, creating, changing, pausing and deleting."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from accounts.webhooks import custom_headers
from accounts.webhooks.api import shapes
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Endpoint
from adminportal.dashboard import acts, shown_once
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.shown_once import ShownSecret
from adminportal.dashboard.submissions import FormField, SubmittedForm
from adminportal.dashboard.webhooks import event_picker
from wearlink.lib.errors import FieldError, InvalidInput

PATH: Final = "/api/v1/webhooks/endpoints"
STATES: Final = {"active": ("ok", "active"), "paused": ("idle", "paused"), "disabled": ("bad", "disabled")}
FIELDS: Final = (
    FormField(
        "url", "Address", "url", "https on port 443, 8443, 80 or 8080. WearLink calls it by POST; any 2xx answer "
        "counts as delivered.", required=True, placeholder="https://api.example.com/wearlink",
    ),
    FormField("description", "Description", help="For your team; never sent."),
    FormField("user_id", "Only about this end user", help="An end user’s id. Empty: about everybody.", is_extra=True),
    FormField("rate_limit", "Calls a second at most", "number", "1 to 1,000. Empty: no limit.", is_extra=True),
    FormField(
        "headers", "Custom headers", "textarea", "One a line, as Name: value. Sent with every call; values that look "
        "like secrets are masked here, and stay as they are while you leave the mask.",
        placeholder="Authorization: Bearer …", is_extra=True,
    ),
    FormField(
        "metadata", "Notes", "textarea", "Your own notes by name, one a line, as name: text. Never sent.",
        is_extra=True,
    ),
)  # fmt: skip
ADVICE: Final = (
    "Your server verifies every delivery with it. You can look at it again later, which asks for your password."
)


def state_of(endpoint: Endpoint) -> tuple[str, str]:
    """Return pill and word of an endpoint's state."""
    if endpoint.is_active and endpoint.failing_at is not None:
        return "warn", "failing"
    return STATES[endpoint.status]


@page(section="webhooks")
def listed(request: TenantRequest) -> HttpResponse:
    """Return all endpoints, newest first."""
    rows = [(row, state_of(row)) for row in Endpoint.objects.for_organization(request.organization)]
    limit = request.organization.max_webhook_endpoints
    return show(
        request,
        "webhooks/list",
        "Webhooks",
        {
            "rows": rows,
            "limit": limit,
            "egress": settings.WEBHOOK_EGRESS_ADDRESSES,
            "calls": [
                ApiCall("GET", PATH, "list your endpoints"),
                ApiCall("GET", "/api/v1/webhooks/egress-addresses", "list the addresses that calls come from"),
            ],
        },
    )


@page("GET", "POST", section="webhooks")
def create(request: TenantRequest) -> HttpResponse:
    """Return a form for a new endpoint; the secret is shown on the next page."""
    form = SubmittedForm.of(request, FIELDS)
    if form.is_sent and not form.is_double:
        with form.judged():
            values = form.read(shapes.WebhookEndpointInputSerializer, entered(form))
            made = lifecycle.create(organization=request.organization, values=values, actor=request.actor)
        if form.is_accepted:
            shown_once.keep(request, ShownSecret("Signing secret of the new endpoint", made.secret, ADVICE))
            to = reverse("dashboard:webhook", args=[made.endpoint.id])
            return acts.done(request, f"The endpoint {made.endpoint.url} was created.", to)
    elif form.is_sent:
        return acts.done(request, "This form was sent already.", reverse("dashboard:webhooks"), audited=False)
    example = {"url": "https://api.example.com/wearlink", "filter_types": ["connection.*", "workout.*"]}
    call = ApiCall("POST", PATH, "create an endpoint", example)
    return _show_form(request, form, "New endpoint", None, [call])


@page("GET", "POST", section="webhooks")
def edit(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Return a form for what may be changed."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    form = SubmittedForm.of(request, FIELDS, _initial(endpoint))
    if form.is_sent:
        with form.judged():
            values = form.read(shapes.WebhookEndpointChangesSerializer, entered(form))
            lifecycle.update(endpoint, values, request.actor)
        if form.is_accepted:
            return acts.done(request, "The endpoint was changed.", reverse("dashboard:webhook", args=[endpoint_id]))
    changes = {"filter_types": endpoint.filter_types or ["workout.*"]}
    one = f"{PATH}/{endpoint_id}"
    calls = [
        ApiCall("PATCH", one, "change this endpoint", changes),
        ApiCall("GET", one, "read it"),
        ApiCall("DELETE", one, "delete it"),
    ]
    return _show_form(request, form, "Edit endpoint", endpoint, calls)


@page("POST", section="webhooks")
def pause(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Stop new messages, or let them come again."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    paused = request.POST.get("paused") == "1"
    words = "paused; what was on its way to it is dropped." if paused else "active again."
    return acts.carry_out(
        request,
        lambda: lifecycle.update(endpoint, {"paused": paused}, request.actor),
        lambda _: f"The endpoint is {words}",
        reverse("dashboard:webhook", args=[endpoint_id]),
    )


@page("POST", section="webhooks")
def delete(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Remove an endpoint for good."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    return acts.carry_out(
        request,
        lambda: lifecycle.delete(endpoint, request.actor),
        lambda _: f"The endpoint {endpoint.url} was deleted.",
        reverse("dashboard:webhooks"),
    )


def entered(form: SubmittedForm) -> dict[str, Any]:
    """Return the form as a body of the API. Raises InvalidInput for lines that are no `name: value`."""
    some = form.text("which") == "some"
    chosen = form.chosen("filter_types")
    if some and not chosen:
        raise InvalidInput("Choose at least one event, or let the endpoint get the usual ones.")
    return {
        "url": form.text("url"),
        "description": form.text("description"),
        "filter_types": chosen if some else None,
        "user_id": form.text("user_id") or None,
        "rate_limit": form.text("rate_limit") or None,
        "headers": _pairs(form, "headers"),
        "metadata": _pairs(form, "metadata"),
    }


def _pairs(form: SubmittedForm, name: str) -> dict[str, str]:
    found = {}
    for number, line in enumerate(form.lines(name)):
        key, colon, value = line.partition(":")
        if not colon:
            fault = FieldError(f"{name}.{number}", "has no colon between name and value.")
            raise InvalidInput(fault.message, errors=[fault])
        found[key.strip()] = value.strip()
    return found


def _initial(endpoint: Endpoint) -> dict[str, str]:
    """Return the form's values before anything was entered."""
    return {
        "url": endpoint.url,
        "description": endpoint.description,
        "user_id": str(endpoint.user_id or ""),
        "rate_limit": str(endpoint.rate_limit or ""),
        "headers": _as_lines(custom_headers.masked(endpoint)),
        "metadata": _as_lines(endpoint.metadata),
    }


def _as_lines(pairs: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in pairs.items())


def _show_form(
    request: TenantRequest, form: SubmittedForm, title: str, endpoint: Endpoint | None, calls: Sequence[ApiCall]
) -> HttpResponse:
    stored = (endpoint.filter_types or []) if endpoint else []
    chosen = form.chosen("filter_types") if form.is_sent else stored
    some = form.text("which") == "some" if form.is_sent else bool(stored)
    groups = event_picker.groups(frozenset(chosen))
    context = {"form": form, "endpoint": endpoint, "groups": groups, "takes_some": some, "calls": calls}
    return show(request, "webhooks/form", title, context, status=form.status)
