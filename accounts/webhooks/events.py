"""emit: an event becomes a row in the caller's transaction, so there is never one without the other.

    emit(organization.pk, "connection.created", {"user_id": …, "provider": "garmin", …}, user_id=end_user.id)

Nothing is written when no endpoint of the organization subscribes to such an event.
Bodies are kept as the exact bytes that will be signed; an event may also bring a deferred body, from which its body
is made before the first attempt.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings

from accounts.webhooks import event_types, ids, subscribers, wakeups
from accounts.webhooks.models import SERVICE, Delivery, Message
from accounts.webhooks.subscribers import Subscriber, Subscribers
from wearlink.lib import clock, tenancy
from wearlink.lib.api.rendering import dumps
from wearlink.lib.postgres import prepared

Render = Callable[[bytes], bytes]
_renderers: dict[str, Render] = {}

# Messages and their deliveries in one statement; an event that was emitted before makes neither. Bodies travel in
# binary beside the rest, which costs least as one text.
# Written out: `make bench`, cost of emission.
_INSERT = """
    WITH fresh AS (
        INSERT INTO webhooks_message (id, organization_id, event_id, type, user_id, created_at, body, deferred_body)
        SELECT id, %(organization)b::uuid, event_id, type, user_id, %(now)b::timestamptz, body, deferred_body
        FROM ROWS FROM (
            json_to_recordset(%(messages)s::json) AS (id text, event_id text, type text, user_id uuid),
            unnest(%(bodies)b::bytea[]),
            unnest(%(deferred_bodies)b::bytea[])
        ) AS t(id, event_id, type, user_id, body, deferred_body)
        ON CONFLICT (organization_id, event_id) WHERE event_id IS NOT NULL DO NOTHING
        RETURNING key, id
    )
    INSERT INTO webhooks_delivery (message_key, endpoint_key, state, trigger, attempts, leases, due_at, created_at)
    SELECT fresh.key, d.endpoint, d.state, 0, 0, 0, statement_timestamp(), %(now)b::timestamptz
    FROM json_to_recordset(%(deliveries)s::json) AS d(id text, endpoint bigint, state smallint)
    JOIN fresh ON fresh.id = d.id
    ORDER BY fresh.key
"""


@dataclass(frozen=True, slots=True)
class Event:
    """An event to emit. Either data (a JSON object) or a deferred body: text from which a renderer makes it.

    event_id names the event for the emitter: a second one of that name is the same event and makes no message.
    """

    type: str
    data: Mapping[str, Any] | None = None
    deferred_body: bytes | None = None
    user_id: UUID | None = None
    event_id: str | None = None


class UnknownEventType(LookupError):
    """An event was to be emitted whose type nobody registered: a fault of the program."""


def register_deferred_body(kind: str, render: Render) -> None:
    """Say how deferred bodies that begin with ``kind`` and a colon become the JSON bytes of an event's data."""
    _renderers[kind] = render


def emit(
    organization_id: UUID,
    type: str,
    data: Mapping[str, Any],
    event_id: str | None = None,
    user_id: UUID | None = None,
) -> None:
    """Emit one event about an organization, or about one of its end users (by public id)."""
    emit_many(subscribers.of_organization(organization_id), [Event(type, data, user_id=user_id, event_id=event_id)])


def emit_many(organization: Subscribers, events: Sequence[Event]) -> int:
    """Emit events in one statement, in the transaction of their cause; returns how many somebody subscribed to."""
    for event in events:
        if event_types.find(event.type) is None:
            raise UnknownEventType(event.type)
    rows = []
    for event in events:
        if endpoints := list(organization.of_event(event.type, event.user_id)):
            rows.append((event, endpoints))
    if not rows:
        return 0
    moment = clock.rfc3339(clock.now_ms())
    messages, deliveries = list[dict[str, Any]](), list[dict[str, Any]]()
    for event, endpoints in rows:
        name = ids.new(ids.MESSAGE)
        messages.append({"id": name, "event_id": event.event_id, "type": event.type, "user_id": event.user_id})
        for key, state in _destinations(endpoints):
            deliveries.append({"id": name, "endpoint": key, "state": state})
    values: dict[str, Any] = {
        "organization": organization.organization_id,
        "now": clock.now(),
        "messages": orjson.dumps(messages).decode(),
        "deliveries": orjson.dumps(deliveries).decode(),
        "bodies": [
            None if event.data is None else envelope(event.type, moment, dumps(event.data)) for event, _ in rows
        ],
        "deferred_bodies": [event.deferred_body for event, _ in rows],
    }
    # Parameters travel in binary; Django would write bytes into the statement as hex. For the wall, nobody owns a
    # delivery whose message is made in the same statement.
    with tenancy.platform(), prepared() as cursor:
        cursor.execute(_INSERT, values)
    _wake(rows)
    return len(rows)


def _destinations(endpoints: Sequence[Subscriber]) -> list[tuple[int, int]]:
    """Return keys of endpoints and states: to each active endpoint, or once to Svix, which spreads it by itself.

    For a paused one it is dropped, which `recover` can undo.
    """
    pending = [one.key for one in endpoints if one.active and not one.listener]
    if pending and settings.SVIX_TOKEN:
        pending = [SERVICE]
    pending += [one.key for one in endpoints if one.listener]
    dropped = [(one.key, Delivery.State.DROPPED.value) for one in endpoints if not one.active]
    return [(key, Delivery.State.PENDING.value) for key in pending] + dropped


def _wake(rows: Sequence[tuple[Event, Sequence[Subscriber]]]) -> None:
    """Wake the dispatcher and the listeners after the commit."""
    reached = {one for _, endpoints in rows for one in endpoints if one.active}
    if any(not one.listener for one in reached):
        wakeups.DELIVER.request_work()
    wakeups.wake_listeners({one.key for one in reached if one.listener})


def envelope(type: str, moment: str, data: bytes) -> bytes:
    """Return the whole body: {"type": …, "timestamp": …, "data": …}."""
    return b'{"type":"%s","timestamp":"%s","data":%s}' % (type.encode(), moment.encode(), data)


def body_of(message: Message) -> bytes:
    """Return a message's bytes, made from its deferred body if they have not been made yet."""
    if message.body is not None:
        return bytes(message.body)
    kind, _, content = bytes(message.deferred_body or b"").partition(b":")
    data = _renderers[kind.decode()](content)
    return envelope(message.type, clock.rfc3339(clock.to_ms(message.created_at)), data)
