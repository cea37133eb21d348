"""Outgoing webhooks: deliveries a second, time from commit to first attempt, and what hostile neighbours change."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction

from accounts.audit import SYSTEM
from accounts.models import Organization
from accounts.webhooks import events
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Attempt, Delivery, Endpoint, Message
from accounts.webhooks.wakeups import DELIVER
from tests.bench import cpu
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark, median
from tests.bench.ground import Ground
from wearlink.lib import clock
from wearlink.lib.work import child

ENDPOINTS = 20
TYPE = "connection.created"
PAUSE = 0.025  # seconds between events that come one by one
EIGHT = [f"/ok/{number}" for number in range(8)]
PLAIN = [f"/ok/{number}" for number in range(ENDPOINTS)]
TROUBLED = ["/drip", "/dead", *(f"/ok/{number}" for number in range(ENDPOINTS - 2))]

HANGING = [f"/dead/{number}" for number in range(40)]
FAULTS = ["/429", "/500", "/503", "/410", "/301", "/reset", "/garbage", "/drip", "/dead"]
MIXED = [f"{FAULTS[number % len(FAULTS)]}/{number}" for number in range(21)]


@dataclass(slots=True)
class Customers:
    """The receiver's process, and what it has been told."""

    port: int
    process: "subprocess.Popen[str]"
    came: list[tuple[str, int, int]] = field(default_factory=list)
    cpu: float = 0.0

    def ask(self) -> None:
        """Fetch what came since the last time."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("GET", "/report")
        found = json.loads(connection.getresponse().read())
        connection.close()
        self.came += [tuple(one) for one in found["came"]]
        self.cpu = found["cpu"]

    def good(self) -> list[tuple[str, int, int]]:
        """Return what came to those who answer."""
        return [one for one in self.came if one[0].startswith("/ok")]

    def until(self, count: int, patience: float, look_every: float = 0.2) -> None:
        """Wait for so many messages at those who answer."""
        deadline = time.monotonic() + patience
        while len(self.good()) < count and time.monotonic() < deadline:
            time.sleep(look_every)
            self.ask()

    def trust(self, secret: str) -> None:
        """Have what is not signed with this secret ignored."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/secret", secret.encode())
        connection.getresponse().read()
        connection.close()


@contextmanager
def customers() -> Iterator[Customers]:
    program = Path(__file__).parent / "webhook_receiver.py"
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, preexec_fn=lambda: child.die_with_parent(9)
    )
    try:
        yield Customers(int(process.stdout.readline()), process)  # type: ignore[union-attr]
    finally:
        process.kill()
        process.wait()


@contextmanager
def workers(ground: Ground, count: int = 2) -> Iterator[int]:
    """Task processes of the queue webhooks; yields the main process's id."""
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
        *["-Q", "webhooks", "-l", "WARNING", "--without-mingle", "--without-gossip"],
    ]
    environment = {**os.environ, "PROCESS": "worker", "CELERY_SKIP_CHECKS": "1", "EGRESS_ALLOW_LOOPBACK": "1"}
    with (ground.data / "webhooks.log").open("ab") as log:
        process = subprocess.Popen(
            command, env=environment, stdout=log, stderr=log, preexec_fn=lambda: child.die_with_parent(15)
        )
    try:
        yield process.pid
    finally:
        process.kill()  # it may be in the middle of a call that nobody answers
        process.wait()


def wake_workers(count: int = 2) -> None:
    """Wake each worker, as the sweep does."""
    for _ in range(count):
        current_app.send_task(DELIVER.task, queue=DELIVER.queue, ignore_result=True)


def fresh(paths: Sequence[str], port: int) -> Organization:
    """Return a tenant with an endpoint for each path."""
    settings.EGRESS_ALLOW_LOOPBACK = True
    organization = Organization.objects.create(name="Webhooks")
    for path in paths:
        values = {"url": f"http://127.0.0.1:{port}{path}", "filter_types": [TYPE]}
        lifecycle.create(organization=organization, values=values, actor=SYSTEM)
    Endpoint.objects.filter(organization=organization).update(proven_at=clock.now())  # as one that answered before
    return organization


def emit(organization: Organization, **more: Any) -> None:
    with transaction.atomic():
        events.emit(organization.pk, TYPE, {"note": "x" * 600, "emitted": clock.now_ms(), **more})


def forget(organization: Organization) -> None:
    """Leave nothing for the next measurement."""
    keys = list(Endpoint.objects.filter(organization=organization).values_list("key", flat=True))
    Delivery.objects.filter(endpoint_key__in=keys).delete()
    Attempt.objects.filter(endpoint_key__in=keys).delete()
    Message.objects.filter(organization=organization).delete()


