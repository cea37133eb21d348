"""The Svix backend: an application is an organization, endpoints and messages are addressed by our ids.

Every endpoint carries an explicit list of event types (one without would get everything) and channels. A message goes
out in the channel of all and that of its end user; an endpoint of one end user listens to that one alone. Each endpoint
has a channel of its own besides, by which tests and what it missed reach it and no other: the calls that Svix has for
that are missing from the open-source server, or obey the filter. README.md tells where the two differ.
"""

import time
from contextlib import suppress
from datetime import datetime
from typing import ClassVar, Final

import orjson
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import Organization
from accounts.webhooks import custom_headers, event_types
from accounts.webhooks.backends import svix_api
from accounts.webhooks.catalogue import example_events
from accounts.webhooks.contract import (
    Attempted,
    AttemptPage,
    AttemptQuery,
    Destination,
    EndpointInactive,
    EndpointNotFound,
    Job,
    MessageNotFound,
    Outcome,
    Statistics,
)
from accounts.webhooks.event_types import EventType, Level
from accounts.webhooks.models import Delivery, Endpoint, Message
from accounts.webhooks.wakeups import DELIVER
from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable

ALL: Final = "all"
HOPELESS: Final = frozenset({400, 413, 422})


class SvixBackend:
    name: ClassVar[str] = "svix"

    def add(self, endpoint: Endpoint, secret: str) -> None:
        """Create the application if need be, then the endpoint."""
        state = _state(endpoint)
        svix_api.ensure_application(state.app)
        try:
            svix_api.create_endpoint(state, secret, custom_headers.read(endpoint))
        except svix_api.AlreadyThere:
            self._patch(endpoint, state_too=True)
        Endpoint.objects.filter(pk=endpoint.key).update(pushed_at=clock.now())

    def change(self, endpoint: Endpoint, *, state_too: bool) -> None:
        """Change the endpoint at Svix, or create it there again if Svix has lost it."""
        try:
            self._patch(endpoint, state_too=state_too)
        except EndpointNotFound:
            self.add(endpoint, endpoint.secrets.all()[0].secret)

    def _patch(self, endpoint: Endpoint, *, state_too: bool) -> None:
        state = _state(endpoint)
        svix_api.patch_endpoint(state, with_disabled=state_too)
        svix_api.set_headers(state, custom_headers.read(endpoint))

    def remove(self, endpoint: Endpoint) -> None:
        svix_api.delete_endpoint(_app(endpoint), endpoint.id)

    def secret(self, endpoint: Endpoint) -> str:
        return svix_api.secret(_app(endpoint), endpoint.id)

    def rotate(self, endpoint: Endpoint, secret: str, grace_seconds: int) -> None:
        svix_api.rotate(_app(endpoint), endpoint.id, secret, grace_seconds)

    def test(self, endpoint: Endpoint, event_type: str) -> str:
        """Return a message of a type that every endpoint takes, in the endpoint's own channel. Svix sends nothing to a
        paused one: raises EndpointInactive.
        """
        _require_active(endpoint)
        return example_events.create(endpoint, event_type).id

    def attempts(self, endpoint: Endpoint, query: AttemptQuery) -> AttemptPage:
        """Bodies are ours: Svix's cloud does not give payloads back."""
        rows, following = svix_api.attempts(
            _app(endpoint),
            endpoint.id,
            limit=query.limit,
            iterator=query.after[0] if query.after else None,
            succeeded=query.succeeded,
            before=query.until,
            event_types=query.event_types,
        )
        recent = [one for one in rows if query.since is None or one.created_at >= query.since]
        messages = _messages_of(endpoint, [one.message for one in recent])
        found = [_attempted(one, messages.get(one.message), with_content=query.with_content) for one in recent]
        return AttemptPage(found, [following] if following and len(recent) == len(rows) else None)

    def destinations(self, message: Message) -> list[Destination]:
        try:
            found = svix_api.destinations(str(message.organization_id), message.id)
        except EndpointNotFound:  # not handed over yet
            return []
        return [Destination(endpoint, status, None, next_at) for endpoint, status, next_at in found]

    def resend(self, endpoint: Endpoint, message: Message) -> None:
        """Raise EndpointInactive, as Svix sends nothing to a paused endpoint, and MessageNotFound."""
        _require_active(endpoint)
        try:
            svix_api.resend(_app(endpoint), message.id, endpoint.id)
        except EndpointNotFound as error:  # Svix knows no delivery of this message to this endpoint
            if message.type not in endpoint.event_types:
                raise MessageNotFound("The endpoint's filter leaves this message out.") from error
            Delivery.objects.create(
                message_key=message.key, endpoint_key=endpoint.key, trigger=Delivery.Trigger.MANUAL, due_at=Now()
            )
            DELIVER.request_work()

    def recover(self, endpoint: Endpoint, since: datetime, until: datetime) -> None:
        """Svix sends again what failed there; what was never sent, as the endpoint was paused, goes to it alone.

        Svix goes back fourteen days at most and does not tell how many.
        """
        first = max(since, clock.now() - svix_api.MAX_RECOVERY + svix_api.MARGIN)
        if first < until:
            svix_api.recover_failed(_app(endpoint), endpoint.id, first, min(until, clock.now()))
        missed = Message.objects.filter(
            organization_id=endpoint.organization_id, created_at__gte=since, created_at__lt=until
        )
        with transaction.atomic():
            dropped = Delivery.objects.filter(
                endpoint_key=endpoint.key, state=Delivery.State.DROPPED, trigger=Delivery.Trigger.SCHEDULED
            )
            dropped.filter(message_key__in=missed.values("key")).update(
                state=Delivery.State.PENDING, attempts=0, leases=0, due_at=Now()
            )
            DELIVER.request_work()

    def retry(self, endpoint: Endpoint, message: Message | None = None) -> int:
        """Svix keeps its retries to itself; one message can be sent again."""
        if message is None:
            raise NotAvailable("Svix has no call that makes waiting retries at once; use recover, or retry a message.")
        self.resend(endpoint, message)
        return 1

    def statistics(self, endpoint: Endpoint, since: datetime, until: datetime) -> Statistics:
        """Return it as Svix counts: the cloud messages, the open-source server attempts; 28 days at most."""
        last = min(until, clock.now() - svix_api.MARGIN)
        first = max(since, last - svix_api.MAX_STATISTICS)
        if first >= last:
            return Statistics(0, 0, 0)
        return Statistics(*svix_api.statistics(_app(endpoint), endpoint.id, first, last))


