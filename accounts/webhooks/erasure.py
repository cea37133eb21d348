"""Messages as part of what belongs to an end user: erasing someone takes them, their deliveries and attempts along."""

from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection

from accounts import erasure
from accounts.models import EndUser
from accounts.webhooks import events
from accounts.webhooks.backends import svix
from accounts.webhooks.models import SERVICE, Delivery, Endpoint, Message
from wearlink.lib import clock, task_queue

EXPUNGE: Final = "accounts.webhooks.tasks.expunge"
BATCH_SIZE: Final = 200

_ERASE: Final = """
    WITH gone AS (DELETE FROM webhooks_message WHERE user_id = (SELECT id FROM accounts_enduser WHERE key = %s)
                  RETURNING key),
         deliveries AS (DELETE FROM webhooks_delivery d USING gone WHERE d.message_key = gone.key),
         attempts AS (DELETE FROM webhooks_attempt a USING gone WHERE a.message_key = gone.key)
    SELECT count(*) FROM gone
"""


def erase(user_key: int) -> int:
    """Remove all messages about an end user, and the endpoints that were only for that end user."""
    if settings.SVIX_TOKEN:
        _expunge_later(user_key)
    with connection.cursor() as cursor:
        cursor.execute(_ERASE, [user_key])
        removed: int = cursor.fetchone()[0]
    user = EndUser.objects.filter(pk=user_key).values("id")
    Endpoint.objects.live().filter(user_id__in=user).update(deleted_at=clock.now())
    _emit_deleted(user_key)
    return removed


def _emit_deleted(user_key: int) -> None:
    """Tell the organization, in a message that is kept as the organization's, not as the end user's."""
    user = EndUser.objects.filter(pk=user_key).only("id", "organization_id").first()
    if user is not None:
        data = {"user_id": str(user.id), "deleted_at": clock.rfc3339(clock.now_ms())}
        events.emit(user.organization_id, "user.deleted", data, event_id=f"user.deleted.{user.id}")


def _expunge_later(user_key: int) -> None:
    """Svix keeps copies: they go once the erasure is committed."""
    names: dict[UUID, list[str]] = {}
    user = EndUser.objects.filter(pk=user_key).values("id")
    messages = {row.key: row for row in Message.objects.filter(user_id__in=user).only("organization_id", "id")}
    for row in messages.values():
        names.setdefault(row.organization_id, []).append(row.id)
    copies = Delivery.objects.filter(message_key__in=messages).exclude(endpoint_key=SERVICE)
    endpoints = dict(Endpoint.objects.filter(pk__in=copies.values("endpoint_key")).values_list("key", "id"))
    for delivery in copies:
        row = messages[delivery.message_key]
        if delivery.endpoint_key in endpoints:
            names[row.organization_id].append(svix.copy_name(row.id, endpoints[delivery.endpoint_key], delivery.pk))
    for app, found in names.items():
        for first in range(0, len(found), BATCH_SIZE):
            task_queue.enqueue(EXPUNGE, str(app), found[first : first + BATCH_SIZE])


def summary(user_key: int) -> dict[str, Any]:
    """How many messages about the end user are kept."""
    user = EndUser.objects.filter(pk=user_key).values("id")
    return {"count": Message.objects.filter(user_id__in=user).count()}


erasure.register(erasure.ErasurePart("webhook_messages", erase, summary))
