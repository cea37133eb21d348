"""Request bodies over a real granian process: whole ones, chunked ones, too large ones."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import machine
from tests.network import free_port
from wearlink.lib.web.wsgi import behind_proxies
from wearlink.lib.work import child

pytestmark = pytest.mark.slow
LIMIT = 3_000_000
APPLICATION = f"""
import json
from wearlink.lib.web.body_watch import BodyWatch
from wearlink.lib.web.slots import Slots
from wearlink.lib.web.wsgi import WholeBodies, behind_proxies

def echo(environ, start_response):
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = environ["wsgi.input"].read(length)
    seen = {{"length": length, "read": len(body), "first": body[:5].decode(), "address": environ["REMOTE_ADDR"]}}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(seen).encode()]

working = Slots(echo, 3, frozenset({{"/healthz"}}))
application = WholeBodies(behind_proxies(working, ["127.0.0.1"]), {LIMIT}, BodyWatch(patience=1.0, look=1.0))
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An application that tells what of the body reached it, behind both wrappers."""
    place = tmp_path_factory.mktemp("wsgi")
    (place / "echo.py").write_text(APPLICATION)
    number = free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--port",
            str(number),
            "--no-ws",
            "--blocking-threads",
            "128",
            "--backpressure",
            "4096",
            "echo:application",
        ],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: child.die_with_parent(signal.SIGTERM),
    )
    deadline = time.monotonic() + 30
    while not listening(number):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield number
    process.terminate()
    process.wait()


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def post(
    port: int, body: bytes, *, chunked: bool, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, object]]:
    """Status and what the application saw."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        content = iter([body[:7], body[7:]]) if chunked else body
        connection.request("POST", "/", body=content, headers=headers or {}, encode_chunked=chunked)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [10, 200_000, 2_500_000])
def test_a_body_arrives_whole_however_it_is_sent(port: int, size: int, chunked: bool) -> None:
    status, seen = post(port, b"hello" + b"x" * (size - 5), chunked=chunked)
    assert status == 200
    assert (seen["length"], seen["read"], seen["first"]) == (size, size, "hello")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_limit_gets_413(port: int, chunked: bool) -> None:
    try:
        status, seen = post(port, b"x" * (LIMIT + 1), chunked=chunked)
    except (BrokenPipeError, ConnectionResetError):
        return  # refused while it was still being sent; nothing reached the application
    assert (status, seen["code"]) == (413, "too_large")


def test_an_empty_body_stays_empty(port: int) -> None:
    assert post(port, b"", chunked=False)[1]["length"] == 0


def test_a_trusted_proxy_tells_the_callers_address(port: int) -> None:
    assert post(port, b"x", chunked=False, headers={"X-Forwarded-For": "198.51.100.7"})[1]["address"] == "198.51.100.7"


def test_without_trusted_proxies_nothing_is_wrapped() -> None:
    assert behind_proxies(print, []) is print  # type: ignore[arg-type, comparison-overlap]


def opened(port: int, text: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", port), timeout=10)
    found.sendall(text)
    return found


def test_idle_and_dripping_connections_hold_nobody_up(port: int) -> None:
    begun = b"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 1000\r\n\r\nx"
    held = [opened(port, begun) for _ in range(100)] + [opened(port, b"") for _ in range(300)]
    slowest = 0.0
    for _ in range(20):
        started = time.monotonic()
        assert post(port, b"hello", chunked=False)[1]["first"] == "hello"
        slowest = max(slowest, time.monotonic() - started)
    assert machine.within(slowest, 1.0)  # before, the sixth such connection stopped everything for good
    for one in held[:100]:
        assert b"200" not in one.recv(200).partition(b"\r\n")[0]
    for one in held:
        one.close()


def test_a_body_that_breaks_off_is_not_taken_for_a_whole_one(port: int) -> None:
    broken = opened(port, b"POST / HTTP/1.1\r\nHost: example.com\r\nContent-Length: 10\r\n\r\nhello")
    broken.shutdown(socket.SHUT_WR)
    assert b"200" not in broken.recv(200).partition(b"\r\n")[0]
    broken.close()


def test_many_calls_one_after_the_other_give_their_slots_back(port: int) -> None:
    for _ in range(20):
        assert post(port, b"hello", chunked=True)[0] == 200


@pytest.mark.parametrize("chunks", [b"zz\r\nhello\r\n0\r\n\r\n", b"-1\r\n", b"ffffffffffffffffffff\r\n"])
def test_chunks_that_are_none_are_not_an_empty_body(port: int, chunks: bytes) -> None:
    with opened(port, b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks) as sent:
        assert sent.recv(4000).startswith(b"HTTP/1.1 400")
