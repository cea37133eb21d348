"""Time limits on a busy machine."""

import socket
import threading

import pytest

from tests import machine


def test_what_keeps_the_bound_is_well_and_what_is_far_beyond_it_is_not() -> None:
    assert machine.within(0.9, 1.0)
    assert not machine.within(3_600.0, 1.0)


def test_what_others_compute_makes_it_slower() -> None:
    enough = threading.Event()

    def compute() -> None:
        while not enough.is_set():
            pass

    others = [threading.Thread(target=compute) for _ in range(3)]  # of one interpreter, which runs one at a time
    for other in others:
        other.start()
    found = machine.slowness()
    enough.set()
    for other in others:
        other.join()
    assert found > 1.5


def test_waiting_ends_with_what_was_seen() -> None:
    seen = iter([False, False, True])
    machine.until(lambda: next(seen), lambda: "never", 5.0)
    with pytest.raises(AssertionError, match="what the log says"):
        machine.until(lambda: False, lambda: "what the log says", 0.05)


def test_who_listens_on_a_port_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert machine.listeners(port) == 1
    assert machine.listeners(port) == 0
