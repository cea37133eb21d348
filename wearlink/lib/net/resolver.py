"""Looking names up within a time limit, which the system's resolver does not have.

A look-up that takes too long goes on in a thread of its own and is waited for no longer; another call for the same name
does not begin a second one. What was found is good for some seconds: the addresses are judged at every call all the
same, and a call goes to what was judged.
"""

import threading
import time
from concurrent.futures import Future
from typing import Final

from wearlink.lib.net import egress
from wearlink.lib.net.egress import Address, EgressError

MAX_RESOLVING: Final = 5.0  # seconds
REMEMBERED: Final = 10.0  # seconds
MAX_CONCURRENT_LOOKUPS: Final = 128  # look-ups, those included that nobody waits for any more
_Name = tuple[str, int]
_running = threading.BoundedSemaphore(MAX_CONCURRENT_LOOKUPS)


class Resolver:
    """Names and what they resolved to, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[_Name, tuple[float, Future[list[Address]]]] = {}

    def look_up(self, host: str, port: int, *, seconds: float = MAX_RESOLVING) -> list[Address]:
        """Raise EgressError: `timeout` when it takes longer, else `unresolved`."""
        try:
            return self._future((host, port)).result(seconds)
        except TimeoutError as error:
            raise EgressError(f"{host} does not resolve in time.", code="timeout") from error

    def _future(self, name: _Name) -> "Future[list[Address]]":
        now = time.monotonic()
        with self._lock:
            since, future = self._found.get(name, (0.0, None))
            if future is not None and (not future.done() or (now - since < REMEMBERED and not future.exception())):
                return future
            if not _running.acquire(blocking=False):
                raise EgressError("Too many names are being resolved at the moment.", code="timeout")
            if len(self._found) >= 4096:
                self._found.clear()
            future = Future()
            self._found[name] = (now, future)
        threading.Thread(target=_resolve, args=(name, future), name="resolve", daemon=True).start()
        return future


def _resolve(name: _Name, future: "Future[list[Address]]") -> None:
    try:
        future.set_result(egress.addresses_of(*name))
    except Exception as error:  # noqa: BLE001 (it is raised where the result is asked for)
        future.set_exception(error)
    finally:
        _running.release()
