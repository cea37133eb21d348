"""The cost of emitting events while a phone's records are stored, in CPU time of this process and its database session.

CPU time stays true while others use the machine; a wall clock would not tell ten per cent there.
"""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from accounts import usage
from accounts.audit import SYSTEM
from accounts.models import EndUser
from accounts.webhooks.endpoints import lifecycle
from accounts.webhooks.models import Delivery, Message
from healthdata.days import ZoneHistory
from healthdata.figures import due
from healthdata.ingest import ingest
from healthdata.records import Record, Rejected
from healthdata.store import store
from providers import registry
from providers.contract import Context
from tests.bench import bodies
from tests.bench.cast import people, tenant
from tests.bench.figures import BenchFigure, BenchTarget, at_most, benchmark, median
from tests.bench.ground import Ground
from wearlink.lib import clock

Store = Callable[[int, Sequence[Sequence[Record]]], object]


@benchmark("emission", order=61)
def emission(ground: Ground) -> Iterator[BenchFigure]:
    """Reading and storing a phone's records with and without events, alternated ten times.

    "Off" is all that ingest does but for events, "on" is ingest. Small posts pay the queries of emission and little
    else.
    """
    times = ground.size(10, 3)
    for size, posts, targets in (
        (ground.size(5_000, 400), ground.size(8, 1), (at_most(5), at_most(10))),
        (ground.size(500, 50), ground.size(24, 1), (at_most(10), at_most(15))),
    ):
        batch = [bodies.body(2 * size * number, size) for number in range(posts)]
        yield from cost(batch, times, f"{size:,} a post, no endpoint", targets[0])
        with listener():
            yield from cost(batch, times, f"{size:,} a post, one endpoint", targets[1])


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


def cost(batch: Sequence[bytes], times: int, named: str, target: BenchTarget | None) -> Iterator[BenchFigure]:
    """Median and spread of what ten pairs say, and what the median is a post."""
    pair(batch)
    pairs = [pair(batch) for _ in range(times)]
    found = [100 * (on - off) / off for off, on in pairs]
    yield BenchFigure(f"emission, {named}: cost of ingest", median(found), "%", target)
    yield BenchFigure("  least of them", min(found), "%")
    yield BenchFigure("  most of them", max(found), "%")
    yield BenchFigure("  a post", median([1000 * (on - off) / len(batch) for off, on in pairs]), "ms CPU")


def pair(batch: Sequence[bytes]) -> tuple[float, float]:
    """CPU seconds to read and store the bodies without and with emission, for two new end users.

    They take turns at every post, so that whatever else the machine does meets both.
    """
    off, on = people(2)
    seconds = {off: 0.0, on: 0.0}
    gc.collect()
    for number, body in enumerate(batch):
        for user, keep in sorted(((off, silent), (on, ingest)), key=lambda one: (one[0] is on) == bool(number % 2)):
            seconds[user] += stored(user, body, keep)
    return seconds[off], seconds[on]


def silent(user_key: int, batches: Sequence[Sequence[Record]]) -> None:
    """Store as healthdata.ingest does, but emit nothing."""
    with transaction.atomic(savepoint=False):
        results = store(user_key, batches)
        due.LINE.request_work(user_key)
        usage.add_of_user(user_key, {usage.SAMPLES_STORED: sum(result.inserted for result in results)})


def stored(user: EndUser, body: bytes, keep: Store) -> float:
    """CPU seconds to read and store a body."""
    started = spent()
    records = read(user, body)
    with transaction.atomic():
        keep(user.key, [records])
    return spent() - started


def spent() -> float:
    """CPU seconds of this process and of its session's server process, so far."""
    connection.ensure_connection()
    server = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    return time.process_time() + int(server.read_text().split()[0]) / 1e9


def read(user: EndUser, body: bytes) -> list[Record]:
    """Read as providers.payloads.process does."""
    context = Context(received=clock.now_ms(), zones=ZoneHistory(((0, user.time_zone),)))
    found = registry.get("apple").normalise(body, context)
    return [record for record in found if not isinstance(record, Rejected)]
