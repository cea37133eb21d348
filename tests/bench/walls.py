"""What row-level security costs the calls that read: the same request with and without it, in turns."""

import time
from collections.abc import Iterator
from statistics import median
from unittest.mock import patch

from django.test import Client

from tests.bench.cast import people, reader, tenant
from tests.bench.figures import Figure, at_most, benchmark
from tests.bench.frame import days
from tests.bench.ground import Ground
from tests.bench.reads import days_of, timeseries
from wearlink.lib import tenancy

BLOCK = 10


@benchmark("walls", order=33)
def walls(ground: Ground) -> Iterator[Figure]:
    """By the quickest of each block of ten, which a neighbour's work reaches least; one process, no HTTP between."""
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
        yield Figure(f"row-level security on {name}", cost(path, blocks), "×", at_most(1.05))


def cost(path: str, blocks: int) -> float:
    """How many times as long the request takes behind the wall."""
    ratios = []
    for _ in range(blocks):
        behind = quickest(path)
        # The session stays the platform's, for whom the policies do not hold.
        with patch.object(tenancy, "current", return_value=tenancy.PLATFORM):
            open_to_all = quickest(path)
        ratios.append(behind / open_to_all)
    return median(ratios)


def quickest(path: str) -> float:
    """Seconds of the quickest of a block of requests; the first ones prepare the statements."""
    header, value = tenant().credentials.split(": ")
    client = Client(HTTP_HOST="localhost", headers={header: value})
    times = []
    for _ in range(BLOCK):
        began = time.perf_counter()
        answer = client.get(path)
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.content
    return min(times)
