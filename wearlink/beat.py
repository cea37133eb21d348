"""Beat's scheduler, which outlives an outage of the database that it reads its schedule from, but not its orders; and
beat as a thread of a worker that makes no copies of itself.
"""

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from celery.beat import Service
from celery.signals import worker_ready, worker_shutdown, worker_shutting_down
from django.db import DatabaseError, InterfaceError, close_old_connections
from django_celery_beat.schedulers import DatabaseScheduler

logger = logging.getLogger(__name__)
ORDERS = (signal.SIGTERM, signal.SIGINT)  # to end
LAST_WORDS: Final = 3.0  # seconds in which a thread writes what ran last


class PatientScheduler(DatabaseScheduler):
    """django-celery-beat's, whose process ends when a query of the schedule fails; this one tries again."""

    _querying = False
    _told_to_end = False

    def setup_schedule(self) -> None:
        """Replace Celery's handler of signals, which writes the schedule from within whatever it interrupts.

        In the middle of a query that is a second query on a connection whose lock this very thread holds: it waits
        for itself for ever.
        """
        if threading.current_thread() is threading.main_thread():
            for signum in ORDERS:
                signal.signal(signum, self._end)
        with self._uninterrupted():
            super().setup_schedule()

    def tick(self, *arguments: Any, **options: Any) -> float:
        """Return one turn; returns the seconds until the next. After a failure everything is read afresh."""
        with self._uninterrupted():
            try:
                wait: float = super().tick(*arguments, **options)
            except (DatabaseError, InterfaceError) as error:
                logger.warning("Nothing is scheduled: the database does not answer (%s).", type(error).__name__)
                close_old_connections()
                self._initial_read, self._heap = True, None
                return 1.0
        return wait

    def sync(self) -> None:
        """Write when what ran last."""
        with self._uninterrupted():
            super().sync()

    def _end(self, signum: int, frame: FrameType | None) -> None:
        for repeated in ORDERS:
            signal.signal(repeated, signal.SIG_IGN)
        if not self._querying:
            raise SystemExit
        self._told_to_end = True

    @contextmanager
    def _uninterrupted(self) -> Iterator[None]:
        """Within the block an order to end waits for its end; it then raises SystemExit, on which Celery writes."""
        outermost, self._querying = not self._querying, True
        try:
            yield
        finally:
            if outermost:
                self._querying = False
        if outermost and self._told_to_end:
            self._told_to_end = False
            raise SystemExit


class BeatThread(threading.Thread):
    """Beat within a process that does something else too, and that does not live on without it."""

    def __init__(self, app: Any) -> None:
        super().__init__(name="beat", daemon=True)
        self._app = app
        self._ended = threading.Event()

    def run(self) -> None:
        """Send what is due until told to end; then write when what ran last."""
        try:
            scheduler = Service(self._app, scheduler_cls=self._app.conf.beat_scheduler).scheduler
            while not self._ended.wait(scheduler.tick()):
                continue
            scheduler.close()
        except Exception:
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
