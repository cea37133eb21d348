"""A `manage.py run` of its own for tests and benchmarks: start it, look at its processes, kill one of them."""

import http.client
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import machine
from tests.network import free_port
from wearlink.lib.work import child

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 60.0
STEP = 0.02


@dataclass(frozen=True, slots=True)
class RunningInstallation:
    """One start of the command on a data directory."""

    process: "subprocess.Popen[bytes]"
    data: Path
    port: int

    def ready(self) -> None:
        """Wait until the API answers."""
        until(lambda: get(self.port, "/readyz")[0] == 200, lambda: log_of(self.data).read_text())

    def pid(self, name: str) -> int:
        """Return the oldest process of this name; `run` is the command itself."""
        if name == "run":
            return self.process.pid
        until(lambda: name in alive(self.data).values(), lambda: f"no {name}: {alive(self.data)}")
        return min(pid for pid, known in alive(self.data).items() if known == name)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(TIMEOUT_SECONDS)


def start(data: Path, *options: str, **settings: str) -> RunningInstallation:
    """Return the command as an operator runs it, with none of the tests' settings but these, on a free port."""
    port = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPYCACHEPREFIX") if name in os.environ}
    command = [sys.executable, "manage.py", "run", *options]
    environment = {**kept, **settings, "DATA": str(data), "PORT": str(port)}
    with log_of(data).open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
        )
    return RunningInstallation(process, data, port)


def log_of(data: Path) -> Path:
    """Return what all starts on this directory have said."""
    return data.with_suffix(".log")


def until(condition: Callable[[], bool], what: Callable[[], object], *, seconds: float = TIMEOUT_SECONDS) -> None:
    """Wait, and fail with `what` when it takes too long."""
    machine.until(condition, what, seconds, STEP)


def get(port: int, path: str) -> tuple[int, bytes]:
    """Status and body, or 0 where nothing listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def alive(data: Path) -> dict[int, str]:
    """Return names by pid of the processes of this data directory, as environment, command line or working directory
    tell.
    """
    mark, own = str(data).encode(), os.getpid()
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == own:
            continue
        try:
            words = (entry / "cmdline").read_bytes()
            traces = words + (entry / "environ").read_bytes() + os.readlink(entry / "cwd").encode()
            if words and mark in traces:
                found[int(entry.name)] = (entry / "comm").read_text().strip()
        except OSError:
            continue
    return found


def shared_memory(data: Path) -> int:
    """Return bytes of memory that all of it takes: what processes share counts once (PSS)."""
    total = 0
    for pid in alive(data):
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        total += next(int(line.split()[1]) * 1024 for line in rollup if line.startswith("Pss:"))
    return total


def kill_at_random(data: Path, dice: random.Random, longest: float, *options: str) -> tuple[str, float, dict[int, str]]:
    """Start, kill any process with SIGKILL after up to `longest` seconds, half the time the command itself.

    Returns whom it hit, after how many seconds, and what outlived that by more than a minute.
    """
    moment = dice.uniform(0, longest)
    running = start(data, *options)
    time.sleep(moment)
    others = {pid: name for pid, name in alive(data).items() if pid != running.process.pid}
    pid = running.process.pid if dice.random() < 0.5 or not others else dice.choice(sorted(others))
    name = others.get(pid, "run")
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        running.process.kill()
    time.sleep(STEP)
    if name not in ENDS_ALL:
        running.process.kill()  # what is replaced when it dies: initdb's and PostgreSQL's helpers, pool processes
    running.process.wait(TIMEOUT_SECONDS)
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while (left := alive(data)) and time.monotonic() < deadline:
        time.sleep(STEP)
    return name, moment, left


ENDS_ALL = frozenset({"run", "valkey-server"})
