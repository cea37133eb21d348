"""A customer's server on this machine: remembers what it got, answers what it was told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Delivered:
    """One request: headers by lower-case name, the exact body, and when it came (unix seconds)."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """The id as the customer sees it; Svix sends one set of names."""
        return self.headers.get("webhook-id") or self.headers["svix-id"]

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


@dataclass
class CustomerReply:
    """An answer to give; `then` is called before."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b"ok"
    then: Callable[[], None] | None = None


class _Server(ThreadingHTTPServer):
    """With room for those who knock at once: where a queue of five is full, a connection takes a second longer."""

    request_queue_size = 512
    daemon_threads = True


class Customer:
    """The server. `replies` by path; a list is used up one by one, its last reply stays."""

    def __init__(self) -> None:
        self.got: list[Delivered] = []
        self.replies: dict[str, list[CustomerReply]] = {}
        customer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                customer._take(self)

            def log_message(self, format: str, *arguments: Any) -> None:
                """Says nothing."""

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answers(self, path: str, *replies: CustomerReply | int) -> str:
        """Let this path answer so from now on; return its URL."""
        self.replies[path] = [CustomerReply(one) if isinstance(one, int) else one for one in replies]
        return self.url + path

    def at(self, path: str) -> list[Delivered]:
        """Return what came to a path, in order."""
        return [one for one in self.got if one.path == path]

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self.lock:
            self.got.append(Delivered(handler.path, headers, body, time.time()))
            waiting = self.replies.get(handler.path, [CustomerReply()])
            reply = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if reply.then is not None:
            reply.then()
        if reply.status == 0:
            handler.close_connection = True
            handler.connection.close()
            return
        handler.send_response(reply.status)
        for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(reply.body)


@contextmanager
def customer() -> Iterator[Customer]:
    one = Customer()
    thread = threading.Thread(target=one.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield one
    finally:
        one.server.shutdown()
        thread.join()
        one.server.server_close()
