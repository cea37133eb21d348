"""Fitbit: attributes, subscriptions of each end user, pushes that name collections and days."""

import hmac
from collections.abc import Iterator, Mapping
from datetime import date
from http import HTTPStatus
from typing import Final

import msgspec

from healthdata.records import ClearedRange, Record, Rejected
from providers.adapters.fitbit import normalise as reading
from providers.adapters.fitbit import pulling, subscriptions
from providers.adapters.fitbit.collections import PROFILE_PATH, PUSHED, REVOKED
from providers.contract import (
    Allowance,
    BadAnswer,
    BadWebhookSignature,
    Capabilities,
    CloudProvider,
    Context,
    Credentials,
    HmacSignature,
    InboundRequest,
    NotGranted,
    Notification,
    OAuth2,
    PartialFailure,
    Quota,
    RateLimited,
    RawDocument,
    Retraction,
    UnsupportedEvent,
    VendorClient,
    VendorNotFound,
    VendorUnavailable,
    WebhookReply,
    Window,
    collect,
    read_json,
)

HOUR: Final = 3600


class FitbitEvent(msgspec.Struct, rename={"collection": "collectionType", "owner": "ownerId", "day": "date"}):
    """One element of a push: what changed of whom, on which local day."""

    collection: str
    owner: str
    day: date | None = None


class Fitbit(CloudProvider):
    """Fitbit's legacy Web API, until it answers 410."""

    slug = "fitbit"
    name = "Fitbit"
    notes = (
        "Fitbit's Web API was switched off by its owner in the autumn of 2026: a call that is answered 410 expires the "
        "connection (vendor_retired), and the end user connects Google Health instead, which recognises the account. "
        "New apps can no longer be registered."
    )
    capabilities = Capabilities(pull=True, push=True, deletes=True, history_days=90)
    successor = "google_health"
    api_url = "https://api.fitbit.com"
    oauth = OAuth2(
        authorize_url="https://www.fitbit.com/oauth2/authorize",
        token_url="https://api.fitbit.com/oauth2/token",
        revoke_url="https://api.fitbit.com/oauth2/revoke",
        scopes=(
            *("activity", "heartrate", "location", "nutrition", "profile", "settings", "sleep", "weight"),
            *("oxygen_saturation", "respiratory_rate", "temperature", "cardio_fitness"),
        ),
        needs_any=("activity", "heartrate", "nutrition", "sleep", "weight", "oxygen_saturation"),
        pkce=True,
        client_auth="basic",
        needs_refresh_token=True,
    )
    signature = HmacSignature(header="X-Fitbit-Signature", digest="sha1", encoding="base64", key_suffix="&")
    accepted_status = HTTPStatus.NO_CONTENT
    refused_status = HTTPStatus.NOT_FOUND
    coverage = reading.COVERAGE
    sync_hours = 12
    look_back_days = 2
    window_days = 7  # some fifty calls, of the 150 that an hour has
    allowances = (Allowance("hour", 150, HOUR, per_user=True),)

    def account_id(self, client: VendorClient) -> str:
        """Return user_id of the token answer, by which pushes name the owner."""
        found = client.grant.answer.get("user_id")
        if not found:
            profile = client.get(PROFILE_PATH)
            user = profile.get("user") if isinstance(profile, dict) else None
            found = user.get("encodedId") if isinstance(user, dict) else None
        if not isinstance(found, str) or not found:
            raise BadAnswer("Fitbit did not say whose account it is.")
        return found

    def complete_connection(self, client: VendorClient) -> None:
        """Subscribe. What fails here is tried again by each pull, which tells of it; an hour without calls left is no
        reason to refuse a connection.
        """
        try:
            list(subscriptions.ensure(client))
        except (NotGranted, BadAnswer, VendorNotFound, RateLimited, VendorUnavailable):
            return

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        yield from collect("subscriptions", subscriptions.ensure(client))
        yield from pulling.of_window(client, window)

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        """Return the hour of this end user; its reset is in seconds from now."""
        try:
            limit, left, seconds = (
                int(headers[f"fitbit-rate-limit-{name}"]) for name in ("limit", "remaining", "reset")
            )
        except (KeyError, ValueError):
            return ()
        return (Quota("hour", limit, left, now + seconds, per_user=True),)

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        """Fitbit asks twice: with the subscriber's code, answered 204, and with a wrong one, answered 404."""
        given = inbound.query.get("verify")
        if inbound.method != "GET" or given is None:
            return None
        if not hmac.compare_digest(given.encode(), credentials.verification_token.encode()):
            raise BadWebhookSignature("The code is not ours.")
        return WebhookReply(HTTPStatus.NO_CONTENT)

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        """Yield a list of several owners'. An unknown kind of collection is reported after the others."""
        unknown = ""
        for event in read_json(inbound.body, list[FitbitEvent]):
            if event.collection == REVOKED:
                yield Notification(event.owner, REVOKED, deauthorised=True)
            elif event.collection in PUSHED and event.day is not None:
                yield Notification(event.owner, event.collection, f"{event.day}", start=event.day, end=event.day)
            else:
                unknown = unknown or event.collection[:56] or "nothing"
        if unknown:
            raise UnsupportedEvent(unknown)

    def resolve(self, client: VendorClient, notification: Notification) -> Iterator[RawDocument | PartialFailure]:
        """Yield the collection of that day, with what has no pushes of its own."""
        day = notification.start
        if day is not None and notification.kind in PUSHED:
            yield from pulling.of_day(client, notification.kind, Window(day, day))

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction | ClearedRange]:
        """Return records of a document. Raises AnomalousPayload."""
        return reading.normalise(body, context)
