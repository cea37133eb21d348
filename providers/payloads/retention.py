"""Deletion of old raw payloads."""

from datetime import datetime
from typing import Final

from accounts import usage
from accounts.deletion import retention
from providers.models import WAITING_STATES, Payload, PayloadQuerySet
from wearlink.lib import storage

BATCH_SIZE: Final = 500
PAYLOADS: Final = "payloads"


def prune(before: datetime) -> int:
    """Remove payloads older than that which nothing waits for; returns how many.

    Objects go first: a row without its object is found again by the next run.
    """
    removed = 0
    while rows := list(_old(before).order_by("id").only("organization_id", "object_key", "size")[:BATCH_SIZE]):
        objects = [row for row in rows if row.object_key]
        for row in objects:
            storage.delete(row.object_key)
        count, _ = Payload.objects.filter(pk__in=[row.pk for row in rows]).exclude(state__in=WAITING_STATES).delete()
        for row in objects:
            usage.add(row.organization_id, {usage.OBJECT_BYTES: -row.size})
        removed += count
        if not count:
            break
    return removed


def _old(before: datetime) -> PayloadQuerySet:
    return Payload.objects.filter(received_at__lt=before).exclude(state__in=WAITING_STATES)


retention.register(
    retention.RetentionRule(
        name=PAYLOADS,
        what="Raw payloads of phones and vendors; what they brought stays.",
        setting="PAYLOAD_RETENTION_DAYS",
        unit=retention.DAYS,
        rows=_old,
        prune=prune,
    )
)
