"""Sending tasks by name, after the commit. A broker that is down costs time, not work: a sweeper finds the rows."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def enqueue(task: str, *arguments: int, queue: str = "default", countdown: float | None = None) -> None:
    """Send a task to its queue once the transaction is committed; at once if there is none."""
    transaction.on_commit(lambda: _publish(task, arguments, queue, countdown))


def _publish(task: str, arguments: tuple[int, ...], queue: str, countdown: float | None) -> None:
    try:
        current_app.send_task(task, arguments, queue=queue, countdown=countdown)
    except OperationalError as error:
        logger.warning("The broker does not answer; the sweeper will find the work: %s", type(error).__name__)
