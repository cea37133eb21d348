"""Background work of imports. The rows are the queue: a task that is lost is only late."""

from datetime import timedelta
from functools import partial
from typing import Final

from celery import shared_task
from django.db.models.functions import Now

from accounts.deletion import retention
from providers.imports import arrivals, jobs
from providers.imports.retention import IMPORTS
from providers.models import OPEN_STATES, ImportJob
from wearlink.lib.web import signed_puts
from wearlink.lib.work.periodic import periodic
from wearlink.lib.work.turns import TaskLine

LINE: Final = TaskLine("providers.imports.tasks.run", queue="long", lost_after=30.0, forgotten_after=540.0)
GRACE: Final = timedelta(seconds=5)  # what came just now has its task on the way
BATCH_SIZE: Final = 100


@shared_task(name=LINE.task, acks_late=True, time_limit=540, soft_time_limit=510)
def run(key: int) -> None:
    """Work on the import whose turn it is, then have the organization's next wait for its own."""
    for turn in LINE.turns(key):
        job = ImportJob.objects.filter(pk=turn.item).first()
        if job is None:
            continue
        again = jobs.run(job.job_id, others_wait=partial(LINE.others_wait, job.organization_id))
        following = job if again else next_after(job)
        if following is not None:
            enqueue(following)


@periodic(name="providers.imports.tasks.sweep", time_limit=60)
def sweep() -> None:
    """Enqueue imports that are due and not at work: after a lost task, a crash or an outage."""
    for job in ImportJob.objects.due(Now() - GRACE).order_by("due_at")[:BATCH_SIZE]:
        enqueue(job)


@periodic(name="providers.imports.tasks.sweep_uploads", time_limit=300)
def sweep_uploads() -> None:
    """Look for files that were to come by a link and were not reported, and give up those that never came."""
    for job in arrivals.look_for_awaited():
        enqueue(job)


@periodic(name="providers.imports.tasks.prune", time_limit=540)
def prune() -> None:
    """Delete the uploads of imports that ended longer than settings.IMPORT_RETENTION_DAYS ago; the rows stay."""
    signed_puts.remove_stale()
    retention.apply(IMPORTS)


def next_after(job: ImportJob) -> ImportJob | None:
    """Return the first of the end user's imports that waits for nothing but its turn, else of the organization's; none
    while this one has not ended.
    """
    job.refresh_from_db(fields=["state"])
    if job.state in OPEN_STATES:
        return None
    waiting = ImportJob.objects.due(Now()).of_organization(job.organization_id).order_by("id")
    return waiting.for_user(job.user_key).first() or waiting.first()


def enqueue(job: ImportJob) -> None:
    """Have a worker see to a job after the commit, when it is the organization's turn."""
    LINE.request_work(job.pk, owner=job.organization_id)
