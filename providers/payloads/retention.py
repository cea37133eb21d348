"""How long raw payloads are kept."""

from datetime import timedelta
from typing import Final

from django.conf import settings

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
        for _, key in rows:
            if key:
                storage.delete(key)
        count, _ = Payload.objects.filter(pk__in=[pk for pk, _ in rows]).exclude(state__in=WAITING_STATES).delete()
        removed += count
        if not count:
            break
    return removed


def _old(before: object) -> "list[tuple[int, str]]":
    rows = Payload.objects.filter(received_at__lt=before).exclude(state__in=WAITING_STATES)
    return list(rows.order_by("id").values_list("id", "object_key")[:BATCH_SIZE])
