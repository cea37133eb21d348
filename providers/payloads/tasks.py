"""Background work of the inbox. The rows are the queue: a task that is lost is only late."""

from typing import Final

from celery import shared_task

from accounts import retention
from providers.payloads import process as draining
from providers.payloads import sweep
from providers.payloads.retention import PAYLOADS
from wearlink.lib import task_queue
from wearlink.lib.periodic import periodic
from wearlink.lib.task_queue import WakeUp

WAKE_UP: Final = WakeUp("providers.payloads.tasks.drain", queue="ingest", lost_after=5)


@shared_task(name=WAKE_UP.task, acks_late=True, time_limit=540, soft_time_limit=510)
def drain(user_key: int) -> None:
    """Process a user's waiting payloads."""
    WAKE_UP.mark_started(user_key)
    if draining.drain(user_key):
        enqueue(user_key)


@periodic(name="providers.payloads.tasks.sweep_payloads", time_limit=60)
def sweep_payloads() -> None:
    """Enqueue the users whose payloads are due and not at work: after a lost task, a crash or an outage."""
    for user_key in sweep.users_with_due():
        task_queue.enqueue(WAKE_UP.task, user_key, queue=WAKE_UP.queue)  # a mark may have outlived its task


@periodic(name="providers.payloads.tasks.prune_payloads", time_limit=540, soft_time_limit=510)
def prune_payloads() -> None:
    """Remove payloads that are older than their retention."""
    retention.apply(PAYLOADS)


def enqueue(user_key: int) -> None:
    """Have a worker drain this user after the commit, unless one that has not begun was told already."""
    WAKE_UP.request_work(user_key)
