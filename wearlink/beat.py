"""Beat's scheduler, which outlives an outage of the database that it reads its schedule from, but not its orders."""

import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections
from django_celery_beat.schedulers import DatabaseScheduler

logger = logging.getLogger(__name__)
ORDERS = (signal.SIGTERM, signal.SIGINT)  # to end


class PatientScheduler(DatabaseScheduler):
    """django-celery-beat's, whose process ends when a query of the schedule fails; this one tries again."""

    _querying = False
    _ordered_to_end = False

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
        """Do one turn; return the seconds until the next. After a failure everything is read again."""
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
        self._ordered_to_end = True

    @contextmanager
    def _uninterrupted(self) -> Iterator[None]:
        """Delay an order to end until the block is over; it then raises SystemExit, on which Celery writes."""
        outermost, self._querying = not self._querying, True
        try:
            yield
        finally:
            if outermost:
                self._querying = False
        if outermost and self._ordered_to_end:
            self._ordered_to_end = False
            raise SystemExit
