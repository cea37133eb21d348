"""Background work of meals. The rows are the queue: a task that is lost is only late."""

from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db.models.functions import Now

from accounts.deletion import retention
from nutrition.models import RecognitionJob
from nutrition.photos import recognition
from nutrition.photos.retention import PHOTOS
from wearlink.lib.work.periodic import periodic
from wearlink.lib.work.turns import TaskLine

LINE: Final = TaskLine("nutrition.tasks.recognize_meal", queue="vision", lost_after=30.0)
GRACE: Final = timedelta(seconds=5)  # what came just now has its task on the way
BATCH_SIZE: Final = 100


@shared_task(name=LINE.task, acks_late=True, time_limit=300, soft_time_limit=270)
def recognize_meal(key: int) -> None:
    """Recognise the photo whose turn it is, then have the organization's next wait for its own."""
    for turn in LINE.turns(key):
        job = RecognitionJob.objects.select_related("log").filter(pk=turn.item).first()
        if job is not None:
            recognition.run(job.job_id)
            following = next_after(job)
            if following is not None:
                enqueue(following)


@periodic(name="nutrition.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue photos that are due and not at work: after a lost task, a crash, or a model that was down."""
    due = RecognitionJob.objects.due().filter(due_at__lte=Now() - GRACE).order_by("due_at")
    for job in due.select_related("log")[:BATCH_SIZE]:
        enqueue(job)


@periodic(name="nutrition.tasks.prune", time_limit=540)
def prune() -> None:
    """Delete photos past settings.MEAL_PHOTO_RETENTION_DAYS; the rows stay."""
    retention.apply(PHOTOS)


def next_after(job: RecognitionJob) -> RecognitionJob | None:
    """Return the first photo of the organization that waits for nothing but its turn, once this one does not."""
    waiting = RecognitionJob.objects.due().filter(log__organization_id=job.log.organization_id).exclude(pk=job.pk)
    return waiting.select_related("log").order_by("key").first()


def enqueue(job: RecognitionJob) -> None:
    """Have a worker see to a photo after the commit, when it is the organization's turn."""
    LINE.request_work(job.pk, owner=job.log.organization_id)
