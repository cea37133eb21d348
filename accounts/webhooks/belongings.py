"""Messages as part of what belongs to a person: erasing someone takes them, their deliveries and attempts along."""

from typing import Any

from django.db import connection

from accounts import subjects
from accounts.models import EndUser
from accounts.webhooks.models import Endpoint, Message
from wearlink.lib import clock

_ERASE = """
    WITH gone AS (DELETE FROM webhooks_message WHERE user_id = (SELECT id FROM accounts_enduser WHERE key = %s)
                  RETURNING key),
         deliveries AS (DELETE FROM webhooks_delivery d USING gone WHERE d.message_key = gone.key),
         attempts AS (DELETE FROM webhooks_attempt a USING gone WHERE a.message_key = gone.key)
    SELECT count(*) FROM gone
"""


def erase(user_key: int) -> int:
    """Remove all messages about a person, and the endpoints that were only for that person."""
    with connection.cursor() as cursor:
        cursor.execute(_ERASE, [user_key])
        removed: int = cursor.fetchone()[0]
    person = EndUser.objects.filter(pk=user_key).values("id")
    Endpoint.objects.live().filter(user_id__in=person).update(deleted_at=clock.now())
    return removed


def summary(user_key: int) -> dict[str, Any]:
    """How many messages about the person are kept."""
    person = EndUser.objects.filter(pk=user_key).values("id")
    return {"count": Message.objects.filter(user_id__in=person).count()}


subjects.register(subjects.Part("webhook_messages", erase, summary))
