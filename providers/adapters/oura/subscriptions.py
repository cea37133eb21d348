"""Oura's subscriptions: one an event type and data type, made with the app's own credentials."""

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import msgspec

from providers.contract import (
    AppClient,
    BadAnswer,
    CloudProvider,
    TopicSubscription,
    VendorError,
    VendorNotFound,
)
from wearlink.lib.clock import parse_rfc3339
from wearlink.lib.errors import InvalidInput

T = TypeVar("T")
SUBSCRIPTIONS: Final = "/v2/webhook/subscription"
FORBIDDEN, CONFLICT = 403, 409


class HeldOuraSubscription(msgspec.Struct):
    """A subscription as Oura lists it."""

    id: str
    event_type: str
    data_type: str
    callback_url: str = ""
    expiration_time: str | None = None

    def as_subscription(self) -> TopicSubscription:
        """Return the same in our words; a time without a zone is UTC."""
        ends = None if not self.expiration_time else milliseconds(self.expiration_time)
        return TopicSubscription(self.id, f"{self.event_type}.{self.data_type}", self.callback_url, ends or None)


class OuraSubscriptions(CloudProvider):
    """The part of the provider that subscribes."""

    def subscriptions(self, client: AppClient) -> Iterable[TopicSubscription]:
        return [
            held.as_subscription() for held in decoded(_app(client, "GET", SUBSCRIPTIONS), list[HeldOuraSubscription])
        ]

    def subscribe(self, client: AppClient, topic: str, callback_url: str) -> TopicSubscription:
        """Make one; one that exists already is as good."""
        event, _, data_type = topic.partition(".")
        body = {
            "callback_url": callback_url,
            "verification_token": client.credentials.verification_token,
            "event_type": event,
            "data_type": data_type,
        }
        try:
            return decoded(_app(client, "POST", SUBSCRIPTIONS, body), HeldOuraSubscription).as_subscription()
        except BadAnswer as error:
            if error.status != CONFLICT:
                raise
        for held in self.subscriptions(client):
            if held.topic == topic:
                return held
        raise VendorError("Oura says that the subscription exists, and does not list it.")

    def renew(self, client: AppClient, subscription: TopicSubscription, callback_url: str) -> TopicSubscription:
        """Prolong one; Oura answers 403 for one it does not know any more."""
        try:
            return decoded(
                _app(client, "PUT", f"{SUBSCRIPTIONS}/renew/{subscription.id}"), HeldOuraSubscription
            ).as_subscription()
        except BadAnswer as error:
            if error.status == FORBIDDEN:
                raise VendorNotFound("The subscription is gone.") from error
            raise

    def unsubscribe(self, client: AppClient, subscription: TopicSubscription) -> None:
        _app(client, "DELETE", f"{SUBSCRIPTIONS}/{subscription.id}")


def _app(client: AppClient, method: str, path: str, body: Any = None) -> bytes:
    who = client.credentials
    headers = {"x-client-id": who.client_id, "x-client-secret": who.client_secret}
    return client.request(method, path, json=body, headers=headers, auth="none").body


def decoded(body: bytes, kind: type[T]) -> T:
    """Return an answer of that shape. Raises BadAnswer."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(f"The answer about subscriptions is not what it should be: {error}") from error


def milliseconds(text: str) -> int:
    """Return a time in ms; 0 for none, which is no reason to refuse an event."""
    try:
        return parse_rfc3339(text)[0]
    except InvalidInput:
        return 0
