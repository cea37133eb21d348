"""Apps at vendors: whose credentials are used for whom, and at which addresses the vendor is reached.

An organization's own app goes first; the platform's, from the environment, serves everybody else. Where there is
neither, the provider is not configured.
"""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import msgspec
from django.conf import settings
from django.utils.crypto import salted_hmac

from providers import registry
from providers.contract import CloudProvider, Credentials, PathSecret, Urls
from providers.models import Connection, ProviderApp, VendorSubscription
from providers.vendor_api import key_sets
from wearlink.lib import tenancy
from wearlink.lib.errors import NotAvailable, NotFound

PLATFORM: Final = "platform"
CACHE_SECONDS: Final = 5.0
_apps: dict[str, tuple[float, list[ProviderApp]]] = {}


class UnknownProvider(NotFound):
    """No adapter has this slug, or it is not one of a vendor's cloud."""

    default_code = "unknown_provider"


class NotConfigured(NotAvailable):
    """Neither the organization nor the platform has an app at this vendor."""

    default_code = "provider_not_configured"


class Secrets(msgspec.Struct, frozen=True, omit_defaults=True):
    client_secret: str
    verification_token: str = ""


@dataclass(frozen=True, slots=True)
class VendorApp:
    """An app at a vendor, ready for use. `id` is None for the platform's."""

    provider: CloudProvider
    credentials: Credentials
    urls: Urls
    id: uuid.UUID | None = None
    organization_id: uuid.UUID | None = None

    @property
    def name(self) -> str:
        """Tells apps of one vendor apart: in counters, never shown to anybody."""
        return str(self.id or PLATFORM)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that end users are asked for."""
        return self.credentials.scopes or self.provider.oauth.scopes

    @property
    def callback_url(self) -> str:
        """The address to which the vendor sends an end user back."""
        return callback_url_of(self.provider)

    @property
    def webhook_url(self) -> str:
        """The address for the vendor's pushes; an organization's app has one of its own."""
        own = f"/{self.id}" if self.id else ""
        secret = f"/secret/{self.credentials.verification_token}" if self.has_path_secret else ""
        return f"{settings.BASE_URL}/v1/webhooks/{self.provider.slug}{own}{secret}"

    @property
    def has_path_secret(self) -> bool:
        """Return whether the address itself proves the sender."""
        return self.provider.secret_address or isinstance(self.provider.signature, PathSecret)


def callback_url_of(provider: CloudProvider) -> str:
    """Return the same, before there is an app: the vendor's screens want it first."""
    return f"{settings.BASE_URL}/v1/providers/{provider.slug}/callback"


def get_cloud(slug: str) -> CloudProvider:
    """Return the adapter of a vendor's cloud; raises UnknownProvider."""
    provider = registry.providers().get(slug)
    if not isinstance(provider, CloudProvider):
        raise UnknownProvider(f"There is no provider {slug[:32]!r} that can be connected.")
    return provider


def all_clouds() -> Iterator[CloudProvider]:
    """Return all vendor clouds, in alphabetical order."""
    return (provider for provider in registry.providers().values() if isinstance(provider, CloudProvider))


def vendor_setting(slug: str, name: str) -> str:
    """Return a variable about a vendor: PROVIDER_<SLUG>_<NAME>, else <SLUG>_<NAME>; empty where neither is set."""
    values: Mapping[str, str] = settings.PROVIDERS
    prefix = slug.upper()
    return values.get(f"PROVIDER_{prefix}_{name}") or values.get(f"{prefix}_{name}", "")


def urls_of(provider: CloudProvider) -> Urls:
    """Return the vendor's addresses: the settings', else the adapter's."""

    def choose(name: str, default: str) -> str:
        return (vendor_setting(provider.slug, name) or default).rstrip("/")

    oauth = provider.oauth
    return Urls(
        api=choose("API_URL", provider.api_url),
        authorize=choose("AUTHORIZE_URL", oauth.authorize_url),
        token=choose("TOKEN_URL", oauth.token_url),
        revoke=choose("REVOKE_URL", oauth.revoke_url),
        keys=choose("KEYS_URL", provider.keys_url),
    )


def platform_app(provider: CloudProvider) -> VendorApp | None:
    """Return the platform's app; None if the environment has none."""
    client_id, secret = vendor_setting(provider.slug, "CLIENT_ID"), vendor_setting(provider.slug, "CLIENT_SECRET")
    if not client_id or not secret:
        return None
    scopes = tuple(vendor_setting(provider.slug, "SCOPES").replace(",", " ").split())
    token = vendor_setting(provider.slug, "WEBHOOK_TOKEN") or derived_token(provider.slug, PLATFORM)
    return VendorApp(provider, Credentials(client_id, secret, token, "", scopes), urls_of(provider))


