"""Polar: attributes, registration of end users, pushes that name what to fetch."""

from collections.abc import Iterator, Mapping
from datetime import date
from http import HTTPStatus
from typing import Final

import msgspec

from healthdata.records import Record, Rejected
from providers.adapters.polar import normalise as reading
from providers.adapters.polar import pulling
from providers.adapters.polar.subscriptions import EVENTS, PolarSubscriptions
from providers.contract import (
    Allowance,
    AnomalousPayload,
    BadAnswer,
    Capabilities,
    Context,
    Credentials,
    HmacSignature,
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
    counted_pairs,
    read_json,
)
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

PING: Final = "PING"
MAX_PING_BYTES: Final = 1024
QUARTER, DAY = 900, 86_400


class PolarEvent(msgspec.Struct, rename={"day": "date", "start": "from", "end": "to"}):
    """A push. Its `url` is not followed: the address is made of our own base and the ids."""

    event: str
    user_id: int = 0
    timestamp: str = ""
    entity_id: str = ""
    day: date | None = None
    start: date | None = None
    end: date | None = None


class Polar(PolarSubscriptions):
    """Polar watches and sensors by AccessLink v3."""

    slug = "polar"
    name = "Polar"
    notes = (
        "Polar gives workouts that were uploaded after the end user connected. Its tokens do not end; who takes the "
        "grant back at Polar's is seen at the next call. The app at admin.polaraccesslink.com needs all data types."
    )
    capabilities = Capabilities(pull=True, push=True, deletes=False, history_days=365)
    api_url = "https://www.polaraccesslink.com"
    oauth = OAuth2(
        authorize_url="https://flow.polar.com/oauth2/authorization",
        token_url="https://polarremote.com/v2/oauth2/token",
        scopes=("accesslink.read_all",),
        client_auth="basic",
    )
    signature = HmacSignature(header="Polar-Webhook-Signature", key="signing_secret")
    coverage = reading.COVERAGE
    sync_hours = 24
    look_back_days = 3
    first_days = 28
    window_days = 28  # the longest range that Polar answers
    allowances = (Allowance("15min", 500, QUARTER), Allowance("day", 5000, DAY))

    def account_id(self, client: VendorClient) -> str:
        """x_user_id, which comes with the token; it is the user_id of pushes."""
        found = client.grant.answer.get("x_user_id")
        if not found:
            raise BadAnswer("The token came without x_user_id.")
        return str(found)

    def complete_connection(self, client: VendorClient) -> None:
        """Register the account, without which no call brings data. Several end users may share an account, so the
        member-id is the account's and not an end user's; a 409 then means that it is registered already.
        """
        try:
            client.request("POST", "/v3/users", json={"member-id": f"wearlink-{client.account}"})
        except BadAnswer as error:
            if error.status != HTTPStatus.CONFLICT or not client.get(f"/v3/users/{client.account}"):
                raise

    def revoke(self, client: VendorClient) -> None:
        """Deregister, which ends the token too."""
        client.request("DELETE", f"/v3/users/{client.account}")

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Yield everything, since half of what Polar has is never announced."""
        yield from pulling.of_window(client, window)

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        """Return pairs of a quarter of an hour and a day; usage counts up, resets are seconds from now."""
        pairs = counted_pairs(headers.get("ratelimit-limit", ""), headers.get("ratelimit-usage", ""))
        resets = counted_pairs(headers.get("ratelimit-reset", ""), headers.get("ratelimit-usage", ""))
        return tuple(
            Quota(name, limit, max(limit - used, 0), now + seconds)
            for name, (limit, used), (seconds, _) in zip(("15min", "day"), pairs, resets, strict=False)
        )

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        """Answer a PING. It comes before we get the secret, so any sender is answered, and nothing else is done."""
        if inbound.method != "POST" or len(inbound.body) > MAX_PING_BYTES:
            return None
        try:
            return WebhookReply.json() if read_json(inbound.body, PolarEvent).event == PING else None
        except AnomalousPayload:
            return None

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        """Yield one event a body; it may come twice, with the same time."""
        event = read_json(inbound.body, PolarEvent)
        if event.event not in EVENTS:
            raise UnsupportedEvent(event.event[:32])
        if not event.user_id or (event.event == "EXERCISE" and not event.entity_id):
            raise AnomalousPayload("An event without user_id or entity_id.")
        start = event.start or event.day
        yield Notification(
            str(event.user_id), event.event, event.entity_id, at=_milliseconds(event.timestamp),
            start=start, end=event.end or start,
        )  # fmt: skip

    def resolve(self, client: VendorClient, notification: Notification) -> Iterator[RawDocument | PartialFailure]:
        """Yield what the event is about, and what comes along with it without an event of its own."""
        yield from pulling.of_event(client, notification)

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
        """Return records of a document. Raises AnomalousPayload."""
        return reading.normalise(body, context)


def _milliseconds(text: str) -> int:
    try:
        return parse_rfc3339(text)[0]
    except InvalidInput:
        return 0
