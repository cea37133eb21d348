"""Leases on recognition jobs: one holder a job, and results are written by the holder alone."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from nutrition.models import RecognitionJob
from nutrition.models.recognition import RecognitionState
from wearlink.lib.work.leases import Lease, has_room

MAX_ATTEMPTS: Final = 5


@dataclass(slots=True)
class RecognitionLease(Lease[RecognitionJob]):
    """A job held under a token. Every step raises LeaseLost where the job is somebody else's by now, or has ended."""

    job: RecognitionJob = field(kw_only=True)

    def put_off(self, wait: timedelta, *, error: str, call_failed: bool) -> None:
        """Give the job back: it was not to blame, so the attempt does not count."""
        self.finish(
            due_at=Now() + wait,
            error=error[:200],
            attempts=F("attempts") - 1,
            calls_failed=F("calls_failed") + int(call_failed),
        )

    def end(self, error: str = "") -> None:
        """End the job. Call it in the transaction of the result."""
        self.finish(state=RecognitionState.ENDED, error=error[:200])


@transaction.atomic
def acquire(job_id: uuid.UUID) -> RecognitionLease | None:
    """Lease a job; None if it is not due, is held, or as many of the organization are at work as may be
    (settings.ORGANIZATION_PHOTOS). After five crashes the caller must end it: see attempts.
    """
    rows, seconds = RecognitionJob.objects.filter(job_id=job_id), _length()
    organization_id = rows.values_list("log__organization_id", flat=True).first()
    if organization_id is None:
        return None
    waiting = RecognitionJob.objects.filter(state=RecognitionState.WAITING, log__organization_id=organization_id)
    if not has_room(waiting, organization_id, settings.ORGANIZATION_PHOTOS):
        return None
    token = rows.due().acquire(seconds, attempts=F("attempts") + 1)
    return None if token is None else RecognitionLease(rows, token, seconds, job=rows.get())


def _length() -> float:
    """Return a call and what comes around it, in seconds."""
    return float(settings.VISION_TIMEOUT_SECONDS + settings.LEASE_SECONDS)