def forward(job: Job) -> Outcome:
    """Hand a message over: to all who take it, or to one endpoint that missed it or tests. Touches no database."""
    started, begun = clock.now(), time.monotonic()
    status, error_name, service_id = 202, "", ""
    try:
        service_id = _hand_over(job)
    except svix_api.FAMILIES as error:
        status, error_name = getattr(error, "status_code", 0), type(error).__name__
    return Outcome(
        job=job,
        started=started,
        duration_ms=round((time.monotonic() - begun) * 1000),
        succeeded=not error_name,
        status_code=status,
        error=f"Svix: {error_name}" if error_name else "",
        hopeless=status in HOPELESS,
        service_id=service_id if job.target is None or job.message.test else "",
    )


def _hand_over(job: Job) -> str:
    message, app = job.message, str(job.message.organization_id)
    payload = orjson.loads(job.body or b"null")
    if job.target is None:
        channels = [ALL, *([svix_api.channel_of_user(message.user_id)] if message.user_id else [])]
        return svix_api.create_message(app, message.id, message.type, payload, channels)
    event_type = svix_api.TEST if message.test else message.type
    name = message.id if message.test else copy_name(message.id, job.target.id, job.key)
    return svix_api.create_message(app, name, event_type, payload, [_own_channel(job.target)])


def copy_name(message_id: str, endpoint_id: str, delivery: int) -> str:
    """Return what a message that is sent to one endpoint alone is called at Svix, whose names are unique."""
    return f"{message_id}-{endpoint_id}-{delivery}"


def _state(endpoint: Endpoint) -> "svix_api.EndpointState":
    whose = ALL if endpoint.user_id is None else svix_api.channel_of_user(endpoint.user_id)
    return svix_api.EndpointState(
        app=_app(endpoint),
        id=endpoint.id,
        url=endpoint.url,
        description=endpoint.description,
        disabled=not endpoint.is_active,
        event_types=endpoint.event_types,
        channels=[whose, _own_channel(endpoint)],
        rate_limit=endpoint.rate_limit,
    )


def _app(endpoint: Endpoint) -> str:
    return str(endpoint.organization_id)


def _own_channel(endpoint: Endpoint) -> str:
    return f"endpoint.{endpoint.id}"


def _require_active(endpoint: Endpoint) -> None:
    if not endpoint.is_active:
        raise EndpointInactive(f"The endpoint is {endpoint.status}: Svix sends it nothing; set paused to false first.")


def _messages_of(endpoint: Endpoint, service_ids: list[str]) -> dict[str, Message]:
    """Return our messages by Svix's ids. Those that went to one endpoint alone are known at Svix only."""
    rows = Message.objects.for_organization(Organization(pk=endpoint.organization_id)).defer("deferred_body")
    found = {row.service_id: row for row in rows.filter(service_id__in=service_ids)}
    for service_id in set(service_ids) - found.keys():
        name = svix_api.message_name(_app(endpoint), service_id).split("-")[0]
        with suppress(Message.DoesNotExist):
            found[service_id] = rows.get(id=name)
    return found


def _attempted(one: "svix_api.SvixAttempt", message: Message | None, *, with_content: bool) -> Attempted:
    return Attempted(
        id=one.id,
        message_id=message.id if message else one.message,
        event_type=message.type if message else None,
        url=one.url,
        succeeded=one.succeeded,
        status_code=one.status_code,
        error="" if one.succeeded or one.status_code else one.response[:200],
        duration_ms=one.duration_ms,
        manual=one.manual or bool(message and message.test),
        created_at=one.created_at,
        sent_id=one.message,
        body=bytes(message.body) if with_content and message and message.body else None,
        response=one.response.encode() if with_content else None,
    )


def sync_event_types() -> int:
    """Tell Svix of types that it does not know, or knows otherwise; returns how many."""
    known = svix_api.known_event_types()
    test = EventType(svix_api.TEST, "A test that somebody asked for.", Level.SESSION, "wearlink", {}, {})
    changed = [one for one in (*event_types.every(), test) if _differs(one, known.get(one.name))]
    for one in changed:
        example = example_events.example(one)
        svix_api.put_event_type(one, {**example_events.schema(one), "title": one.name, "examples": [example]})
    return len(changed)


def _differs(one: EventType, known: tuple[str, str | None] | None) -> bool:
    """Return whether Svix must be sent this type. A missing group is no difference: the open-source server has none."""
    return known is None or known[0] != one.description or known[1] not in (None, one.group)
