"""The Svix backend, and the only module that knows the svix package.

An application is an organization, addressed by the organization's id; endpoints are addressed by our ids (their uid in
Svix) and messages by ours (their event id). Every endpoint carries an explicit list of event types: one without would
get everything. Svix has no wildcards and no notion of what is sensitive, so names are expanded before they get here.

Four families of errors may come out of the client: an HTTP error, a validation error, a network error, and a body that
is no JSON (an error page of a proxy, or an empty answer of an older server).
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, ClassVar, Final, TypeVar

import httpx
import orjson
from django.conf import settings
from svix.api import (
    ApplicationIn,
    EndpointGetStatsOptions,
    EndpointIn,
    EndpointPatch,
    EndpointSecretRotateIn,
    EventExampleIn,
    EventTypeListOptions,
    EventTypeUpsertIn,
    MessageAttemptListByEndpointOptions,
    MessageIn,
    RecoverIn,
    ReplayIn,
    Svix,
    SvixOptions,
)
from svix.api.errors.http_error import HttpError
from svix.api.errors.http_validation_error import HTTPValidationError
from svix.models import MessageStatus

from accounts.webhooks import event_types
from accounts.webhooks.contract import (
    Attempted,
    AttemptPage,
    AttemptQuery,
    Destination,
    EndpointNotFound,
    Job,
    MessageNotFound,
    Outcome,
    ServiceDown,
    Statistics,
)
from accounts.webhooks.models import Endpoint, Message
from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable

TIMEOUT: Final = 10.0  # well within a lease, whatever Svix does
PING: Final = "svix.ping"
FAMILIES: Final = (HttpError, HTTPValidationError, httpx.RequestError, ValueError)  # JSONDecodeError is a ValueError
HOPELESS: Final = frozenset({400, 413, 422})
_STATUS: Final = {
    MessageStatus.SUCCESS: "delivered",
    MessageStatus.PENDING: "pending",
    MessageStatus.SENDING: "pending",
    MessageStatus.FAIL: "failed",
    MessageStatus.CANCELED: "dropped",
}
T = TypeVar("T")


class SvixBackend:
    """Delivery by Svix."""

    name: ClassVar[str] = "svix"

    def add(self, endpoint: Endpoint, secret: str) -> None:
        """Create the application if need be, then the endpoint."""
        made = EndpointIn(
            url=endpoint.url,
            uid=endpoint.id,
            description=endpoint.description,
            disabled=not endpoint.is_active,
            event_types=endpoint.event_types,
            channels=_channels(endpoint),
            secret=secret,
        )
        _asked(lambda: _application(str(endpoint.organization_id)))
        try:
            _asked(lambda: client().endpoint.create(_app(endpoint), made))
        except AlreadyThere:
            self.change(endpoint)
        Endpoint.objects.filter(pk=endpoint.key).update(pushed_at=clock.now())

    def change(self, endpoint: Endpoint) -> None:
        """Send the whole of what may change; channels of None are taken away."""
        changed = EndpointPatch(
            url=endpoint.url,
            description=endpoint.description,
            disabled=not endpoint.is_active,
            event_types=endpoint.event_types,
            channels=_channels(endpoint),
        )
        _asked(lambda: client().endpoint.patch(_app(endpoint), endpoint.id, changed))

    def remove(self, endpoint: Endpoint) -> None:
        """One that Svix does not have is gone already."""
        with suppress(EndpointNotFound):
            _asked(lambda: client().endpoint.delete(_app(endpoint), endpoint.id))

    def secret(self, endpoint: Endpoint) -> str:
        """As Svix has it."""
        return _asked(lambda: client().endpoint.get_secret(_app(endpoint), endpoint.id)).key

    def rotate(self, endpoint: Endpoint, secret: str, grace_seconds: int) -> None:
        """Older servers answer this with nothing, which the client takes for an error; the secret tells."""
        order = EndpointSecretRotateIn(key=secret, grace_period_seconds=grace_seconds)
        try:
            _asked(lambda: client().endpoint.rotate_secret(_app(endpoint), endpoint.id, order))
        except ServiceDown:
            if self.secret(endpoint) != secret:
                raise

    def test(self, endpoint: Endpoint, event_type: str) -> str:
        """A type that the endpoint's filter leaves out would not be delivered; then Svix's own ping is sent."""
        known = event_type if event_type in endpoint.event_types else PING
        example = EventExampleIn(event_type=known)
        made = _asked(lambda: client().endpoint.send_example(_app(endpoint), endpoint.id, example))
        return made.event_id or made.id

    def attempts(self, endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
        """Asks for the messages too: they carry our ids."""
        options = MessageAttemptListByEndpointOptions(
            limit=query.limit,
            iterator=query.after[0] if query.after else None,
            status=_wanted(query.succeeded),
            event_types=list(query.event_types) or None,
            after=query.since,
            before=query.until,
            with_content=query.with_content,
            with_msg=True,
        )
        page = _asked(lambda: client().message_attempt.list_by_endpoint(_app(endpoint), endpoint.id, options))
        rows = [_attempted(one, with_content=query.with_content) for one in page.data]
        return AttemptPage(rows, None if page.done or not page.iterator else [page.iterator])

    def destinations(self, message: Message) -> list[Destination]:
        """As Svix tells."""
        app = str(message.organization_id)
        try:
            page = _asked(lambda: client().message_attempt.list_attempted_destinations(app, message.id))
        except EndpointNotFound:  # not handed over yet
            return []
        return [Destination(one.uid or one.id, _STATUS[one.status], None, one.next_attempt) for one in page.data]

    def resend(self, endpoint: Endpoint, message: Message) -> None:
        """By our ids."""
        try:
            _asked(lambda: client().message_attempt.resend(_app(endpoint), message.id, endpoint.id))
        except EndpointNotFound as error:
            raise MessageNotFound("Svix has no such message for this endpoint (any more).") from error

    def recover(self, endpoint: Endpoint, since: datetime, until: datetime) -> None:
        """What failed, and what was never sent because the endpoint was paused. Svix does not tell how many."""
        failed, missing = RecoverIn(since=since, until=until), ReplayIn(since=since, until=until)
        _asked(lambda: client().endpoint.recover(_app(endpoint), endpoint.id, failed))
        _asked(lambda: client().endpoint.replay_missing(_app(endpoint), endpoint.id, missing))

    def retry(self, endpoint: Endpoint, message: Message | None = None) -> int:
        """Svix keeps its retries to itself; one message can be sent anew."""
        if message is None:
            raise NotAvailable("Svix has no call that makes waiting retries at once; use recover, or retry a message.")
        self.resend(endpoint, message)
        return 1

    def statistics(self, endpoint: Endpoint, since: datetime, until: datetime) -> Statistics:
        """As Svix counts."""
        options = EndpointGetStatsOptions(since=since, until=until)
        found = _asked(lambda: client().endpoint.get_stats(_app(endpoint), endpoint.id, options))
        return Statistics(found.success, found.pending + found.sending, found.fail)


class AlreadyThere(ServiceDown):
    """Svix has something of that id already."""


def forward(job: Job) -> Outcome:
    """Hand a message over. That Svix has it already means that an earlier try arrived. Touches no database."""
    message, started, begun = job.message, clock.now(), time.monotonic()
    app = str(message.organization_id)
    try:
        _handed_over(app, message, job.body or b"null")
    except FAMILIES as error:
        status = getattr(error, "status_code", 0)
        return Outcome(
            job=job,
            started=started,
            duration_ms=round((time.monotonic() - begun) * 1000),
            succeeded=status == HTTPStatus.CONFLICT,
            status_code=status,
            error="" if status == HTTPStatus.CONFLICT else f"Svix: {type(error).__name__}",
            hopeless=status in HOPELESS,
        )
    return Outcome(job, started, round((time.monotonic() - begun) * 1000), succeeded=True, status_code=202)


def _handed_over(app: str, message: Message, body: bytes) -> None:
    made = MessageIn(
        event_type=message.type,
        event_id=message.id,
        payload=orjson.loads(body),
        channels=[_channel(message.user_id)] if message.user_id else None,
    )
    try:
        client().message.create(app, made)
    except HttpError as error:
        if error.status_code != HTTPStatus.NOT_FOUND:
            raise
        _application(app)
        client().message.create(app, made)


def expunge(app: str, names: Sequence[str]) -> None:
    """Have Svix forget the content of messages; one that it never had is fine. Raises ServiceDown."""
    for name in names:
        with suppress(EndpointNotFound):
            _asked(lambda name=name: client().message.expunge_content(app, name))  # type: ignore[misc]


def sync_event_types() -> int:
    """Tell Svix of types that it does not know, or knows otherwise; returns how many."""
    known = {one.name: (one.description, one.group_name) for one in _known_types()}
    changed = [one for one in event_types.every() if known.get(one.name) != (one.description, one.group)]
    for one in changed:
        order = EventTypeUpsertIn(
            description=one.description,
            group_name=one.group,
            schemas={"1": {**one.schema, "title": one.name, "examples": [one.example]}},
        )
        _asked(lambda one=one, order=order: client().event_type.upsert(one.name, order))  # type: ignore[misc]
    return len(changed)


def _known_types() -> list[Any]:
    found: list[Any] = []
    options = EventTypeListOptions(limit=250)
    while True:
        page = _asked(lambda options=options: client().event_type.list(options))  # type: ignore[misc]
        found += page.data
        if page.done or not page.iterator:
            return found
        options = EventTypeListOptions(limit=250, iterator=page.iterator)


def client() -> Svix:
    """The client of this process; its connections may be shared by threads."""
    return _client(settings.SVIX_TOKEN, settings.SVIX_SERVER_URL)


@lru_cache(maxsize=4)
def _client(token: str, server_url: str) -> Svix:
    return Svix(token, SvixOptions(server_url=server_url or None, timeout=TIMEOUT, retry_schedule=[]))


def _application(app: str) -> Any:
    return client().application.get_or_create(ApplicationIn(name=app, uid=app))


def _asked(call: Callable[[], T]) -> T:
    """The answer to a call made for somebody who waits. Raises EndpointNotFound, AlreadyThere, ServiceDown."""
    try:
        return call()
    except HttpError as error:
        if error.status_code == HTTPStatus.NOT_FOUND:
            raise EndpointNotFound("Webhook endpoint not found") from error
        if error.status_code == HTTPStatus.CONFLICT:
            raise AlreadyThere("Svix has this already.") from error
        raise ServiceDown(f"The webhook service refused this ({error.status_code} {error.code}).") from error
    except FAMILIES as error:
        raise ServiceDown(f"The webhook service does not answer as expected ({type(error).__name__}).") from error


def _app(endpoint: Endpoint) -> str:
    return str(endpoint.organization_id)


def _channels(endpoint: Endpoint) -> list[str] | None:
    return [_channel(endpoint.user_id)] if endpoint.user_id else None


def _channel(user_id: Any) -> str:
    return f"user.{user_id}"


def _wanted(succeeded: bool | None) -> MessageStatus | None:
    return None if succeeded is None else MessageStatus.SUCCESS if succeeded else MessageStatus.FAIL


def _attempted(one: Any, *, with_content: bool) -> Attempted:
    message = one.msg
    succeeded = one.status == MessageStatus.SUCCESS
    return Attempted(
        id=one.id,
        message_id=(message.event_id if message else None) or one.msg_id,
        event_type=message.event_type if message else None,
        url=one.url,
        succeeded=succeeded,
        status_code=one.response_status_code,
        error="" if succeeded or one.response_status_code else one.response[:200],
        duration_ms=one.response_duration_ms,
        manual=int(one.trigger_type) == 1,
        created_at=one.timestamp,
        body=orjson.dumps(message.payload) if with_content and message else None,
        response=one.response.encode() if with_content else None,
    )
