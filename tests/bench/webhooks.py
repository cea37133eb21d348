"""Outgoing webhooks: deliveries a second, time from commit to first attempt, and what emission costs ingestion."""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
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
from accounts.models import EndUser, Organization
from accounts.webhooks import events
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Attempt, Delivery, Endpoint, Message
from accounts.webhooks.wakeups import DELIVER
from healthdata.days import ZoneHistory
from healthdata.ingest import ingest
from healthdata.records import Record, Rejected
from healthdata.store import store
from providers import registry
from providers.contract import Context
from tests.bench import bodies, cpu
from tests.bench.cast import people, tenant
from tests.bench.figures import Figure, Target, at_least, at_most, benchmark, median
from tests.bench.ground import Ground
from wearlink.lib import child, clock

ENDPOINTS = 20
TYPE = "connection.created"
PLAIN = [f"/ok/{number}" for number in range(ENDPOINTS)]
TROUBLED = ["/drip", "/dead", *(f"/ok/{number}" for number in range(ENDPOINTS - 2))]


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
        """What came to those who answer."""
        return [one for one in self.came if one[0].startswith("/ok")]

    def until(self, count: int, patience: float) -> None:
        """Wait for so many messages at those who answer."""
        deadline = time.monotonic() + patience
        while len(self.good()) < count and time.monotonic() < deadline:
            time.sleep(0.2)
            self.ask()


@contextmanager
def customers() -> Iterator[Customers]:
    """The receiver, running."""
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
        *[sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "wearlink", "worker", "-c", str(count)],
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
    """As the sweep does, for each worker."""
    for _ in range(count):
        current_app.send_task(DELIVER.task, queue=DELIVER.queue, ignore_result=True)


def fresh(paths: Sequence[str], port: int) -> Organization:
    """A tenant with an endpoint for each path."""
    settings.EGRESS_ALLOW_LOOPBACK = True
    organization = Organization.objects.create(name="Webhooks")
    for path in paths:
        values = {"url": f"http://127.0.0.1:{port}{path}", "filter_types": [TYPE]}
        lifecycle.create(organization=organization, values=values, actor=SYSTEM)
    return organization


def emit(organization: Organization, **more: Any) -> None:
    """One event, committed."""
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
    """Deliveries a second to those who answer, and CPU seconds by part."""

    per_second: float
    shares: dict[str, float]


def rate(ground: Ground, paths: Sequence[str], messages: int) -> Rate:
    """Every endpoint has a backlog of so many messages; two workers deliver it."""
    good = sum(path.startswith("/ok") for path in paths)
    with ExitStack() as stack:
        other = stack.enter_context(customers())
        organization = fresh(paths, other.port)
        for _ in range(messages):
            emit(organization)
        pid = stack.enter_context(workers(ground))
        before = cpu.seconds({"workers": pid})
        wake_workers()
        other.until(messages * good, patience=ground.size(120.0, 30.0))
        spent = cpu.used(before, cpu.seconds({"workers": pid})) | {"receiver": other.cpu}
        times = sorted(arrived for _, _, arrived in other.good())
        forget(organization)
    return Rate((len(times) - 1) / max((times[-1] - times[0]) / 1000, 0.001), cpu.shares(spent))


@benchmark("webhooks", order=60)
def webhooks(ground: Ground) -> Iterator[Figure]:
    """Built-in dispatcher, 2 workers, 20 endpoints on loopback."""
    messages = ground.size(400, 5)
    plain = rate(ground, PLAIN, messages)
    yield Figure("webhook deliveries/s, 20 endpoints, 2 workers", plain.per_second, "/s", at_least(400))
    yield from (Figure(f"  share of CPU: {part}", share, "%") for part, share in plain.shares.items())
    troubled = rate(ground, TROUBLED, messages)
    share = 100 * troubled.per_second / plain.per_second
    yield Figure("  with one that drips and one that is dead: of that rate", share, "%", at_least(90))
    yield from first_attempts(ground)


