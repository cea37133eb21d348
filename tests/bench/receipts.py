"""The way from a phone's POST to the customer's server, through all that lies between."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from statistics import quantiles

from django.conf import settings

from accounts.audit import SYSTEM
from accounts.models import EndUser
from accounts.webhooks.endpoints import lifecycle
from tests.bench.cast import people, tenant
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground
from tests.bench.webhooks import Customers, customers, forget, workers
from tests.providers.sync_bodies import sync, workout
from wearlink.lib import clock


@benchmark("receipts", order=62)
def receipts(ground: Ground) -> Iterator[BenchFigure]:
    """Yield workouts that a phone posts one by one: from the POST to the customer's server that has verified the
    message.
    """
    number, port = ground.size(200, 5), ground.web()
    ground.worker()
    user, organization = people(1)[0], tenant().organization
    with ExitStack() as stack:
        other = stack.enter_context(customers())
        settings.EGRESS_ALLOW_LOOPBACK = True
        values = {"url": f"http://127.0.0.1:{other.port}/ok/0", "filter_types": ["workout.created"]}
        made = lifecycle.create(organization=organization, values=values, actor=SYSTEM)
        other.trust(made.secret)
        stack.enter_context(workers(ground))
        waits = [posted(port, user, other, turn) for turn in range(number + 3)][3:]
        lifecycle.delete(made.endpoint, SYSTEM)
        forget(organization)
    cuts = quantiles(waits, n=20)
    yield BenchFigure("POST of a workout to its verified webhook, p50", cuts[9], "ms", at_most(60))
    yield BenchFigure("  p95", cuts[18], "ms", at_most(120))


def posted(port: int, user: EndUser, other: Customers, turn: int) -> float:
    """Return milliseconds from a POST to the arrival of what it causes."""
    start = clock.now_ms() - (turn + 1) * 7_200_000
    times = {"startDate": clock.rfc3339(start), "endDate": clock.rfc3339(start + 1_800_000)}
    body = sync(workouts=[workout(id=f"bench-{turn}", **times)])
    name, _, key = tenant().credentials.partition(": ")
    before = len(other.came)
    sent = time.time()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {name: key, "Content-Type": "application/json"}
    connection.request("POST", f"/api/v1/sdk/users/{user.id}/sync", body, headers)
    connection.getresponse().read()
    connection.close()
    other.until(before + 1, patience=120.0, look_every=0.005)
    time.sleep(0.1)
    return other.came[before][2] - 1000 * sent
