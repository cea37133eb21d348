"""Background work of the inbox. The rows are the queue: a task that is lost is only late."""

from typing import Final
from uuid import UUID

from celery import shared_task

from accounts.deletion import retention
from providers.payloads import process as draining
from providers.payloads import sweep
from providers.payloads.retention import PAYLOADS
from wearlink.lib.work.periodic import periodic
from wearlink.lib.work.turns import TaskLine

# The data of an organization whose worker was killed wait no longer than that behind those of others.
LINE: Final = TaskLine("providers.payloads.tasks.drain", queue="ingest", forgotten_after=15.0)


@shared_task(name=LINE.task, acks_late=True, time_limit=540, soft_time_limit=510)
def drain(user_key: int) -> None:
    """Process the waiting payloads of whose turn it is."""
    for turn in LINE.turns(user_key):
        if draining.drain(turn.item, crowded=turn.crowded):
            LINE.request_again(turn)


@periodic(name="providers.payloads.tasks.sweep_payloads", time_limit=60)
def sweep_payloads() -> None:
    """Enqueue the users whose payloads are due and not at work: after a lost task, a crash or an outage."""
    for organization_id, user_key in sweep.users_with_due():
        enqueue(organization_id, user_key)


@periodic(name="providers.payloads.tasks.prune_payloads", time_limit=540, soft_time_limit=510)
def prune_payloads() -> None:
    """Remove payloads that are older than their retention."""
    retention.apply(PAYLOADS)


def enqueue(organization_id: UUID, user_key: int) -> None:
    """Have a worker drain this user after the commit, when it is the organization's turn."""
    LINE.request_work(user_key, owner=organization_id)
