"""A whole installation for the tests that break it: its own data, servers, ports and processes, all known by pid."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import redis
from kombu import Connection

from tests import machine, program
from tests.faults.calls import Answer, call
from tests.network import free_port
from wearlink import embedded, embedded_access, keyfile
from wearlink.celery import app
from wearlink.environment import broker_url, cache_url, runtime_directory
from wearlink.lib.work import child
from wearlink.programs import ORDINARY, command_line, programs

ROOT = Path(__file__).parents[2]
TIMEOUT_SECONDS = 60.0  # a worker that starts on a busy machine may need half of it
START_PATIENCE = 90.0  # an interpreter and all modules, on a machine that does other things besides
STEP = 0.01
POSTGRES, VALKEY = "postgres", "valkey"
LEASE_SECONDS, SWEEP_SECONDS = 3, 1


@dataclass(slots=True, eq=False)
class Site:
    """Servers and programs that can be started, stopped and killed one by one."""

    data: Path
    environment: dict[str, str]
    port: int
    api_key: str = ""
    _servers: dict[str, tuple[ExitStack, int]] = field(default_factory=dict)
    _programs: "dict[str, subprocess.Popen[bytes]]" = field(default_factory=dict)

    # --- servers ---------------------------------------------------------------------------------------------------

    def serve(self, *names: str) -> None:
        """Start these servers where they do not run."""
        for name in names:
            if name not in self._servers:
                stack = ExitStack()
                found = embedded.servers(self.data, postgres=name == POSTGRES, valkey=name == VALKEY)
                (pid,) = stack.enter_context(found).pids.values()
                self._servers[name] = (stack, pid)

    def forget_turns(self) -> None:
        """Delete what killed workers were at: for a minute it is believed that they still are, and others go first."""
        with redis.Redis.from_url(cache_url(self.environment["REDIS_URL"])) as client:
            for key in client.scan_iter("turns:*:running:*"):
                client.delete(key)

    def strike(self, name: str, signum: signal.Signals) -> None:
        """Send a server a signal and wait for its end."""
        stack, pid = self._servers.pop(name)
        os.kill(pid, signum)
        stack.close()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """A server and all its children stand still within the block."""
        _, pid = self._servers[name]
        family = [pid, *_children(pid)]
        for one in family:
            os.kill(one, signal.SIGSTOP)
        try:
            yield
        finally:
            for one in family:
                os.kill(one, signal.SIGCONT)

    # --- programs --------------------------------------------------------------------------------------------------

    def run(
        self,
        name: str,
        *,
        kind: str = "",
        concurrency: int = 1,
        port: int = 0,
        web_processes: int = 1,
        **environment: str,
    ) -> int:
        """Start a program (kind: web, worker or beat, by default its name) where it does not run; returns its pid.

        A worker takes from all queues, so that a test knows who has its work.
        """
        if name not in self._programs:
            sizes = {"workers": web_processes, "concurrency": concurrency}
            words = programs({"host": "127.0.0.1", "port": port or self.port, **sizes}, ORDINARY)[kind or name]
            self._programs[name] = self._start(program.bound(command_line(words)), name, kind or name, environment)
        return self._programs[name].pid

    def run_command(self, name: str, command: Sequence[str], kind: str, **environment: str) -> int:
        """Start a program by a command line of the test's own."""
        self._programs[name] = self._start(command, name, kind, environment)
        return self._programs[name].pid

    def manage(self, *words: str) -> None:
        """Run a management command to its end."""
        process = self._start([sys.executable, "manage.py", *words], "manage", "", {})
        assert process.wait(2 * START_PATIENCE) == 0, self.log("manage")

    def kill(self, name: str) -> None:
        """SIGKILL to a program and all its children at the same moment."""
        process = self._programs.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def signal(self, name: str, signum: signal.Signals) -> None:
        """Send a program's main process a signal."""
        self._programs[name].send_signal(signum)

    def terminate(self, name: str) -> int:
        """SIGTERM to a program's main process; returns its status once it has ended."""
        process = self._programs.pop(name)
        process.terminate()
        status = process.wait(TIMEOUT_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return status

    def assert_standing(self) -> None:
        """No program has ended by itself."""
        for name, process in self._programs.items():
            assert process.poll() is None, f"{name} has ended: {self.log(name)}"

    def children(self, name: str) -> list[int]:
        """Pids of the main process's children."""
        return _children(self._programs[name].pid)

    def quiet(self) -> None:
        """Kill every program but the web server."""
        for name in [name for name in self._programs if name != "web"]:
            self.kill(name)

    def close(self) -> None:
        for name in list(self._programs):
            self.kill(name)
        for name in (VALKEY, POSTGRES):
            if name in self._servers:
                self._servers.pop(name)[0].close()

    def log(self, name: str) -> str:
        """Return the end of what a program said since it was started last."""
        return self.output(name)[-4000:]

    def output(self, name: str) -> str:
        """Return all that a program said since it was started last."""
        return (self.data / f"{name}.log").read_text(errors="replace")

    def _start(
        self, command: Sequence[str], name: str, kind: str, environment: dict[str, str]
    ) -> "subprocess.Popen[bytes]":
        with (self.data / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env={**self.environment, "PROCESS": kind, **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
            )

    # --- looking and asking ----------------------------------------------------------------------------------------

    def sql(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return rows of a query, by a connection of its own."""
        with psycopg.connect(self.environment["DATABASE_OWNER_URL"], autocommit=True) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def one(self, query: str, *parameters: object) -> Any:
        """Return the only value of a query."""
        ((value,),) = self.sql(query, *parameters)
        return value

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None, *, port: int = 0
    ) -> Answer:
        """Call the API, with the organization's key unless the headers have other credentials."""
        head = dict(headers or {})
        if self.api_key and "Authorization" not in head:
            head["X-WearLink-API-Key"] = self.api_key
        return call(port or self.port, method, f"/api/v1{path}", body, head)

    def send(self, task: str, queue: str, *arguments: object) -> None:
        """Send a task as the web server or beat would."""
        with Connection(broker_url(self.environment["REDIS_URL"])) as connection:
            app.send_task(task, arguments, queue=queue, connection=connection)

    def ready(self, port: int = 0) -> None:
        """Wait until the web server answers."""
        until(lambda: answers(port or self.port), lambda: self.log("web"), START_PATIENCE)

    def beating(self) -> None:
        """Wait until beat has read its schedule."""
        until(lambda: "Schedule changed" in self.log("beat"), lambda: self.log("beat"), START_PATIENCE)

    def consuming(self, name: str = "worker") -> None:
        """Wait until a worker has taken up its work: it has a pool and a connection to the broker."""
        until(lambda: bool(self.children(name)), lambda: self.log(name), START_PATIENCE)


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def answers(port: int) -> bool:
    """Return whether a server answers there."""
    try:
        return call(port, "GET", "/healthz").status == 200
    except OSError:
        return False


def until(condition: Callable[[], bool], what: Callable[[], object], patience: float = TIMEOUT_SECONDS) -> None:
    """Wait, and fail with `what` when it takes too long, for a machine as busy as it is."""
    machine.until(condition, what, patience, STEP)


@contextmanager
def fresh() -> Iterator[Site]:
    """A site with its servers, tables and web server up, and one organization."""
    data = Path(tempfile.mkdtemp(prefix="wearlink-faults-"))
    run = runtime_directory(data)
    environment = {
        **os.environ,
        **keyfile.fresh(),
        "DATA": str(data),
        "DATABASE_URL": embedded_access.address(embedded_access.APPLICATION, run),
        "DATABASE_OWNER_URL": embedded_access.address(embedded_access.OWNER, run),
        "REDIS_URL": f"unix://{run}/valkey.sock?db=0",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "SWEEP_SECONDS": str(SWEEP_SECONDS),
        "CELERY_SKIP_CHECKS": "1",
        "TMPDIR": str(data / "tmp"),
    }
    (data / "tmp").mkdir()
    environment.pop("EGRESS_ALLOW_LOOPBACK", None)  # the tests' own; a web server refuses to start with it
    site = Site(data, environment, free_port())
    try:
        site.serve(POSTGRES, VALKEY)
        site.manage("migrate", "--no-input", "-v", "0", "--skip-checks")
        site.run("web")
        site.ready()
        account = {"name": "Alice", "email": "alice@example.com", "password": "correct horse battery staple"}
        registered = site.call("POST", "/auth/register", account)
        assert registered.status == 201, registered
        site.api_key = registered.body["api_key"]
        yield site
    finally:
        site.close()
        shutil.rmtree(data, ignore_errors=True)
