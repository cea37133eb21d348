"""Vendors' published keys: fetched once, fetched again when a push names another, and never in a hurry."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from providers.vendor_api import key_sets


class Publisher(HTTPServer):
    """A vendor's page of keys."""

    body, status, asked = b'{"key": []}', 200, 0


class KeySetPage(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    key_sets.forget()
    server = Publisher(("127.0.0.1", 0), KeySetPage)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
    key_sets.forget()


def url(publisher: Publisher) -> str:
    return f"http://127.0.0.1:{publisher.server_port}/keys"


def test_keys_are_fetched_once(publisher: Publisher) -> None:
    assert [key_sets.key_set(url(publisher)) for _ in range(3)] == ['{"key": []}'] * 3
    assert publisher.asked == 1


def test_an_unknown_key_has_them_fetched_again_but_not_for_each_push(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_sets.key_set(url(publisher))
    publisher.body = b'{"key": [1]}'
    assert key_sets.key_set(url(publisher), fresh=True) == '{"key": []}'  # asked for less than a minute ago
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    assert key_sets.key_set(url(publisher), fresh=True) == '{"key": [1]}'
    assert key_sets.key_set(url(publisher)) == '{"key": [1]}'
    assert publisher.asked == 2


@pytest.mark.parametrize(("status", "body"), [(500, b"x"), (200, b"x" * (key_sets.MAX_BYTES + 1))])
def test_what_cannot_be_had_leaves_what_was_held(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    held = key_sets.key_set(url(publisher))
    publisher.status, publisher.body = status, body
    monkeypatch.setattr(key_sets, "PAUSE", 0.0)
    assert key_sets.key_set(url(publisher), fresh=True) == held


def test_a_vendor_that_does_not_answer_has_no_keys() -> None:
    key_sets.forget()
    assert key_sets.key_set("http://127.0.0.1:9/keys") == ""
