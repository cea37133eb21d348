"""Telling the workers, after a commit, that there is something to deliver. A nudge that is lost costs a few seconds."""

import logging

import redis
from celery import current_app
from django.core.cache import cache
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

WAITING = "webhooks:nudged"
LOST_AFTER = 3  # seconds
TASK = "accounts.webhooks.tasks.deliver"
QUEUE = "webhooks"


def nudge() -> None:
    """Have a worker look for due deliveries. One waiting nudge is enough for any number of messages."""
    try:
        if cache.add(WAITING, 1, LOST_AFTER):
            current_app.send_task(TASK, queue=QUEUE, ignore_result=True)
    except (OperationalError, redis.RedisError) as error:
        logger.warning("The broker does not answer; the sweep will find the messages: %s", type(error).__name__)


def heard() -> None:
    """A worker looks now: what is committed from here on needs a nudge of its own."""
    try:
        cache.delete(WAITING)
    except redis.RedisError as error:
        logger.warning("The cache does not answer: %s", type(error).__name__)
