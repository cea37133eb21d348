"""Many connections due at the same moment: two workers pull them from a simulated vendor that counts its limits."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from http.client import HTTPConnection, HTTPException
from typing import Any

from celery import current_app
from django.db.models import Count, Max, Min

from healthdata.models import DailyValue
from providers.models import WAITING_STATES, Connection, ConnectionToken, Payload, SyncRun
from providers.pull import pull
from providers.simulator.world import settings_at
from tests.bench import cpu
from tests.bench.cast import people
from tests.bench.figures import BenchFigure, at_least, benchmark
from tests.bench.ground import READY_WITHIN, Ground
from tests.bench.load import WrongAnswer
from tests.network import free_port
from wearlink.lib import clock
from wearlink.lib.work import child

SCOPES = ["daily"]  # seven collections and the profile: eight calls a person, of 5,000 in five minutes
SWEEP = "providers.pull.tasks.sweep"


@benchmark("crowd", order=65)
def crowd(ground: Ground) -> Iterator[BenchFigure]:
    """Oura's simulated side as a process; its own limits; everybody's last four days."""
    number = ground.size(500, 6)
    ground.stop()  # workers of benchmarks before this one know of no vendor
    with ExitStack() as stack:
        port = stack.enter_context(vendors(ground))
        join(port, number)
        pid = stack.enter_context(workers(ground, settings_at(f"http://127.0.0.1:{port}")))
        before = cpu.seconds({"workers": pid})
        opened = pull.open_periodic()
        waited(900.0)
        spent = cpu.used(before, cpu.seconds({"workers": pid}))
        found = ask(port, "GET", "counters")["oura"]
    check(number, opened)
    times = SyncRun.objects.filter(provider="oura").aggregate(began=Min("created_at"), ended=Max("finished_at"))
    seconds = (times["ended"] - times["began"]).total_seconds()
    calls, over = found["api_calls"], found.get("limit_violations", 0)
    yield BenchFigure(
        f"{number} connections due at once: calls within the limits", 100 * (1 - over / calls), "%", at_least(100)
    )
    yield BenchFigure("  synced to the end", 100 * opened / number, "%", at_least(100))
    yield BenchFigure("  from the first run to the last", seconds, "s")
    yield BenchFigure("  calls", float(calls), "")
    yield BenchFigure("  connections a second", number / seconds, "/s", cpu_ms=sum(spent.values()) / number * 1000)


def join(port: int, number: int) -> None:
    """Connect new people, whose next sync is due."""
    users, now = people(number), clock.now()
    tokens = ask(port, "POST", "grants", vendor="oura", accounts=[str(user.id) for user in users], scopes=SCOPES)
    rows = [
        Connection(
            user_key=user.key, organization_id=user.organization_id, provider="oura", account=str(user.id),
            scopes=SCOPES, next_sync_at=now, synced_to=now.date() - timedelta(days=1),
        )
        for user in users
    ]  # fmt: skip
    ConnectionToken.objects.bulk_create(
        ConnectionToken(
            connection=row,
            access=tokens[row.account]["access_token"],
            refresh=tokens[row.account]["refresh_token"],
            expires_at=now + timedelta(days=1),
        )
        for row in Connection.objects.bulk_create(rows)
    )


def waited(patience: float) -> None:
    """Until no run is open; meanwhile what beat would do."""
    deadline = time.monotonic() + patience
    while SyncRun.objects.open().exists():
        if time.monotonic() > deadline:
            return
        time.sleep(1)
        if int(time.monotonic()) % 10 == 0:
            current_app.send_task(SWEEP, queue="default", expires=10)


def check(number: int, opened: int) -> None:
    """Raise WrongAnswer where a run did not succeed, or where nothing came of it."""
    states = dict(SyncRun.objects.filter(provider="oura").values_list("state").annotate(Count("key")))
    waiting = Payload.objects.filter(provider="oura", state__in=WAITING_STATES).count()
    if opened != number or states != {"success": number} or waiting or not DailyValue.objects.exists():
        errors = set(SyncRun.objects.filter(provider="oura").exclude(error="").values_list("error", flat=True))
        message = f"{opened} of {number} runs were opened; they ended as {states}; {waiting} payloads wait; {errors}"
        raise WrongAnswer(message)


@contextmanager
def vendors(ground: Ground) -> Iterator[int]:
    """The simulated vendors, running; yields their port."""
    port = free_port()
    command = [sys.executable, "manage.py", "simulate_vendors", "--port", str(port), "--push-every", "0"]
    with process(ground, command):
        deadline = time.monotonic() + READY_WITHIN
        while True:
            try:
                ask(port, "GET", "counters")
                break
            except (OSError, HTTPException):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        yield port


@contextmanager
def workers(ground: Ground, settings: dict[str, str], count: int = 2) -> Iterator[int]:
    """Task processes; yields the main process's id."""
    command = [
        *[
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "tests.program",
            "celery",
            "-q",
            "-A",
            "wearlink",
            "worker",
            "-c",
            str(count),
        ],
        *["-Q", "ingest,default,pull", "-l", "WARNING", "--without-mingle", "--without-gossip"],
    ]
    with process(ground, command, PROCESS="worker", CELERY_SKIP_CHECKS="1", **settings) as pid:
        yield pid


@contextmanager
def process(ground: Ground, command: Sequence[str], **settings: str) -> Iterator[int]:
    """A program of the ground that writes to a log of its own."""
    with (ground.data / "workers.log").open("ab") as log:
        running = subprocess.Popen(
            command, env=os.environ | settings, stdout=log, stderr=log, preexec_fn=lambda: child.die_with_parent(15)
        )
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait()


def ask(port: int, method: str, name: str, **values: Any) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, f"/_simulator/{name}", json.dumps(values) if values else None)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()
