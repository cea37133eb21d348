"""Leases on exports: one holder an export, attempts counted on taking, organizations in turns."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.functions import Now

from accounts import usage
from accounts.deletion.erasure import lock_user
from accounts.exports import links
from accounts.exports.models import OPEN_STATES, DataExport
from accounts.webhooks import events
from wearlink.lib import clock
from wearlink.lib.work.leases import Lease, LeaseLost, has_room

MAX_ATTEMPTS: Final = 5  # without any progress
STORE_TIMEOUT: Final = timedelta(hours=24)  # with a store or a disk that has no room
MAX_ORGANIZATIONS: Final = 200  # organizations that are looked at
_GAVE_UP: Final = "The export failed five times at the same place."
_TOO_LATE: Final = "The export could not be made within a day."


@dataclass(slots=True)
class ExportLease:
    """An export held under a token. The holder alone writes the row, so `export` is what the row says."""

    export: DataExport
    held: Lease[DataExport]

    def renew(self) -> None:
        """Renew the lease between two steps. Raises LeaseLost."""
        self.held.renew()

    def write(self, **changes: Any) -> None:
        """Update the row. Raises LeaseLost."""
        self.held.renew(always=True, **changes)
        self._reflect(changes)

    def release(self, due: timedelta = timedelta(), **changes: Any) -> None:
        """Give the export back to the queue. Raises LeaseLost."""
        changes = {"state": DataExport.State.QUEUED, **changes}
        if not self.held.release(due_at=Now() + due, **changes):
            raise LeaseLost
        self._reflect(changes)

    def finish(self, **changes: Any) -> None:
        """Mark the archive complete, make its link and tell the organization. Raises LeaseLost, UserGone."""
        now = clock.now()
        expires = now + timedelta(hours=settings.EXPORT_RETENTION_HOURS)
        link = links.make(expires)
        with transaction.atomic():
            lock_user(self.export.user_key)
            changes |= {"state": DataExport.State.READY, "finished_at": now, "expires_at": expires, "error": ""}
            self.held.finish(token=link.token, token_hash=link.digest, **changes)
            self._reflect(changes)
            usage.add(self.export.organization_id, {usage.OBJECT_BYTES: self.export.written})
            _emit_ready(self.export)

    def _reflect(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self.export, name, value)


def _emit_ready(export: DataExport) -> None:
    data = {
        "export_id": str(export.id),
        "user_id": str(export.user_id),
        "size_bytes": export.size_bytes,
        "expires_at": export.expires_at,
    }
    events.emit(export.organization_id, "export.ready", data, f"export.ready.{export.id}", export.user_id)


def any_due() -> bool:
    """Return whether an export waits for a worker."""
    return _due().exists()


def acquire_next() -> ExportLease | None:
    """Lease the oldest due export of the organization whose last one began longest ago; None if none is due."""
    oldest = _due().order_by("organization_id", "key").distinct("organization_id")
    waiting = dict(oldest.values_list("organization_id", "key")[:MAX_ORGANIZATIONS])
    begun = dict(
        DataExport.objects.filter(organization_id__in=waiting)
        .values_list("organization_id")
        .annotate(last=Max("started_at"))
    )
    in_turn = sorted(waiting, key=lambda owner: (begun[owner] is not None, begun[owner], waiting[owner]))
    for owner in in_turn:
        lease = _acquire(owner, waiting[owner])
        if lease is not None:
            return lease
    return None


def _due() -> QuerySet[DataExport]:
    """Select what waits for a worker, but for organizations of which as many are at work as may be: the end of one of
    those asks for the next.
    """
    held = DataExport.objects.open().held().order_by().values("organization_id").annotate(working=Count("pk"))
    full = held.filter(working__gte=settings.ORGANIZATION_EXPORTS).values("organization_id")
    return DataExport.objects.due(Now()).exclude(organization_id__in=full)


@transaction.atomic
def _acquire(owner: UUID, key: int) -> ExportLease | None:
    """Return the lease, unless another worker was quicker or the export has been tried too often."""
    if not has_room(DataExport.objects.open().filter(organization_id=owner), owner, settings.ORGANIZATION_EXPORTS):
        return None
    rows, seconds = DataExport.objects.filter(Q(pk=key), state__in=OPEN_STATES), settings.LEASE_SECONDS
    token = rows.acquire(seconds, state=DataExport.State.RUNNING, attempts=F("attempts") + 1)
    if token is None:
        return None
    lease = ExportLease(DataExport.objects.get(pk=key), Lease(rows, token, seconds))
    if lease.export.started_at is None:
        lease.write(started_at=clock.now())
    late = lease.export.created_at < clock.now() - STORE_TIMEOUT
    if late or lease.export.attempts > MAX_ATTEMPTS:
        error = lease.export.error or (_TOO_LATE if late else _GAVE_UP)
        lease.held.finish(state=DataExport.State.FAILED, finished_at=clock.now(), error=error)
        return None
    return lease
