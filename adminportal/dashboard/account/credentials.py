"""API keys: made, replaced and revoked; a whole key is shown once."""

from typing import Final

from django.http import HttpResponse
from django.urls import reverse

from accounts import keys, sdk_tokens
from accounts.api import serializers
from accounts.models import ApiKey
from accounts.organization import roles
from adminportal.dashboard import acts, shown_once
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.shown_once import ShownSecret
from adminportal.dashboard.submissions import FormField, SubmittedForm
from wearlink.lib.api.callers import DASHBOARD
from wearlink.lib.security.tokens import LIFETIME, Purpose

PATH: Final = "/api/v1/developer/api-keys"
FIELDS: Final = (
    FormField("name", "Name of the new key", help="Where it will be used, such as Production server.", required=True),
)
ADVICE: Final = (
    "This is the only time that the whole key is shown: we keep no copy that could be read. Put it where your servers "
    "keep their secrets, never into an app or a browser."
)
CALLS: Final = (
    ApiCall("GET", PATH, "list keys", caller=DASHBOARD),
    ApiCall("POST", PATH, "create a key", {"name": "Production server"}, caller=DASHBOARD),
    ApiCall("POST", f"{PATH}/KEY_ID/rotate", "replace a key", caller=DASHBOARD),
    ApiCall("DELETE", f"{PATH}/KEY_ID", "revoke a key", caller=DASHBOARD),
    ApiCall("POST", "/api/v1/users/USER_ID/token", "get an SDK token for an end user"),
    ApiCall("DELETE", "/api/v1/organization/sdk-tokens", "withdraw all SDK tokens", caller=DASHBOARD),
)


@page("GET", "POST", section="credentials")
def keys_page(request: TenantRequest) -> HttpResponse:
    """Return the live keys, and for owners and admins a form for another."""
    form = SubmittedForm.of(request, FIELDS)
    if form.is_sent:
        roles.require_manager(request.developer)
        if form.is_double:
            return acts.done(request, "This key was made already.", request.path, audited=False)
        with form.judged():
            name = form.read(serializers.ApiKeyNameSerializer, {"name": form.text("name")})["name"]
            made = keys.create(
                organization=request.organization, name=name, actor=request.actor, created_by=request.developer
            )
        if form.is_accepted:
            _keep(request, made)
            return acts.done(request, f"The key {made.row.listed_id}… was created.", request.path)
    context = {
        "rows": ApiKey.objects.for_organization(request.organization).live().select_related("created_by"),
        "form": form,
        "shown": shown_once.take(request),
        "token_hours": LIFETIME[Purpose.SDK] // 3600,
        "calls": CALLS,
    }
    return show(
        request,
        "account/credentials",
        "Credentials",
        context,
        status=form.status,
    )


@page("POST", section="credentials", managers=True)
def rotate(request: TenantRequest, key_id: str) -> HttpResponse:
    """Replace the key by another of the same name; the old one ends at once."""

    def do() -> keys.MintedKey:
        made = keys.rotate(
            organization=request.organization,
            public_id=keys.public_part(key_id),
            actor=request.actor,
            created_by=request.developer,
        )
        _keep(request, made)
        return made

    to = reverse("dashboard:credentials")
    return acts.carry_out(request, do, lambda made: f"{key_id}… was replaced by {made.row.listed_id}….", to)


@page("POST", section="credentials", managers=True)
def delete(request: TenantRequest, key_id: str) -> HttpResponse:
    public_id = keys.public_part(key_id)
    return acts.carry_out(
        request,
        lambda: keys.delete(organization=request.organization, public_id=public_id, actor=request.actor),
        lambda _: f"The key {key_id}… was revoked.",
        reverse("dashboard:credentials"),
    )


@page("POST", section="credentials", managers=True)
def withdraw_sdk_tokens(request: TenantRequest) -> HttpResponse:
    """End every SDK token of the organization."""
    sdk_tokens.withdraw_all(request.organization, request.actor)
    words = "All SDK tokens are dead; phones get 401 and ask your server for new ones."
    return acts.done(request, words, reverse("dashboard:credentials"))


def _keep(request: TenantRequest, made: keys.MintedKey) -> None:
    shown_once.keep(request, ShownSecret(f"New API key: {made.row.name}", made.secret, ADVICE))
