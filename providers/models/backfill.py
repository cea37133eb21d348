"""Backfill: history that a vendor pushes after it was asked. Its parts are asked for one after the other."""

import uuid
from datetime import date, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q

from wearlink.lib import clock
from wearlink.lib.api.jobs import JobStatus

IN_FLIGHT_STATES = ("requested", "receiving")
OPEN_PART_STATES = ("pending", *IN_FLIGHT_STATES)
CANCELLED = "cancelled"


class Backfill(models.Model):
    """The local days [start, end] of one connection. `error_code` says why it ended before its time."""

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    connection_key = models.BigIntegerField()
    user_key = models.BigIntegerField()
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    start = models.DateField()
    end = models.DateField()
    created_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=64, default="", db_default="")

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection_key"], condition=Q(finished_at=None), name="backfill_open_once"
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(fields=["connection_key", "-key"], name="backfill_of_connection"),
            models.Index(fields=["user_key"], name="backfill_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.id}"

    @property
    def status(self) -> JobStatus:
        """In the words that all jobs share."""
        if self.finished_at is None:
            return JobStatus.QUEUED if self.started_at is None else JobStatus.RUNNING
        if self.error_code:
            return JobStatus.FAILED
        parts = list(self.parts.all())
        if parts and all(part.state == BackfillPart.State.FAILED for part in parts):
            return JobStatus.FAILED
        incomplete = any(
            part.state in (BackfillPart.State.FAILED, BackfillPart.State.CANCELLED) or (part.days and part.missing_days)
            for part in parts
        )
        return JobStatus.DONE_WITH_ERRORS if incomplete else JobStatus.DONE


class BackfillPart(models.Model):
    """One kind of document over one stretch of time: what a vendor is asked for at once.

    requested: asked, and nothing came yet (`is_answered`: the vendor has said that it will come). receiving: something
    came. done: nothing came any more for a while. no_data: nothing came at all. `days` are those that something came
    of, ISO dates.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        REQUESTED = "requested"
        RECEIVING = "receiving"
        DONE = "done"
        NO_DATA = "no_data"
        FAILED = "failed"
        CANCELLED = "cancelled"

    key = models.BigAutoField(primary_key=True)
    backfill = models.ForeignKey(Backfill, on_delete=models.CASCADE, related_name="parts")
    position = models.SmallIntegerField()  # the order in which they are asked for
    type = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    is_daily = models.BooleanField(default=False)
    start = models.DateField()
    end = models.DateField()
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    state = models.CharField(max_length=16, choices=State.choices, default=State.PENDING)
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.SmallIntegerField(default=0)
    is_answered = models.BooleanField(default=False)
    requested_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    documents = models.IntegerField(default=0)
    days: "models.JSONField[list[str], list[str]]" = models.JSONField(default=list)
    reason = models.CharField(max_length=64, default="", db_default="")
    error = models.TextField(default="", db_default="")

    class Meta:
        app_label = "providers"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["backfill", "kind", "start"], name="backfill_part_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "due_at"], condition=Q(state="pending"), name="backfill_part_due"),
            models.Index(fields=["requested_at"], condition=Q(state__in=IN_FLIGHT_STATES), name="backfill_in_flight"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} from {self.start}"

    @property
    def missing_days(self) -> list[str]:
        """Days of which nothing came, of what there is daily. The day of the request itself is not over."""
        if not self.is_daily:
            return []
        last = min(self.end, self.asked_on - timedelta(days=1))
        span = range(self.start.toordinal(), last.toordinal() + 1)
        known = set(self.days)
        return [day for day in (date.fromordinal(one).isoformat() for one in span) if day not in known]

    @property
    def asked_on(self) -> date:
        """The last local day of the backfill: the one on which it was begun."""
        return self.backfill.end
