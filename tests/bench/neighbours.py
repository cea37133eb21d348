"""Two organizations: how long one waits from a POST to data that are visible, while the other does its worst."""

import threading
import time
from collections.abc import Iterator, Sequence

from accounts.end_users import users
from accounts.models import EndUser
from providers.models import Payload
from tests.bench import bodies, load
from tests.bench.cast import people, tenant
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground
from tests.bench.sync import deliver

CLIENTS, CROWD = 4, 40
SIZE, STEP = 50, 0.2  # records of a post of the healthy one; seconds between two


@benchmark("neighbours", order=22)
def neighbours(ground: Ground) -> Iterator[BenchFigure]:
    """Yield one post of 50 records at a time; alone, then beside four clients that post 5,000 records
    without a pause.
    """
    times, seconds = ground.size(40, 4), ground.size(30.0, 2.0)
    (healthy,) = people(1)
    deliver(ground, people(1), [bodies.body(0, SIZE)], visible=SIZE)  # the worker has to be there
    quiet = p95(waits(ground, healthy, range(times)))
    loud = threading.Thread(target=flood, args=(ground, seconds))
    loud.start()
    time.sleep(seconds / 10)
    beside = waits(ground, healthy, range(times, 2 * times))
    loud.join()
    yield BenchFigure("POST to visible alone: p95", quiet * 1000, "ms")
    yield BenchFigure("POST to visible beside a flood: p95, against alone", p95(beside) / quiet, "×", at_most(3))
    yield BenchFigure("  the longest", max(beside) * 1000, "ms", at_most(2_000))


def flood(ground: Ground, seconds: float) -> None:
    """Post large bodies of many end users, from several clients at once; refused ones are included."""
    loud = tenant("Loud")
    loud_users = [users.create(loud.organization, {}) for _ in range(CROWD)]
    size = ground.size(5_000, 200)
    batch = [bodies.body(size * number, size) for number in range(4)]
    heads = [
        [
            (load.head("POST", f"/api/v1/sdk/users/{user.id}/sync", loud.credentials, len(content)), number)
            for number, content in enumerate(batch)
            for user in loud_users[turn::CLIENTS]
        ]
        for turn in range(CLIENTS)
    ]
    load.play([load.ClientJob(ground.web(), one, batch, seconds=seconds) for one in heads], expect=202, also=429)


def waits(ground: Ground, user: EndUser, numbers: Sequence[int]) -> list[float]:
    """Return seconds from the beginning of each post until nothing of the end user waits."""
    found = []
    for number in numbers:
        content = bodies.body(SIZE * (number + 1), SIZE)
        head = load.head("POST", f"/api/v1/sdk/users/{user.id}/sync", tenant().credentials, len(content))
        outcome = load.play([load.ClientJob(ground.web(), [(head, 0)], [content])], expect=202)
        while Payload.objects.waiting().for_user(user.key).exists():
            time.sleep(0.002)
        found.append(time.monotonic() - outcome.started)
        time.sleep(STEP)
    return found


def p95(values: Sequence[float]) -> float:
    """Return the value that 95 of a hundred do not exceed."""
    return sorted(values)[min(len(values) * 95 // 100, len(values) - 1)]
