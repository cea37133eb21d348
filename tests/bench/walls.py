"""The cost of row-level security for calls that read: the same request with and without it, in turns."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from typing import Self
from unittest.mock import patch

from django.db import connection, connections
from django.test import Client

from tests.bench.cast import people, reader, tenant
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.frame import days
from tests.bench.ground import Ground
from tests.bench.reads import days_of, timeseries
from wearlink.lib import tenancy

BLOCK = 10


@benchmark("walls", order=33)
def walls(ground: Ground) -> Iterator[BenchFigure]:
    """Yield the quickest of each block of ten, which other work reaches least; one process, no HTTP between."""
    one, blocks = reader(ground), ground.size(40, 2)
    start, end = days_of(one)[0]
    people(100)
    for name, path in (
        ("users/{id}", f"/api/v1/users/{one.user.id}"),
        ("events/workouts, 30 days", f"{one.path}/events/workouts?{days(one, 30, 1)}"),
        ("events/sleep, 30 days", f"{one.path}/events/sleep?{days(one, 30, 1)}"),
        ("health-scores, 30 days", f"{one.path}/health-scores?{days(one, 30, 1)}"),
        ("summaries/body", f"{one.path}/summaries/body"),
        ("users, page of 100", "/api/v1/users?limit=100"),
        ("users, search", "/api/v1/users?search=12&limit=100"),
        ("page of 100 of one day", timeseries(one, start, end)),
    ):
        yield BenchFigure(f"row-level security on {name}", cost(path, blocks), "×", at_most(1.05))


def cost(path: str, blocks: int) -> float:
    """Return how many times as long the request takes behind the wall."""
    with WallLane(tenancy.current) as behind, WallLane(lambda: tenancy.PLATFORM) as open_to_all:
        return median(behind.quickest(path) / open_to_all.quickest(path) for _ in range(blocks))


class WallLane:
    """A thread with a connection of its own: a session that goes to and fro plans every statement anew.

    `current` answers what the session is told: that it is the platform's, for whom the policies do not hold.
    """

    def __init__(self, current: Callable[[], tenancy.Scope]) -> None:
        self._current = current
        self._thread = ThreadPoolExecutor(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *about: object) -> None:
        self._thread.submit(connections.close_all).result()
        self._thread.shutdown()

    def quickest(self, path: str) -> float:
        """Return seconds of the quickest of a block of requests; the first ones prepare the statements."""
        with patch.object(tenancy, "current", self._current):
            return self._thread.submit(block, path).result()


def block(path: str) -> float:
    """Return seconds of the quickest of some requests on the connection of this thread, which lasts."""
    header, value = tenant().credentials.split(": ")
    client = Client(HTTP_HOST="localhost", headers={header: value})
    connection.settings_dict["CONN_MAX_AGE"] = None
    times = []
    for _ in range(BLOCK):
        began = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.content
    return min(times)
