"""ImportJob: one file of an end user's history, from the link for it until it is read. The row is also the queue."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from wearlink.lib import clock
from wearlink.lib.api.jobs import JobStatus
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow

OPEN_STATES = ("queued", "processing")


class ImportJobQuerySet(LeasedQuerySet["ImportJob"]):
    def open(self) -> "ImportJobQuerySet":
        """Return those that have not ended."""
        return self.filter(state__in=OPEN_STATES)

    def due(self, moment: datetime | Combinable) -> "ImportJobQuerySet":
        """Open ones whose time has come and on which nobody holds a lease, by the database's clock: give Now()."""
        return self.open().filter(Q(locked_until=None) | Q(locked_until__lt=moment), due_at__lte=moment)

    def awaiting(self) -> "ImportJobQuerySet":
        """Return those whose file is still to come by a signed link."""
        return self.filter(state=ImportJob.State.AWAITING_UPLOAD)

    def for_user(self, user_key: int) -> "ImportJobQuerySet":
        """Return those of one end user."""
        return self.filter(user_key=user_key)

    def of_organization(self, organization_id: uuid.UUID) -> "ImportJobQuerySet":
        """Return those of one organization's end users."""
        return self.filter(organization_id=organization_id)


class ImportJob(LeasedRow):
    """One uploaded file on its way into the store.

    While its file is awaited, `due_at` is when to look for it next; `object_version` is the one that was believed.
    `elements` is the place in the file up to which everything is stored: it grows in the transactions that store, so
    that the worker after a crash goes on from there. `attempts` counts leases that stored nothing.
    """

    class State(models.TextChoices):
        AWAITING_UPLOAD = "awaiting_upload"
        QUEUED = "queued"
        PROCESSING = "processing"
        DONE = "done"
        COMPLETED_WITH_ERRORS = "completed_with_errors"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    job_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_key = models.BigIntegerField()
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    object_key = models.CharField(max_length=200, default="", db_default="")  # empty once the upload is deleted
    object_version = models.CharField(max_length=128, default="", db_default="")
    announced_size = models.BigIntegerField(null=True)
    upload_until = models.DateTimeField(null=True)  # when the link ends; null: the file came with the call
    size = models.BigIntegerField()  # 0 until it is there

    state = models.CharField(max_length=24, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    active_seconds = models.FloatField(default=0)  # spent reading and storing, without the time in the queue

    checked = models.BooleanField(default=False)  # the whole file was found fit to be read
    bytes_read = models.BigIntegerField(default=0)  # of the file as it is meant, unpacked
    bytes_total = models.BigIntegerField(null=True)
    elements = models.BigIntegerField(default=0)
    inserted = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    counts: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    rejected: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    # The first few refused items: collection, index, field, reason; never a value.
    reject_samples: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    large = models.BooleanField(default=False, db_default=False)  # its samples are emitted as ranges, once it has ended
    # Of a large one, what came so far: provider → series → count, start, end (ms).
    ranges: "models.JSONField[dict[str, dict[str, list[int]]], dict[str, dict[str, list[int]]]]" = models.JSONField(
        default=dict, db_default={}
    )
    # What is wrong with the file: code, message, line.
    warnings: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    error_code = models.CharField(max_length=64, default="", db_default="")
    error = models.TextField(default="", db_default="")

    lease_mirror = "due_at"
    objects = ImportJobQuerySet.as_manager()

    class Meta:
        app_label = "providers"
        indexes: ClassVar = [
            models.Index(fields=["user_key", "id"], name="import_of_user"),
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="import_due"),
            models.Index(fields=["due_at"], condition=Q(state="awaiting_upload"), name="import_awaited"),
            models.Index(fields=["finished_at"], condition=~Q(object_key=""), name="import_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.job_id}"

    @property
    def status(self) -> JobStatus:
        """The state in the words of all jobs."""
        return _STATUSES[self.state]

    @property
    def awaits_upload(self) -> bool:
        """Return whether the file is still to come by a link."""
        return self.state == self.State.AWAITING_UPLOAD

    @property
    def records(self) -> int:
        """Records stored, those that were there already included."""
        return self.inserted + self.updated + self.unchanged

    @property
    def records_per_second(self) -> float | None:
        """Over the time spent working on it."""
        return round(self.records / self.active_seconds, 1) if self.active_seconds and self.records else None

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far; None before anything can be said."""
        if self.state not in OPEN_STATES:
            return 0.0
        if not self.bytes_total or not self.bytes_read or not self.active_seconds:
            return None
        return round((self.bytes_total - self.bytes_read) * self.active_seconds / self.bytes_read, 1)


_STATUSES: dict[str, JobStatus] = {
    ImportJob.State.AWAITING_UPLOAD: JobStatus.QUEUED,
    ImportJob.State.QUEUED: JobStatus.QUEUED,
    ImportJob.State.PROCESSING: JobStatus.RUNNING,
    ImportJob.State.DONE: JobStatus.DONE,
    ImportJob.State.COMPLETED_WITH_ERRORS: JobStatus.DONE_WITH_ERRORS,
    ImportJob.State.FAILED: JobStatus.FAILED,
}
