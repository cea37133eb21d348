"""Test events: the example of a type in its envelope, sent to one endpoint because somebody asked for it."""

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.webhooks import event_types, events, ids
from accounts.webhooks.catalogue.schemas import DIALECT, MOMENT, TEXT
from accounts.webhooks.event_types import EventType
from accounts.webhooks.models import Delivery, Endpoint, Message
from accounts.webhooks.wakeups import DELIVER, wake_listeners
from wearlink.lib import clock
from wearlink.lib.api.rendering import dumps


@transaction.atomic
def create(endpoint: Endpoint, event_type: str) -> Message:
    """Return the example as a message to this endpoint and no other; one attempt."""
    kind = event_types.find(event_type)
    now, name = clock.now(), ids.new(ids.MESSAGE)
    data = dumps(kind.example if kind else {})
    message = Message.objects.create(
        id=name,
        organization_id=endpoint.organization_id,
        type=event_type,
        body=events.envelope(event_type, clock.rfc3339(clock.to_ms(now)), data),
        created_at=now,
        test=True,
    )
    Delivery.objects.create(
        message_key=message.key, endpoint_key=endpoint.key, trigger=Delivery.Trigger.MANUAL, due_at=Now()
    )
    if endpoint.listener:
        wake_listeners([endpoint.key])
    else:
        DELIVER.request_work()
    return message


def example(kind: EventType) -> dict[str, Any]:
    return {"type": kind.name, "timestamp": "2026-04-23T10:00:00Z", "data": dict(kind.example)}


def schema(kind: EventType) -> dict[str, Any]:
    """Return the JSON Schema of a whole body."""
    data = {name: value for name, value in kind.schema.items() if name != "$schema"}
    properties = {"type": TEXT, "timestamp": MOMENT, "data": data}
    return {"$schema": DIALECT, "type": "object", "properties": properties, "required": list(properties)}
