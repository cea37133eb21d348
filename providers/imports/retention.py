"""Deletion of uploaded files once they are imported; the rows stay."""

from datetime import datetime
from typing import Final

from accounts import usage
from accounts.deletion import retention
from providers.models import OPEN_STATES, ImportJob, ImportJobQuerySet
from wearlink.lib import storage

IMPORTS: Final = "imports"


def prune(before: datetime) -> int:
    """Delete the files of imports that ended before that; returns how many."""
    removed = 0
    for job in _old(before).only("organization_id", "object_key", "size").iterator(chunk_size=500):
        storage.delete(job.object_key)
        if ImportJob.objects.filter(pk=job.pk).exclude(object_key="").update(object_key=""):
            usage.add(job.organization_id, {usage.OBJECT_BYTES: -job.size})
            removed += 1
    return removed


def _old(before: datetime) -> ImportJobQuerySet:
    ended = ImportJob.objects.filter(finished_at__lt=before)
    return ended.exclude(state__in=OPEN_STATES).exclude(object_key="")


retention.register(
    retention.RetentionRule(
        name=IMPORTS,
        what="Uploaded files of imports that have ended.",
        setting="IMPORT_RETENTION_DAYS",
        unit=retention.DAYS,
        rows=_old,
        prune=prune,
    )
)
