"""Strava: attributes, pulling within its small limits, pushes that are looked into."""

import hmac
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import msgspec

from healthdata.records import Record, Rejected
from providers.adapters.strava import normalise as reading
from providers.adapters.strava.normalise import athlete, sports, streams
from providers.adapters.strava.pulling import ActivityPuller
from providers.adapters.strava.signature import StravaSignature
from providers.adapters.strava.subscriptions import TOPIC, StravaSubscriptions
from providers.contract import (
    BadAnswer,
    BadWebhookSignature,
    Capabilities,
    Context,
    Coverage,
    Credentials,
    Deleted,
    InboundRequest,
    Notification,
    OAuth2,
    PartialFailure,
    Quota,
    RawDocument,
    UnsupportedEvent,
    VendorClient,
    VendorNotFound,
    WebhookReply,
    Window,
    counted_pairs,
    read_json,
)

QUARTER, DAY = 900, 86_400
# in the order in which they can follow each other within the one second that event_time tells
ASPECTS: Final = {"create": 0, "update": 1, "delete": 2}


class StravaEvent(msgspec.Struct):
    """A push; it names an object and carries no data."""

    object_type: str
    object_id: int
    aspect_type: str
    owner_id: int
    event_time: int = 0
    updates: dict[str, Any] | None = None
    subscription_id: int | None = None


class Strava(StravaSubscriptions):
    """Strava by its API v3: activities only; no sleep, no daily totals."""

    slug = "strava"
    name = "Strava"
    notes = (
        "Since June 2026 an app of Strava's Standard tier serves at most 10 people, and its owner needs a paid Strava "
        "subscription; more people and calls need Extended Access, which Strava reviews. Strava's agreement lets you "
        "show an end user's data to that person only, forbids training AI with it, and asks you to delete it on "
        "disconnect: have it checked before you show Strava data to anybody else. From 4 January 2027 set "
        "PROVIDER_STRAVA_API_URL to Strava's new API host."
    )
    capabilities = Capabilities(pull=True, push=True, deletes=True)
    api_url = "https://www.strava.com/api/v3"
    oauth = OAuth2(
        authorize_url="https://www.strava.com/oauth/authorize",
        token_url="https://www.strava.com/oauth/token",
        revoke_url="https://www.strava.com/oauth/revoke",
        # activity:read besides activity:read_all: who unticks the latter would else give no events at all
        scopes=("read", "activity:read", "activity:read_all", "profile:read_all"),
        needs_any=("activity:read", "activity:read_all"),
        scope_separator=",",
        authorize_params={"approval_prompt": "force"},
        probe="/athlete",
    )
    signature = StravaSignature()
    coverage = Coverage(
        series=tuple(dict.fromkeys([*streams.COVERED, *athlete.SERIES])), workout_types=sports.WORKOUT_TYPES
    )
    sync_hours = 24
    look_back_days = 1  # pushes bring what changes; each activity costs three of few calls
    first_days = 14
    window_days = 7  # its calls must fit in a quarter of an hour's limit, since a window is fetched in one go
    refused_status = 403
    secret_address = True
    topics = (TOPIC,)

    def account_id(self, client: VendorClient) -> str:
        """athlete.id, which comes with the tokens; it is the owner_id of pushes."""
        found = client.grant.answer.get("athlete") or client.get("/athlete")
        if not isinstance(found, dict) or not found.get("id"):
            raise BadAnswer("The athlete has no id.")
        return str(found["id"])

    def grant_is_lost(self, status: int, body: Any) -> bool:
        """Strava does not say invalid_grant; it names the refresh token as the field at fault."""
        faults = body.get("errors") if isinstance(body, dict) else None
        about = [fault.get("field") for fault in faults or () if isinstance(fault, dict)]
        return super().grant_is_lost(status, body) or (
            status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED) and "refresh_token" in about
        )

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Yield summaries of the window, then each activity whole."""
        yield from ActivityPuller(client).window(window)

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        """Return two windows each for all calls and for reading ones; they end on the quarter hour and
        at midnight UTC.
        """
        found = []
        for prefix, name in (("x-ratelimit", ""), ("x-readratelimit", "read-")):
            pairs = counted_pairs(headers.get(f"{prefix}-limit", ""), headers.get(f"{prefix}-usage", ""))
            for (limit, used), (label, seconds) in zip(pairs, (("15min", QUARTER), ("day", DAY)), strict=False):
                ends = now - now % seconds + seconds + 1
                found.append(Quota(name + label, limit, max(limit - used, 0), ends))
        return tuple(found)

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        """Answer the call that Strava makes while we subscribe. The names have dots."""
        query = inbound.query
        if inbound.method != "GET" or query.get("hub.mode") != "subscribe":
            return None
        given = query.get("hub.verify_token", "")
        if not hmac.compare_digest(given.encode(), credentials.verification_token.encode()):
            raise BadWebhookSignature("The verification token is not ours.")
        return WebhookReply(body=msgspec.json.encode({"hub.challenge": query.get("hub.challenge", "")}))

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        """Yield an activity that came, changed or went; or the end user who took the grant back."""
        event = read_json(inbound.body, StravaEvent)
        held = "" if event.subscription_id is None else str(event.subscription_id)
        account, at = str(event.owner_id), event.event_time * 1000 + ASPECTS.get(event.aspect_type, 0)
        if event.object_type == "activity" and event.aspect_type in ASPECTS:
            yield Notification(
                account,
                "activity",
                str(event.object_id),
                deleted=event.aspect_type == "delete",
                at=at,
                subscription=held,
            )
        elif event.object_type == "athlete" and _deauthorised(event):
            yield Notification(account, "athlete", deauthorised=True, at=at, subscription=held)
        else:
            raise UnsupportedEvent(f"{event.object_type[:32]}.{event.aspect_type[:24]}")

    def resolve(
        self, client: VendorClient, notification: Notification
    ) -> Iterator[RawDocument | PartialFailure | Deleted]:
        """Yield the activity as it is now. A deletion is believed once Strava has it no more, the end of a grant once
        the token is refused.
        """
        if notification.kind == "athlete":
            yield from ActivityPuller(client).athlete() if not notification.deauthorised else _probe(client)
            return
        try:
            yield from ActivityPuller(client).activity(notification.object_id)
        except VendorNotFound:
            if not notification.deleted:
                raise
            yield Deleted(notification.object_id)

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected]:
        """Return records of a document. Raises AnomalousPayload."""
        return reading.normalise(body, context)


def _deauthorised(event: StravaEvent) -> bool:
    return event.aspect_type == "delete" or (event.updates or {}).get("authorized") in ("false", False)


def _probe(client: VendorClient) -> Iterator[RawDocument]:
    """Raise GrantLost if the end user did take the grant back."""
    yield RawDocument("athlete", client.raw("/athlete").body)
