"""The servers a benchmark runs on: embedded PostgreSQL and Valkey, granian, a task process, as `manage.py run` has."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TypeVar

from django.db import connection

from tests import program
from tests.network import free_port
from wearlink.lib.work import task_queue
from wearlink.programs import ORDINARY, command_line, programs
from wearlink.supervisor import Program, Supervisor

READY_WITHIN = 60.0
SETTLED_WITHIN = 300.0
T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Ground:
    """Starts and stops programs on demand. `quick` makes everything tiny: does it run at all?"""

    data: Path
    quick: bool
    port: int = 0
    workers: int = 0
    _running: dict[str, Supervisor] = field(default_factory=dict)

    def size(self, full: T, quick: T) -> T:
        """Return what to use in this run."""
        return quick if self.quick else full

    def web(self, workers: int = 1) -> int:
        """Have the API served by so many processes, or by one in a quick run; returns the port."""
        workers = self.size(workers, 1)
        if self.workers != workers:
            self.stop("web")
            self.port, self.workers = free_port(), workers
            self._start("web")
            self._until_ready()
        return self.port

    def worker(self) -> None:
        """Have one task process run."""
        if "worker" not in self._running:
            self._start("worker")

    def settle(self) -> None:
        """Have the task process, if one runs, compute all days that are due: the next measurement would pay for them.

        What a benchmark stored without the API has no task on its way, so everybody with such days gets one. Raises
        TimeoutError after five minutes.
        """
        if "worker" not in self._running:
            return
        for user_key in _users_with_due_days():
            task_queue.publish("healthdata.tasks.compute_figures", user_key)
        deadline = time.monotonic() + SETTLED_WITHIN
        while waiting := _users_with_due_days():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(waiting)} end users still have days that are due, the first {waiting[0]}")
            time.sleep(0.1)

    def stop(self, *names: str) -> None:
        """Stop these programs, or all."""
        for name in names or tuple(self._running):
            if name in self._running:
                self._running.pop(name).stop()
            if name == "web":
                self.workers = 0

    def pids(self) -> dict[str, int]:
        """Main process of each running program, by its name."""
        return {name: next(iter(supervisor.programs)) for name, supervisor in self._running.items()}

    def errors(self) -> str:
        """Return the last errors that the programs logged; they go with the data directory."""
        lines = [line for log in self.data.glob("w*.log") for line in log.read_text().splitlines() if '"error"' in line]
        return "\n".join(line[:1500] for line in lines[-2:])

    def _start(self, name: str) -> Program:
        options = {"host": "127.0.0.1", "port": self.port, "workers": self.workers, "concurrency": 1}
        supervisor = self._running[name] = Supervisor(os.environ)
        command = program.bound(command_line(programs(options, ORDINARY)[name]))
        with _output_in(self.data / f"{name}.log"):
            return supervisor.start(name, command, PROCESS=name)

    def _until_ready(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self._answers():
            if time.monotonic() > deadline:
                log = (self.data / "web.log").read_text()[-2000:]
                raise TimeoutError(f"The API does not become ready:\n{log}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _users_with_due_days() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT user_key FROM healthdata_dueday ORDER BY user_key")
        return [user_key for (user_key,) in cursor]


@contextmanager
def _output_in(path: Path) -> Iterator[None]:
    """Let programs started within the block log to that file, at the level they have in production."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    with path.open("ab") as file:
        for number in kept:
            os.dup2(file.fileno(), number)
    try:
        yield
    finally:
        for number, copy in kept.items():
            os.dup2(copy, number)
            os.close(copy)
