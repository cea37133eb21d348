"""Background work of meals. The rows are the queue: a task that is lost is only late."""

import uuid
from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db.models.functions import Now

from accounts.deletion import retention
from nutrition.models import RecognitionJob
from nutrition.photos import recognition
from nutrition.photos.retention import PHOTOS
from wearlink.lib.work import task_queue
from wearlink.lib.work.periodic import periodic

GRACE: Final = timedelta(seconds=5)  # what came just now has its task on the way
BATCH_SIZE: Final = 100


@shared_task(name="nutrition.tasks.recognize_meal", acks_late=True, time_limit=300, soft_time_limit=270)
def recognize_meal(job_id: str) -> None:
    recognition.run(uuid.UUID(job_id))


@periodic(name="nutrition.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue photos that are due and not at work: after a lost task, a crash, or a model that was down."""
    due = RecognitionJob.objects.due().filter(due_at__lte=Now() - GRACE).order_by("due_at")
    for job_id in due.values_list("job_id", flat=True)[:BATCH_SIZE]:
        enqueue(job_id)


@periodic(name="nutrition.tasks.prune", time_limit=540)
def prune() -> None:
    """Delete photos past settings.MEAL_PHOTO_RETENTION_DAYS; the rows stay."""
    retention.apply(PHOTOS)


def enqueue(job_id: uuid.UUID) -> None:
    """Have a worker see to a photo after the commit. A broker that is down costs time, not data: see the sweeper."""
    task_queue.enqueue(recognize_meal.name, str(job_id), queue="vision")
