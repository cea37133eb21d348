"""RecognitionJob: a photo on its way to the model. The row is the queue."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from nutrition.models.meal import MealLog
from wearlink.lib import clock
from wearlink.lib.work.leases import LeasedQuerySet, LeasedRow


class RecognitionState(models.TextChoices):
    """waiting: due at due_at, or held under a lease until locked_until. ended: the log says what came of it."""

    WAITING = "waiting"
    ENDED = "ended"


class RecognitionJobQuerySet(LeasedQuerySet["RecognitionJob"]):
    def due(self) -> "RecognitionJobQuerySet":
        """Return those whose time has come and which nobody holds, by the database's clock."""
        return self.free().filter(state=RecognitionState.WAITING, due_at__lte=Now())


class RecognitionJob(LeasedRow):
    """One photo to be recognised. `attempts` counts leases that crashed or met a broken image, not a model that is
    down: that may last a day."""

    key = models.BigAutoField(primary_key=True)
    job_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    log = models.OneToOneField(MealLog, on_delete=models.CASCADE, related_name="recognition")
    state = models.CharField(max_length=8, choices=RecognitionState.choices, default=RecognitionState.WAITING)
    attempts = models.SmallIntegerField(default=0)
    calls_failed = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField(default=clock.now)
    error = models.CharField(max_length=200, default="", db_default="")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    lease_mirror = "due_at"

    objects = RecognitionJobQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="recognition_due"),
        ]

    def __str__(self) -> str:
        return str(self.job_id)
