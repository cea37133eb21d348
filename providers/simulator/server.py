"""The app behind a socket: a thread a call, another that pushes what time brings."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from providers.simulator.app import Application
from providers.simulator.world import SimulatedWorld


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Answers while another answer is slow, or waits for a handshake."""

    daemon_threads = True
    request_queue_size = 128


class QuietHandler(WSGIRequestHandler):
    """Without a line a call."""

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def bind(world: SimulatedWorld, host: str, port: int) -> WSGIServer:
    """Return a server that is not answering yet; world.url is its address from then on. Raises OSError."""
    server = make_server(host, port, Application(world), ThreadingServer, QuietHandler)
    reachable = "127.0.0.1" if host in ("", "0.0.0.0", "::") else host
    world.url = f"http://{reachable}:{server.server_port}"
    return server


@contextmanager
def running(world: SimulatedWorld | None = None) -> Iterator[SimulatedWorld]:
    """Serve a world at world.url, on a free port of loopback."""
    found = world or SimulatedWorld()
    server = bind(found, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class PushThread(threading.Thread):
    """Every so many seconds pushes what came or changed meanwhile."""

    def __init__(self, world: SimulatedWorld, seconds: float) -> None:
        super().__init__(daemon=True)
        self.world, self.seconds, self.ended = world, seconds, threading.Event()

    def run(self) -> None:
        """Push until `ended` is set."""
        before = self.world.now()
        while not self.ended.wait(self.seconds):
            now = self.world.now()
            self.world.tick(before, now)
            before = now
