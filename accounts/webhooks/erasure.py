"""Messages as part of what belongs to an end user: erasing someone takes them, their deliveries and attempts along."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from accounts import erasure, leftovers
from accounts.models import EndUser
from accounts.webhooks import events
from accounts.webhooks.backends import svix, svix_api
from accounts.webhooks.models import SERVICE, Delivery, Endpoint, Message
from wearlink.lib import clock

MESSAGE_AT_SVIX: Final = "message at Svix"
ENDPOINT_AT_SVIX: Final = "endpoint at Svix"
HANDED_OVER: Final = timedelta(minutes=1)

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
        _note_copies(user_key)
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


def _note_copies(user_key: int) -> None:
    """Svix has copies of the messages, and the endpoints that were only for that end user.

    What is just being handed over arrives there first.
    """
    user = EndUser.objects.filter(pk=user_key).values("id")
    messages = {row.key: row for row in Message.objects.filter(user_id__in=user).only("organization_id", "id")}
    names = [f"{row.organization_id} {row.id}" for row in messages.values()]
    copies = Delivery.objects.filter(message_key__in=messages).exclude(endpoint_key=SERVICE)
    endpoints = dict(Endpoint.objects.filter(pk__in=copies.values("endpoint_key")).values_list("key", "id"))
    for delivery in copies:
        row = messages[delivery.message_key]
        if delivery.endpoint_key in endpoints:
            copy = svix.copy_name(row.id, endpoints[delivery.endpoint_key], delivery.pk)
            names.append(f"{row.organization_id} {copy}")
    leftovers.note(user_key, MESSAGE_AT_SVIX, names, after=HANDED_OVER)
    own = Endpoint.objects.live().filter(user_id__in=user)
    leftovers.note(user_key, ENDPOINT_AT_SVIX, [f"{row.organization_id} {row.id}" for row in own], after=HANDED_OVER)


def expunge(name: str) -> None:
    """Have Svix forget the content of a message, by application and name. Raises ServiceDown."""
    if settings.SVIX_TOKEN:
        svix_api.expunge(*name.split(" "))


def delete_endpoint(name: str) -> None:
    """Have Svix delete an endpoint, by application and our id. Raises ServiceDown."""
    if settings.SVIX_TOKEN:
        svix_api.delete_endpoint(*name.split(" "))


def summary(user_key: int) -> dict[str, Any]:
    """How many messages about the end user are kept."""
    user = EndUser.objects.filter(pk=user_key).values("id")
    return {"count": Message.objects.filter(user_id__in=user).count()}


erasure.register(erasure.ErasurePart("webhook_messages", erase, summary))
leftovers.register(MESSAGE_AT_SVIX, expunge)
leftovers.register(ENDPOINT_AT_SVIX, delete_endpoint)
