"""Requests that wait for something to happen, at no cost to those that do not.

    waiting.wake(["listener:7"])                                          a producer
    waiting.wait(request.META, organization.pk, "listener:7", seconds=25)  a consumer

A request that waits gives back its slot (slots.py) and its database connection, and keeps a thread that would
otherwise be idle. How many may wait in a process is bounded, for one owner and for all. What they wait for is a name
on the cache's server; a lost wake-up costs the rest of the wait.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import redis
from django.conf import settings
from django.db import connection

from wearlink.lib import valkey
from wearlink.lib.valkey import Script

MAX_WAITING: Final = 32  # of a process's 128 threads
MAX_OF_ONE: Final = 4
PAUSE: Final = 1.0  # seconds, where the cache's server does not answer
_WAKE: Final = Script.beside(__file__, "wake.lua")
logger = logging.getLogger(__name__)


class WaitingRoom:
    """The number of this process's requests that wait, by owner."""

    def __init__(self, in_all: int, of_one: int) -> None:
        self.in_all, self.of_one = in_all, of_one
        self._lock = threading.Lock()
        self._waiting: Counter[Hashable] = Counter()

    @contextmanager
    def place(self, owner: Hashable) -> Iterator[bool]:
        """Yield whether there is room for one more of this owner; if so, it is taken within the block."""
        with self._lock:
            free = self._waiting.total() < self.in_all and self._waiting[owner] < self.of_one
            if free:
                self._waiting[owner] += 1
        try:
            yield free
        finally:
            if free:
                with self._lock:
                    self._waiting[owner] -= 1
                    self._waiting += Counter()  # drops owners that no longer wait


_room = WaitingRoom(MAX_WAITING, MAX_OF_ONE)


def wake(names: Sequence[str]) -> None:
    """Wake the requests that wait for one of these names."""
    try:
        valkey.run(_WAKE, [_key(name) for name in names])
    except redis.RedisError as error:
        logger.warning("The cache does not answer, who waits is late: %s", type(error).__name__)


def wait(environ: dict[str, Any], owner: Hashable, name: str, seconds: float) -> bool:
    """Wait for a name, at most so long; False if there is no room to wait, so that the caller must come again later."""
    with _room.place(owner) as free:
        if free:
            if not connection.in_atomic_block:
                connection.close()
            slots = environ.get("wearlink.slots")
            if slots is None:
                _wait(name, seconds)
            else:
                with slots.left():
                    _wait(name, seconds)
        return free


def _wait(name: str, seconds: float) -> None:
    server = redis.Redis.from_url(str(settings.CACHES["default"]["LOCATION"]), socket_timeout=seconds + PAUSE)
    try:
        server.blpop([_key(name)], timeout=seconds)
    except redis.RedisError as error:
        logger.warning("The cache does not answer, nobody can wait: %s", type(error).__name__)
        time.sleep(min(PAUSE, seconds))
    finally:
        server.close()


def _key(name: str) -> str:
    return f"wait:{name}"
