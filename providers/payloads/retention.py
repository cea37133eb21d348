"""How long raw payloads are kept."""

from datetime import timedelta
from typing import Final

from django.conf import settings

from accounts import usage
from providers.models import WAITING_STATES, Payload
from wearlink.lib import clock, storage

BATCH_SIZE: Final = 500


def prune() -> int:
    """Remove payloads older than settings.PAYLOAD_RETENTION_DAYS that nothing waits for; returns how many.

    Objects go first: a row without its object is found again by the next run, an object without a row by nobody.
    """
    before = clock.now() - timedelta(days=settings.PAYLOAD_RETENTION_DAYS)
    removed = 0
    while rows := list(_old(before)):
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


def _old(before: object) -> list[Payload]:
    rows = Payload.objects.filter(received_at__lt=before).exclude(state__in=WAITING_STATES)
    return list(rows.order_by("id").only("organization_id", "object_key", "size")[:BATCH_SIZE])
