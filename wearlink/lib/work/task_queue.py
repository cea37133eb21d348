"""Sending tasks by name, after the commit. A broker that is down costs time, not work: a sweep finds the rows."""

import logging
import math
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

import redis
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from wearlink.lib import valkey

logger = logging.getLogger(__name__)
DEFAULT: Final = "default"
PAUSE: Final = 5.0  # seconds without a try after one that failed: else everybody waits for the same silence
_silence: Final = {"until": 0.0}


def enqueue(task: str, *arguments: Any, queue: str = DEFAULT, countdown: float | None = None) -> None:
    """Send a task once the transaction is committed; at once if there is none. Arguments are ids, or JSON.

    A broker that does not answer is logged and raises nothing.
    """
    # a lambda and no partial: Django logs what failed by its __qualname__
    transaction.on_commit(lambda: _publish(task, arguments, queue, countdown), robust=True)


def publish(task: str, *arguments: Any, queue: str = DEFAULT, countdown: float | None = None) -> None:
    """Send a task now, to run in so many seconds. A broker that does not answer is logged and raises nothing."""
    _publish(task, arguments, queue, countdown)


def _publish(task: str, arguments: tuple[Any, ...], queue: str, countdown: float | None) -> None:
    if time.monotonic() < _silence["until"]:
        logger.warning("The broker did not answer a moment ago, %s is late", task)
        return
    try:
        current_app.send_task(task, arguments, queue=queue, countdown=countdown, ignore_result=True)
    except (OperationalError, redis.RedisError) as error:
        _silence["until"] = time.monotonic() + PAUSE
        logger.warning("The broker does not answer, %s is late: %s", task, type(error).__name__)


@dataclass(frozen=True, slots=True)
class WakeUp:
    """A task of which one waiting run is enough for any number of reasons.

    A mark in the cache says that one waits. The task takes it away as it begins, since what is committed from then on
    needs a run of its own. A mark that outlives its task (the broker lost it) ends after `lost_after` seconds.
    """

    task: str
    queue: str = DEFAULT
    lost_after: int = 20

    def request_work(self, *arguments: Hashable, countdown: float = 0.0) -> None:
        """Have the task run with these arguments, after the commit; `countdown` in seconds."""
        transaction.on_commit(lambda: self._request(arguments, countdown), robust=True)

    def mark_started(self, *arguments: Hashable) -> None:
        """Let the next request send a task again. Call it first in the task."""
        try:
            valkey.ask("DEL", self._mark(arguments))
        except redis.RedisError as error:
            logger.warning("The cache does not answer: %s", type(error).__name__)

    def _request(self, arguments: tuple[Hashable, ...], countdown: float) -> None:
        """Send the task unless one is on its way; of later ones, one a half second is enough."""
        mark, lasts = self._mark(arguments), float(self.lost_after)
        if countdown:
            slot = math.ceil((time.time() + countdown) * 2)
            mark, lasts, countdown = f"{mark}@{slot}", countdown + 1, slot / 2 - time.time()
        try:
            needed = valkey.ask("SET", mark, 1, "NX", "PX", round(1000 * lasts)) is not None
        except redis.RedisError:
            needed = True  # the broker may be another server
        if needed:
            _publish(self.task, arguments, self.queue, countdown or None)

    def _mark(self, arguments: tuple[Hashable, ...]) -> str:
        return ":".join(["woken", self.task, *map(str, arguments)])
