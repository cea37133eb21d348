"""Leases on recognition jobs: one holder a job, results written by the holder alone, by the database's clock."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from nutrition.models import RecognitionJob
from nutrition.models.recognition import RecognitionState

MAX_ATTEMPTS: Final = 5


class RecognitionLost(Exception):
    """The job is somebody else's by now, or has ended."""


@dataclass(frozen=True, slots=True)
class RecognitionLease:
    """A job held under a token."""

    job: RecognitionJob
    token: uuid.UUID

    def renew(self) -> None:
        """Before a step that may take as long as a call. Raises RecognitionLost."""
        self._write(locked_until=Now() + _length(), due_at=Now() + _length())

    def hold(self) -> None:
        """Inside a transaction: lock the row until its end. Raises RecognitionLost."""
        mine = RecognitionJob.objects.filter(pk=self.job.pk, lease=self.token).select_for_update()
        if not mine.values_list("pk").first():
            raise RecognitionLost

    def release(self, wait: timedelta, *, error: str, call_failed: bool) -> None:
        """Give the job back: it was not to blame. Raises RecognitionLost."""
        failed = F("calls_failed") + int(call_failed)
        self._write(
            lease=None,
            locked_until=None,
            due_at=Now() + wait,
            error=error[:200],
            attempts=F("attempts") - 1,
            calls_failed=failed,
        )

    def end(self, error: str = "") -> None:
        """In the transaction of the result. Raises RecognitionLost."""
        self._write(lease=None, locked_until=None, state=RecognitionState.ENDED, error=error[:200])

    def _write(self, **changes: Any) -> None:
        if RecognitionJob.objects.filter(pk=self.job.pk, lease=self.token).update(**changes) != 1:
            raise RecognitionLost


@transaction.atomic
def acquire(job_id: uuid.UUID) -> RecognitionLease | None:
    """Lease a job; None if it is not due or is held. After five crashes the caller must end it: see attempts."""
    due = RecognitionJob.objects.due().select_for_update(skip_locked=True, of=("self",))
    job = due.filter(job_id=job_id).first()
    if job is None:
        return None
    token, until = uuid.uuid4(), Now() + _length()
    job.attempts += 1
    RecognitionJob.objects.filter(pk=job.pk).update(
        lease=token, locked_until=until, due_at=until, attempts=job.attempts
    )
    return RecognitionLease(job, token)


def _length() -> timedelta:
    """A call and what comes around it."""
    return timedelta(seconds=settings.VISION_TIMEOUT_SECONDS + settings.LEASE_SECONDS)
