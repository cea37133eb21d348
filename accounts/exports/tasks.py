"""Background work of exports. The rows are the queue: a task that is lost is only late."""

from celery import shared_task

from accounts.exports import jobs, leases, removal
from accounts.exports.requests import MAKE
from wearlink.lib.work.periodic import periodic


@shared_task(name=MAKE.task, acks_late=True, time_limit=540, soft_time_limit=510)
def make() -> None:
    """Make one export, of the organization whose turn it is."""
    MAKE.mark_started()
    jobs.run_next()
    if leases.any_due():
        MAKE.request_work()


@periodic(name="accounts.exports.tasks.sweep", time_limit=120)
def sweep() -> None:
    """Wake a worker for what is due, after a lost task or a crash; remove archives that nobody can download now."""
    if leases.any_due():
        MAKE.request_work()
    removal.remove_over()
