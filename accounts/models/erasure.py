"""Erasure: the deletion of an end user, from the call until everything is gone, and the receipt that stays."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from wearlink.lib import clock
from wearlink.lib.api.jobs import JobStatus
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow


class ErasureQuerySet(LeasedQuerySet["Erasure"]):
    def open(self) -> "ErasureQuerySet":
        """Return those that have not ended."""
        return self.filter(finished_at=None)

    def due(self, moment: datetime | Combinable) -> "ErasureQuerySet":
        """Return those with rows left that nobody works on, by the database's clock: give Now()."""
        return self.open().exclude(pending=[]).filter(Q(locked_until=None) | Q(locked_until__lt=moment))


class Erasure(LeasedRow):
    """Holds ids and counts, nothing of the end user. `pending`: parts of which a worker still deletes rows, slice by
    slice; what lies outside the database are Leftovers of the same user_id. It has ended when neither is left.
    """

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.UUIDField()
    user_id = models.UUIDField(unique=True)
    user_key = models.BigIntegerField()
    pending = ArrayField(models.CharField(max_length=32), default=list)
    rows: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)  # by table
    things: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)  # by kind of Leftover
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, default="")
    receipt = models.TextField(default="")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "key"], name="erasure_of_organization"),
            models.Index(fields=["key"], condition=Q(finished_at=None), name="erasure_open"),
        ]

    def __str__(self) -> str:
        return f"erasure {self.id}"

    @property
    def status(self) -> JobStatus:
        """In the words of all jobs."""
        if self.finished_at is not None:
            return JobStatus.DONE
        return JobStatus.QUEUED if self.pending and self.started_at is None else JobStatus.RUNNING
