"""Listeners: command lines that fetch an organization's messages. Opened, polled by hand to look, tested and closed."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse

from accounts.webhooks.api import delivery_shapes, listener_shapes
from accounts.webhooks.catalogue import example_events
from accounts.webhooks.delivery import listeners
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Endpoint, Message
from adminportal.dashboard import acts, shown_once
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.shown_once import ShownSecret
from adminportal.dashboard.submissions import FormField, SubmittedForm
from adminportal.dashboard.webhooks import event_picker
from wearlink.lib.api import bodies

PATH: Final = "/api/v1/webhooks/listeners"
TEST_TYPE: Final = "workout.created"
ADVICE: Final = "Your own server verifies with it what the listener hands on. It is shown this once."
FIELDS: Final = (
    FormField("description", "Description", help="Whose desk it is; never sent."),
    FormField("filter_types", "Only these events", help="Names with commas between, such as workout.*, sleep.created. "
              "Empty: the usual ones."),
    FormField("user_id", "Only about this end user", help="An end user’s id. Empty: about everybody."),
)  # fmt: skip


@page("GET", "POST", section="webhooks")
def listed(request: TenantRequest) -> HttpResponse:
    """Return those that listen now, and a form for another."""
    form = SubmittedForm.of(request, FIELDS)
    if form.is_sent and form.is_double:
        return acts.done(request, "This listener was opened already.", request.path, audited=False)
    if form.is_sent:
        with form.judged():
            values = form.read(listener_shapes.ListenerInputSerializer, _entered(form))
            made = listeners.open_listener(request.organization, values, request.actor)
        if form.is_accepted:
            _keep(request, made)
            return acts.done(request, f"The listener {made.endpoint.id} is open.", request.path)
    return _show(request, form)


@page("POST", section="webhooks")
def close(request: TenantRequest, listener_id: str) -> HttpResponse:
    row = listeners.find(request.organization, listener_id)
    listeners.close(row, request.actor)
    return acts.done(request, f"The listener {row.id} is closed; what waited for it is dropped.", _back())


@page("POST", section="webhooks")
def test(request: TenantRequest, listener_id: str) -> HttpResponse:
    """Send it the example of an event type."""
    row = listeners.find(request.organization, listener_id)

    def do() -> Message:
        body = delivery_shapes.TestEventSerializer(data={"event_type": request.POST.get("event_type", "")})
        return example_events.create(row, bodies.validate(body)["event_type"])

    def words(message: Message) -> str:
        return f"The example of {message.type} waits for {row.id}."

    return acts.carry_out(request, do, words, _back(), audited=False)


@page("POST", section="webhooks")
def look(request: TenantRequest, listener_id: str) -> HttpResponse:
    """Fetch what waits and show it; unanswered, it comes again after a minute, to the next poll."""
    row = listeners.find(request.organization, listener_id)
    found = listeners.poll(row, [])
    if not found:
        messages.success(request, "Nothing waits for this listener. A test event would.")
    shown = [(one.message, dict(one.headers), json.dumps(json.loads(one.body), indent=2)) for one in found]
    return _show(request, SubmittedForm(FIELDS, None), fetched=shown, listener=row)


def _entered(form: SubmittedForm) -> Mapping[str, Any]:
    """Return the form as a body of the API."""
    names = [name for name in form.text("filter_types").replace(",", " ").split() if name]
    return {
        "description": form.text("description"),
        "filter_types": names or None,
        "user_id": form.text("user_id") or None,
    }


def _keep(request: TenantRequest, made: lifecycle.Created) -> None:
    shown_once.keep(request, ShownSecret("Signing secret of the listener", made.secret, ADVICE))


def _back() -> str:
    return reverse("dashboard:listeners")


def _show(request: TenantRequest, form: SubmittedForm, **fetched: Any) -> HttpResponse:
    rows = Endpoint.objects.listeners_of(request.organization).order_by("-key")
    one = rows[0].id if rows else "LISTENER_ID"
    context = {
        "rows": rows,
        "form": form,
        "most": listeners.MAX_LISTENERS,
        "minutes": int(listeners.SILENT_AFTER.total_seconds() // 60),
        "type_names": event_picker.names(),
        "test_type": TEST_TYPE,
        "base": settings.BASE_URL,
        "shown": shown_once.take(request),
        "calls": [
            ApiCall("GET", PATH, "list listeners"),
            ApiCall("POST", PATH, "open a listener", {"filter_types": ["workout.*"]}),
            ApiCall("POST", f"{PATH}/{one}/poll", "fetch what waits", {"wait": 25, "answers": []}),
            ApiCall("POST", f"{PATH}/{one}/test", "send it a test event", {"event_type": TEST_TYPE}),
            ApiCall("DELETE", f"{PATH}/{one}", "close it"),
        ],
        **fetched,
    }
    return show(
        request,
        "webhooks/listeners",
        "Listeners",
        context,
        status=form.status,
    )
