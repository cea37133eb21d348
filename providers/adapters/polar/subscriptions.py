"""Polar's webhook: one an app, made with the app's own credentials, its secret sent only then."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final, TypeVar

import msgspec

from providers.contract import AppClient, BadAnswer, CloudProvider, TopicSubscription, VendorNotFound

T = TypeVar("T")
WEBHOOKS: Final = "/v3/webhooks"
TOPIC: Final = "all"
EVENTS: Final = (
    *("EXERCISE", "SLEEP", "CONTINUOUS_HEART_RATE", "ACTIVITY_SUMMARY", "PHYSICAL_INFORMATION"),
    *("SLEEP_WISE_ALERTNESS", "SLEEP_WISE_CIRCADIAN_BEDTIME"),
)


class HeldPolarWebhook(msgspec.Struct):
    """The app's one webhook. signature_secret_key only in the answer that made it."""

    id: str
    url: str = ""
    events: list[str] = []
    active: bool = True
    signature_secret_key: str = ""

    def as_subscription(self) -> TopicSubscription:
        """Return the same in our words."""
        return TopicSubscription(self.id, TOPIC, self.url, None, self.signature_secret_key)


class HeldPolarWebhooks(msgspec.Struct):
    """A list of at most one."""

    data: list[HeldPolarWebhook] = []


class MadePolarWebhook(msgspec.Struct):
    """The answer that made it."""

    data: HeldPolarWebhook


class PolarSubscriptions(CloudProvider):
    """The part of the provider that subscribes."""

    topics = (TOPIC,)

    def subscriptions(self, client: AppClient) -> Iterable[TopicSubscription]:
        """Return the webhook, if it works: Polar switches one off that failed for seven days, and one whose secret we
        do not know proves nothing. What is not listed is made by `subscribe`.
        """
        return [held.as_subscription() for held in _held(client) if held.active and _is_whole(client, held)]

    def subscribe(self, client: AppClient, topic: str, callback_url: str) -> TopicSubscription:
        """Make it; Polar calls with a PING before it answers. One that only sleeps is woken, any other is replaced."""
        for held in _held(client):
            if held.url == callback_url and _is_whole(client, held):
                _call(client, "POST", f"{WEBHOOKS}/activate")
                return held.as_subscription()
            _call(client, "DELETE", f"{WEBHOOKS}/{held.id}")
        body = _call(client, "POST", WEBHOOKS, {"events": list(EVENTS), "url": callback_url})
        made = _decoded(body, MadePolarWebhook).data
        if not made.signature_secret_key:
            raise BadAnswer("The webhook came without its secret.")
        return made.as_subscription()

    def unsubscribe(self, client: AppClient, subscription: TopicSubscription) -> None:
        _call(client, "DELETE", f"{WEBHOOKS}/{subscription.id}")


def _is_whole(client: AppClient, held: HeldPolarWebhook) -> bool:
    return bool(client.credentials.signing_secret) and set(EVENTS) <= set(held.events)


def _held(client: AppClient) -> list[HeldPolarWebhook]:
    try:
        answer = client.request("GET", WEBHOOKS, auth="basic")
    except VendorNotFound:
        return []
    if answer.status == HTTPStatus.NO_CONTENT or not answer.body.strip():
        return []
    return _decoded(answer.body, HeldPolarWebhooks).data


def _call(client: AppClient, method: str, path: str, body: Any = None) -> bytes:
    return client.request(method, path, json=body, auth="basic").body


def _decoded(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer(f"The answer about webhooks is not what it should be: {error}") from error
