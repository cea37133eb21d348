"""The programs of an installation: their command lines, and how a copy of this process becomes one of them."""

import gc
import importlib
import os
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType

import granian.cli
from celery.__main__ import main as celery_main
from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import connections
from django.urls import get_resolver

from providers import registry
from wearlink import beat_thread, environment
from wearlink.celery import QUEUES, app
from wearlink.lib.work import child, memory
from wearlink.lib.work.processors import usable_processors

MANAGE = str(Path(sys.argv[0]).resolve())
WEBHOOKS, BEAT = "webhooks", "beat"
CONNECTIONS = 2048  # open at once, idle ones included: granian takes no further one, not even for /healthz
SLOW = ("pull", "vision", "long")  # vendors, models and files of gigabytes: nobody's small upload waits behind them
QUICK = tuple(queue for queue in QUEUES if queue not in {*SLOW, WEBHOOKS})
ORDINARY = (*QUICK, *SLOW)  # all that one worker may take from
PROCESSES = {"web": "web", "worker": "worker", "slow": "worker", WEBHOOKS: "worker", BEAT: "beat"}  # their settings
# What a program would load by itself once it runs, and every one for itself.
LATE = (
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "celery.concurrency.thread",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.request",
    "celery.worker.strategy",
    "garmin_fit_sdk",  # by the simulated vendors and by who pulls from them
    "kombu.transport.redis",
    "providers.management.commands.simulate_vendors",
    "wearlink.beat",
    "wearlink.wsgi",
)
# What a task process may keep beyond what it began with: then a fresh copy, which shares nearly all, takes its place.
# Python gives little of what a large batch needed back by itself.
KEPT_KIB = 24 * 1024
MAX_WEB_PROCESSES = 2  # of `make run`: each takes 40 MB, and PostgreSQL and the workers want processors, too
# Threads that wait: for a body, or for one of the few slots in which Django works (wearlink.lib.web.slots).
BLOCKING_THREADS = 128
MAINS: dict[str, Callable[[], object]] = {
    "granian": granian.cli.entrypoint,
    "celery": celery_main,
    "manage.py": lambda: execute_from_command_line(sys.argv),
}


def programs(options: Mapping[str, object], queues: Sequence[str] = QUICK) -> dict[str, list[str]]:
    """Return the words of each program, as in the Procfile but for the sizes; the first is its entry in MAINS.
    `queues`: those of the worker, where it is to do more than the quick ones.
    """
    celery, quietly = ["celery", "-q", "-A", "wearlink"], ["-l", "WARNING", "--without-mingle", "--without-gossip"]
    web = {
        "--interface": "wsgi",
        "--host": options["host"],
        "--port": options["port"],
        "--workers": options["workers"],
        "--log-level": "error",  # it warns of so many threads
        "--blocking-threads": BLOCKING_THREADS,
        "--backpressure": CONNECTIONS,
        "--http1-header-read-timeout": 20_000,  # also how long a connection may be idle
        "--workers-kill-timeout": 10,
    }
    switches = ["--no-ws", "--respawn-failed-workers"]
    return {
        "web": ["granian", *_pairs(web), *switches, "wearlink.wsgi:application"],
        "worker": [*celery, "worker", "-c", str(options["concurrency"]), "-Q", ",".join(queues), *quietly],
        "slow": [*celery, "worker", "-c", "2", "-Q", ",".join(SLOW), "-n", "slow@%h", *quietly],
        # Of its own: a customer who does not answer must not hold up anything else. Its task ends by itself and has
        # threads that call, so it needs no process to be killed.
        WEBHOOKS: [*celery, "worker", "-P", "threads", "-c", "1", "-Q", WEBHOOKS, "-n", "webhooks@%h", *quietly],
        BEAT: [*celery, "beat", "-l", "WARNING", "--pidfile="],
    }


def web_processes() -> int:
    """Return how many web processes `make run` has unless WEB_WORKERS says: one interpreter uses one processor, so two
    where there are two.
    """
    return min(usable_processors(), MAX_WEB_PROCESSES)


def lasting(options: Mapping[str, object]) -> dict[str, list[str]]:
    """Return the programs that run beside each other: copies do without one for beat, which is a thread
    of one of them.
    """
    found = programs(options)
    if child.LINUX:
        del found[BEAT]
    return found


def command_line(words: Sequence[str]) -> list[str]:
    """Return what starts a program from nothing."""
    if words[0] == "manage.py":
        return [sys.executable, MANAGE, *words[1:]]
    return [sys.executable, "-W", "ignore", "-m", *words]


def load() -> None:
    """Load all that any program needs, so that copies of this process share it; opens no connection, starts no thread.

    The collector would write to every object it looks at, and so copy every page; what is loaded stays for ever.
    """
    memory.return_at_once()
    # Celery's command line would load a terminal of 5 MB for a subcommand that nobody gives here.
    sys.modules.setdefault("click_repl", _NoTerminal("click_repl"))
    for name in LATE:
        importlib.import_module(name)
    app.loader.import_default_modules()
    app.finalize(auto=True)
    registry.providers()
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


def run_in_process(name: str, words: Sequence[str]) -> None:
    """Run this program in the calling process, a fresh fork of one that has loaded everything."""
    process = PROCESSES.get(name, "")
    if process:
        os.environ.update(PROCESS=process, CELERY_SKIP_CHECKS="1")
        settings.PROCESS = process
    if process == "web":
        app.conf.broker_transport_options = {**app.conf.broker_transport_options, "socket_timeout": 2}
    settings.LOGGING_CONFIG = None  # is set up; again would write to every logger there is, and so copy their pages
    connections.close_all()
    environment.connect_as(connections.settings["default"], process, settings.WEB_THREADS)
    if words[0] != "manage.py":
        warnings.simplefilter("ignore")
    if name == WEBHOOKS:
        beat_thread.run_within_worker()
    if words[0] == "celery":
        _replace_grown_tasks()
        sys.__stdout__ = Path(os.devnull).open("w")  # type: ignore[misc] # noqa: SIM115 - for good: Celery tells its end there
    sys.argv = list(words)
    MAINS[words[0]]()


def _replace_grown_tasks() -> None:
    """Unless WORKER_MAX_MEMORY_MB says how much task processes may have."""
    begun_with = memory.resident_kib()
    if begun_with is not None and not os.environ.get("WORKER_MAX_MEMORY_MB"):
        app.conf.worker_max_memory_per_child = begun_with + KEPT_KIB


class _NoTerminal(ModuleType):
    def register_repl(self, group: object) -> None:
        """Register nothing."""


def _pairs(options: Mapping[str, object]) -> list[str]:
    return [str(word) for pair in options.items() for word in pair]