def first_attempts(ground: Ground) -> Iterator[Figure]:
    """Events that come one by one: how long from the commit to the request at the customer's server?"""
    events_, pause = ground.size(400, 10), 0.025
    with ExitStack() as stack:
        other = stack.enter_context(customers())
        organization = fresh(["/ok/0"], other.port)
        stack.enter_context(workers(ground))
        emit(organization, warm=True)
        wake_workers()
        other.until(1, patience=30.0)
        for _ in range(events_):
            emit(organization)
            time.sleep(pause)
        other.until(events_ + 1, patience=30.0)
        waits = [arrived - emitted for _, emitted, arrived in other.good()[1:]]
        forget(organization)
    cuts = quantiles(waits, n=20)
    yield Figure("webhooks: commit to first attempt, p50", cuts[9], "ms", at_most(150))
    yield Figure("webhooks: commit to first attempt, p95", cuts[18], "ms", at_most(500))


# --- What emission costs --------------------------------------------------------------------------------------------


Store = Callable[[int, Sequence[Sequence[Record]]], object]


@benchmark("emission", order=61)
def emission(ground: Ground) -> Iterator[Figure]:
    """Reading and storing a phone's records with and without events, alternated ten times.

    "Off" is the store by itself, "on" what the inbox calls. Small posts pay the queries of emission and little else.
    """
    for size, posts, targets in (
        (ground.size(5_000, 400), ground.size(8, 1), (at_most(10), at_most(20))),
        (ground.size(500, 50), ground.size(24, 1), (None, None)),
    ):
        batch = [bodies.body(2 * size * number, size) for number in range(posts)]
        yield from cost(batch, f"{size:,} a post, no endpoint", targets[0])
        with listener():
            yield from cost(batch, f"{size:,} a post, one endpoint", targets[1])


@contextmanager
def listener() -> Iterator[None]:
    """One endpoint that takes all that need not be named; its messages are removed."""
    organization = tenant().organization
    values = {"url": "https://customer.example.com/hook", "filter_types": None}
    made = lifecycle.create(organization=organization, values=values, actor=SYSTEM).endpoint
    yield
    Delivery.objects.filter(endpoint_key=made.key).delete()
    Message.objects.filter(organization=organization).delete()
    lifecycle.delete(made, SYSTEM)


def cost(batch: Sequence[bytes], named: str, target: Target | None) -> Iterator[Figure]:
    """Median and spread of what ten pairs say, and what the median is a post."""
    pair(batch)
    pairs = [pair(batch) for _ in range(10)]
    found = [100 * (on - off) / off for off, on in pairs]
    yield Figure(f"emission, {named}: cost of ingest", median(found), "%", target)
    yield Figure("  least of ten", min(found), "%")
    yield Figure("  most of ten", max(found), "%")
    yield Figure("  a post", median([1000 * (on - off) / len(batch) for off, on in pairs]), "ms")


def pair(batch: Sequence[bytes]) -> tuple[float, float]:
    """Seconds to read and store the bodies without and with emission, for two new end users.

    They take turns at every post, so that whatever else the machine does meets both.
    """
    off, on = people(2)
    seconds = {off: 0.0, on: 0.0}
    gc.collect()
    for number, body in enumerate(batch):
        for user, keep in sorted(((off, store), (on, ingest)), key=lambda one: (one[0] is on) == bool(number % 2)):
            seconds[user] += stored(user, body, keep)
    return seconds[off], seconds[on]


def stored(user: EndUser, body: bytes, keep: Store) -> float:
    """Seconds to read and store a body."""
    started = time.perf_counter()
    records = read(user, body)
    with transaction.atomic():
        keep(user.key, [records])
    return time.perf_counter() - started


def read(user: EndUser, body: bytes) -> list[Record]:
    """As the inbox does."""
    context = Context(received=clock.now_ms(), zones=ZoneHistory(((0, user.time_zone),)))
    found = registry.get("apple").normalise(body, context)
    return [record for record in found if not isinstance(record, Rejected)]
