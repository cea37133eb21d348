"""An Oura account whose documents the test writes: connected over OAuth, told by signed pushes, read over HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from healthdata.tasks import compute_figures
from providers.models import Connection
from providers.simulator.world import SimulatedWorld
from tests.healthdata.reading import EndUserCase
from tests.providers import simulated

BASE = "/v2/usercollection/"
EMPTY: dict[str, Any] = {"data": [], "next_token": None}


@dataclass
class Ring:
    """`documents`: kind → id → document. `push` writes one and tells WearLink."""

    world: SimulatedWorld
    url: str = ""
    account: dict[str, Any] = field(default_factory=lambda: {"id": "ring-1"})
    documents: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    connection: Connection | None = None

    def answer(self, path: str) -> dict[str, Any] | None:
        """Return what the vendor's API answers; None: not found."""
        kind, _, name = path.removeprefix(BASE).partition("/")
        if kind == "personal_info":
            return self.account
        return self.documents.get(kind, {}).get(name) if name else EMPTY

    def connect(self, case: EndUserCase) -> None:
        """The end user agrees, and the first run finds nothing but the profile."""
        self.connection = simulated.connect(self.world, case.end_user, "oura")
        self.work()

    def push(self, kind: str, **document: Any) -> None:
        """A new or changed document, and its push."""
        self.documents.setdefault(kind, {})[document["id"]] = document
        self._tell("update", kind, document["id"])

    def delete(self, kind: str, name: str) -> None:
        """A document that is no more, and its push."""
        del self.documents[kind][name]
        self._tell("delete", kind, name)

    def _tell(self, action: str, kind: str, name: str) -> None:
        vendor, state, now = self.world.vendors["oura"], self.world.states["oura"], self.world.now()
        body = vendor.event(self.account["id"], action, kind, name, state, now)
        headers = {"Content-Type": "application/json", **vendor.sign(body, self.world.secret, now)}
        answer = Client().post("/v1/webhooks/oura", body, content_type="application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        self.work()

    def work(self) -> None:
        """Do the work that the workers would have done by now."""
        assert self.connection is not None
        simulated.work(self.connection)
        compute_figures(self.connection.user_key)


@contextmanager
def running(world: SimulatedWorld) -> Iterator[Ring]:
    ring = Ring(world)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = ring.answer(urlsplit(self.path).path)
            body = json.dumps({"detail": "not found"} if found is None else found).encode()
            self.send_response(404 if found is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    ring.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield ring
    finally:
        server.shutdown()
        server.server_close()
