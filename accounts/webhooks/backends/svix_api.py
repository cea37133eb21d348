"""The only module that knows the svix package: calls to a Svix server, open-source or cloud, and what they raise.

Identifiers of ours never begin with Svix's own prefixes (ep_, msg_), which a server refuses, see
svix-server/src/core/types/mod.rs: endpoints and messages are called `wl-` and our id there.

Four families of errors may come out of the client: an HTTP error, a validation error, a network error, and a body that
is no JSON (an error page of a proxy, or an empty answer to a call that the server does not have).
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final, TypeVar
from uuid import UUID

import httpx
from django.conf import settings
from svix.api import (
    ApplicationIn,
    ApplicationListOptions,
    EndpointGetStatsOptions,
    EndpointHeadersIn,
    EndpointIn,
    EndpointListOptions,
    EndpointPatch,
    EndpointSecretRotateIn,
    EventTypeListOptions,
    EventTypeUpsertIn,
    MessageAttemptListByEndpointOptions,
    MessageIn,
    RecoverIn,
    Svix,
    SvixOptions,
)
from svix.api.errors.http_error import HttpError
from svix.api.errors.http_validation_error import HTTPValidationError
from svix.models import MessageStatus

from accounts.webhooks.contract import EndpointNotFound, ServiceDown
from accounts.webhooks.event_types import EventType
from wearlink.lib.errors import NotAvailable

TIMEOUT: Final = 10.0  # seconds, well within the lease of a suspect, whatever Svix does
FAMILIES: Final = (HttpError, HTTPValidationError, httpx.RequestError, ValueError)  # JSONDecodeError is a ValueError
OURS: Final = "wl-"
PAGE: Final = 250  # the most that Svix gives at a time
MAX_STATISTICS: Final = timedelta(days=28)
MAX_RECOVERY: Final = timedelta(days=14)
MARGIN: Final = timedelta(minutes=1)  # clocks differ; Svix refuses moments ahead of its own
TEST: Final = "wearlink.test"  # the type of test events at Svix; every endpoint takes it
_STATUS: Final = {
    MessageStatus.SUCCESS: "delivered",
    MessageStatus.PENDING: "pending",
    MessageStatus.SENDING: "pending",
    MessageStatus.FAIL: "failed",
    MessageStatus.CANCELED: "dropped",
}
T = TypeVar("T")


class AlreadyThere(ServiceDown):
    """Svix has something of that id already."""


@dataclass(frozen=True, slots=True)
class EndpointState:
    """An endpoint as it is to be at Svix."""

    app: str
    id: str  # ours
    url: str
    description: str
    disabled: bool
    event_types: Sequence[str]
    channels: Sequence[str]
    rate_limit: int | None


@dataclass(frozen=True, slots=True)
class SvixAttempt:
    """One attempt as Svix tells it."""

    id: str
    message: str  # Svix's id
    url: str
    succeeded: bool
    status_code: int
    response: str
    duration_ms: int
    manual: bool
    created_at: datetime


def client() -> Svix:
    """Return the client of this process; its connections may be shared by threads."""
    return _client(settings.SVIX_TOKEN, settings.SVIX_SERVER_URL)


@lru_cache(maxsize=4)
def _client(token: str, server_url: str) -> Svix:
    return Svix(token, SvixOptions(server_url=server_url or None, timeout=TIMEOUT, retry_schedule=[]))


def asked(call: Callable[[], T]) -> T:
    """Return the answer to a call made for somebody who waits. Raises EndpointNotFound, AlreadyThere, ServiceDown, and
    NotAvailable for a call that this server does not have.
    """
    try:
        return call()
    except HttpError as error:
        if error.status_code == HTTPStatus.NOT_FOUND:
            raise EndpointNotFound("Webhook endpoint not found") from error
        if error.status_code == HTTPStatus.CONFLICT:
            raise AlreadyThere("Svix has this already.") from error
        if error.status_code == HTTPStatus.NOT_IMPLEMENTED:
            raise NotAvailable("This Svix server has no such call.") from error
        raise ServiceDown(f"The webhook service refused this ({error.status_code} {error.code}).") from error
    except FAMILIES as error:
        raise ServiceDown(f"The webhook service does not answer as expected ({type(error).__name__}).") from error


# --- Applications and endpoints -------------------------------------------------------------------------------------


def installation() -> str:
    """Marks the applications that this installation has made; others may share the server."""
    return hashlib.sha256(b"wearlink installation " + settings.SECRET_KEY.encode()).hexdigest()[:16]


def ensure_application(app: str) -> None:
    order = ApplicationIn(name=app, uid=app, metadata={"wearlink": installation()})
    asked(lambda: client().application.get_or_create(order))


def own_applications() -> Iterator[str]:
    """Yield the uids of the applications that this installation has made."""
    options = ApplicationListOptions(limit=PAGE)
    while True:
        page = asked(lambda options=options: client().application.list(options))  # type: ignore[misc]
        for one in page.data:
            if one.uid and one.metadata.get("wearlink") == installation():
                yield one.uid
        if page.done or not page.iterator:
            return
        options = ApplicationListOptions(limit=PAGE, iterator=page.iterator)


def delete_application(app: str) -> None:
    with suppress(EndpointNotFound):
        asked(lambda: client().application.delete(app))


def create_endpoint(state: EndpointState, secret: str, headers: Mapping[str, str]) -> None:
    """Create it at Svix. Raises AlreadyThere, ServiceDown."""
    order = EndpointIn(uid=OURS + state.id, secret=secret, **_fields(state))
    made = asked(lambda: client().endpoint.create(state.app, order))
    _require_filter(state, made)
    if headers:
        set_headers(state, headers)


def patch_endpoint(state: EndpointState, *, with_disabled: bool) -> None:
    """Send what may change. Whether it is disabled only where that is meant: Svix may have disabled it by itself."""
    fields = _fields(state)
    if not with_disabled:
        del fields["disabled"]
    order = EndpointPatch(**fields)
    changed = asked(lambda: client().endpoint.patch(state.app, OURS + state.id, order))
    _require_filter(state, changed)


def set_headers(state: EndpointState, headers: Mapping[str, str]) -> None:
    order = EndpointHeadersIn(headers=dict(headers))
    asked(lambda: client().endpoint.set_headers(state.app, OURS + state.id, order))


def _fields(state: EndpointState) -> dict[str, Any]:
    return {
        "url": state.url,
        "description": "".join(sign if sign.isprintable() else " " for sign in state.description),
        "disabled": state.disabled,
        "event_types": [*state.event_types, TEST],
        "channels": list(state.channels),
        "throttle_rate": state.rate_limit,
    }


def _require_filter(state: EndpointState, answer: Any) -> None:
    """Raise unless the filter was applied: a server that does not know `eventTypes` would send everything."""
    if sorted(answer.event_types or ()) != sorted([*state.event_types, TEST]):
        delete_endpoint(state.app, state.id)
        raise ServiceDown("The webhook service does not keep the filter of an endpoint; is the server too old?")


def delete_endpoint(app: str, endpoint: str) -> None:
    """Delete the endpoint at Svix; one that Svix does not have is already deleted."""
    with suppress(EndpointNotFound):
        asked(lambda: client().endpoint.delete(app, OURS + endpoint))


def disabled_endpoints(app: str) -> set[str]:
    """Return our ids of the endpoints that are disabled at Svix."""
    found: set[str] = set()
    options = EndpointListOptions(limit=PAGE)
    while True:
        page = asked(lambda options=options: client().endpoint.list(app, options))  # type: ignore[misc]
        found |= {one.uid.removeprefix(OURS) for one in page.data if one.disabled and one.uid}
        if page.done or not page.iterator:
            return found
        options = EndpointListOptions(limit=PAGE, iterator=page.iterator)


def secret(app: str, endpoint: str) -> str:
    return str(asked(lambda: client().endpoint.get_secret(app, OURS + endpoint)).key)


def rotate(app: str, endpoint: str, fresh: str, grace_seconds: int) -> None:
    """Older servers answer this with nothing, which the client takes for an error; the secret tells."""
    order = EndpointSecretRotateIn(key=fresh, grace_period_seconds=grace_seconds)
    try:
        asked(lambda: client().endpoint.rotate_secret(app, OURS + endpoint, order))
    except ServiceDown:
        if secret(app, endpoint) != fresh:
            raise


# --- Messages -------------------------------------------------------------------------------------------------------


def create_message(app: str, name: str, event_type: str, payload: Any, channels: Sequence[str]) -> str:
    """Hand a message over under our id; Svix's own id of it. Raises what the client raises (FAMILIES)."""
    order = MessageIn(event_type=event_type, event_id=OURS + name, payload=payload, channels=list(channels))
    try:
        return str(client().message.create(app, order).id)
    except HttpError as error:
        if error.status_code == HTTPStatus.CONFLICT:  # an earlier try arrived
            return str(client().message.get(app, OURS + name).id)
        if error.status_code != HTTPStatus.NOT_FOUND:
            raise
        ensure_application(app)
        return str(client().message.create(app, order).id)