@dataclass(frozen=True, slots=True)
class Rate:
    """Deliveries a second to those who answer, and CPU milliseconds a delivery by part."""

    per_second: float
    costs: dict[str, float]


def rate(ground: Ground, paths: Sequence[str], messages: int, count: int) -> Rate:
    """Every endpoint has a backlog of so many messages; so many worker processes deliver it."""
    good = sum(path.startswith("/ok") for path in paths)
    with ExitStack() as stack:
        other = stack.enter_context(customers())
        organization = fresh(paths, other.port)
        for _ in range(messages):
            emit(organization)
        pid = stack.enter_context(workers(ground, count))
        before = cpu.seconds({"workers": pid})
        wake_workers(count)
        other.until(messages * good, patience=120.0)
        spent = cpu.used(before, cpu.seconds({"workers": pid})) | {"receiver": other.cpu}
        times = sorted(arrived for _, _, arrived in other.good())
        forget(organization)
    costs = {part: 1000 * seconds / len(times) for part, seconds in spent.items()}
    return Rate((len(times) - 1) / max((times[-1] - times[0]) / 1000, 0.001), costs)


@benchmark("webhooks", order=60)
def webhooks(ground: Ground) -> Iterator[BenchFigure]:
    """Built-in dispatcher, endpoints on loopback."""
    plain = rate(ground, EIGHT, ground.size(1_500, 5), 1)
    yield BenchFigure("webhook deliveries/s, 8 endpoints, 1 worker", plain.per_second, "/s", at_least(2_000))
    yield from (BenchFigure(f"  CPU a delivery: {part}", cost, "ms") for part, cost in plain.costs.items())
    shares = [share_when_troubled(ground, ground.size(400, 5)) for _ in range(ground.size(5, 1))]
    yield BenchFigure(
        "  20 endpoints, 2 workers, one drips and one is dead: of the rate without", median(shares), "%", at_least(90)
    )
    yield from first_attempts(ground)
    yield from beside_hostile(ground)


def share_when_troubled(ground: Ground, messages: int) -> float:
    """Return the rate beside two troubled endpoints in percent of the rate without them, measured right before it."""
    without = rate(ground, PLAIN, messages, 2)
    return 100 * rate(ground, TROUBLED, messages, 2).per_second / without.per_second


def first_attempts(ground: Ground) -> Iterator[BenchFigure]:
    """Yield events that come one by one: how long from the commit to the request at the customer's server?"""
    with ExitStack() as stack:
        other = stack.enter_context(customers())
        organization = fresh(["/ok/0"], other.port)
        stack.enter_context(workers(ground))
        waits = one_by_one(other, organization, ground.size(400, 10))
        forget(organization)
    cuts = quantiles(waits, n=20)
    yield BenchFigure("webhooks: commit to first attempt, p50", cuts[9], "ms", at_most(150))
    yield BenchFigure("webhooks: commit to first attempt, p95", cuts[18], "ms", at_most(500))


def beside_hostile(ground: Ground) -> Iterator[BenchFigure]:
    """Yield the same while one neighbour's 40 endpoints hang and another's 21 fail in every way."""
    with ExitStack() as stack:
        other = stack.enter_context(customers())
        organization = fresh(["/ok/0"], other.port)
        neighbours = [fresh(HANGING, other.port), fresh(MIXED, other.port)]
        stack.enter_context(workers(ground))
        one_by_one(other, organization, 5)
        waits = one_by_one(other, organization, ground.size(600, 10), neighbours)
        for one in (organization, *neighbours):
            forget(one)
    p95 = quantiles(waits, n=20)[18]
    yield BenchFigure("webhooks: commit to receipt beside 61 hostile endpoints, p95", p95, "ms", at_most(250))
    yield BenchFigure("  slowest", max(waits), "ms")


def one_by_one(
    other: Customers, organization: Organization, number: int, neighbours: Sequence[Organization] = ()
) -> list[float]:
    """Emit events, and some of the neighbours' between them; milliseconds from each to its arrival."""
    before = len(other.good())
    emit(organization)
    wake_workers()
    other.until(before + 1, patience=120.0)
    for turn in range(number):
        if turn % 20 == 0:
            for one in neighbours:
                emit(one)
        emit(organization)
        time.sleep(PAUSE)
    other.until(before + 1 + number, patience=120.0)
    return [arrived - emitted for _, emitted, arrived in other.good()[before + 1 :]]
