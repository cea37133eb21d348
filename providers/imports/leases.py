"""Leases on import jobs: one holder a job, one job an end user at a time, attempts counted on taking.

A lease is a token in the row with a time it runs out. Who dies keeps nothing: when the time is over the next one takes
the job, and the dead one's late writes find another token. All of it goes by the database's clock.
"""

import time
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.erasure import UserGone, lock_user
from providers.imports import events
from providers.models import ImportJob
from providers.payloads.leases import LeaseLost
from wearlink.lib import clock

MAX_ATTEMPTS: Final = 5  # without any progress
_LOCK_CLASS: Final = 0x696D706F  # our corner of PostgreSQL's advisory locks
_TIMES: Final = {"locked_until", "due_at"}  # the database's to say, and not read from the job
_GAVE_UP: Final = "The import failed five times at the same place."


@dataclass(slots=True)
class ImportLease:
    """A job held under a token. The holder alone writes the row, so `job` is what the row says."""

    job: ImportJob
    token: uuid.UUID
    renewed: float = field(default_factory=time.monotonic)
    marked: float = field(default_factory=time.monotonic)

    def renew(self) -> None:
        """Between two steps: prolong the lease if a good part of it is over. Raises LeaseLost."""
        if time.monotonic() - self.renewed >= settings.LEASE_SECONDS / 3:
            self.write()

    def lock(self) -> None:
        """Inside a transaction: lock the row until its end, whatever the clock says. Raises LeaseLost."""
        mine = ImportJob.objects.filter(pk=self.job.pk, lease=self.token).select_for_update()
        if not mine.values_list("pk").first():
            raise LeaseLost

    def write(self, **changes: Any) -> None:
        """Write changes and the time spent since the last write, and prolong the lease. Raises LeaseLost."""
        until = Now() + timedelta(seconds=settings.LEASE_SECONDS)
        self._write({"locked_until": until, "due_at": until, **changes})
        self.renewed = time.monotonic()

    def finish(self, state: str, **changes: Any) -> None:
        """Write the outcome, tell it, and give the row back. Raises LeaseLost, and UserGone if they were erased."""
        with transaction.atomic():
            lock_user(self.job.user_key)
            self._write({"lease": None, "locked_until": None, "state": state, "finished_at": clock.now(), **changes})
            events.emit_ended(self.job)

    def release(self, due: timedelta = timedelta(), **changes: Any) -> None:
        """Give the job back to the queue. Raises LeaseLost."""
        queued = {"lease": None, "locked_until": None, "state": ImportJob.State.QUEUED, "due_at": Now() + due}
        self._write({**queued, **changes})

    def _write(self, changes: dict[str, Any]) -> None:
        now = time.monotonic()
        changes["active_seconds"] = self.job.active_seconds + now - self.marked
        if ImportJob.objects.filter(pk=self.job.pk, lease=self.token).update(**changes) != 1:
            raise LeaseLost
        self.marked = now
        for name in changes.keys() - _TIMES:
            setattr(self.job, name, changes[name])


@transaction.atomic
def acquire(job_id: uuid.UUID) -> ImportLease | None:
    """Lease a job; None if it is not due, is held, or an earlier one of the same end user has not ended."""
    user_key = ImportJob.objects.filter(job_id=job_id).values_list("user_key", flat=True).first() or 0
    try:
        lock_user(user_key)  # before the job's row, which is the order everybody keeps
    except UserGone:
        return None
    with connection.cursor() as cursor:  # two claims of one end user would each see the other's job waiting
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s), clock_timestamp()", [_LOCK_CLASS, user_key & 0x7FFFFFFF])
        now: datetime = cursor.fetchone()[1]
    job = ImportJob.objects.due(now).select_for_update(skip_locked=True).filter(job_id=job_id).first()
    if job is None or ImportJob.objects.for_user(user_key).open().filter(id__lt=job.id).exists():
        return None
    if job.attempts >= MAX_ATTEMPTS:
        job.state, job.error_code, job.finished_at = ImportJob.State.FAILED, "gave_up", now
        job.error = job.error or _GAVE_UP
        job.lease = job.locked_until = None
        job.save(update_fields=["state", "error_code", "error", "finished_at", "lease", "locked_until"])
        events.emit_ended(job)
        return None
    return _lease_row(job, now)


def _lease_row(job: ImportJob, now: datetime) -> ImportLease:
    job.lease, job.locked_until = uuid.uuid4(), now + timedelta(seconds=settings.LEASE_SECONDS)
    job.due_at, job.state, job.started_at = job.locked_until, ImportJob.State.PROCESSING, job.started_at or now
    job.attempts += 1
    job.save(update_fields=["lease", "locked_until", "due_at", "state", "started_at", "attempts"])
    return ImportLease(job, job.lease)
