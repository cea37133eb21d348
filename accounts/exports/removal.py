"""Removing archives: those that were downloaded, and those whose time is over. The rows stay and say so."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts import usage
from accounts.deletion import retention
from accounts.exports.models import DataExport, DataExportQuerySet
from wearlink.lib import clock, storage

BATCH_SIZE: Final = 100


def over(_before: datetime | None = None) -> DataExportQuerySet:
    """Return those that nobody can download now. Each says itself how long it is kept, by the setting of when it was
    made.
    """
    ready, downloaded, now = DataExport.State.READY, DataExport.State.DOWNLOADED, clock.now()
    ended = Q(state=ready, expires_at__lte=now) | Q(state=downloaded, resumable_until__lte=now)
    return DataExport.objects.filter(ended, token_hash__isnull=False)


def remove_over(_before: datetime | None = None) -> int:
    """Delete them; returns how many. Objects go first: a row is found again, an object without a row by a sweep only.

    Raises StoreUnavailable, after which the next run goes on.
    """
    return sum(remove(row) for row in over().order_by("key")[:BATCH_SIZE])


def remove(export: DataExport) -> bool:
    """Delete one archive and end its link; False if another worker was quicker."""
    for key in export.part_keys:
        storage.delete(key)
    state = DataExport.State.EXPIRED if export.state == DataExport.State.READY else export.state
    with transaction.atomic():
        mine = DataExport.objects.filter(pk=export.pk, token_hash__isnull=False)
        ended = mine.update(state=state, parts=[], members=[], token="", token_hash=None, downloaded_by=None)
        if ended:
            usage.add(export.organization_id, {usage.OBJECT_BYTES: -export.written})
    return bool(ended)


retention.register(
    retention.RetentionRule(
        name="exports",
        what="Archives of exports, from the moment they are ready; rows stay. Removed as they end, not at night.",
        setting="EXPORT_RETENTION_HOURS",
        unit=retention.HOURS,
        rows=over,
        prune=remove_over,
    )
)
