"""How long messages are kept."""

from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from accounts.deletion import retention
from accounts.webhooks.models import Delivery, Endpoint, Message

MESSAGES: Final = "messages"
SLICE: Final = 2_000
_PRUNE: Final = """
    WITH gone AS (DELETE FROM webhooks_message WHERE key IN (
                      SELECT m.key FROM webhooks_message m WHERE m.created_at < %(before)s
                      AND NOT EXISTS (SELECT FROM webhooks_delivery d WHERE d.message_key = m.key AND d.state = 0)
                      ORDER BY m.created_at LIMIT %(slice)s)
                  RETURNING key),
         deliveries AS (DELETE FROM webhooks_delivery d USING gone WHERE d.message_key = gone.key),
         attempts AS (DELETE FROM webhooks_attempt a USING gone WHERE a.message_key = gone.key)
    SELECT count(*) FROM gone
"""


def prune(before: datetime) -> int:
    """Remove messages older than that which nothing waits for; returns how many.

    A slice is one transaction. Endpoints go when they have been deleted for as long.
    """
    removed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_PRUNE, {"before": before, "slice": SLICE})
            count: int = cursor.fetchone()[0]
        removed += count
        if count < SLICE:
            break
    Endpoint.objects.filter(deleted_at__lt=before).delete()
    return removed


def _old(before: datetime) -> "QuerySet[Message]":
    waiting = Delivery.objects.filter(message_key=OuterRef("key"), state=Delivery.State.PENDING)
    return Message.objects.filter(~Exists(waiting), created_at__lt=before)


retention.register(
    retention.RetentionRule(
        name=MESSAGES,
        what="Webhook messages with their attempts.",
        setting="WEBHOOK_RETENTION_DAYS",
        unit=retention.DAYS,
        rows=_old,
        prune=prune,
    )
)
