"""Payload: what was sent, kept as it was sent. The row is also the queue."""

import uuid
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.expressions import Combinable

from wearlink.lib import clock
from wearlink.lib.api.jobs import JobStatus
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow

WAITING_STATES = ("received", "processing")
#: growth of a sender's documents: nothing is missing that we could have stored
HARMLESS = frozenset({"unknown_field", "unknown_type", "unknown_zone"})
NOTIFICATION_KIND = "notification:"  # kinds of notifications begin so: their bodies are ours, and no adapter reads them


class PayloadQuerySet(LeasedQuerySet["Payload"]):
    def waiting(self) -> "PayloadQuerySet":
        """Return those that are not done and not given up."""
        return self.filter(state__in=WAITING_STATES)

    def dead(self) -> "PayloadQuerySet":
        """Return those that were given up after their last attempt."""
        return self.filter(state=Payload.State.DEAD)

    def due(self, moment: datetime | Combinable) -> "PayloadQuerySet":
        """Waiting ones whose time has come and on which nobody holds a lease, by the database's clock: give Now()."""
        return self.waiting().filter(Q(locked_until=None) | Q(locked_until__lt=moment), due_at__lte=moment)

    def for_user(self, user_key: int) -> "PayloadQuerySet":
        """Return those of one end user."""
        return self.filter(user_key=user_key)


class Payload(LeasedRow):
    """One body a provider sent or answered with. `body` is packed (providers.payloads.bodies); large ones lie in
    the object store unchanged, under `object_key`. `size` and `sha256` are of the raw body.

    `id` is the place in the queue: a payload that must run again after newer ones gets a new one. `batch_id` is its
    public name and never changes. `attempts` is counted when a worker takes the lease, so that a crash counts too.
    """

    class State(models.TextChoices):
        ANNOUNCED = "announced"  # documents of it must be fetched: providers.pull.notifications
        RECEIVED = "received"
        PROCESSING = "processing"
        DONE = "done"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    batch_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user_key = models.BigIntegerField(null=True)
    organization_id = models.UUIDField()
    provider = models.CharField(max_length=32)
    kind = models.CharField(max_length=32)
    run_key = models.BigIntegerField(null=True)  # the SyncRun that pulled it
    sha256 = models.BinaryField(max_length=32)
    size = models.IntegerField()
    items = models.IntegerField(default=0)
    body = models.BinaryField(null=True)
    object_key = models.CharField(max_length=200, default="", db_default="")

    state = models.CharField(max_length=16, choices=State.choices, default=State.RECEIVED)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    received_at = models.DateTimeField(default=clock.now)
    started_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    error = models.TextField(default="", db_default="")

    inserted = models.IntegerField(default=0)
    updated = models.IntegerField(default=0)
    unchanged = models.IntegerField(default=0)
    rejected: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    # The first few refused items: collection, index, field, reason; never a value.
    reject_samples: "models.JSONField[list[dict[str, Any]], list[dict[str, Any]]]" = models.JSONField(default=list)

    lease_mirror = "due_at"
    objects = PayloadQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user_key", "provider", "sha256"], name="payload_once_per_body"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user_key", "id"], condition=Q(state__in=WAITING_STATES), name="payload_queue"),
            models.Index(fields=["due_at"], condition=Q(state__in=WAITING_STATES), name="payload_due"),
            models.Index(
                fields=["organization_id"],
                include=["size"],
                condition=Q(state__in=WAITING_STATES),
                name="payload_waiting",
            ),
            models.Index(fields=["id"], condition=Q(state="dead"), name="payload_dead"),
            models.Index(fields=["due_at"], condition=Q(state="announced"), name="payload_announced"),
            models.Index(fields=["run_key"], condition=Q(run_key__isnull=False), name="payload_of_run"),
            BrinIndex(fields=["received_at"], autosummarize=True, name="payload_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.batch_id}"

    @property
    def status(self) -> JobStatus:
        """The state in the words of all jobs."""
        if self.state == self.State.DONE:
            kinds = {reason.partition(":")[0] for reason in self.rejected}
            return JobStatus.DONE if kinds <= HARMLESS else JobStatus.DONE_WITH_ERRORS
        return _STATUSES[self.state]


_STATUSES: dict[str, JobStatus] = {
    Payload.State.ANNOUNCED: JobStatus.QUEUED,
    Payload.State.RECEIVED: JobStatus.QUEUED,
    Payload.State.PROCESSING: JobStatus.RUNNING,
    Payload.State.DEAD: JobStatus.FAILED,
}
