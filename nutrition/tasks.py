"""Background work of meals. The rows are the queue: a task that is lost is only late."""

import logging
import uuid
from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db import transaction
from django.db.models.functions import Now
from kombu.exceptions import OperationalError

from accounts.deletion import retention
from nutrition.models import RecognitionJob
from nutrition.photos import recognition
from nutrition.photos.retention import PHOTOS
from wearlink.lib.work.periodic import periodic

logger = logging.getLogger(__name__)

GRACE: Final = timedelta(seconds=5)  # what came just now has its task on the way
AT_ONCE: Final = 100


@shared_task(name="nutrition.tasks.recognize_meal", acks_late=True, time_limit=300, soft_time_limit=270)
def recognize_meal(job_id: str) -> None:
    """Recognise one photo."""
    recognition.run(uuid.UUID(job_id))


@periodic(name="nutrition.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue photos that are due and not at work: after a lost task, a crash, or a model that was down."""
    due = RecognitionJob.objects.due().filter(due_at__lte=Now() - GRACE).order_by("due_at")
    for job_id in due.values_list("job_id", flat=True)[:AT_ONCE]:
        enqueue(job_id)


@periodic(name="nutrition.tasks.prune", time_limit=540)
def prune() -> None:
    """Delete photos past settings.MEAL_PHOTO_RETENTION_DAYS; the rows stay."""
    retention.apply(PHOTOS)


def enqueue(job_id: uuid.UUID) -> None:
    """Have a worker see to a photo after the commit. A broker that is down costs time, not data: see the sweeper."""
    transaction.on_commit(lambda: _publish(str(job_id)))


def _publish(job_id: str) -> None:
    try:
        recognize_meal.apply_async((job_id,), queue="vision")
    except OperationalError as error:
        logger.warning("The broker does not answer; the sweeper will find the photo: %s", type(error).__name__)
