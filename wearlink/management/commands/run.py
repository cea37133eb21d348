"""`manage.py run`: PostgreSQL, Valkey, the API, and three workers, one of which has beat, in one process tree.

All programs are copies of this one process, made when everything is loaded: that takes a third of the memory.
"""

import http.client
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.simulator.world import settings_at
from wearlink import embedded, keyfile, programs
from wearlink.lib.work import child
from wearlink.supervisor import Program, ProgramEnded, Stopped, Supervisor, signals_stop

READY_WITHIN = 60.0
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
VENDORS_BESIDE = 91  # the simulated vendors' port, from the API's
PREPARED, VENDORS = "WEARLINK_PREPARED", "WEARLINK_VENDORS_PORT"  # from this command to itself


class Command(BaseCommand):
    """Starts what is not configured elsewhere, then the programs, then the demo data; stops all of it together."""

    help = "Runs the API, a worker, beat and, unless they are configured, PostgreSQL and Valkey, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Options; each has an environment variable."""
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")
        web = os.environ.get("WEB_WORKERS") or str(programs.web_processes())
        parser.add_argument("--workers", default=web, help="web processes")
        parser.add_argument("--concurrency", default=os.environ.get("TASKS") or "1", help="task processes")
        parser.add_argument(
            "--no-demo", action="store_true", help="start WearLink alone: no demo organization, no simulated vendors"
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Block until stopped; anything that ends by itself is an error."""
        options["port"] = _port_number(options["port"])
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup is to outlive its shell
            child.die_with_parent(signal.SIGTERM)
        if os.environ.get(PREPARED) != str(os.getpid()):
            _begin_again(options)
        child.adopt_orphans()
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork with threads; there are none
        try:
            with signals_stop():
                self._run(options)
        except Stopped:
            self.stdout.write("Stopped.")
        except (embedded.EmbeddedError, ProgramEnded) as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> None:
        base_url, host = settings.BASE_URL, _reachable(options["host"])
        vendors = int(os.environ.get(VENDORS) or 0)
        with ExitStack() as stack:
            supervisor = Supervisor(os.environ)
            self._start_servers(stack, supervisor)
            programs.load()
            migrate = ["manage.py", "migrate", "--no-input", "-v", "0", "--skip-checks"]
            supervisor.finish(_start(supervisor, "migrate", migrate, lasting=False))
            stack.callback(supervisor.stop)
            for name, words in programs.lasting(options).items():
                _start(supervisor, name, words)
            if vendors:
                state = str(settings.DATA / "vendors.json")  # so that connections stay over a restart
                words = ["manage.py", "simulate_vendors", "--host", options["host"]]
                words += ["--port", str(vendors), "--state", state, "-v", "0"]
                _start(supervisor, "vendors", words)
            _until_ready(supervisor, host, options["port"])
            self.stdout.write(
                f"WearLink answers at {base_url}"
                + (", without demo and simulated vendors" if options["no_demo"] else "; the demo is being filled …")
            )
            _start(supervisor, "foods", ["manage.py", "load_foods", "-v", "0"], lasting=False)
            if not options["no_demo"] and _is_development():
                words = ["manage.py", "demo", "--base-url", base_url, "--data", str(settings.DATA)]
                _start(supervisor, "demo", words, lasting=False)
            while True:
                supervisor.collect(block=True)

    def _start_servers(self, stack: ExitStack, supervisor: Supervisor) -> None:
        """Start those servers that are not configured elsewhere."""
        database, broker = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
        if not database and not broker:
            return
        stack.enter_context(embedded.locked(settings.DATA))
        running = stack.enter_context(embedded.servers(settings.DATA, postgres=database, valkey=broker))
        for name, pid in running.pids.items():
            supervisor.watch(name, pid)


def _begin_again(options: Mapping[str, Any]) -> NoReturn:
    """Start this command again, under the same pid, in the environment its programs need.

    The settings are read from the environment once, and the programs are copies of this process.
    """
    _require_port(options["host"], options["port"])
    address = f"http://{_reachable(options['host'])}:{options['port']}"
    _require_directory(settings.DATA)
    known = {"DATA": str(settings.DATA), "BASE_URL": os.environ.get("BASE_URL") or address, PREPARED: str(os.getpid())}
    simulated = {}
    if not options["no_demo"] and _is_development() and (port := _vendors_port(options)):
        simulated = {**settings_at(f"http://127.0.0.1:{port}"), VENDORS: str(port)}
    if _is_development():
        try:
            with embedded.locked(settings.DATA):
                keyfile.ensure(settings.DATA)
        except embedded.EmbeddedError as error:
            raise CommandError(str(error)) from error
    os.execve(sys.executable, sys.orig_argv, {**_own_machine(str(options["host"])), **simulated, **os.environ, **known})


def _start(supervisor: Supervisor, name: str, words: Sequence[str], *, lasting: bool = True) -> Program:
    """Start a program as a copy of this process; where forks are not to be trusted, from nothing."""
    if child.LINUX:
        return supervisor.fork(name, lambda: programs.run_in_process(name, words), lasting=lasting)
    environment = {"PROCESS": programs.PROCESSES.get(name, ""), "CELERY_SKIP_CHECKS": "1"}
    return supervisor.start(name, programs.command_line(words), lasting=lasting, **environment)


def _is_development() -> bool:
    """Return whether this is a developer's machine: with a database of our own this is somebody's desk and not an
    installation.
    """
    return not os.environ.get("DATABASE_URL")


def _own_machine(host: str) -> dict[str, str]:
    """Return settings for a development machine: the terminal shows what matters (LOG_LEVEL=INFO: all), as text, and
    webhooks may go to 127.0.0.1 and ::1 while nobody else gets in.
    """
    if not _is_development():
        return {}
    loopback = {"EGRESS_ALLOW_LOOPBACK": "1"} if host in LOOPBACK else {}
    return {"LOG_LEVEL": "WARNING", "LOG_FORMAT": "text", **loopback}


def _vendors_port(options: Mapping[str, Any]) -> int | None:
    """Return where the simulated vendors will answer; None where real apps at vendors are configured."""
    if any(os.environ.get(name) for name in settings_at("")):
        return None
    for port in (int(options["port"]) + VENDORS_BESIDE, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a quick restart finds it taken
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return None


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host


def _port_number(text: str) -> int:
    """Read a port. Raises CommandError in words."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise CommandError(f"PORT must be a whole number from 1 to 65535, not {text!r}.")
    return int(text)


def _require_directory(data: Path) -> None:
    """Make DATA, closed to others. Raises CommandError in words where nothing can be written there."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"DATA={data} cannot be made ({error.strerror}); choose another with DATA=.") from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise CommandError(f"DATA={data} cannot be written to; choose another directory with DATA=.")


def _require_port(host: str, port: int) -> None:
    """Tell a taken port at once and in words, before anything is started."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(f"Port {port} cannot be used ({error.strerror}); choose another with PORT=.") from error


def _until_ready(supervisor: Supervisor, host: str, port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while not _answers(host, port):
        supervisor.collect(block=False)
        if time.monotonic() > deadline:
            raise ProgramEnded(f"the API does not become ready; see http://{host}:{port}/readyz")
        time.sleep(0.1)


def _answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
