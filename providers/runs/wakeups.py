"""Waking workers: for a connection with something to do, and for whatever vendors have just announced.

One waiting task is enough for any number of reasons, so a mark in the cache says that there is one; the task takes it
away when it begins, since what is committed from then on needs a task of its own. A mark that outlives its task (the
broker lost it) ends by itself, and the sweeper finds the work.
"""

import logging
import time
from functools import partial
from typing import Final

import redis
from django.core.cache import cache
from django.db import transaction

from providers.runs import enqueue

WORK_TASK: Final = "providers.pull.tasks.work"
RESOLVE_TASK: Final = "providers.pull.tasks.resolve_waiting"
PAUSE: Final = 0.2  # seconds between two looks; the task is sent with a delay as long, for what comes within it
MARKER_SECONDS: Final = 20  # seconds
logger = logging.getLogger(__name__)
_last = {"at": 0.0}


def request_resolving() -> None:
    """Have the connections with notifications looked after, after the commit: once in a PAUSE and process."""
    now = time.monotonic()
    if now - _last["at"] >= PAUSE:
        _last["at"] = now
        enqueue.enqueue(RESOLVE_TASK, countdown=PAUSE)


def request_work(connection_key: int) -> None:
    """Have a worker do what is due for a connection, after the commit."""
    transaction.on_commit(partial(_enqueue_once, connection_key))


def mark_started(connection_key: int) -> None:
    """A worker looks after the connection now."""
    try:
        cache.delete(_marker(connection_key))
    except redis.RedisError as error:
        logger.warning("The cache does not answer: %s", type(error).__name__)


def _enqueue_once(connection_key: int) -> None:
    try:
        fresh = cache.add(_marker(connection_key), 1, MARKER_SECONDS)
    except redis.RedisError:
        fresh = True  # the broker may be another one
    if fresh:
        enqueue.enqueue(WORK_TASK, connection_key)


def _marker(connection_key: int) -> str:
    return f"providers:woken:{connection_key}"
