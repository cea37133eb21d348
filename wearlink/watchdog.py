"""Ends a worker that takes nothing although its queues have something: its supervisor starts it again.

Such a worker lives, answers pings and does nothing, as after a broker that hung while a task ended. It differs from a
busy one in what Celery counts: nothing under way, nothing taken since, and messages waiting all the while.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from celery.signals import worker_ready
from celery.worker import state
from django.conf import settings

from wearlink.lib.work import broker

CHECK_SECONDS: Final = 15.0
CHECKS: Final = 4  # in a row that find it idle before full queues
GRACE_SECONDS: Final = 20.0
logger = logging.getLogger(__name__)


class Watchdog:
    """Looks at one worker. waiting: how many messages its queues hold."""

    def __init__(self, waiting: Callable[[], int]) -> None:
        self._waiting = waiting
        self._taken = -1
        self._idle = 0

    def look(self, taken: int, *, busy: bool) -> bool:
        """Return whether the worker has stood still for too long; taken: tasks it took so far. Call it regularly."""
        still = not busy and taken == self._taken
        self._taken = taken
        try:
            self._idle = self._idle + 1 if still and self._waiting() else 0
        except broker.BrokerError:
            self._idle = 0  # there is nothing that it could take
        return self._idle >= CHECKS


@worker_ready.connect
def watch(sender: Any = None, **_: Any) -> None:
    """Begin, in the worker's main process."""
    queues = tuple(sender.app.amqp.queues.consume_from) if sender is not None else ()
    dog = Watchdog(lambda: sum(broker.depths(settings.REDIS_URL, queues).values()))
    threading.Thread(target=_run, args=[dog], name="watchdog", daemon=True).start()


def _run(dog: Watchdog) -> None:
    while True:
        time.sleep(CHECK_SECONDS)
        if dog.look(sum(state.total_count.values()), busy=bool(state.active_requests or state.reserved_requests)):
            logger.critical("The worker takes nothing although its queues are not empty; it ends.")
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(GRACE_SECONDS)
            os._exit(1)
