"""What a program of the tests forked ends with it."""

import os
import signal
from pathlib import Path

import pytest

from tests.faults.site import Site, until
from tests.network import free_port

pytestmark = [pytest.mark.slow, pytest.mark.fault]


def lives(pid: int) -> bool:
    """Return whether a process does anything yet: a zombie does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_the_processes_of_a_killed_web_server_or_worker_end_with_it(site: Site) -> None:
    port = free_port()
    mains = [site.run("another", kind="web", port=port), site.run("worker")]
    site.ready(port)
    site.consuming("worker")
    children = [*site.children("another"), *site.children("worker")]
    assert len(children) >= 2
    for pid in mains:
        os.kill(pid, signal.SIGKILL)
    until(lambda: not any(map(lives, children)), lambda: [pid for pid in children if lives(pid)])
