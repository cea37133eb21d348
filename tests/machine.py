"""Bounds of time that mean a quiet machine, kept as well where tests share theirs with others."""

import time
from collections.abc import Callable
from pathlib import Path

SPIN = 0.05  # seconds of computing


def slowness() -> float:
    """Measure how many times as long as alone a bit of computing takes just now: about 1 where nobody else computes."""
    began, computed = time.monotonic(), time.thread_time()
    while time.thread_time() - computed < SPIN:
        pass
    return max((time.monotonic() - began) / SPIN, 1.0)


def within(seconds: float, bound: float) -> bool:
    """Judge a time, by the machine's slowness if it is beyond the bound."""
    return seconds < bound or seconds < bound * slowness()


def until(condition: Callable[[], object], what: Callable[[], object], patience: float, step: float = 0.02) -> None:
    """Wait, and fail with `what` when it takes longer than `patience` seconds of a quiet machine."""
    began = time.monotonic()
    while not condition():
        assert within(time.monotonic() - began, patience), what()
        time.sleep(step)


def is_gone(pid: int) -> bool:
    """Return whether a process has ended with all its threads, which keep its sockets open, and its parent knows."""
    return not Path(f"/proc/{pid}").exists()


def listeners(port: int) -> int:
    """Count who listens on a port of 127.0.0.1: each web process behind it does, once it has loaded everything."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(line[1] == f"0100007F:{port:04X}" and line[3] == "0A" for line in lines)
