"""Servers that no dispatcher wants to call, each kind under a path of one address, and addresses that lead nowhere."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wearlink.lib.work import child

ROOT = Path(__file__).parents[2]
OVER: float = 20.0  # seconds after which the slow ones give up by themselves
_ANSWER = "HTTP/1.1 {status} X\r\nContent-Length: 0\r\n{more}\r\n"


def _status(status: int, more: str = "") -> Callable[[socket.socket], None]:
    answer = _ANSWER.format(status=status, more=f"{more}\r\n" if more else "").encode("latin-1")
    return lambda caller: caller.sendall(answer)


def _hang(caller: socket.socket) -> None:
    caller.settimeout(OVER)
    with suppress(TimeoutError):
        while caller.recv(65_536):
            pass


def _drip(caller: socket.socket) -> None:
    for sign in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 2_000:
        caller.sendall(bytes([sign]))
        time.sleep(0.05)


def _reset(caller: socket.socket) -> None:
    caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _endless(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    until = time.monotonic() + OVER
    while time.monotonic() < until:
        caller.sendall(b"x" * 65_536)


KINDS: dict[str, Callable[[socket.socket], None]] = {
    "429": _status(429),
    "429-later": _status(429, "Retry-After: 600"),
    "500": _status(500),
    "503-number": _status(503, "Retry-After: " + "9" * 4000),
    "503-date": _status(503, "Retry-After: Mon, 99999999999999999999 Jan 2024 00:00:00 GMT"),
    "503-offset": _status(503, "Retry-After: Thu, 23 Apr 2026 10:02:00 +9999999999999999999"),
    "503-script": _status(503, "Retry-After: ٣".encode().decode("latin-1")),
    "410": _status(410),
    "redirect": _status(307, "Location: http://127.0.0.1:1/"),
    "header": _status(200, "X-Large: " + "x" * 100_000),
    "none": lambda caller: None,
    "garbage": lambda caller: caller.sendall(b"\x16\x03\x01 220 smtp.example.com ready\r\n"),
    "hang": _hang,
    "drip": _drip,
    "reset": _reset,
    "endless": _endless,
}
NOWHERE = (
    "https://nobody.invalid/",
    "https://bücher.invalid/straße?q=ß",
    "http://127.0.0.1:1/closed",
    "https://10.255.255.1/inner",
)


def _take(caller: socket.socket) -> None:
    with caller, suppress(OSError):
        caller.settimeout(5)
        head = b""
        while b"\r\n\r\n" not in head and (read := caller.recv(65_536)):
            head += read
        kind = head.split(b" ", 2)[1].decode("latin-1").strip("/").partition("/")[0]
        KINDS.get(kind, KINDS["500"])(caller)


def _serve() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=512) as server:
        print(server.getsockname()[1], flush=True)  # noqa: T201
        while True:
            caller, _ = server.accept()
            threading.Thread(target=_take, args=(caller,), daemon=True).start()


@contextmanager
def hostile_server() -> Iterator[str]:
    """The address; paths are names of KINDS, and whatever follows them. A process of its own, which slows down nobody
    who shares this one.
    """
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__))], stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.kill()
        process.communicate()


if __name__ == "__main__":
    _serve()
