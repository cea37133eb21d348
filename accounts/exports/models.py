"""DataExport: one archive of an end user's data, from the wish for it until it is gone. The row is also the queue."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from wearlink.lib import clock
from wearlink.lib.api.jobs import JobStatus
from wearlink.lib.security.fields import EncryptedField
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow

ArchivePart = tuple[str, int]  # its name and size
OPEN_STATES = ("queued", "running")
FOLDER = "exports"
KEPT_STATES = ("ready", "downloaded")


class DataExportQuerySet(LeasedQuerySet["DataExport"]):
    def open(self) -> "DataExportQuerySet":
        """Return those that are still to be made."""
        return self.filter(state__in=OPEN_STATES)

    def due(self, moment: datetime | Combinable) -> "DataExportQuerySet":
        """Open ones whose time has come and that nobody works on, by the database's clock: give Now()."""
        return self.open().filter(Q(locked_until=None) | Q(locked_until__lt=moment), due_at__lte=moment)

    def for_user(self, user_key: int) -> "DataExportQuerySet":
        """Return those of one end user."""
        return self.filter(user_key=user_key)


class DataExport(LeasedRow):
    """An archive lies in the object store in `parts` [[name, size], …]: one behind the other they are the ZIP.

    `members` grows with each part, so that the worker after a crash goes on behind the last of them. `token` is what
    the link holds, kept encrypted to be shown in the list, and found by its hash; both go with the archive.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        READY = "ready"
        DOWNLOADED = "downloaded"
        EXPIRED = "expired"
        FAILED = "failed"

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.UUIDField()
    user_key = models.BigIntegerField()
    user_id = models.UUIDField()
    # {"types": […] or null, "series": […] or null, "start_date": …, "end_date": …, "format": "ndjson"}
    options: "models.JSONField[dict[str, Any], dict[str, Any]]" = models.JSONField(default=dict)

    state = models.CharField(max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)  # ready, or failed
    error = models.CharField(max_length=300, default="", db_default="")

    members: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    parts: "models.JSONField[list[ArchivePart], list[ArchivePart]]" = models.JSONField(default=list)
    size_bytes = models.BigIntegerField(null=True)

    expires_at = models.DateTimeField(null=True)
    token = EncryptedField(default="")
    token_hash = models.BinaryField(max_length=32, null=True, unique=True)
    downloaded_at = models.DateTimeField(null=True)
    downloaded_by = models.BinaryField(max_length=32, null=True)  # a keyed hash of address and program
    resumable_until = models.DateTimeField(null=True)
    is_broken_off = models.BooleanField(default=False)  # the answer was not sent to its end

    lease_mirror = "due_at"
    objects = DataExportQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user_key", "key"], name="export_of_user"),
            models.Index(fields=["due_at"], condition=Q(state__in=OPEN_STATES), name="export_due"),
            models.Index(fields=["expires_at"], condition=Q(state__in=KEPT_STATES), name="export_kept"),
        ]

    def __str__(self) -> str:
        return f"export {self.id}"

    def part_key(self, name: str) -> str:
        return f"{FOLDER}/{self.user_key}/{self.id}/{name}"

    @property
    def part_keys(self) -> list[str]:
        return [self.part_key(name) for name, _ in self.parts]

    @property
    def written(self) -> int:
        """Bytes of the archive that are kept."""
        return sum(size for _, size in self.parts)

    @property
    def status(self) -> JobStatus:
        """The state in the words of all jobs."""
        return _STATUSES.get(self.state, JobStatus.DONE)  # ready, downloaded, expired: it was made

    def state_at(self, moment: datetime) -> str:
        """Return the status: a link whose time is over has expired, whether or not the archive was removed yet."""
        if self.state == self.State.READY and self.expires_at is not None and self.expires_at <= moment:
            return self.State.EXPIRED
        return self.state


_STATUSES: dict[str, JobStatus] = {
    DataExport.State.QUEUED: JobStatus.QUEUED,
    DataExport.State.RUNNING: JobStatus.RUNNING,
    DataExport.State.FAILED: JobStatus.FAILED,
}
