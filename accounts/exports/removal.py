"""Removing archives: those that were downloaded, and those whose time is over. The rows stay and say so."""

from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q

from accounts import usage
from accounts.exports.models import DataExport
from wearlink.lib import clock, storage

BATCH_SIZE: Final = 100


def over(now: datetime) -> Q:
    """Archives that nobody can download any more."""
    ready, downloaded = DataExport.State.READY, DataExport.State.DOWNLOADED
    return Q(state=ready, expires_at__lte=now) | Q(state=downloaded, resumable_until__lte=now)


def remove_over() -> int:
    """Delete them; returns how many. Objects go first: a row is found again, an object without a row by a sweep only.

    Raises StoreUnavailable, after which the next run goes on.
    """
    rows = DataExport.objects.filter(over(clock.now()), token_hash__isnull=False).order_by("key")[:BATCH_SIZE]
    return sum(remove(row) for row in rows)


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
