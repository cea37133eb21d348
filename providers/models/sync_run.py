"""SyncRun: one pull of a vendor's data for one connection. The row is also the queue."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from wearlink.lib import clock
from wearlink.lib.api.jobs import JobStatus

OPEN_STATES = ("queued", "fetching", "storing")
FETCH_STATES = ("queued", "fetching")


class SyncRunQuerySet(models.QuerySet["SyncRun"]):
    def open(self) -> "SyncRunQuerySet":
        """Return those that have not ended."""
        return self.filter(state__in=OPEN_STATES)

    def due(self, *, grace: timedelta = timedelta()) -> "SyncRunQuerySet":
        """Return those with something to fetch whose time came that long ago or longer, by the database's clock."""
        return self.filter(state__in=FETCH_STATES, due_at__lte=Now() - grace)


class SyncRun(models.Model):
    """One pull of the local days [start, end], from the newest window to the oldest.

    `fetched_from` is how far it got: everything from that day on is kept as payloads. Payloads of a run carry its key;
    when the last of them is stored, the run ends in the same transaction. `problems` lists what could not be had: kind,
    code, detail.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        FETCHING = "fetching"
        STORING = "storing"
        SUCCESS = "success"
        COMPLETED_WITH_ERRORS = "completed_with_errors"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Trigger(models.TextChoices):
        FIRST = "first"
        PERIODIC = "periodic"
        MANUAL = "manual"
        HISTORICAL = "historical"

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection_key = models.BigIntegerField()
    user_key = models.BigIntegerField()
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    trigger = models.CharField(max_length=16, choices=Trigger.choices)
    start = models.DateField()
    end = models.DateField()
    fetched_from = models.DateField(null=True)
    state = models.CharField(max_length=24, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    payloads = models.IntegerField(default=0)
    inserted = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    rejected: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    problems: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)
    error_code = models.CharField(max_length=64, default="", db_default="")
    error = models.TextField(default="", db_default="")

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection_key", "trigger"], condition=Q(state__in=OPEN_STATES), name="run_open_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user_key", "-key"], name="run_of_user"),
            models.Index(fields=["connection_key", "-key"], name="run_of_connection"),
            models.Index(fields=["due_at"], condition=Q(state__in=FETCH_STATES), name="run_due"),
            models.Index(fields=["key"], condition=Q(state="storing"), name="run_storing"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def status(self) -> JobStatus:
        """The state in the words of all jobs; a cancelled run has failed, and its error says why."""
        return _STATUSES[self.state]

    @property
    def source(self) -> str:
        """The word of the sync events for what this is."""
        return "historical" if self.trigger in (self.Trigger.HISTORICAL, self.Trigger.FIRST) else "live"


_STATUSES: dict[str, JobStatus] = {
    SyncRun.State.QUEUED: JobStatus.QUEUED,
    SyncRun.State.FETCHING: JobStatus.RUNNING,
    SyncRun.State.STORING: JobStatus.RUNNING,
    SyncRun.State.SUCCESS: JobStatus.DONE,
    SyncRun.State.COMPLETED_WITH_ERRORS: JobStatus.DONE_WITH_ERRORS,
    SyncRun.State.FAILED: JobStatus.FAILED,
    SyncRun.State.CANCELLED: JobStatus.FAILED,
}
