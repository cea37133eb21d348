"""Garmin: attributes; summaries that are pushed or announced; nothing may be polled."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from healthdata.records import Record, Rejected
from providers.adapters.garmin import backfill, fit, pushes
from providers.adapters.garmin import normalise as summaries_reading
from providers.adapters.garmin.pieces import pieces
from providers.adapters.garmin.signature import GarminSignature
from providers.adapters.garmin.summaries import DEREGISTRATIONS, FILES, PERMISSIONS
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    Capabilities,
    CloudProvider,
    Context,
    Coverage,
    Deleted,
    GrantedScopes,
    HistoryAnswer,
    HistoryKind,
    InboundRequest,
    Notification,
    OAuth2,
    PartialFailure,
    RawDocument,
    Retraction,
    VendorClient,
    VendorError,
    Window,
)

USER_ID: Final = "/user/id"
MB: Final = 1024 * 1024


class Garmin(CloudProvider):
    """Garmin by its Health, Activity and Women's Health APIs."""

    slug = "garmin"
    name = "Garmin"
    notes = (
        "Garmin's programme is for companies that it has approved. On its page Endpoint Configuration enter the "
        "webhook address of your settings, which ends with a secret, for every kind of summary; announcements (pings) "
        "may come to the address without the secret. History reaches back 30 days and must be allowed by the end user "
        "(Historical Data). Garmin wants to be named wherever its data are shown."
    )
    capabilities = Capabilities(pull=False, push=True, history_days=30)
    api_url = "https://apis.garmin.com/wellness-api/rest"
    oauth = OAuth2(
        authorize_url="https://connect.garmin.com/oauth2Confirm",
        token_url="https://diauth.garmin.com/di-oauth2-service/oauth/token",
        needs_any=("ACTIVITY_EXPORT", "HEALTH_EXPORT", "MCT_EXPORT"),  # permissions; there are no scopes to ask for
        pkce=True,
        refresh_ends_days=90,
        probe=USER_ID,
    )
    signature = GarminSignature()
    coverage = Coverage(
        series=tuple(dict.fromkeys([*summaries_reading.SERIES, *fit.SERIES])),
        workout_types=summaries_reading.WORKOUT_TYPES,
        sleep=True,
        scores=summaries_reading.SCORES,
    )
    history = backfill.TYPES
    history_scope = backfill.SCOPE
    secret_address = True
    max_body = 100 * MB  # of activityDetails; all kinds come to one address
    max_notifications = 500_000
    unproven_per_hour = 1_000  # who knows a userId has it from Garmin or from us; announcements come often

    def account_id(self, client: VendorClient) -> str:
        """userId, by which webhooks name the end user; it stays the same when they connect again."""
        found = client.get(USER_ID)
        if not isinstance(found, dict) or not found.get("userId"):
            raise BadAnswer("The answer has no userId.")
        return str(found["userId"])

    def granted_scopes(self, answer: Mapping[str, Any], query: Mapping[str, str]) -> tuple[str, ...] | None:
        """Return no scopes: the token answer states the app's, not those that the end user allowed."""
        return ()

    def permissions(self, client: VendorClient) -> tuple[str, ...]:
        """Return what the end user allows; a bare list, or one within an object."""
        found = client.get("/user/permissions")
        listed = found.get("permissions") if isinstance(found, dict) else found
        if not isinstance(listed, list):
            raise BadAnswer("The permissions are no list.")
        return tuple(sorted({one for one in listed if isinstance(one, str)}))

    def revoke(self, client: VendorClient) -> None:
        """End the registration, and with it all pushes; the vendor confirms by a deregistration."""
        client.request("DELETE", "/user/registration")

    def fetch(self, client: VendorClient, window: Window) -> Iterator[RawDocument | PartialFailure]:
        """Garmin forbids to be polled."""
        raise VendorError("Garmin sends its data by itself and cannot be asked.")

    def request_history(self, client: VendorClient, kind: HistoryKind, start: int, end: int) -> HistoryAnswer:
        return backfill.request(client, kind, start, end)

    def notifications(self, inbound: InboundRequest) -> Iterator[Notification]:
        return pushes.read(inbound.body)

    def resolve(
        self, client: VendorClient, notification: Notification
    ) -> Iterator[RawDocument | PartialFailure | Deleted | GrantedScopes]:
        """Yield what a ping announces, from where it says it lies: once, for the address is good for one call."""
        if notification.kind == PERMISSIONS:
            yield GrantedScopes(self.permissions(client))
        elif notification.kind == DEREGISTRATIONS:
            client.raw(USER_ID)  # GrantLost if it is true
        elif not _is_vendors(notification.link, client.urls.api):
            raise AnomalousPayload("The address of a ping is not the vendor's.")
        else:
            answer = client.request("GET", notification.link, headers={"Accept": "*/*"})
            if notification.kind == FILES:
                yield _file(notification, answer.body)
            else:
                yield from _documents(notification.kind, answer.body)

    def normalise(self, body: bytes, context: Context) -> Iterator[Record | Rejected | Retraction]:
        """Return records of summaries, or of a file. Raises AnomalousPayload."""
        if context.kind == FILES:
            return fit.normalise(body, context)
        return summaries_reading.normalise(body, context)


def _is_vendors(link: str, api: str) -> bool:
    """Return whether the end user's token may be sent there: the very scheme and host of the API, and
    nothing hidden.
    """
    if not link.isascii() or not link.isprintable() or "\\" in link:
        return False
    try:
        asked, own = urlsplit(link), urlsplit(api)
    except ValueError:
        return False
    return (asked.scheme, asked.netloc) == (own.scheme, own.netloc)


def _documents(kind: str, body: bytes) -> Iterator[RawDocument]:
    try:
        for piece in pieces(kind, msgspec.json.decode(body, type=list[msgspec.Raw])):
            yield RawDocument(kind, piece.body, piece.items, piece.days)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswer("The answer is no list of summaries.") from error


def _file(notification: Notification, body: bytes) -> RawDocument:
    """Return the file behind a line that says which activity it is of."""
    head = {"activityId": notification.object_id, **notification.details}
    return RawDocument(FILES, msgspec.json.encode(head) + b"\n" + body, max(len(body) // 4, 1))
