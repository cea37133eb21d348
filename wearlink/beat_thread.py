"""Beat as a thread of a worker that makes no copies of itself: a process less."""

import logging
import os
import signal
import threading
from typing import Any, Final

from celery.beat import Service
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down

LAST_WORDS: Final = 3.0  # seconds in which it writes what ran last
logger = logging.getLogger(__name__)


class BeatThread(threading.Thread):
    """Beat within a process that does something else too, and that does not live on without it."""

    def __init__(self, app: Any) -> None:
        super().__init__(name="beat", daemon=True)
        self._app = app
        self._ended = threading.Event()

    def run(self) -> None:
        """Send due tasks until ordered to end; then store the times of the last runs."""
        try:
            scheduler = Service(self._app, scheduler_cls=self._app.conf.beat_scheduler).scheduler
            while not self._ended.wait(scheduler.tick()):
                continue
            scheduler.close()
        except Exception:  # whatever it was: a process whose beat is gone must end
            logger.critical("Beat has failed, and its process ends.", exc_info=True)
            os.kill(os.getpid(), signal.SIGTERM)

    def end(self) -> None:
        """Let it come to its end, without waiting for that."""
        self._ended.set()


def run_within_worker() -> None:
    """Have the worker that this process is about to become run beat as well, from when it is ready until it stops."""
    threads: list[BeatThread] = []

    def begin(sender: Any = None, **_: Any) -> None:
        threads.append(BeatThread(sender.app))
        threads[-1].start()

    def end(**_: Any) -> None:
        for thread in threads:
            thread.end()

    def wait(**_: Any) -> None:
        for thread in threads:
            thread.join(LAST_WORDS)

    worker_ready.connect(begin, weak=False)
    worker_shutting_down.connect(end, weak=False)
    worker_shutdown.connect(wait, weak=False)
