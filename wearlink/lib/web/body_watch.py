"""Ends connections whose request bodies do not come.

The server's read blocks until its bytes are there or the connection is gone; nothing else wakes it up, and answering
meanwhile would stop the server. So a thread looks every second whether a read is overdue. If one is, connections of the
same address that bring next to nothing are shut down. The server does not tell which connection a body belongs to, so
idle ones of that address go along. Only where there is /proc.
"""

import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

PIECE: Final = 64 * 1024
TIMEOUT_SECONDS: Final = 10.0  # seconds for a piece
LOOK: Final = 5.0  # seconds for which a connection is looked at before it is judged
MIN_RATE: Final = 6_000  # bytes a second; about a piece within TIMEOUT_SECONDS
MANY: Final = 64  # reads at a time, from which on all this goes five times as fast
TCP_INFO_LENGTH, BYTES_RECEIVED_AT = 192, 128  # include/uapi/linux/tcp.h
DESCRIPTORS: Final = Path("/proc/self/fd")


@dataclass(slots=True)
class _Seen:
    """A connection at the first look: when (monotonic seconds), and how many bytes had come."""

    at: float
    received: int


class NoRoom(Exception):
    """The disk takes no more of a body."""


class BodyWatch:
    """Reads bodies, and watches over those that are being read."""

    def __init__(self, patience: float = TIMEOUT_SECONDS, look: float = LOOK) -> None:
        self.patience, self.look = patience, look
        self._reading: dict[int, tuple[str, float]] = {}  # thread → address, when its piece was asked for
        self._seen: dict[tuple[str, int], _Seen] = {}
        self._lock = threading.Lock()
        self._runs = False

    def spool(self, source: Any, body: IO[bytes], most: int, address: str) -> int:
        """Write up to ``most`` bytes of a request body into a file; how many came. Raises NoRoom."""
        thread, size = threading.get_ident(), 0
        try:
            while size < most:
                self._reading[thread] = address, time.monotonic()
                if not self._runs:
                    self._run()
                piece = source.read(min(PIECE, most - size))
                if not piece:
                    break
                size += len(piece)
                _write(body, piece)
        finally:
            self._reading.pop(thread, None)
        return size

    def _run(self) -> None:
        with self._lock:
            if not self._runs and DESCRIPTORS.is_dir():
                threading.Thread(target=self._watch, daemon=True, name="body-watch").start()
            self._runs = True

    def _watch(self) -> None:
        while True:
            time.sleep(min(1.0, self.patience / 2))
            with suppress(RuntimeError, OSError):  # the table changes while it is read: at the next look
                self._look()

    def _look(self) -> None:
        haste = 5 if len(self._reading) > MANY else 1
        now = time.monotonic()
        overdue = {address for address, since in self._reading.values() if now - since > self.patience / haste}
        if not overdue:
            self._seen.clear()
            return
        for connection, peer in _connections(overdue):
            with connection:
                self._judge(connection, peer, now, self.look / haste)

    def _judge(self, connection: socket.socket, peer: tuple[str, int], now: float, look: float) -> None:
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_LENGTH)
        (received,) = struct.unpack_from("Q", info, BYTES_RECEIVED_AT)
        seen = self._seen.setdefault(peer, _Seen(now, received))
        if now - seen.at < look:
            return
        if received - seen.received < (now - seen.at) * MIN_RATE:
            connection.shutdown(socket.SHUT_RDWR)
        self._seen.pop(peer, None)


def _write(body: IO[bytes], piece: bytes) -> None:
    try:
        body.write(piece)
    except OSError as error:
        raise NoRoom from error


def _connections(addresses: set[str]) -> Iterator[tuple[socket.socket, tuple[str, int]]]:
    """Yield this process's TCP connections with these addresses, on descriptors of their own."""
    for name in os.listdir(DESCRIPTORS):
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        try:
            peer = found.getpeername()
        except OSError:
            peer = ()
        if isinstance(peer, tuple) and len(peer) >= 2 and peer[0].removeprefix("::ffff:") in addresses:
            yield found, (peer[0], peer[1])
        else:
            found.close()
