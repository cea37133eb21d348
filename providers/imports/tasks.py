"""Background work of imports. The rows are the queue: a task that is lost is only late."""

import uuid
from datetime import timedelta
from typing import Final

from celery import shared_task
from django.db.models.functions import Now

from accounts.deletion import retention
from providers.imports import arrivals, jobs
from providers.imports.retention import IMPORTS
from providers.models import OPEN_STATES, ImportJob
from wearlink.lib.storage import signed_puts
from wearlink.lib.work import task_queue
from wearlink.lib.work.periodic import periodic

GRACE: Final = timedelta(seconds=5)  # what came just now has its task on the way
BATCH_SIZE: Final = 100


@shared_task(name="providers.imports.tasks.run", acks_late=True, time_limit=540, soft_time_limit=510)
def run(job_id: str) -> None:
    """Work on one import, then see to the end user's next."""
    again = jobs.run(uuid.UUID(job_id))
    following = next_of(uuid.UUID(job_id), again=again)
    if following is not None:
        enqueue(following)


@periodic(name="providers.imports.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue imports that are due and not at work: after a lost task, a crash or an outage."""
    due = ImportJob.objects.due(Now() - GRACE).order_by("due_at").values_list("job_id", flat=True)
    for job_id in due[:BATCH_SIZE]:
        enqueue(job_id)


@periodic(name="providers.imports.tasks.sweep_uploads", time_limit=300)
def sweep_uploads() -> None:
    """Look for files that were to come by a link and that nobody told of, and give up those that never came."""
    for job_id in arrivals.look_for_awaited():
        enqueue(job_id)


@periodic(name="providers.imports.tasks.prune", time_limit=540)
def prune() -> None:
    """Delete the uploads of imports that ended longer than settings.IMPORT_RETENTION_DAYS ago; the rows stay."""
    signed_puts.remove_stale()
    retention.apply(IMPORTS)


def next_of(job_id: uuid.UUID, *, again: bool) -> uuid.UUID | None:
    """The job itself if it has more to do, else the end user's first that waits for nothing but its turn."""
    if again:
        return job_id
    job = ImportJob.objects.filter(job_id=job_id).only("user_key", "state").first()
    if job is None or job.state in OPEN_STATES:
        return None
    waiting = ImportJob.objects.due(Now()).for_user(job.user_key).order_by("id")
    return waiting.values_list("job_id", flat=True).first()


def enqueue(job_id: uuid.UUID) -> None:
    """Have a worker see to a job after the commit."""
    task_queue.enqueue(run.name, str(job_id), queue="long")
