"""Messages as part of what belongs to an end user: erasing someone takes them, their deliveries and attempts along."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from accounts.deletion import erasure, leftovers
from accounts.deletion.erasure import ErasedUser, Rows
from accounts.models import EndUser
from accounts.webhooks import events
from accounts.webhooks.backends import svix, svix_api
from accounts.webhooks.models import SERVICE, Attempt, Delivery, Endpoint, Message
from wearlink.lib import clock

MESSAGE_AT_SVIX: Final = "message at Svix"
ENDPOINT_AT_SVIX: Final = "endpoint at Svix"
HANDED_OVER: Final = timedelta(minutes=1)

# Written out: `make bench`, erasure of that user.
_ERASE: Final = """
    WITH gone AS (DELETE FROM webhooks_message WHERE user_id = %s RETURNING key),
         deliveries AS (DELETE FROM webhooks_delivery d USING gone WHERE d.message_key = gone.key RETURNING 1),
         attempts AS (DELETE FROM webhooks_attempt a USING gone WHERE a.message_key = gone.key RETURNING 1)
    SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM deliveries), (SELECT count(*) FROM attempts)
"""
_TABLES: Final = (Message._meta.label, Delivery._meta.label, Attempt._meta.label)


def erase(user: ErasedUser) -> Rows:
    """Remove all messages about an end user, and the endpoints that were only for that end user."""
    if settings.SVIX_TOKEN:
        _note_copies(user)
    with connection.cursor() as cursor:
        cursor.execute(_ERASE, [user.id])
        removed = dict(zip(_TABLES, cursor.fetchone(), strict=True))
    Endpoint.objects.live().filter(user_id=user.id).update(deleted_at=clock.now(), user_id=None)
    data = {"user_id": str(user.id), "deleted_at": clock.rfc3339(clock.now_ms())}
    events.emit(user.organization_id, "user.deleted", data, event_id=f"user.deleted.{user.id}")
    return removed


def _note_copies(user: ErasedUser) -> None:
    """Svix has copies of the messages, and the endpoints that were only for that end user.

    What is just being handed over arrives there first.
    """
    messages = {row.key: row for row in Message.objects.filter(user_id=user.id).only("organization_id", "id")}
    names = [f"{row.organization_id} {row.id}" for row in messages.values()]
    copies = Delivery.objects.filter(message_key__in=messages).exclude(endpoint_key=SERVICE)
    endpoints = dict(Endpoint.objects.filter(pk__in=copies.values("endpoint_key")).values_list("key", "id"))
    for delivery in copies:
        row = messages[delivery.message_key]
        if delivery.endpoint_key in endpoints:
            copy = svix.copy_name(row.id, endpoints[delivery.endpoint_key], delivery.pk)
            names.append(f"{row.organization_id} {copy}")
    leftovers.note(user, MESSAGE_AT_SVIX, names, after=HANDED_OVER)
    own = Endpoint.objects.live().filter(user_id=user.id)
    leftovers.note(user, ENDPOINT_AT_SVIX, [f"{row.organization_id} {row.id}" for row in own], after=HANDED_OVER)


def expunge(name: str) -> None:
    """Have Svix forget the content of a message, by application and name. Raises ServiceDown."""
    if settings.SVIX_TOKEN:
        svix_api.expunge(*name.split(" "))


def delete_endpoint(name: str) -> None:
    """Have Svix delete an endpoint, by application and our id. Raises ServiceDown."""
    if settings.SVIX_TOKEN:
        svix_api.delete_endpoint(*name.split(" "))


def summary(user_key: int) -> dict[str, Any]:
    """Return how many messages about the end user are kept."""
    user = EndUser.objects.filter(pk=user_key).values("id")
    return {"count": Message.objects.filter(user_id__in=user).count()}


erasure.register(erasure.ErasurePart("webhook_messages", erase, _TABLES, summary))
leftovers.register(MESSAGE_AT_SVIX, expunge)
leftovers.register(ENDPOINT_AT_SVIX, delete_endpoint)
