"""Background work of the inbox. The rows are the queue: a task that is lost is only late."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from providers.payloads import process as draining
from providers.payloads import retention, sweep
from wearlink.lib.periodic import periodic
from wearlink.lib.told import Told

logger = logging.getLogger(__name__)
told = Told("payloads", seconds=5)


@shared_task(name="providers.payloads.tasks.drain", acks_late=True, time_limit=540, soft_time_limit=510)
def drain(user_key: int) -> None:
    """Process a user's waiting payloads."""
    told.heard(user_key)
    if draining.drain(user_key):
        enqueue(user_key)


@periodic(name="providers.payloads.tasks.sweep_payloads", time_limit=60)
def sweep_payloads() -> None:
    """Enqueue the users whose payloads are due and not at work: after a lost task, a crash or an outage."""
    for user_key in sweep.users_with_due():
        _publish(user_key)


@periodic(name="providers.payloads.tasks.prune_payloads", time_limit=540, soft_time_limit=510)
def prune_payloads() -> None:
    """Remove payloads that are older than their retention."""
    retention.prune()


def enqueue(user_key: int) -> None:
    """Have a worker drain this user after the commit, unless one that has not begun was told already. A broker that is
    down costs time, not data: see the sweeper.
    """
    transaction.on_commit(lambda: _tell(user_key))


def _tell(user_key: int) -> None:
    if told.first(user_key):
        _publish(user_key)


def _publish(user_key: int) -> None:
    try:
        drain.apply_async((user_key,), queue="ingest")
    except OperationalError as error:
        logger.warning("The broker does not answer; the sweeper will find the payload: %s", type(error).__name__)
