"""Everything in one process tree: PostgreSQL, Valkey, the API, two workers and beat."""

import http.client
import os
import signal
import socket
import sys
import time
import warnings
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from providers.simulator.world import settings_at
from wearlink import embedded, keyfile
from wearlink.celery import QUEUES
from wearlink.lib import child
from wearlink.supervisor import ProgramEnded, Stopped, Supervisor, signals_stop

MANAGE = str(Path(sys.argv[0]).resolve())
READY_WITHIN = 60.0
WEBHOOKS = "webhooks"
VENDORS_BESIDE = 91  # the simulated vendors' port, from the API's
ORDINARY = [queue for queue in QUEUES if queue != WEBHOOKS]
PROCESSES = {"webhooks": "worker"}  # the settings' word for programs that are not called by it


class Command(BaseCommand):
    """Starts what is not configured elsewhere, then the programs, then the demo data; stops all of it together."""

    help = "Runs the API, a worker, beat and, unless they are configured, PostgreSQL and Valkey, until Ctrl-C."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Options; each has an environment variable."""
        parser.add_argument("--host", default=os.environ.get("HOST") or "127.0.0.1")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT") or 8000))
        parser.add_argument("--workers", default=os.environ.get("WEB_WORKERS") or "1", help="web processes")
        parser.add_argument("--concurrency", default=os.environ.get("TASKS") or "1", help="task processes")
        parser.add_argument("--no-demo", action="store_true", help="start without the demo organization")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Blocks until told to stop; anything that ends by itself is an error."""
        child.die_with_parent(signal.SIGTERM)
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
        _require_port(options["host"], options["port"])
        base_url = os.environ.get("BASE_URL") or f"http://{_reachable(options['host'])}:{options['port']}"
        with ExitStack() as stack:
            known = {"DATA": str(settings.DATA), "BASE_URL": base_url}
            vendors = None if options["no_demo"] or not _is_desk() else _vendors_port(options)
            simulated = settings_at(f"http://127.0.0.1:{vendors}") if vendors else {}
            supervisor = Supervisor({**_own_machine(), **simulated, **os.environ, **known})
            self._start_servers(stack, supervisor)
            supervisor.run("migrate", [sys.executable, MANAGE, "migrate", "--no-input", "-v", "0", "--skip-checks"])
            stack.callback(supervisor.stop)
            for name, command in programs(options).items():
                supervisor.start(name, command, PROCESS=PROCESSES.get(name, name), CELERY_SKIP_CHECKS="1")
            if vendors:
                supervisor.start("vendors", vendors_command(vendors))
            _until_ready(supervisor, _reachable(options["host"]), options["port"])
            self.stdout.write(f"WearLink is ready at {base_url} (API documentation: {base_url}/docs/api)")
            if not options["no_demo"] and _is_desk():
                command = [sys.executable, MANAGE, "demo", "--base-url", base_url, "--data", str(settings.DATA)]
                supervisor.start("demo", command, lasting=False)
            while True:
                supervisor.collect(block=True)

    def _start_servers(self, stack: ExitStack, supervisor: Supervisor) -> None:
        """Starts those servers that are not configured elsewhere."""
        database, broker = not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL")
        if not database and not broker:
            return
        stack.enter_context(embedded.locked(settings.DATA))
        if database:
            keyfile.ensure(settings.DATA)
        running = stack.enter_context(embedded.servers(settings.DATA, postgres=database, valkey=broker))
        for name, pid in running.pids.items():
            supervisor.watch(name, pid)


def programs(options: Mapping[str, Any]) -> dict[str, list[str]]:
    """The command line of each program, as in the Procfile but for the sizes."""
    threads = min(settings.WEB_THREADS, 2 * (os.cpu_count() or 1) + 1)  # granian warns of more
    celery = [sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "wearlink"]
    return {
        "web": [
            *[sys.executable, "-m", "granian", "--interface", "wsgi", "--host", options["host"]],
            *[
                "--port",
                str(options["port"]),
                "--workers",
                str(options["workers"]),
                "--no-ws",
                "--log-level",
                "warning",
            ],
            *["--blocking-threads", str(threads), "--backpressure", str(8 * threads)],
            *["--respawn-failed-workers", "--workers-kill-timeout", "10", "wearlink.wsgi:application"],
        ],
        "worker": [
            *celery,
            *["worker", "-c", str(options["concurrency"]), "-Q", ",".join(ORDINARY), "-l", "WARNING"],
            *["--without-mingle", "--without-gossip"],
        ],
        "webhooks": [  # of its own: a customer who does not answer must not hold up anything else
            *celery,
            *["worker", "-c", "1", "-Q", WEBHOOKS, "-n", "webhooks@%h", "-l", "WARNING"],
            *["--without-mingle", "--without-gossip"],
        ],
        "beat": [*celery, "beat", "-l", "WARNING", "--pidfile="],
    }


def vendors_command(port: int) -> list[str]:
    """Simulated vendors for the demo: their state is kept, so that who is connected stays so over a restart."""
    state = str(settings.DATA / "vendors.json")
    return [sys.executable, MANAGE, "simulate_vendors", "--port", str(port), "--state", state]


def _is_desk() -> bool:
    """With a database of our own this is somebody's desk and not an installation."""
    return not os.environ.get("DATABASE_URL")


def _own_machine() -> dict[str, str]:
    """On a desk webhooks may go to 127.0.0.1 and ::1, and the terminal shows what matters (LOG_LEVEL=INFO: all)."""
    return {"EGRESS_ALLOW_LOOPBACK": "1", "LOG_LEVEL": "WARNING"} if _is_desk() else {}


def _vendors_port(options: Mapping[str, Any]) -> int | None:
    """Where the simulated vendors will answer; None where real apps at vendors are configured."""
    if any(os.environ.get(name) for name in settings_at("")):
        return None
    for port in (int(options["port"]) + VENDORS_BESIDE, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return None


def _reachable(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host


def _require_port(host: str, port: int) -> None:
    """Tells a taken port at once and in words, before anything is started."""
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
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
