"""The interface of vendor clouds: sign-in, pulling, and the meaning of pushes."""

import re
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Literal

import msgspec

from providers.contract.base import Provider, ProviderKind
from providers.contract.clients import AppClient, Credentials, FormerAccount, Params, VendorClient
from providers.contract.errors import UnsupportedEvent, VendorError
from providers.contract.history import HistoryAnswer, HistoryKind, HistoryType
from providers.contract.limits import Allowance, Quota
from providers.contract.pull import Deleted, GrantedScopes, PartialFailure, RawDocument, Window
from providers.contract.push import InboundRequest, Notification, TopicSubscription, WebhookReply
from providers.contract.signatures import Signature, Unsigned


class Capabilities(msgspec.Struct, frozen=True):
    """The abilities of a vendor's cloud. history_days: how far back it answers; None where it has no bound."""

    pull: bool = True
    push: bool = False
    deletes: bool = False
    history_days: int | None = None


class OAuth2(msgspec.Struct, frozen=True):
    """Authorization code grant of one vendor. The three URLs may be replaced by settings.

    scopes: asked for unless the credentials name others. needs_any: without one of them a connection brings nothing.
    client_auth: where client id and secret go in calls to token_url. authorize_params, token_params (code exchange)
    and refresh_params are sent in addition. refresh_early: seconds before its end a token is renewed; vendors that
    answer the old token until shortly before its end need less. probe: a cheap path that every good token may call,
    to tell a missing scope from a dead token. refresh_ends_days: a refresh token that is not used ends after so many
    days, so it is used before; 0 where it does not. needs_refresh_token: a connection without one would end within
    hours, so it has status error from the beginning, and the end user must connect again.
    """

    authorize_url: str
    token_url: str
    revoke_url: str = ""
    scopes: tuple[str, ...] = ()
    needs_any: tuple[str, ...] = ()
    scope_separator: str = " "
    pkce: bool = False
    client_auth: Literal["body", "basic"] = "body"
    authorize_params: Mapping[str, str] = {}
    token_params: Mapping[str, str] = {}
    refresh_params: Mapping[str, str] = {}
    refresh_early: int = 600
    refresh_ends_days: int = 0
    needs_refresh_token: bool = False
    probe: str = ""