@lru_cache(maxsize=4096)
def message_name(app: str, message: str) -> str:
    """Return our id of a message by Svix's; empty if Svix has it no more. Raises ServiceDown."""
    try:
        found = asked(lambda: client().message.get(app, message))
    except EndpointNotFound:
        return ""
    return (found.event_id or "").removeprefix(OURS)


def resend(app: str, name: str, endpoint: str) -> None:
    """Raise EndpointNotFound where this message never went to that endpoint."""
    asked(lambda: client().message_attempt.resend(app, OURS + name, OURS + endpoint))


def expunge(app: str, name: str) -> None:
    """Have Svix forget the content of a message; one that it never had is fine. Raises ServiceDown."""
    with suppress(EndpointNotFound):
        asked(lambda: client().message.expunge_content(app, OURS + name))


def recover_failed(app: str, endpoint: str, since: datetime, until: datetime) -> None:
    order = RecoverIn(since=since, until=until)
    asked(lambda: client().endpoint.recover(app, OURS + endpoint, order))


# --- What became of them --------------------------------------------------------------------------------------------


def attempts(
    app: str, endpoint: str, *, limit: int, iterator: str | None, succeeded: bool | None, before: datetime | None,
    event_types: Sequence[str],
) -> tuple[list[SvixAttempt], str | None]:  # fmt: skip
    """Return a page of attempts, newest first, and where the next begins.

    `after` is never asked for: the open-source server takes it for the other direction (v1/utils/mod.rs).
    """
    options = MessageAttemptListByEndpointOptions(
        limit=limit,
        iterator=iterator,
        status=None if succeeded is None else MessageStatus.SUCCESS if succeeded else MessageStatus.FAIL,
        event_types=list(event_types) or None,
        before=before,
        with_content=True,
    )
    page = asked(lambda: client().message_attempt.list_by_endpoint(app, OURS + endpoint, options))
    rows = [
        SvixAttempt(
            id=one.id,
            message=one.msg_id,
            url=one.url,
            succeeded=one.status == MessageStatus.SUCCESS,
            status_code=one.response_status_code,
            response=one.response,
            duration_ms=one.response_duration_ms,
            manual=int(one.trigger_type) == 1,
            created_at=one.timestamp,
        )
        for one in page.data
    ]
    return rows, None if page.done or not page.iterator else page.iterator


