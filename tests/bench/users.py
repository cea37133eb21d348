"""End users: making, listing and searching them."""

import json
from collections.abc import Iterator
from functools import cache

from accounts.models import EndUser, UserZone
from tests.bench import cpu, load
from tests.bench.cast import Tenant, reading, tenant, vacuum
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground

CLIENTS = 4


@cache
def large_tenant(ground: Ground) -> tuple[Tenant, int]:
    """Return an organization with 10,000 end users, and that number."""
    owner, number = tenant("Large"), ground.size(10_000, 600)
    made = EndUser.objects.bulk_create(
        (
            EndUser(
                organization=owner.organization,
                external_id=f"customer-{turn}",
                first_name=("Ada", "Ben", "Cleo", "Dan", "Eva")[turn % 5],
                last_name=f"Number{turn}",
                email=f"person{turn:05d}@mail{turn % 37}.example.com",
            )
            for turn in range(number)
        ),
        batch_size=1_000,
    )
    UserZone.objects.bulk_create((UserZone(user_key=user.key, valid_from=0, zone="UTC") for user in made), 2_000)
    vacuum()
    return owner, number


@benchmark("users", order=40)
def listing(ground: Ground) -> Iterator[BenchFigure]:
    """Yield a late page, and a search by part of the e-mail."""
    (owner, number), times = large_tenant(ground), ground.size(100, 5)
    pages = [f"/api/v1/users?page={page}&limit=100" for page in (ground.size(80, 4), ground.size(79, 5))]
    found = reading(ground, pages, times, owner.credentials)
    yield BenchFigure("users: page 80 of 100 among 10,000: p50", found.p50_ms, "ms", at_most(8), "39 ms", found.cpu_ms)
    parts = [f"/api/v1/users?search=son{turn * 7:05d}@mail" for turn in range(min(50, number // 7))]
    found = reading(ground, parts, times, owner.credentials)
    yield BenchFigure(
        "users: search by part of an e-mail, 10,000: p50", found.p50_ms, "ms", at_most(6), "27 ms", found.cpu_ms
    )


@benchmark("registering", order=61)
def making(ground: Ground) -> Iterator[BenchFigure]:
    """POST /users by 4 clients at once from 2 web processes."""
    owner, number = tenant("Growing"), ground.size(1_000, 20)
    port = ground.web(workers=2)
    jobs = []
    for client in range(CLIENTS):
        contents = [
            json.dumps(
                {"first_name": "Jane", "email": f"jane{client}-{turn}@example.com", "external_id": f"{client}/{turn}"}
            )
            for turn in range(number)
        ]
        bodies = [content.encode() for content in contents]
        heads = [load.head("POST", "/api/v1/users", owner.credentials, len(body)) for body in bodies]
        jobs.append(load.ClientJob(port, [(head, turn) for turn, head in enumerate(heads)], bodies))
    before = cpu.seconds(ground.pids())
    outcome = load.play(jobs, expect=201)
    cost = sum(cpu.used(before, cpu.seconds(ground.pids())).values()) / len(outcome.latencies)
    yield BenchFigure(
        "POST /users, 4 clients, 2 web processes", outcome.rate, "/s", at_least(500), "144/s", cost * 1000
    )
