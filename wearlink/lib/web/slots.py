"""So many requests are worked on at a time; the others wait in threads that cost nothing, and callers take turns.

A caller with a thousand requests at once has a queue of its own: a free slot goes to the caller who waits
next, not to the next request. Where one caller fills nearly all threads while others call too, that one is asked to
come again.
"""

import threading
import time
from base64 import urlsafe_b64decode
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import msgspec

from wearlink.lib.web.wsgi import Closing
from wearlink.lib.work.processors import usable_processors

CROWDED: Final = 96  # waiting requests, of a process's 128 threads
ITS_SHARE: Final = 24  # waiting requests of one caller, while it is crowded
REMEMBERED: Final = 10.0  # seconds in which another caller has been seen
MAX_CALLERS_SEEN: Final = 512  # callers
BUSY: Final = b'{"detail":"Too many requests at a time. Please send fewer at once.","code":"too_many_at_once"}'


class Slots:
    """Lets ``most`` requests at a time through to the application, all but those to ``free`` paths.

    An answer that says ``needs_no_slot`` is sent without one: its bytes come from a file, as slowly as the client takes
    them.
    """

    def __init__(self, application: WSGIApplication, most: int, free: frozenset[str] = frozenset()) -> None:
        self.application = application
        self.free = free
        self.queue = FairQueue(most)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in self.free:
            return self.application(environ, start_response)
        caller = caller_of(environ)
        if not self.queue.enter(caller):
            return _refuse(start_response)
        environ["wearlink.slots"] = HeldSlot(self.queue, caller)
        try:
            response = self.application(environ, start_response)
        except BaseException:
            self.queue.leave()
            raise
        if getattr(response, "needs_no_slot", False):
            self.queue.leave()
            return response
        return Closing(response, self.queue.leave)


class HeldSlot:
    """A request's slot, which it may lend out."""

    def __init__(self, queue: "FairQueue", caller: str) -> None:
        self._queue, self._caller = queue, caller

    @contextmanager
    def left(self) -> Iterator[None]:
        """Lend the slot to another request within the block, while this one waits for something."""
        self._queue.leave()
        try:
            yield
        finally:
            self._queue.enter(self._caller, always=True)


class FairQueue:
    """``most`` may be inside; of those who wait, each caller's first comes before anybody's second."""

    def __init__(self, most: int) -> None:
        self._room = most
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[threading.Lock]] = OrderedDict()  # by caller, the next one first
        self._number = 0
        self._seen: dict[str, float] = {}  # callers, and when they came last (monotonic seconds)

    def enter(self, caller: str, *, always: bool = False) -> bool:
        """Wait for a place; False, at once, for a caller with too many waiting. ``always``: never refuse."""
        with self._lock:
            self._note(caller)
            if self._room and not self._waiting:
                self._room -= 1
                return True
            queue = self._waiting.setdefault(caller, deque())
            full = self._number >= CROWDED and len(queue) >= ITS_SHARE
            if full and not always and self._others_call(caller):
                return False
            turn = threading.Lock()
            turn.acquire()
            queue.append(turn)
            self._number += 1
        turn.acquire()
        return True

    def leave(self) -> None:
        """Give the place to whose turn it is."""
        with self._lock:
            if not self._waiting:
                self._room += 1
                return
            caller, queue = self._waiting.popitem(last=False)
            turn = queue.popleft()
            self._number -= 1
            if queue:
                self._waiting[caller] = queue
        turn.release()

    def _note(self, caller: str) -> None:
        if len(self._seen) >= MAX_CALLERS_SEEN:
            self._seen.clear()
        self._seen[caller] = time.monotonic()

    def _others_call(self, caller: str) -> bool:
        since = time.monotonic() - REMEMBERED
        return any(seen > since and other != caller for other, seen in self._seen.items())


def caller_of(environ: WSGIEnvironment) -> str:
    """Return whose request this claims to be; unproven, so the address goes with it: nobody fills a
    stranger's queue.
    """
    address = str(environ.get("REMOTE_ADDR", ""))
    credentials = str(environ.get("HTTP_X_WEARLINK_API_KEY") or environ.get("HTTP_AUTHORIZATION") or "")
    word = credentials.rpartition(" ")[2]
    parts = word.split(".")
    return f"{address} {_claimed(parts[1]) if len(parts) == 3 else word[:24]}"


def _claimed(part: str) -> str:
    """Return the organization that a token names, else whom it is about."""
    if len(part) > 4_000:
        return ""
    try:
        claims: Any = msgspec.json.decode(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return ""
    return str(claims.get("org") or claims.get("sub") or "")[:64] if isinstance(claims, dict) else ""


def web_slots(threads: int) -> int:
    """Return how many requests a web process works on at a time: more than this only fight for the interpreter."""
    return min(threads, 2 * usable_processors() + 1)


def _refuse(start_response: StartResponse) -> Iterable[bytes]:
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(BUSY))), ("Retry-After", "1")]
    start_response("429 Too Many Requests", headers)
    return [BUSY]