def destinations(app: str, name: str) -> list[tuple[str, str, datetime | None]]:
    """Return our endpoint id, the status, and when the next attempt is due."""
    page = asked(lambda: client().message_attempt.list_attempted_destinations(app, OURS + name))
    found = []
    for one in page.data:
        waits = one.status == MessageStatus.FAIL and one.next_attempt is not None  # open source: failed so far
        status = "pending" if waits else _STATUS[one.status]
        found.append(((one.uid or one.id).removeprefix(OURS), status, one.next_attempt))
    return found


def statistics(app: str, endpoint: str, since: datetime, until: datetime) -> tuple[int, int, int]:
    options = EndpointGetStatsOptions(since=since, until=until)
    found = asked(lambda: client().endpoint.get_stats(app, OURS + endpoint, options))
    return found.success, found.pending + found.sending, found.fail


# --- Event types ----------------------------------------------------------------------------------------------------


def known_event_types() -> dict[str, tuple[str, str | None]]:
    """Return description and group by name. The open-source server has no groups."""
    found: dict[str, tuple[str, str | None]] = {}
    options = EventTypeListOptions(limit=PAGE)
    while True:
        page = asked(lambda options=options: client().event_type.list(options))  # type: ignore[misc]
        found |= {one.name: (one.description, one.group_name) for one in page.data}
        if page.done or not page.iterator:
            return found
        options = EventTypeListOptions(limit=PAGE, iterator=page.iterator)


def put_event_type(kind: EventType, schema: Mapping[str, Any]) -> None:
    order = EventTypeUpsertIn(description=kind.description, group_name=kind.group, schemas={"1": dict(schema)})
    asked(lambda: client().event_type.upsert(kind.name, order))


def channel_of_user(user_id: UUID) -> str:
    return f"user.{user_id}"
