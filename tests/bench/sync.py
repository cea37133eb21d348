"""The main road: from the first POST of a phone to data that the API shows."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection

from accounts.models import EndUser
from healthdata.models import DueDay
from providers.models import Payload
from tests.bench import bodies, cpu, load
from tests.bench.cast import answering, people, tenant
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground

USERS, CLIENTS = 6, 2
PEER_RATE = "2,700–3,300/s"


@dataclass(frozen=True, slots=True)
class DeliveryCost:
    """The cost of delivering some bodies to each of some users."""

    seconds: float
    cpu: float  # seconds of all parts together, until the figures of the days are computed as well
    shares: Mapping[str, float]
    p50_ms: float


@benchmark("sync", order=10)
def sync(ground: Ground) -> Iterator[BenchFigure]:
    """60 posts of 5,000 records over 6 users with one worker; then the same again in three ways."""
    posts, size, rounds = ground.size(10, 2), ground.size(5_000, 400), ground.size(5, 1)
    new = [bodies.body(2 * size * number, size) for number in range(posts)]  # with gaps that "half" fills
    deliver(ground, people(1), new[:1], visible=size)  # the worker has to be there
    deliveries: list[DeliveryCost] = []
    for _ in range(rounds):
        end_users = people(USERS)
        deliveries.append(deliver(ground, end_users, new, visible=posts * size))
    total = USERS * posts * size
    middle = sorted(deliveries, key=lambda one: one.seconds)[rounds // 2]
    yield BenchFigure(
        "SDK records/s, first POST to visible", total / middle.seconds, "/s", at_least(100_000), f"{PEER_RATE} (4,400)"
    )
    yield from explained(middle, total)
    yield BenchFigure("  p50 of these POSTs", middle.p50_ms, "ms")
    yield from again(ground, end_users, posts, size)


def again(ground: Ground, end_users: Sequence[EndUser], posts: int, size: int) -> Iterator[BenchFigure]:
    """Yield the whole batches; batches that are half new; batches inside what is stored."""
    total = USERS * posts * size
    whole = [bodies.body(2 * size * number, size) for number in range(posts)]
    half = [bodies.body(2 * size * number + size // 2, size) for number in range(posts)]
    subset = [bodies.body(2 * size * number + size // 4, size) for number in range(posts)]
    found = deliver(ground, end_users, whole, visible=posts * size)
    yield BenchFigure("whole batches again: records/s", total / found.seconds, "/s", at_least(150_000), "3,400/s")
    yield BenchFigure("  p50 of these POSTs, known by their digest", found.p50_ms, "ms", at_most(25))
    found = deliver(ground, end_users, half, visible=posts * (size + size // 2))
    yield BenchFigure("half-overlapping batches: records/s", total / found.seconds, "/s", at_least(150_000), "3,400/s")
    yield from explained(found, total)
    found = deliver(ground, end_users, subset, visible=posts * (size + size // 2))
    yield BenchFigure("a subset again: records/s", total / found.seconds, "/s", at_least(150_000), "3,400/s")
    yield from explained(found, total)


@benchmark("two_devices", order=11)
def two_devices(ground: Ground) -> Iterator[BenchFigure]:
    """Yield the same number of records, half of them a watch's and half those of the phone that counts along."""
    posts, size, rounds = ground.size(10, 2), ground.size(5_000, 400), ground.size(3, 1)
    new = [bodies.two_devices(size * number, size) for number in range(posts)]
    deliver(ground, people(1), new[:1], visible=size)  # the worker has to be there
    found = [deliver(ground, people(USERS), new, visible=posts * size) for _ in range(rounds)]
    middle = sorted(found, key=lambda one: one.seconds)[rounds // 2]
    total = USERS * posts * size
    yield BenchFigure("SDK records/s of two overlapping devices", total / middle.seconds, "/s", at_least(120_000))
    yield from explained(middle, total)


def explained(found: DeliveryCost, total: int) -> Iterator[BenchFigure]:
    """Yield where the CPU went, and a rate that does not fall when others use the machine."""
    yield BenchFigure("  records by second of CPU, all parts", total / found.cpu, "/s")
    yield from (BenchFigure(f"  share of CPU: {part}", share, "%") for part, share in found.shares.items())


def deliver(ground: Ground, end_users: Sequence[EndUser], batch: Sequence[bytes], *, visible: int) -> DeliveryCost:
    """Post every body to every user, wait until each user shows that many samples. Two clients share the users."""
    port = ground.web()
    ground.worker()
    jobs = [load.ClientJob(port, uploads(end_users[turn::CLIENTS], batch), batch) for turn in range(CLIENTS)]
    before, own = cpu.seconds(ground.pids()), time.process_time()
    outcome = load.play(jobs, expect=202)
    keys = [user.key for user in end_users]
    while Payload.objects.waiting().filter(user_key__in=keys).exists():
        time.sleep(0.01)
    shown = [samples(port, user) for user in end_users]
    seconds = time.monotonic() - outcome.started
    if shown != [visible] * len(end_users):
        raise load.WrongAnswer(f"{visible} samples were to be visible, not {shown}")
    while DueDay.objects.filter(user_key__in=keys).exists():
        time.sleep(0.1)
    used = cpu.used(before, cpu.seconds(ground.pids())) | {"client": outcome.cpu + time.process_time() - own}
    return DeliveryCost(seconds, sum(used.values()), cpu.shares(used), outcome.p50_ms)


def uploads(end_users: Sequence[EndUser], batch: Sequence[bytes]) -> list[tuple[bytes, int]]:
    """Return the requests of one client: the first body to each user, then the second, …"""
    credentials = tenant().credentials
    return [
        (load.head("POST", f"/api/v1/sdk/users/{user.id}/sync", credentials, len(content)), number)
        for number, content in enumerate(batch)
        for user in end_users
    ]


def samples(port: int, user: EndUser) -> int:
    """Return how many samples the API shows for a user."""
    name, _, key = tenant().credentials.partition(": ")
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", f"/api/v1/users/{user.id}/summaries/data", headers={name: key})
    found = json.loads(connection.getresponse().read())
    connection.close()
    number: int = found["totals"]["samples"]
    return number


@benchmark("posts", order=20)
def posts(ground: Ground) -> Iterator[BenchFigure]:
    """Yield one phone that posts now and then, while the worker runs; the disk holds the objects."""
    for size, times, target, peer in ((500, 200, 7, "26 ms"), (5_000, 40, 25, "172 ms")):
        size, times = ground.size(size, 100), ground.size(times, 5)
        batch = [bodies.body(size * number, size) for number in range(times)]
        port, end_users = ground.web(), people(1)
        ground.worker()
        pause = size / 25_000
        found = answering(ground, [load.ClientJob(port, uploads(end_users, batch), batch, pause=pause)], expect=202)
        name = f"POST of {size:,} records ({len(batch[0]) / 1e6:.1f} MB): p50"
        yield BenchFigure(name, found.p50_ms, "ms", at_most(target), peer, found.cpu_ms)


@benchmark("small_posts", order=21)
def small_posts(ground: Ground) -> Iterator[BenchFigure]:
    """Yield two phones' worth of small posts at once, one after the other without a pause, while one worker runs."""
    size, times = ground.size(500, 50), ground.size(200, 4)
    batch = [bodies.body(size * number, size) for number in range(times)]
    ground.web()
    deliver(ground, people(1), batch[:1], visible=size)  # the worker has to be there
    found = deliver(ground, people(CLIENTS), batch, visible=times * size)
    total = CLIENTS * times * size
    yield BenchFigure(f"POST of {size}, two clients at once: p50", found.p50_ms, "ms", at_most(7))
    yield BenchFigure("  end to end: records/s", total / found.seconds, "/s", at_least(100_000))
    yield from explained(found, total)