class CloudProvider(Provider):
    """Base of the adapters of vendor clouds. What is not abstract is an override point with a sensible default."""

    kind = ProviderKind.OAUTH
    capabilities: ClassVar[Capabilities]
    api_url: ClassVar[str]
    oauth: ClassVar[OAuth2]
    signature: ClassVar[Signature] = Unsigned()
    keys_url: ClassVar[str] = ""  # where the vendor publishes the keys it signs with; PROVIDER_<SLUG>_KEYS_URL
    successor: ClassVar[str] = ""  # the provider that goes on when the vendor ends this API, which a 410 then says

    sync_hours: ClassVar[float] = 24  # between two periodic pulls
    look_back_days: ClassVar[int] = 3  # that each of them goes back, for revisions and late data
    first_days: ClassVar[int] = 30  # that the first pull of a new connection goes back
    window_days: ClassVar[int] = 30  # of one fetch; a run remembers after each how far it got

    allowances: ClassVar[tuple[Allowance, ...]] = ()  # limits to keep before the vendor has stated any

    accepted_status: ClassVar[int] = HTTPStatus.OK  # of an accepted webhook
    secret_address: ClassVar[bool] = False  # the address its pushes are sent to ends with a secret that proves them
    refused_status: ClassVar[int] = HTTPStatus.UNAUTHORIZED  # of one whose signature is wrong
    max_body: ClassVar[int] = 10 * 1024 * 1024  # bytes of a webhook; larger ones are answered 413
    max_notifications: ClassVar[int] = 10_000  # in one webhook; more are answered 400
    unproven_per_hour: ClassVar[int] = 20  # notifications of one account that are looked into without proof
    history: ClassVar[tuple[HistoryType, ...]] = ()  # what the vendor pushes of the past when it is asked
    history_scope: ClassVar[str] = ""  # without which it does not
    history_wait_hours: ClassVar[float] = 2  # after which nothing more is expected; HISTORY_WAIT_HOURS replaces it
    topics: ClassVar[tuple[str, ...]] = ()  # to subscribe to by API, one subscription each
    renew_before_days: ClassVar[int] = 14

    # --- who it is ---

    @abstractmethod
    def account_id(self, client: VendorClient) -> str:
        """Return the vendor's id of the end user, by which its webhooks name them."""

    def granted_scopes(self, answer: Mapping[str, Any], query: Mapping[str, str]) -> tuple[str, ...] | None:
        """Return the scopes that were given, out of the token answer or the query of the callback; None if it is not
        told.
        """
        text = answer.get("scope") or query.get("scope")
        return tuple(part for part in re.split(r"[\s,]+", text) if part) if isinstance(text, str) else None

    def permissions(self, client: VendorClient) -> tuple[str, ...] | None:
        """Return the scopes that were given, where the vendor tells them by a call of their own; None where it does
        not.

        Asked after connecting, and when a notification says that they changed.
        """
        return None

    def grant_is_lost(self, status: int, body: Any) -> bool:
        """Return whether the answer to a refresh (decoded, None if it is no JSON) means that only connecting again
        helps.
        """
        faults = [body, *(body.get("errors") or ())] if isinstance(body, dict) else []
        words = {fault.get(name) for fault in faults if isinstance(fault, dict) for name in ("error", "errorType")}
        return status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED) and "invalid_grant" in words

    def former_accounts(self, client: VendorClient) -> Iterable[FormerAccount]:
        """Return what the end user's account was called at providers that this one succeeds; asked while connecting.
        Their connections end, since the same data come by this one.
        """
        return ()

    def complete_connection(self, client: VendorClient) -> None:
        """Do what a vendor wants once after connecting, such as registering the end user."""

    def revoke(self, client: VendorClient) -> None:
        """Give the grant back; by default as RFC 7009 says, at oauth.revoke_url. Raises VendorError."""
        if client.urls.revoke:
            token = client.refresh_token or client.access_token
            client.request("POST", client.urls.revoke, form={"token": token}, auth="basic")

    # --- pull ---

    @abstractmethod
    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Return the raw documents of a window of at most `window_days` days. May be asked again for the same window.

        Each document is stored before the next is asked for, so what an adapter does after a `yield` (such as closing a
        transaction at the vendor's) is done with it stored. Here as in `resolve`.
        """

    def request_history(self, client: VendorClient, kind: HistoryKind, start: int, end: int) -> HistoryAnswer:
        """Ask for a kind's documents of [start, end) in ms, at most 30 days. They come as any others do.

        Raises NotGranted, and VendorError as every call.
        """
        raise VendorError(f"{self.name} is not asked for history.")

    def quotas(self, headers: Mapping[str, str], status: int, now: float) -> tuple[Quota, ...]:
        """Return the limits an answer tells in its headers (names in lower case); `now` in epoch seconds.

        A 429 without any is answered by Retry-After, else by waiting longer each time.
        """
        return ()

    def cost(self, limit: str, path: str, params: Params) -> int:
        """Return how much of a limit (the name of an Allowance or Quota) one call uses up, where a vendor counts
        something else than calls, such as days of data.
        """
        return 1

    # --- push ---

    def handshake(self, inbound: InboundRequest, credentials: Credentials) -> WebhookReply | None:
        """Return the answer to a call that only tests the address, by any method; None if it is none.

        Raises BadWebhookSignature if it does not carry our verification token.
        """
        return None

    def notifications(self, inbound: InboundRequest) -> Iterable[Notification]:
        """Return what a verified body announces. Raises UnsupportedEvent for kinds we make nothing of (yield the others
        first), AnomalousPayload for bodies the vendor would not send.
        """
        raise UnsupportedEvent("push")

    def resolve(
        self, client: VendorClient, notification: Notification
    ) -> Iterator[RawDocument | PartialFailure | Deleted | GrantedScopes]:
        """Yield the documents behind a notification; by default the window it names.

        Raises VendorNotFound where the object is not there (yet): asked again after 1, 5 and 30 minutes, then the
        day's window is fetched. For a notification that is not `trusted` and claims `deleted` or `deauthorised` the
        adapter asks the vendor: a Deleted among the items confirms the deletion, GrantLost a deauthorisation.
        """
        if notification.start is not None:
            yield from self.fetch(client, Window(notification.start, notification.end or notification.start))

    def deleted_ids(self, notification: Notification) -> Iterable[str]:
        """Return the external ids that a proven deletion retracts; by default the object's own.

        For vendors whose notification names another object than the one that is deleted.
        """
        return (notification.object_id,)

    def subscriptions(self, client: AppClient) -> Iterable[TopicSubscription]:
        """Return those the vendor holds for this app and that work: what is switched off, or whose secret nobody knows
        any more (``client.credentials.signing_secret`` is the one we hold), is left out, and so made again.
        """
        return ()

    def subscribe(self, client: AppClient, topic: str, callback_url: str) -> TopicSubscription:
        """Make one; the vendor may call the handshake before this returns. Raises VendorError."""
        raise VendorError(f"{self.name} has no subscriptions.")

    def renew(self, client: AppClient, subscription: TopicSubscription, callback_url: str) -> TopicSubscription:
        """Prolong one; by default it is made again. Raises VendorNotFound if the vendor lost it."""
        return self.subscribe(client, subscription.topic, callback_url)

    def unsubscribe(self, client: AppClient, subscription: TopicSubscription) -> None:
        """Delete the subscription at the vendor. Raises VendorError."""
        raise VendorError(f"{self.name} has no subscriptions.")
