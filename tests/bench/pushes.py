"""Vendors that push: how fast an event is stored and answered, and what a large body costs a web process."""

import hashlib
import hmac
import os
import time
from collections.abc import Iterator, Sequence

import msgspec

from accounts.models import EndUser
from providers.models import Connection, Payload
from tests.bench import cpu, load
from tests.bench.cast import people
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground
from tests.bench.peaks import peak

SECRET = "a secret of the benchmark"
MB = 1024 * 1024
OWN = {"OURA_CLIENT_ID": "bench", "OURA_CLIENT_SECRET": SECRET}


@benchmark("pushes", order=60)
def pushes(ground: Ground) -> Iterator[BenchFigure]:
    """Yield signed events of Oura for 50 connected people: from one sender, then from four at once; then
    10 MB at once.
    """
    end_users, times = people(ground.size(50, 3)), ground.size(400, 10)
    for number, user in enumerate(end_users):
        connected(user, f"account-{number}")
    before = {name: os.environ.get(name) for name in OWN}
    os.environ.update(OWN)
    ground.stop("web", "worker")
    try:
        port = ground.web(2)
        alone, cost = counted(ground, [job(port, len(end_users), times, "alone", pause=0.005)])
        yield BenchFigure("vendor event stored and answered: p50", alone.p50_ms, "ms", at_most(8), cpu_ms=cost)
        many, cost = counted(ground, [job(port, len(end_users), times, f"sender-{turn}") for turn in range(4)])
        yield BenchFigure("vendor events/s, 4 senders, 2 web processes", many.rate, "/s", at_least(400), cpu_ms=cost)
        kept = Payload.objects.filter(state=Payload.State.ANNOUNCED, provider="oura").count()
        if kept != 5 * times:
            raise load.WrongAnswer(f"{5 * times} events were answered, {kept} are kept")
        yield from memory(ground, port)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        ground.stop("web")


def counted(ground: Ground, jobs: Sequence[load.ClientJob]) -> tuple[load.LoadOutcome, float]:
    """Return what the clients saw, and the CPU in ms that one event costs web servers, database and broker."""
    before = cpu.seconds(ground.pids())
    outcome = load.play(jobs)
    spent = cpu.used(before, cpu.seconds(ground.pids()))
    return outcome, sum(spent[part] for part in ("web", "database", "broker")) / len(outcome.latencies) * 1000


def memory(ground: Ground, port: int) -> Iterator[BenchFigure]:
    """Yield what the largest body accepted adds to the peak of a web process, in multiples of the body."""
    size = 10 * MB - 512
    body = event(0, "large", 0)[:-1] + b',"more":"' + b"x" * (size - 200) + b'"}'
    calm = peak(ground, "web")
    load.play([load.ClientJob(port, [(signed(body), 0)], [body])])
    yield BenchFigure(
        "10 MB event: growth of a web process", (peak(ground, "web") - calm) / len(body), "× body", at_most(3)
    )


def connected(user: EndUser, account: str) -> None:
    """A connection that only receives."""
    Connection.objects.create(
        user_key=user.key, organization_id=user.organization_id, provider="oura", account=account
    )  # fmt: skip


def job(port: int, accounts: int, times: int, name: str, *, pause: float = 0.0) -> load.ClientJob:
    """Different events of one sender."""
    bodies = [event(number % accounts, name, number) for number in range(times)]
    return load.ClientJob(port, [(signed(body), number) for number, body in enumerate(bodies)], bodies, pause=pause)


def event(account: int, name: str, number: int) -> bytes:
    """Return a body as Oura sends it."""
    return msgspec.json.encode(
        {
            "event_type": "update",
            "data_type": "sleep",
            "object_id": f"{name}-{number}",
            "event_time": "2026-04-23T08:00:00+02:00",
            "user_id": f"account-{account}",
        }
    )


def signed(body: bytes) -> bytes:
    """Return the head of its request."""
    stamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), stamp.encode() + body, hashlib.sha256).hexdigest().upper()
    proof = f"X-Oura-Signature: {mac}\r\nX-Oura-Timestamp: {stamp}"
    return load.head("POST", "/v1/webhooks/oura", proof, len(body))
