"""Background work of health data. The rows are the queue: a task that is lost is only late."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from healthdata.figures import due
from wearlink.lib.periodic import periodic

logger = logging.getLogger(__name__)


@shared_task(name="healthdata.tasks.compute_figures", acks_late=True, time_limit=540, soft_time_limit=510)
def compute_figures(user_key: int) -> None:
    """Compute the figures of an end user's due days."""
    if due.work_off(user_key):
        enqueue(user_key)


@periodic(name="healthdata.tasks.sweep_due_days", time_limit=60)
def sweep_due_days() -> None:
    """Enqueue the end users whose days have been due for a while: after a lost task, a crash or an outage."""
    for user_key in due.waiting_users():
        enqueue(user_key)


def enqueue(user_key: int) -> None:
    """Have a worker compute this end user's due days after the commit."""
    transaction.on_commit(lambda: _publish(user_key))


def _publish(user_key: int) -> None:
    try:
        compute_figures.apply_async((user_key,), queue="default")
    except OperationalError as error:
        logger.warning("The broker does not answer; the sweeper will find the days: %s", type(error).__name__)
