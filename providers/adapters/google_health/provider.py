"""Google Health: attributes, who somebody is and was, pushes that name stretches of time."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from healthdata.records import ClearedRange, Record, Rejected
from providers.adapters.google_health import normalise as reading
from providers.adapters.google_health import notifications, pulling
from providers.adapters.google_health.collections import (
    ACTIVITY,
    BY_PATH,
    IDENTITY_PATH,
    METRICS,
    NUTRITION,
    PROFILE,
    SLEEP,
    TOTAL_DAYS,
)
from providers.adapters.google_health.signature import WORD, GoogleHealthSignature
from providers.contract import (
    Allowance,
    BadAnswer,
    Capabilities,
    CloudProvider,
    Context,
    Credentials,
    FormerAccount,
    InboundRequest,
    Notification,
    OAuth2,
    PartialFailure,
    RawDocument,
    Retraction,
    VendorClient,
    WebhookReply,
    Window,
)

CREATED: Final = 201
LEGACY: Final = "fitbit"  # whose accounts Google goes on with


class GoogleHealth(CloudProvider):
    """Fitbit and Pixel devices by the Google Health API v4."""

    slug = "google_health"
    name = "Google Health"
    notes = (
        "Fitbit and Pixel Watch data; it took the place of Fitbit's Web API, so users of that connect again. All its "
        "scopes are restricted: Google reviews an app before it may serve more than 100 people, with a security "
        "assessment each year, and in status Testing a connection ends after 7 days. Pushes need a subscriber, "
        "registered once per Google Cloud project."
    )
    capabilities = Capabilities(pull=True, push=True, deletes=True)
    api_url = "https://health.googleapis.com"
    oauth = OAuth2(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",
        revoke_url="https://oauth2.googleapis.com/revoke",
        scopes=(ACTIVITY, METRICS, SLEEP, NUTRITION, PROFILE),
        needs_any=(ACTIVITY, METRICS, SLEEP, NUTRITION),
        pkce=True,
        authorize_params={"access_type": "offline", "prompt": "consent", "include_granted_scopes": "true"},
        needs_refresh_token=True,
    )
    signature = GoogleHealthSignature()
    keys_url = "https://www.gstatic.com/googlehealthapi/webhooks/webhooks_public_keyset.json"
    coverage = reading.COVERAGE
    sync_hours = 6
    look_back_days = 3
    window_days = TOTAL_DAYS
    allowances = (Allowance("minute", 300, 60, per_user=True),)

    def account_id(self, client: VendorClient) -> str:
        """healthUserId, by which pushes name the account."""
        return _identity(client, "healthUserId") or _refuse()

    def former_accounts(self, client: VendorClient) -> Iterable[FormerAccount]:
        """Return what Fitbit called the same account."""
        legacy = _identity(client, "legacyUserId")
        return (FormerAccount(LEGACY, legacy),) if legacy else ()

    def revoke(self, client: VendorClient) -> None:
        """End the whole grant; the token is proof enough."""
        token = client.refresh_token or client.access_token
        client.request("POST", client.urls.revoke, form={"token": token}, auth="none")

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Yield all types whose scope was given, and the totals of days."""
        yield from pulling.of_window(client, window)

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        """Google asks twice: with our word, which must be welcome, and without it, which must be refused."""
        if not notifications.is_verification(inbound):
            return None
        WORD.check(inbound, credentials)
        return WebhookReply(CREATED)

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        return notifications.read(inbound)

    def resolve(self, client: VendorClient, notification: Notification) -> Iterator[RawDocument | PartialFailure]:
        """Yield what there is now of the stretch; where Google deleted, with the word that it is all."""
        one = BY_PATH.get(notification.kind.removesuffix(notifications.CLEARED))
        stretch = notifications.stretch_of(notification)
        if one is not None and stretch is not None and pulling.granted(client, one):
            yield from pulling.of_stretch(client, one, stretch)

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction | ClearedRange]:
        """Return records of a page or of totals. Raises AnomalousPayload."""
        return reading.normalise(body, context)


def _identity(client: VendorClient, field: str) -> str:
    found: Any = client.get(IDENTITY_PATH)
    value = found.get(field) if isinstance(found, dict) else None
    return value if isinstance(value, str) else ""


def _refuse() -> str:
    raise BadAnswer("Google did not say whose account it is; one without a Fitbit profile has no data here.")
