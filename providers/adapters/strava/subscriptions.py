"""Strava's subscription: one an app, made with the app's own credentials."""

from collections.abc import Iterable
from typing import Final

import msgspec

from providers.contract import AppClient, BadAnswer, CloudProvider, TopicSubscription

SUBSCRIPTIONS: Final = "/push_subscriptions"
TOPIC: Final = "all"


class HeldStravaSubscription(msgspec.Struct):
    id: int
    callback_url: str = ""


class StravaSubscriptions(CloudProvider):
    """The part of the provider that subscribes."""

    def subscriptions(self, client: AppClient) -> Iterable[TopicSubscription]:
        answer = client.request("GET", SUBSCRIPTIONS, params=_who(client), auth="none")
        return [TopicSubscription(str(held.id), TOPIC, held.callback_url) for held in _held(answer.body)]

    def subscribe(self, client: AppClient, topic: str, callback_url: str) -> TopicSubscription:
        """Strava calls the handshake before it answers."""
        token = client.credentials.verification_token
        form = {**_who(client), "callback_url": callback_url, "verify_token": token}
        answer = client.request("POST", SUBSCRIPTIONS, form=form, auth="none")
        return TopicSubscription(str(_held(b"[%s]" % answer.body)[0].id), topic, callback_url)

    def unsubscribe(self, client: AppClient, subscription: TopicSubscription) -> None:
        """Needed before a subscription to another address."""
        client.request("DELETE", f"{SUBSCRIPTIONS}/{subscription.id}", params=_who(client), auth="none")


def _who(client: AppClient) -> dict[str, str]:
    return {"client_id": client.credentials.client_id, "client_secret": client.credentials.client_secret}


def _held(body: bytes) -> list[HeldStravaSubscription]:
    try:
        return msgspec.json.decode(body, type=list[HeldStravaSubscription])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadAnswer(f"The answer about subscriptions is not what it should be: {error}") from error
