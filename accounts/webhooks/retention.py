"""Deletion of old messages."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.deletion import retention
from accounts.webhooks.models import Attempt, Delivery, Endpoint, Message

MESSAGES: Final = "messages"
SLICE: Final = 2_000


def prune(before: datetime) -> int:
    """Remove messages older than that which nothing waits for; returns how many.

    A slice is one transaction. Endpoints go when they have been deleted for as long.
    """
    removed = 0
    while count := _prune_slice(before):
        removed += count
        if count < SLICE:
            break
    Endpoint.objects.filter(deleted_at__lt=before).delete()
    return removed


@transaction.atomic
def _prune_slice(before: datetime) -> int:
    keys = list(_old(before).order_by("created_at").values_list("key", flat=True)[:SLICE])
    for rows in (Attempt.objects, Delivery.objects):
        rows.filter(message_key__in=keys).delete()
    Message.objects.filter(key__in=keys).delete()
    return len(keys)


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
