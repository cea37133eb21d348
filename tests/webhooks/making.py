"""Parts that the tests of webhooks share."""

from typing import Any
from uuid import UUID, uuid4

from accounts.audit import SYSTEM
from accounts.models import Organization
from accounts.webhooks import events
from accounts.webhooks.delivery import dispatch
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Delivery, Endpoint, Message

EXAMPLE = {"user_id": "550e8400-e29b-41d4-a716-446655440000", "provider": "garmin"}


def endpoint(organization: Organization, url: str, *types: str, **values: Any) -> Endpoint:
    """Return an endpoint for these types that has answered before; with no types, without a filter."""
    wanted = {"url": url, "filter_types": list(types) or None, **values}
    made = lifecycle.create(organization=organization, values=wanted, actor=SYSTEM).endpoint
    made.proven_at = made.created_at
    made.save(update_fields=["proven_at"])
    return made


def emit(organization: Organization, type: str = "connection.created", user_id: UUID | None = None, **data: Any) -> str:
    """Emit an event; the message's id."""
    name = uuid4().hex
    events.emit(organization.pk, type, EXAMPLE | data, event_id=name, user_id=user_id)
    found = Message.objects.filter(organization=organization, event_id=name).first()
    return found.id if found else ""


def deliver() -> int:
    return dispatch.run(threads=8)


def only_delivery() -> Delivery:
    return Delivery.objects.get()
