"""The pinned HTTP client: calls to addresses that customers choose, safe by the egress rules, cheap by the thousand.

No redirects, no proxies from the environment, one deadline for all of it, headers that trickle in included,
and a bounded answer. Every call has its URL checked again; a kept connection is used again only if it leads to an
address that this very judgement has found good.
"""

import http.client
import io
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from functools import lru_cache, partial
from typing import Any, Final

from wearlink.lib.net import egress
from wearlink.lib.net.egress import EgressError, ServerAnswer, Target
from wearlink.lib.net.resolver import MAX_RESOLVING, Resolver

IDLE_SECONDS: Final = 20.0  # shorter than most servers keep a connection
IDLE_PER_TARGET: Final = 8
IDLE_IN_ALL: Final = 256
_BROKEN: Final = (
    http.client.BadStatusLine,
    ConnectionError,
    ssl.SSLEOFError,
)  # what a connection closed meanwhile says
Key = tuple[str, str, int, str]


class ConnectionPool:
    """Connections that are kept for the next request, for any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Key, list[tuple[float, _Connection]]] = {}
        self._count = 0
        self._names = Resolver()

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", deadline: float = egress.DEADLINE
    ) -> ServerAnswer:
        """Send one request, follow nothing. ``deadline`` in seconds covers everything, resolving included.

        Raises Refused where the address may not be called, EgressError where nobody answered as HTTP has it.
        """
        started = time.monotonic()
        until = started + deadline
        target = egress.resolve(url, partial(self._names.look_up, seconds=min(deadline, MAX_RESOLVING)))
        kept = self._reuse(_key(target))
        if kept is not None:
            try:
                return self._exchange(kept, target, method, headers, body, started, until)
            except _BROKEN:  # the server closed it while it lay idle; nothing of this request was answered
                kept.close()
            except (OSError, http.client.HTTPException) as error:
                kept.close()
                raise _failure(error) from error
        return self._fresh(target, method, headers, body, started, until)

    def close(self) -> None:
        with self._lock:
            idle, self._idle, self._count = self._idle, {}, 0
        for kept in idle.values():
            for _, connection in kept:
                connection.close()

    def _fresh(
        self, target: Target, method: str, headers: Mapping[str, str], body: bytes, started: float, until: float
    ) -> ServerAnswer:
        connection = _Connection(target, until)
        try:
            connection.connect()
            return self._exchange(connection, target, method, headers, body, started, until)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise _failure(error) from error

    def _exchange(
        self, connection: "_Connection", target: Target, method: str, headers: Mapping[str, str], body: bytes,
        started: float, until: float,
    ) -> ServerAnswer:  # fmt: skip
        connection.until = until
        response = connection.exchange(method, target, headers, body)
        with closing(response):
            content = response.read(egress.MAX_ANSWER_BYTES + 1)
            whole_answer = response.isclosed() and not response.will_close
        names = {name.lower(): value for name, value in response.getheaders()}
        if whole_answer:
            self._keep(_key(target), connection)
        else:
            connection.close()
        elapsed = round((time.monotonic() - started) * 1000)
        kept = content[: egress.MAX_ANSWER_BYTES]
        return ServerAnswer(response.status, names, kept, len(content) > len(kept), elapsed)

    def _reuse(self, key: Key) -> "_Connection | None":
        now = time.monotonic()
        with self._lock:
            kept = self._idle.get(key)
            while kept:
                since, connection = kept.pop()
                self._count -= 1
                if now - since < IDLE_SECONDS:
                    return connection
                connection.close()
            self._idle.pop(key, None)
        return None

    def _keep(self, key: Key, connection: "_Connection") -> None:
        with self._lock:
            kept = self._idle.setdefault(key, [])
            if len(kept) < IDLE_PER_TARGET and self._count < IDLE_IN_ALL:
                kept.append((time.monotonic(), connection))
                self._count += 1
                return
        connection.close()


def request(
    method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", deadline: float = egress.DEADLINE
) -> ServerAnswer:
    """Return one request on a connection of its own; see ConnectionPool.request."""
    pool = ConnectionPool()
    try:
        return pool.request(method, url, headers=headers, body=body, deadline=deadline)
    finally:
        pool.close()


class _Connection:
    """A connection to the checked address and nowhere else; TLS asks for, and verifies, the host's own name.

    http.client reads the answers. It does not write the requests: it would send head and body one by one, which costs
    both sides twice.
    """

    def __init__(self, target: Target, until: float) -> None:
        self.target = target
        self.until = until
        self.sock: Any = None  # a _Timed, which is a socket as far as http.client asks for one

    def connect(self) -> None:
        """Connect in one attempt, within what is left of the deadline."""
        plain = socket.create_connection((str(self.target.address), self.target.port), _left(self.until))
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            secure = self.target.scheme == "https"
            raw = _context().wrap_socket(plain, server_hostname=self.target.host) if secure else plain
        except BaseException:
            plain.close()
            raise
        self.sock = _Timed(raw, self)

    def exchange(
        self, method: str, target: Target, headers: Mapping[str, str], body: bytes
    ) -> http.client.HTTPResponse:
        """Send a request and read the answer's head. Raises ValueError for headers that are none."""
        self.sock.sendall(_head(method, target, headers, len(body)) + body)
        response = http.client.HTTPResponse(self.sock, method=method)
        try:
            response.begin()
        except BaseException:
            response.close()
            raise
        return response

    def close(self) -> None:
        """Close the connection as soon as nobody reads from it."""
        if self.sock is not None:
            self.sock.close()


