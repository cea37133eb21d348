"""A process that has connections it needs nothing from, and a database that stands still: it lives, and says so."""

import socket
import time
from contextlib import ExitStack

import pytest

from tests import machine
from tests.faults.calls import call
from tests.faults.people import Person, rates
from tests.faults.site import POSTGRES, Site

pytestmark = [pytest.mark.slow, pytest.mark.fault]
SOON = 0.1


def healthz(site: Site) -> float:
    """Return the middle one of some calls, in seconds."""
    took = []
    for _ in range(9):
        began = time.monotonic()
        assert call(site.port, "GET", "/healthz").status == 200
        took.append(time.monotonic() - began)
    return sorted(took)[4]


def test_five_hundred_idle_connections_and_a_frozen_database_leave_the_health_check_quick(
    site: Site, jane: Person
) -> None:
    with ExitStack() as stack:
        for _ in range(500):
            stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
        assert machine.within(healthz(site), SOON)
        stuck = []
        with site.frozen(POSTGRES):
            for _ in range(20):
                asking = stack.enter_context(socket.create_connection(("127.0.0.1", site.port)))
                asking.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                stuck.append(asking)
            time.sleep(0.5)
            assert machine.within(healthz(site), SOON)
    assert jane.sync(rates(0, 5)).status == 202
