"""A customer's servers in one process: the least that answers HTTP. Run as a program; prints its port.

/ok answers at once, and checks the signature first once it has been given a secret (POST /secret); /drip sends a byte a
second, /dead never answers, /reset breaks off, /garbage is no HTTP, and a number is a status, with a Retry-After if it
is 503. GET /report tells what came, and empties the list: [path, emitted (ms), arrived (ms)] of each message, and the
CPU seconds used so far.
"""

import asyncio
import base64
import hmac
import json
import re
import sys
import time
from typing import Any

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
FAILED = b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nRetry-After: %s\r\n\r\n"
LENGTH = re.compile(rb"content-length: *(\d+)", re.I)
EMITTED = re.compile(rb'"emitted":(\d+)')
SIGNED = re.compile(rb"webhook-(id|timestamp|signature): *([^\r]*)", re.I)
came: list[tuple[str, int, int]] = []
secrets: list[bytes] = []


def verified(head: bytes, body: bytes) -> bool:
    """Return whether the message is signed with the secret."""
    given = {name.lower(): value for name, value in SIGNED.findall(head)}
    signed = b"%s.%s.%s" % (given[b"id"], given[b"timestamp"], body)
    expected = b"v1," + base64.b64encode(hmac.digest(secrets[0], signed, "sha256"))
    return expected in given[b"signature"].split(b" ")


class ReceiverConnection(asyncio.Protocol):
    """One connection; requests come one after the other."""

    def __init__(self) -> None:
        self.buffer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            found = LENGTH.search(head)
            whole = end + 4 + (int(found.group(1)) if found else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            self.answer(head.split(b" ", 2)[1].decode(), head, body)

    def answer(self, path: str, head: bytes, body: bytes) -> None:
        if path == "/secret":
            secrets[:] = [base64.b64decode(body.removeprefix(b"whsec_"))]
            self.transport.write(OK)
            return
        if path == "/report":
            report = json.dumps({"came": came, "cpu": time.process_time()}).encode()
            came.clear()
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(report), report))
            return
        if secrets and path.startswith("/ok") and not verified(head, body):
            return
        found = EMITTED.search(body)
        came.append((path, int(found.group(1)) if found else 0, time.time_ns() // 1_000_000))
        if path.startswith("/drip"):
            self.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 60)
        elif path.startswith("/reset"):
            self.transport.abort()
        elif path.startswith("/garbage"):
            self.transport.write(b"220 smtp.example.com ready\r\n")
        elif status := re.match(r"/(\d{3})", path):
            self.transport.write(FAILED % (int(status.group(1)), b"600" if status.group(1) == "503" else b"soon"))
        elif not path.startswith("/dead"):
            self.transport.write(OK)

    def drip(self, left: bytes) -> None:
        if left and not self.transport.is_closing():
            self.transport.write(left[:1])
            asyncio.get_running_loop().call_later(1.0, self.drip, left[1:])


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(ReceiverConnection, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
