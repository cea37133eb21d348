"""Valkey that hangs, is cut off or answers nothing: posts are taken in all the same, and workers are back soon."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests import machine
from tests.faults.people import Person, rates
from tests.faults.site import VALKEY, Site
from tests.network import free_port

pytestmark = [pytest.mark.slow, pytest.mark.fault]
POST_WITHIN = 3.0  # seconds; two and what a busy machine adds
BACK_WITHIN = 30.0


class Relay:
    """Stands between programs and the server: can cut every connection, and can swallow what comes."""

    def __init__(self, path: str) -> None:
        self._path, self.swallows = path, False
        self._pairs: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        pairs, self._pairs = self._pairs, []
        for one in pairs:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._path)
                self._pairs += [near, far]
                for source, target in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65_536):
                if not self.swallows:
                    target.sendall(piece)
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    found = Relay(site.environment["REDIS_URL"].removeprefix("unix://").partition("?")[0])
    yield found
    found.close()


def post_for(person: Person, seconds: float, first: int, port: int = 0) -> int:
    """Post now and then; returns the number of the next record. Every post is taken in, and soon."""
    until_then, number = time.monotonic() + seconds, first
    while time.monotonic() < until_then:
        began = time.monotonic()
        answer = person.sync(rates(number, 5), port=port)
        took = time.monotonic() - began
        assert answer.status == 202, answer
        assert machine.within(took, POST_WITHIN), f"{took:.1f} s"
        number += 5
        time.sleep(max(0.5 - took, 0))
    return number


@pytest.mark.parametrize("seconds", [12, 25, 60])
def test_a_server_that_hangs_holds_up_no_post_and_no_worker_for_long(site: Site, jane: Person, seconds: int) -> None:
    site.run("worker")
    site.run("beat")
    site.beating()
    after = post_for(jane, 1, 0)
    jane.done()
    with site.frozen(VALKEY):
        after = post_for(jane, seconds, after)
    began = time.monotonic()
    after = post_for(jane, 1, after)
    jane.done(BACK_WITHIN)
    assert machine.within(time.monotonic() - began, BACK_WITHIN)
    assert jane.samples() == after
    site.assert_standing()


@pytest.mark.parametrize("fault", ["cut", "black hole"])
def test_a_lost_connection_is_made_anew(site: Site, jane: Person, relay: Relay, fault: str) -> None:
    port, address = free_port(), f"redis://127.0.0.1:{relay.port}/0"
    site.run("web behind a relay", kind="web", port=port, REDIS_URL=address)
    site.ready(port)
    site.run("worker", REDIS_URL=address)
    site.run("beat", REDIS_URL=address)
    site.beating()
    after = post_for(jane, 1, 0, port)
    jane.done()
    if fault == "black hole":
        relay.swallows = True
        after = post_for(jane, 12, after, port)
        relay.swallows = False
    relay.cut()
    began = time.monotonic()
    after = post_for(jane, 2, after, port)
    jane.done(BACK_WITHIN)
    assert machine.within(time.monotonic() - began, BACK_WITHIN)
    assert jane.samples() == after
    site.assert_standing()
