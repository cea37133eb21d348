"""The interface of a backend, whether messages are delivered by our own dispatcher or by Svix.

Endpoints are rows of ours in either case, addressed by our ids. Nothing here is called inside a transaction, since
Svix is a call away.

    WebhookError
    ├── EndpointNotFound   404  the organization has no such endpoint
    ├── EventTypeNotFound  404  there is no event type of that name
    ├── MessageNotFound    404  the organization has no such message, or it is past its retention
    ├── EndpointInactive   409  is paused or disabled and must be switched on first
    ├── TooManyEndpoints   409  the organization's plan has room for no more
    └── ServiceDown        503  Svix does not answer, or not as expected
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from accounts.webhooks.models import SERVICE, Endpoint, Message
from wearlink.lib.errors import Conflict, NotFound, Unavailable


class EndpointNotFound(NotFound):
    """The organization has no such endpoint."""

    default_code = "endpoint_not_found"


class EventTypeNotFound(NotFound):
    default_code = "event_type_not_found"


class MessageNotFound(NotFound):
    """The organization has no such message."""

    default_code = "message_not_found"


class EndpointInactive(Conflict):
    """The endpoint is paused or disabled."""

    default_code = "endpoint_inactive"


class TooManyEndpoints(Conflict):
    """The organization has as many endpoints as it may have."""

    default_code = "too_many_endpoints"


class ServiceDown(Unavailable):
    """Svix does not answer, or not as expected."""

    default_code: ClassVar[str] = "webhook_service_down"


class DeliveryLane(StrEnum):
    """The queue of a delivery: FAST for endpoints that answer, SLOW for those silent before or not called yet."""

    FAST = "fast"
    SLOW = "slow"


@dataclass(slots=True)
class Job:
    """A leased delivery with all that making it needs; endpoint is None for a hand-over to Svix.

    `until` is the moment of time.monotonic() at which the lease is over, at the earliest. `body` is None where none
    could be made.
    """

    key: int
    lease: uuid.UUID
    until: float
    attempts: int
    leases: int
    trigger: int
    created_at: datetime
    message: Message
    endpoint: Endpoint | None
    target: Endpoint | None = None  # with Svix: the only endpoint that this hand-over is for
    secrets: tuple[str, ...] = ()
    body: bytes | None = None
    lane: DeliveryLane = DeliveryLane.FAST

    @property
    def organization_id(self) -> uuid.UUID:
        return self.message.organization_id

    @property
    def endpoint_key(self) -> int:
        to = self.endpoint or self.target
        return SERVICE if to is None else to.key


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one call. status_code 0: there was no answer, `error` says why.

    silent: nobody answered at all, or not in time. retry_after in seconds. hopeless: trying for ever would not help.
    """

    job: Job
    started: datetime
    duration_ms: int
    succeeded: bool
    status_code: int = 0
    response: bytes = b""
    error: str = ""
    silent: bool = False
    retry_after: float | None = None
    hopeless: bool = False
    service_id: str = ""  # Svix's own id of a message that was handed over

    @property
    def overloaded(self) -> bool:
        """Whether the endpoint asks to be called less often."""
        return self.silent or self.status_code == HTTPStatus.TOO_MANY_REQUESTS

    @property
    def gone(self) -> bool:
        """Whether the endpoint wants no more calls, ever."""
        return self.status_code == HTTPStatus.GONE


@dataclass(frozen=True, slots=True)
class AttemptQuery:
    """A choice of an endpoint's attempts; `after` is the `next` of an earlier page of the same query."""

    limit: int = 50
    after: list[Any] | None = None
    succeeded: bool | None = None
    event_types: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    with_content: bool = False


@dataclass(frozen=True, slots=True)
class Attempted:
    """One attempt as the API shows it. body and response are there only when content was asked for.

    number and next_at are unknown with Svix.
    """

    id: str
    message_id: str
    event_type: str | None
    url: str
    succeeded: bool
    status_code: int
    error: str
    duration_ms: int
    manual: bool
    created_at: datetime
    number: int | None = None
    next_at: datetime | None = None
    sent_id: str = ""  # webhook-id of the call, where it is not the message's own id
    body: bytes | None = None
    response: bytes | None = None


@dataclass(frozen=True, slots=True)
class AttemptPage:
    """Newest first; next is None on the last page."""

    rows: list[Attempted]
    next: list[Any] | None


@dataclass(frozen=True, slots=True)
class Destination:
    """The progress of a message on its way to one endpoint."""

    endpoint_id: str
    status: str  # pending, delivered, failed or dropped
    attempts: int | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Numbers of an endpoint's messages of one UTC day and type."""

    day: date
    event_type: str
    delivered: int
    pending: int
    failed: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Numbers of an endpoint's messages by what became of them; tests count apart. by_day is None with Svix."""

    delivered: int
    pending: int
    failed: int
    tests: int | None = None
    by_day: Sequence[DayCounts] | None = None


class Backend(Protocol):
    """Carries messages to endpoints and tells what became of them."""

    name: ClassVar[str]

    def add(self, endpoint: Endpoint, secret: str) -> None:
        """Take over an endpoint that was created, with this signing secret."""

    def change(self, endpoint: Endpoint, *, state_too: bool) -> None:
        """Address, filter and headers of an endpoint are about to become these; its state only where that is meant,
        since a service may have disabled it by itself.
        """

    def remove(self, endpoint: Endpoint) -> None:
        """Forget an endpoint that is about to be deleted."""

    def secret(self, endpoint: Endpoint) -> str:
        """Return the secret that signs the endpoint's messages."""

    def rotate(self, endpoint: Endpoint, secret: str, grace_seconds: int) -> None:
        """Sign with a new secret, and for a time with the old one too."""

    def test(self, endpoint: Endpoint, event_type: str) -> str:
        """Send an example to this endpoint and to no other; the message's id."""

    def attempts(self, endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
        """Return a page of the delivery log."""

    def destinations(self, message: Message) -> list[Destination]:
        """Return the progress of a message at each of its endpoints."""

    def resend(self, endpoint: Endpoint, message: Message) -> None:
        """Send a message once more, whatever became of it and whatever the filter says."""

    def recover(self, endpoint: Endpoint, since: datetime, until: datetime) -> int | None:
        """Send what the endpoint has missed in [since, until); return how many messages, where that is known."""

    def retry(self, endpoint: Endpoint, message: Message | None = None) -> int:
        """Make the retries that wait, of one message or of all, at once; how many. Raises NotAvailable."""

    def statistics(self, endpoint: Endpoint, since: datetime, until: datetime) -> Statistics:
        """Return what became of the messages of [since, until)."""
