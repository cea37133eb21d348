"""An organization's own app at a vendor: entered, changed and removed by its owners and admins, always audited.

A grant belongs to the app it was made for. When the app is replaced by another or removed, the connections made through
it can never be refreshed again, so they expire at once and say why.
"""

from dataclasses import dataclass

from django.db import transaction

from accounts import audit
from accounts.models import Developer, Organization
from accounts.organization import roles
from providers.connections import lifecycle
from providers.contract import CloudProvider
from providers.models import Connection, ProviderApp
from providers.vendor_api import credentials
from providers.vendor_api.credentials import Secrets
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import InvalidInput, NotFound


class NoOwnApp(NotFound):
    """The organization has entered no credentials for this provider."""

    default_code = "no_own_credentials"


@dataclass(frozen=True, slots=True)
class EnteredCredentials:
    """Credentials as they were entered; None leaves a secret as it is."""

    client_id: str
    client_secret: str | None
    scopes: tuple[str, ...]
    verification_token: str | None


def find(by: Developer, provider: CloudProvider) -> ProviderApp:
    """Return the organization's app. Raises Forbidden, NoOwnApp."""
    roles.require_manager(by)
    row = ProviderApp.objects.filter(organization_id=by.organization_id, provider=provider.slug).first()
    if row is None:
        raise NoOwnApp(f"Your organization has no credentials of its own for {provider.name}.")
    return row


@transaction.atomic
def save(by: Developer, provider: CloudProvider, entered: EnteredCredentials, *, actor: audit.Actor) -> ProviderApp:
    """Enter or change the credentials. Raises Forbidden, InvalidInput."""
    roles.require_manager(by)
    rows = ProviderApp.objects.select_for_update().filter(organization_id=by.organization_id, provider=provider.slug)
    row = rows.first()
    if row is None and entered.client_secret is None:
        raise InvalidInput.on("client_secret", "This field is required.")
    if row is not None and row.client_id != entered.client_id:
        _expire_all(row, "credentials_changed")
    before = credentials.read_secrets(row.secrets) if row is not None else Secrets("")
    kept = Secrets(
        before.client_secret if entered.client_secret is None else entered.client_secret,
        before.verification_token if entered.verification_token is None else entered.verification_token,
    )
    values = {
        "client_id": entered.client_id,
        "secrets": credentials.write_secrets(kept),
        "scopes": list(entered.scopes),
        "updated_at": clock.now(),
    }
    row, created = ProviderApp.objects.update_or_create(
        organization_id=by.organization_id, provider=provider.slug, defaults=values
    )
    transaction.on_commit(credentials.forget_apps)
    action = "provider_settings.created" if created else "provider_settings.updated"
    audit.record(action, actor=actor, organization=by.organization, target=row, data={"provider": provider.slug})
    return row


@transaction.atomic
def remove(by: Developer, provider: CloudProvider, *, actor: audit.Actor) -> None:
    """Remove the credentials; connections made through them expire. Raises Forbidden, NoOwnApp."""
    forget(find(by, provider), by.organization, actor=actor)


@transaction.atomic
def forget(row: ProviderApp, organization: Organization, *, actor: audit.Actor) -> None:
    """Remove a row of credentials, for an organization or the platform."""
    _expire_all(row, "credentials_removed")
    target, data = str(row.pk), {"provider": row.provider}
    with tenancy.platform():  # with subscriptions and grants to be given back, which no tenant sees
        row.delete()
    transaction.on_commit(credentials.forget_apps)
    audit.record("provider_settings.deleted", actor=actor, organization=organization, target=target, data=data)


def mask(secret: str) -> str:
    """Enough to tell one secret from another."""
    return f"…{secret[-4:]}" if len(secret) >= 12 else "…"


def _expire_all(row: ProviderApp, reason: str) -> None:
    for key in Connection.objects.live().filter(app=row).values_list("pk", flat=True):
        lifecycle.expire(key, reason=reason)


audit.register("provider_settings.created", "Credentials for a provider were entered.")
audit.register("provider_settings.updated", "Credentials for a provider were changed.")
audit.register("provider_settings.deleted", "Credentials for a provider were removed.")