def organization_app(provider: CloudProvider, row: ProviderApp) -> VendorApp:
    secrets = read_secrets(row.secrets)
    token = secrets.verification_token or derived_token(provider.slug, str(row.pk))
    found = Credentials(row.client_id, secrets.client_secret, token, "", tuple(row.scopes))
    return VendorApp(provider, found, urls_of(provider), row.pk, row.organization_id)


def app_for(organization_id: uuid.UUID, provider: CloudProvider) -> VendorApp | None:
    """Return the app that a new connection of this organization would use."""
    row = ProviderApp.objects.filter(organization_id=organization_id, provider=provider.slug).first()
    return platform_app(provider) if row is None else organization_app(provider, row)


def require_app(organization_id: uuid.UUID, provider: CloudProvider) -> VendorApp:
    """Return the same; raises NotConfigured where there is none."""
    app = app_for(organization_id, provider)
    if app is None:
        raise NotConfigured(f"{provider.name} is not configured: enter a client id and secret in the settings.")
    return app


def app_of_connection(connection: Connection) -> VendorApp:
    """Return the app a connection's grant was made for. Raises NotConfigured if it is gone."""
    provider = get_cloud(connection.provider)
    app = platform_app(provider) if connection.app is None else organization_app(provider, connection.app)
    if app is None:
        raise NotConfigured(f"{provider.name} is not configured any more.")
    return app


def configured_slugs(organization_id: uuid.UUID) -> set[str]:
    """Slugs of the clouds this organization can connect. One query."""
    own = ProviderApp.objects.filter(organization_id=organization_id).values_list("provider", flat=True)
    return {*own, *(provider.slug for provider in all_clouds() if platform_app(provider) is not None)}


def apps_at(provider: CloudProvider, app_id: uuid.UUID | None) -> list[VendorApp]:
    """Return the apps that a push to this address may be for. Remembered for some seconds, since vendors push a lot.

    The plain address serves the platform's app and those of organizations, whose vendors' screens were given it.
    """
    rows = _cached_rows(provider.slug)
    found = [organization_app(provider, row) for row in rows if app_id is None or row.pk == app_id]
    platform = None if app_id else platform_app(provider)
    return [with_proofs(app) for app in ([platform] if platform else []) + found]


def _cached_rows(slug: str) -> list[ProviderApp]:
    known = _apps.get(slug)
    if known is None or time.monotonic() - known[0] > CACHE_SECONDS:
        with tenancy.platform():  # all organizations' requests are served from it
            known = _apps[slug] = (time.monotonic(), list(ProviderApp.objects.filter(provider=slug)))
    return known[1]


def forget_apps() -> None:
    """Let this process read the apps again after a change; others do so within REMEMBERED seconds."""
    _apps.clear()


def with_proofs(app: VendorApp, *, fresh: bool = False) -> VendorApp:
    """Return the app with all that signatures are checked by. fresh: the vendor's keys may be newer than ours."""
    app = with_signing_secret(app)
    if not app.urls.keys:
        return app
    filled = msgspec.structs.replace(app.credentials, key_set=key_sets.key_set(app.urls.keys, fresh=fresh))
    return replace(app, credentials=filled)


def with_signing_secret(app: VendorApp) -> VendorApp:
    """Return the app with the secret its vendor gave when the webhook was made, for the vendors that give one."""
    if getattr(app.provider.signature, "key", "") != "signing_secret":
        return app
    rows = VendorSubscription.objects.filter(provider=app.provider.slug, app_id=app.id).exclude(signing_secret=b"")
    with tenancy.platform():
        row = rows.first()
    if row is None:
        return app
    filled = msgspec.structs.replace(app.credentials, signing_secret=row.signing_secret)
    return replace(app, credentials=filled)


@lru_cache(maxsize=1024)
def read_secrets(text: str) -> Secrets:
    """Return what ProviderApp.secrets holds. Remembered, as every push asks for it."""
    return msgspec.json.decode(text, type=Secrets)


def write_secrets(secrets: Secrets) -> str:
    return msgspec.json.encode(secrets).decode()


@lru_cache(maxsize=1024)
def derived_token(slug: str, name: str) -> str:
    """Return our own word for a vendor's handshake, where nobody chose one."""
    return salted_hmac("providers.handshake", f"{slug}:{name}", algorithm="sha256").hexdigest()[:40]
