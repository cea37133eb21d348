"""The signing secret of an endpoint: looked at with one's password, and rotated. Both leave an audit entry."""

from typing import Final

from django.http import HttpResponse
from django.urls import reverse

from accounts.sign_in import sessions
from accounts.webhooks.api import shapes
from accounts.webhooks.endpoints import lifecycle
from adminportal.dashboard import acts, shown_once
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.shown_once import ShownSecret
from adminportal.dashboard.submissions import FormField, SubmittedForm
from adminportal.dashboard.webhooks.endpoints import ADVICE, PATH
from wearlink.lib.api import bodies
from wearlink.lib.valkey.ratelimit import address_of

PASSWORD: Final = FormField(
    "password", "Your password", "password", "The secret is shown only after you enter your password.", required=True,
    autocomplete="current-password",
)  # fmt: skip
GRACES: Final = (
    ("86400", "The old secret signs beside the new one for 24 hours"),
    ("3600", "… for one hour"),
    ("604800", "… for seven days"),
    ("0", "The old secret ends at once"),
)


@page("GET", "POST", section="webhooks")
def reveal(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Ask for the password; the next page shows the secret once."""
    endpoint = lifecycle.find(request.organization, endpoint_id)
    form = SubmittedForm.of(request, [PASSWORD])
    if form.is_sent:
        with form.judged():
            sessions.confirm(request.developer, request.POST.get("password", ""), address_of(request))
            secret = lifecycle.secret(endpoint, request.actor)
        if form.is_accepted:
            shown_once.keep(request, ShownSecret("Signing secret", secret, ADVICE))
            return acts.done(request, "You looked at the secret.", request.path)
    context = {
        "endpoint": endpoint,
        "form": form,
        "shown": shown_once.take(request),
        "graces": GRACES,
        "calls": [
            ApiCall("GET", f"{PATH}/{endpoint_id}/secret", "read the secret"),
            ApiCall("POST", f"{PATH}/{endpoint_id}/secret/rotate", "rotate the secret", {"grace_seconds": 86400}),
        ],
    }
    return show(
        request,
        "webhooks/secret",
        "Signing secret",
        context,
        status=form.status,
    )


@page("POST", section="webhooks")
def rotate(request: TenantRequest, endpoint_id: str) -> HttpResponse:
    """Return a new secret, shown on the next page."""
    endpoint = lifecycle.find(request.organization, endpoint_id)

    def do() -> None:
        data = {"grace_seconds": request.POST.get("grace_seconds", "")}
        grace_seconds = bodies.validate(shapes.RotateSecretSerializer(data=data))["grace_seconds"]
        secret = lifecycle.rotate(endpoint, grace_seconds, request.actor)
        shown_once.keep(request, ShownSecret("New signing secret", secret, ADVICE))

    to = reverse("dashboard:webhook-secret", args=[endpoint_id])
    return acts.carry_out(request, do, lambda _: "The secret was replaced.", to)
