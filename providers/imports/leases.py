"""Leases on import jobs: one holder a job, one job an end user at a time, attempts counted on taking."""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.deletion.erasure import UserGone, lock_user
from providers.imports import emission
from providers.models import ImportJob
from wearlink.lib import clock
from wearlink.lib.work.leases import Lease, LeaseLost, has_room

MAX_ATTEMPTS: Final = 5  # without any progress
_LOCK_CLASS: Final = 0x696D706F  # our corner of PostgreSQL's advisory locks
_GAVE_UP: Final = "The import failed five times at the same place."


@dataclass(slots=True)
class ImportLease:
    """A job held under a token. The holder alone writes the row, so `job` is what the row says."""

    job: ImportJob
    held: Lease[ImportJob]
    marked: float = field(default_factory=time.monotonic)

    def renew(self) -> None:
        """Prolong the lease between two steps, if a good part of it is over. Raises LeaseLost."""
        if time.monotonic() - self.held.renewed >= self.held.seconds / 3:
            self.write()

    def lock(self) -> None:
        """Lock the row until the end of the transaction, whatever the clock says. Raises LeaseLost."""
        self.held.hold()

    def write(self, **changes: Any) -> None:
        """Write changes and the time spent since the last write, and prolong the lease. Raises LeaseLost."""
        self.held.renew(always=True, **self._timed(changes))
        self._reflect(changes)

    def finish(self, state: str, **changes: Any) -> None:
        """Write the outcome, emit its event, and give the row back. Raises LeaseLost, and UserGone after an erasure."""
        with transaction.atomic():
            lock_user(self.job.user_key)
            changes = {"state": state, "finished_at": clock.now(), **changes}
            self.held.finish(**self._timed(changes))
            self._reflect(changes)
            emission.emit_ended(self.job)

    def release(self, due: timedelta = timedelta(), **changes: Any) -> None:
        """Give the job back to the queue. Raises LeaseLost."""
        changes = {"state": ImportJob.State.QUEUED, **changes}
        if not self.held.release(due_at=Now() + due, **self._timed(changes)):
            raise LeaseLost
        self._reflect(changes)

    def _timed(self, changes: dict[str, Any]) -> dict[str, Any]:
        """Add the time spent working since the last write."""
        now = time.monotonic()
        changes["active_seconds"] = self.job.active_seconds + now - self.marked
        self.marked = now
        return changes

    def _reflect(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            setattr(self.job, name, value)


@transaction.atomic
def acquire(job_id: uuid.UUID) -> ImportLease | None:
    """Lease a job; None if it is not due, is held, an earlier one of the same end user has not ended, or as many of the
    organization are at work as may be (settings.ORGANIZATION_IMPORTS).
    """
    user_key = ImportJob.objects.filter(job_id=job_id).values_list("user_key", flat=True).first() or 0
    try:
        lock_user(user_key)  # before the job's row, which is the order everybody keeps
    except UserGone:
        return None
    # Written out: advisory lock.
    with connection.cursor() as cursor:  # two claims of one end user would each see the other's job waiting
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s), clock_timestamp()", [_LOCK_CLASS, user_key & 0x7FFFFFFF])
        now: datetime = cursor.fetchone()[1]
    job = ImportJob.objects.due(now).select_for_update(skip_locked=True).filter(job_id=job_id).first()
    if job is None or ImportJob.objects.for_user(user_key).open().filter(id__lt=job.id).exists():
        return None
    rows = ImportJob.objects.of_organization(job.organization_id).open()
    if not has_room(rows, job.organization_id, settings.ORGANIZATION_IMPORTS):
        return None
    if job.attempts >= MAX_ATTEMPTS:
        job.state, job.error_code, job.finished_at = ImportJob.State.FAILED, "gave_up", now
        job.error = job.error or _GAVE_UP
        job.lease = job.locked_until = None
        job.save(update_fields=["state", "error_code", "error", "finished_at", "lease", "locked_until"])
        emission.emit_ended(job)
        return None
    return _lease_row(job, now)


def _lease_row(job: ImportJob, now: datetime) -> ImportLease | None:
    rows, seconds = ImportJob.objects.filter(pk=job.pk), settings.LEASE_SECONDS
    changes = {"state": ImportJob.State.PROCESSING, "started_at": job.started_at or now, "attempts": job.attempts + 1}
    token = rows.acquire(seconds, **changes)
    if token is None:
        return None
    job.refresh_from_db()
    return ImportLease(job, Lease(rows, token, seconds))