def _head(method: str, target: Target, headers: Mapping[str, str], length: int) -> bytes:
    own = {"Host": target.host_header, "Accept-Encoding": "identity", "Content-Length": str(length)}
    sent = {"User-Agent": egress.USER_AGENT, **headers, **own}
    lines = [f"{method} {target.path} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items())]
    text = "\r\n".join(lines)
    breaks = len(lines) - 1
    if text.count("\r") != breaks or text.count("\n") != breaks or "\0" in text:
        raise ValueError("A header must not have line breaks.")
    return text.encode("latin-1") + b"\r\n\r\n"


class _Timed:
    """A socket each of whose operations has only what is left of the deadline.

    As with real sockets, what reads from it keeps it open: http.client closes the socket before it reads an answer
    that ends with the connection.
    """

    def __init__(self, raw: socket.socket, owner: _Connection) -> None:
        self.raw = raw
        self.owner = owner
        self.readers = 0
        self.closed = False

    def sendall(self, data: Any) -> None:
        """Send all data within the time limit, as socket.sendall does."""
        self.raw.settimeout(_left(self.owner.until))
        self.raw.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return what http.client reads the answer from."""
        self.readers += 1
        return io.BufferedReader(_Reader(self))

    def receive(self, buffer: Any) -> int:
        self.raw.settimeout(_left(self.owner.until))
        return self.raw.recv_into(buffer)

    def close(self) -> None:
        """Close the socket, as soon as nobody reads from it."""
        self.closed = True
        if not self.readers:
            self.raw.close()

    def reader_closed(self) -> None:
        self.readers -= 1
        if self.closed and not self.readers:
            self.raw.close()


class _Reader(io.RawIOBase):
    def __init__(self, source: _Timed) -> None:
        self.source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.source.receive(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self.source.reader_closed()


def _left(until: float) -> float:
    """Return seconds until the deadline; raises TimeoutError when it has passed."""
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _key(target: Target) -> Key:
    return target.scheme, target.host, target.port, str(target.address)


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    """Make the TLS context once: reading the machine's certificates takes longer than a call."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _failure(error: Exception) -> EgressError:
    """Return our word for what the socket said; its own text may quote the URL and stays out."""
    if isinstance(error, TimeoutError):
        return EgressError("No answer in time.", code="timeout")
    if isinstance(error, ssl.SSLError):
        return EgressError("The TLS connection failed; is the certificate valid for this name?", code="tls")
    if isinstance(error, http.client.HTTPException) and not isinstance(error, ConnectionError):
        return EgressError("The answer is no HTTP that can be read.", code="protocol")
    return EgressError("The connection failed.", code="connection")
