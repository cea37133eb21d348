"""A generator that runs in a copy of this process, for work that would else wait for the interpreter of this one.

The copy shares the memory of everything loaded, dies with us, and must keep its hands off what both have open:
connections to the database, the broker and the store. What it gives is pickled; a thread of ours takes it in, so that
the copy may be some items ahead.
"""

import gc
import logging
import os
import pickle
import signal
import struct
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Queue
from typing import IO, Any, Final, NoReturn, TypeVar

from wearlink.lib.work import child

Item = TypeVar("Item")
AHEAD_BYTES: Final = 8 * 1024 * 1024  # of what was taken in and not asked for yet
COLLECT_AFTER: Final = 200_000  # new objects; the usual 700 cost a tenth of a reader's time
_LENGTH: Final = struct.Struct("<Q")
_END: Final = b""
_OURS: Final = (
    signal.SIGTERM,
    signal.SIGINT,
    signal.SIGHUP,
    signal.SIGQUIT,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGCHLD,
)
logger = logging.getLogger(__name__)


class ProcessEnded(Exception):
    """The copy ended before its generator did: somebody killed it, or the machine had no memory left."""


@contextmanager
def forked(name: str, produce: Callable[[], Iterator[Item]]) -> Iterator[Iterator[Item]]:
    """The items of ``produce()``, made by a process called ``name`` (15 bytes), which is killed with the block's end.

    What the generator raises is raised here in its turn, if it can be pickled; ProcessEnded if the process ends before.
    """
    receiving, sending = os.pipe()
    pid = _fork(name, receiving, sending, produce)
    os.close(sending)
    pipe = os.fdopen(receiving, "rb")
    waiting = _Waiting()
    reader = threading.Thread(target=_take_in, args=[pipe, waiting], name=f"from-{name}", daemon=True)
    reader.start()
    try:
        yield _items(waiting)
    finally:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        waiting.close()
        reader.join()
        os.waitpid(pid, 0)


class _Waiting:
    """What was taken in, up to so many bytes."""

    def __init__(self) -> None:
        self._items: Queue[bytes | None] = Queue()
        self._room = threading.Condition()
        self._held = 0
        self._closed = False

    def put(self, item: bytes | None) -> None:
        with self._room:
            self._room.wait_for(lambda: self._held < AHEAD_BYTES or self._closed)
            self._held += len(item or b"")
        self._items.put(item)

    def get(self) -> bytes | None:
        item = self._items.get()
        with self._room:
            self._held -= len(item or b"")
            self._room.notify()
        return item

    def close(self) -> None:
        """Let go of a thread that waits for room."""
        with self._room:
            self._closed = True
            self._room.notify()


def _take_in(pipe: IO[bytes], waiting: _Waiting) -> None:
    with pipe:
        while len(head := pipe.read(_LENGTH.size)) == _LENGTH.size:
            (length,) = _LENGTH.unpack(head)
            item = pipe.read(length)
            if len(item) < length:
                break
            waiting.put(item)
            if item == _END:
                return
    waiting.put(None)


def _items(waiting: _Waiting) -> Iterator[Any]:
    while (packed := waiting.get()) != _END:
        if packed is None:
            raise ProcessEnded("The process that read the file has ended.")
        item = pickle.loads(packed)
        if isinstance(item, Exception):
            raise item
        yield item


def _fork(name: str, receiving: int, sending: int, produce: Callable[[], Iterator[Item]]) -> int:
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # other threads are not needed in the copy
        pid = os.fork()
    if pid == 0:
        _be_the_copy(name, parent, receiving, sending, produce)
    return pid


def _be_the_copy(
    name: str, parent: int, receiving: int, sending: int, produce: Callable[[], Iterator[Item]]
) -> NoReturn:
    """Never returns into its parent's code, and ends without any of its parent's endings."""
    code = 1
    try:
        for signum in _OURS:
            signal.signal(signum, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a terminal: it is the parent that decides
        child.die_with_parent(signal.SIGKILL, parent)
        child.go_by(name)
        gc.freeze()  # else the collector would write to, and so copy, all that is shared
        gc.set_threshold(COLLECT_AFTER)
        os.close(receiving)
        _send_all(sending, produce)
        code = 0
    except BaseException:  # the outermost edge of a process
        logger.exception("A process that reads a file failed")
    finally:
        os._exit(code)


def _send_all(sending: int, produce: Callable[[], Iterator[Item]]) -> None:
    with os.fdopen(sending, "wb") as pipe:
        try:
            for item in produce():
                _send(pipe, pickle.dumps(item, protocol=5))
        except Exception as error:  # noqa: BLE001 - raised in the parent
            _send(pipe, pickle.dumps(error, protocol=5))
        _send(pipe, _END)


def _send(pipe: IO[bytes], packed: bytes) -> None:
    pipe.write(_LENGTH.pack(len(packed)))
    pipe.write(packed)
    pipe.flush()
