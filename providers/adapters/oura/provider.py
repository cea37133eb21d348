"""Oura: attributes, pulling by collection, pushes that name documents."""

import hmac
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import msgspec

from healthdata.records import Record, Rejected
from providers.adapters.oura import normalise as reading
from providers.adapters.oura.collections import BY_DATA_TYPE, COLLECTIONS, EVENTS, TOPICS, Collection
from providers.adapters.oura.nightly_pulse import NightlyPulse
from providers.adapters.oura.normalise import daily, events, heartrate, profile, sleep
from providers.adapters.oura.signature import OuraSignature
from providers.adapters.oura.subscriptions import OuraSubscriptions, milliseconds
from providers.contract import (
    Allowance,
    BadAnswer,
    BadWebhookSignature,
    Capabilities,
    Context,
    Coverage,
    Credentials,
    InboundRequest,
    Notification,
    OAuth2,
    PartialFailure,
    Quota,
    RawDocument,
    Retraction,
    UnsupportedEvent,
    VendorClient,
    WebhookReply,
    Window,
    collect,
    read_json,
)

BASE: Final = "/v2/usercollection"
TOO_MANY: Final = 429


class OuraEvent(msgspec.Struct):
    """A push: it names a document and carries no data."""

    event_type: str
    data_type: str
    object_id: str
    user_id: str
    event_time: str = ""


class Oura(OuraSubscriptions):
    """Oura Ring by Oura's Cloud API v2."""

    slug = "oura"
    name = "Oura"
    notes = (
        "Apps made in Oura's old and new developer console use different sign-in addresses; if Oura refuses the code, "
        "set PROVIDER_OURA_TOKEN_URL and PROVIDER_OURA_REVOKE_URL. An app that Oura has not approved serves 10 people. "
        "Nights arrive once the end user opens the Oura app; heart rate by day is fetched every six hours."
    )
    capabilities = Capabilities(pull=True, push=True, deletes=True)
    api_url = "https://api.ouraring.com"
    oauth = OAuth2(
        authorize_url="https://cloud.ouraring.com/oauth/authorize",
        token_url="https://moi.ouraring.com/oauth/v2/ext/oauth-token",
        revoke_url="https://moi.ouraring.com/oauth/v2/ext/oauth-revoke",
        scopes=(
            *("email", "personal", "daily", "heartrate", "workout", "session", "spo2Daily", "tag"),
            *("spo2", "stress", "heart_health", "ring_configuration"),  # asked for by the API, not in its documents
        ),
        needs_any=("daily", "heartrate", "workout", "session", "spo2", "spo2Daily", "stress", "heart_health"),
        pkce=True,
        probe=f"{BASE}/personal_info",
    )
    signature = OuraSignature()
    coverage = Coverage(
        series=tuple(dict.fromkeys([*daily.SERIES, *heartrate.SERIES, *sleep.SERIES, *events.SERIES, *profile.SERIES])),
        workout_types=events.WORKOUT_TYPES,
        sleep=True,
        scores=daily.SCORES,
    )
    sync_hours = 6
    look_back_days = 3
    window_days = 27  # widened by a day at both ends it stays within the 30 that heartrate answers
    allowances = (Allowance("app", 5000, 300),)
    topics = TOPICS

    def account_id(self, client: VendorClient) -> str:
        """Return the id that pushes call user_id."""
        found = client.get(f"{BASE}/personal_info")
        if not isinstance(found, dict) or not found.get("id"):
            raise BadAnswer("The profile has no id.")
        return str(found["id"])

    def granted_scopes(self, answer: Mapping[str, Any], query: Mapping[str, str]) -> tuple[str, ...] | None:
        """Return names without the prefix that the new console's sign-in puts before them."""
        granted = super().granted_scopes(answer, query)
        return None if granted is None else tuple(name.removeprefix("extapi:") for name in granted)

    def revoke(self, client: VendorClient) -> None:
        """Revoke the grant; the old console's address takes the token in the query, the new one a form (RFC 7009)."""
        url, app = client.urls.revoke, client.credentials
        if url.endswith("/oauth/revoke"):
            client.request("POST", url, params={"access_token": client.access_token}, auth="none")
        elif url:
            token = client.refresh_token or client.access_token
            form = {"token": token, "client_id": app.client_id, "client_secret": app.client_secret}
            client.request("POST", url, form=form, auth="none")

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Yield all collections whose scope was given. Oura's filters leave out the first or the last day, each
        collection in its own way, so a day more is asked for at both ends.
        """
        yield from collect("personal_info", _bare(client))
        joined = NightlyPulse()
        for one in COLLECTIONS:
            if _granted(client, one):
                pages = client.pages(one.path, f"{BASE}/{one.path}", _params(one, window), next_key="next_token")
                yield from map(joined.join, collect(one.path, pages))

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        """Return the limit that a 429 states: the tier that is used up, and until when."""
        try:
            limit, resets = int(headers["x-ratelimit-limit"]), float(headers["x-ratelimit-reset"])
        except (KeyError, ValueError):
            return ()
        tier = headers.get("x-ratelimit-tier", "").lower()
        per_user = "token" in tier or "user" in tier
        return (Quota("token" if per_user else "app", limit, 0 if status == TOO_MANY else limit, resets, per_user),)

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        """Answer the call that Oura makes while we subscribe: the challenge is sent back if the token is ours."""
        given, challenge = inbound.query.get("verification_token"), inbound.query.get("challenge")
        if inbound.method != "GET" or given is None or challenge is None:
            return None
        if not hmac.compare_digest(given.encode(), credentials.verification_token.encode()):
            raise BadWebhookSignature("The verification token is not ours.")
        return WebhookReply.json(challenge=challenge)

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        event = read_json(inbound.body, OuraEvent)
        found = BY_DATA_TYPE.get(event.data_type)
        if found is None or event.event_type not in EVENTS:
            raise UnsupportedEvent(f"{event.event_type[:24]}.{event.data_type[:32]}")
        deleted = event.event_type == "delete"
        yield Notification(
            event.user_id, found.path, event.object_id, deleted=deleted, at=milliseconds(event.event_time)
        )

    def resolve(self, client: VendorClient, notification: Notification) -> Iterator[RawDocument | PartialFailure]:
        """Yield the document; not there yet is VendorNotFound."""
        yield RawDocument(
            notification.kind, client.raw(f"{BASE}/{notification.kind}/{quote(notification.object_id, safe='')}").body
        )

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
        """Return records of a page or a document. Raises AnomalousPayload."""
        return reading.normalise(body, context)


def _bare(client: VendorClient) -> Iterator[RawDocument]:
    yield RawDocument("personal_info", client.raw(f"{BASE}/personal_info").body)


def _granted(client: VendorClient, one: Collection) -> bool:
    given = client.grant.scopes
    return not given or not one.scopes or not set(given).isdisjoint(one.scopes)


def _params(one: Collection, window: Window) -> dict[str, str]:
    if one.window == "none":
        return {}
    days = window.widened(before=1, after=1)
    if one.window == "days":
        return days.as_params()
    return {"start_datetime": f"{days.start}T00:00:00Z", "end_datetime": f"{days.end}T23:59:59Z"}
