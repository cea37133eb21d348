"""Vendors' apps: whose credentials are used, entering one's own with a guide beside it, checking and removing them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.organization import roles
from adminportal.dashboard import acts
from adminportal.dashboard.account import setup_guides
from adminportal.dashboard.calls import ApiCall
from adminportal.dashboard.shell import TenantRequest, page, show
from adminportal.dashboard.submissions import FormField, SubmittedForm
from providers import registry
from providers.api.schema import cloud_shapes
from providers.connections import own_apps
from providers.contract import CloudProvider
from providers.models import ProviderApp
from providers.vendor_api import app_check, credentials
from providers.vendor_api.credentials import VendorApp
from wearlink.lib.api import bodies
from wearlink.lib.api.callers import DASHBOARD

OWN, PLATFORM, NONE, PHONE = (
    ("ok", "your app"), ("info", "the platform’s app"), ("idle", "not set up"), ("ok", "by SDK, nothing to set up"),
)  # fmt: skip
FIELDS: Final = (
    FormField("client_id", "Client id", help="As the vendor shows it.", required=True),
    FormField("client_secret", "Client secret", "password", autocomplete="new-password"),
    FormField(
        "scopes", "Scopes", "textarea", "One a line, asked for instead of the usual ones. Empty: the usual ones.",
        rows=3,
    ),
    FormField(
        "webhook_verification_token", "Verification token", "password", "Your own word for the vendor’s handshakes. "
        "Empty: it stays as it is, or we make one.", autocomplete="new-password",
    ),
)  # fmt: skip


@page(section="providers")
def listed(request: TenantRequest) -> HttpResponse:
    """Return every provider with its state."""
    own = set(ProviderApp.objects.filter(organization=request.organization).values_list("provider", flat=True))
    configured = credentials.configured_slugs(request.organization.pk)
    rows = [(one, _state(one.slug, own, configured, one)) for one in registry.providers().values()]
    rows.sort(key=lambda row: (not isinstance(row[0], CloudProvider), row[0].name))
    calls = [
        ApiCall("GET", "/api/v1/providers", "list providers"),
        ApiCall("GET", "/api/v1/meta/coverage", "see what each of them measures"),
    ]
    return show(request, "account/providers", "Providers", {"rows": rows, "calls": calls})


@page("GET", "POST", section="providers")
def detail(request: TenantRequest, slug: str) -> HttpResponse:
    """Return one vendor: for owners and admins a form, with the addresses to copy and the guide beside it."""
    provider = credentials.get_cloud(slug)
    row = ProviderApp.objects.filter(organization=request.organization, provider=slug).first()
    form = SubmittedForm.of(request, _fields(row), _initial(row))
    if form.is_sent:
        roles.require_manager(request.developer)
        with form.judged():
            serializer = cloud_shapes.ProviderAppInputSerializer(data=_entered(form))
            bodies.validate(serializer)
            own_apps.save(request.developer, provider, serializer.entered(), actor=request.actor)
        if form.is_accepted:
            return acts.done(request, f"The credentials for {provider.name} were saved.", request.path)
    app = _app(provider, row)
    context = {
        "provider": provider,
        "row": row,
        "app": app,
        "state": OWN if row else PLATFORM if app else NONE,
        "shown": cloud_shapes.shown_app(row) if row and request.developer.manages else None,
        "callback_url": credentials.callback_url_of(provider),
        "form": form,
        "steps": setup_guides.steps_for(slug),
        "calls": _calls(slug),
    }
    return show(
        request,
        "account/provider",
        provider.name,
        context,
        status=form.status,
    )


@page("POST", section="providers", managers=True)
def remove(request: TenantRequest, slug: str) -> HttpResponse:
    """Remove the organization's credentials; connections made with them expire."""
    provider = credentials.get_cloud(slug)
    return acts.carry_out(
        request,
        lambda: own_apps.remove(request.developer, provider, actor=request.actor),
        lambda _: f"Your credentials for {provider.name} were removed.",
        reverse("dashboard:provider", args=[slug]),
    )


@page("POST", section="providers", managers=True)
def check(request: TenantRequest, slug: str) -> HttpResponse:
    """Ask the vendor whether it knows the app."""
    provider = credentials.get_cloud(slug)
    found = app_check.check(credentials.organization_app(provider, own_apps.find(request.developer, provider)))
    tell = {"accepted": messages.success, "refused": messages.error, "unclear": messages.warning}[found.status]
    tell(request, found.message)
    return redirect("dashboard:provider", slug)


def _state(slug: str, own: set[str], configured: set[str], provider: Any) -> tuple[str, str]:
    if not isinstance(provider, CloudProvider):
        return PHONE
    if slug in own:
        return OWN
    return PLATFORM if slug in configured else NONE


def _app(provider: CloudProvider, row: ProviderApp | None) -> VendorApp | None:
    return credentials.platform_app(provider) if row is None else credentials.organization_app(provider, row)


def _fields(row: ProviderApp | None) -> list[FormField]:
    """Return the form's fields. The secret is required the first time, and may be left as it is later."""
    found = list(FIELDS)
    if row is None:
        found[1] = replace(found[1], required=True, help="It is stored encrypted and never shown again.")
    else:
        found[1] = replace(found[1], help="Empty: it stays as it is.", placeholder="stored")
    return found


def _initial(row: ProviderApp | None) -> Mapping[str, str]:
    return {} if row is None else {"client_id": row.client_id, "scopes": "\n".join(row.scopes)}


def _entered(form: SubmittedForm) -> dict[str, Any]:
    """Return the form as a body of the API: secrets that were left empty are left out."""
    found: dict[str, Any] = {"client_id": form.text("client_id"), "scopes": form.lines("scopes")}
    secrets = {name: form.text(name) for name in ("client_secret", "webhook_verification_token")}
    return found | {name: value for name, value in secrets.items() if value}


def _calls(slug: str) -> list[ApiCall]:
    path = f"/api/v1/providers/{slug}/settings"
    body = {"client_id": "your client id", "client_secret": "your client secret"}
    return [
        ApiCall("GET", path, "read the settings", caller=DASHBOARD),
        ApiCall("PUT", path, "enter credentials", body, caller=DASHBOARD),
        ApiCall("DELETE", path, "remove them", caller=DASHBOARD),
    ]
