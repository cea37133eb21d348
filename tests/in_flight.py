"""Requests that the live server is at: those of a browser can outlast the test, and must not meet its flush."""

import threading
from typing import Any

from django.core.signals import request_finished, request_started

from tests import machine

PATIENCE = 30.0


class InFlight:
    """Counts those of other threads: the tests' own client asks in the main one, and waits for its answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.number = 0

    def watch(self) -> None:
        request_started.connect(self._begins)
        request_finished.connect(self._ends)

    def settle(self) -> None:
        """Wait for the last one."""
        machine.until(lambda: self.number == 0, lambda: f"{self.number} requests do not end", PATIENCE)
        request_started.disconnect(self._begins)
        request_finished.disconnect(self._ends)

    def _begins(self, **_: Any) -> None:
        self._count(1)

    def _ends(self, **_: Any) -> None:
        self._count(-1)

    def _count(self, more: int) -> None:
        if threading.current_thread() is not threading.main_thread():
            with self._lock:
                self.number = max(self.number + more, 0)
