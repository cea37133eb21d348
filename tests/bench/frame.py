"""The frame of a request: what a call costs before and after the view, and lists that are hardly more than that."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlencode

from tests.bench import cpu, load
from tests.bench.cast import BenchReader, people, reader, reading, tenant
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark
from tests.bench.ground import Ground
from tests.bench.reads import days_of, timeseries
from wearlink import programs

CLIENTS = 8


def days(one: BenchReader, number: int, back: int) -> str:
    """Return the query of so many local days that end some days back."""
    last = one.today - timedelta(days=back)
    return urlencode({"start_date": last - timedelta(days=number - 1), "end_date": last, "limit": 100})


@benchmark("frame", order=28)
def frame(ground: Ground) -> Iterator[BenchFigure]:
    """Yield a user by id from one client; then as many as 8 clients at once can get, and pages of a day likewise."""
    end_users = people(ground.size(200, 5))
    paths = [f"/api/v1/users/{user.id}" for user in end_users]
    found = reading(ground, paths, ground.size(1_000, 10))
    yield BenchFigure("users/{id}: p50", found.p50_ms, "ms", at_most(1.3), "", found.cpu_ms)
    yield from at_once(ground, "users/{id}, 8 clients", paths, 1_200)
    one = reader(ground)
    pages = [timeseries(one, start, end) for start, end in days_of(one)]
    yield from at_once(ground, "one-day pages, 8 clients", pages, 700, peer="83/s")


def at_once(ground: Ground, name: str, paths: Sequence[str], target: float, peer: str = "") -> Iterator[BenchFigure]:
    """Yield requests a second of 8 clients to as many web processes as `make run` starts, and who computed for them."""
    port, seconds = ground.web(programs.web_processes()), ground.size(5.0, 0.5)
    requests = [(load.head("GET", path, tenant().credentials), None) for path in paths]
    load.play([load.ClientJob(port, requests, seconds=seconds / 4)] * CLIENTS)
    before = cpu.seconds(ground.pids())
    outcome = load.play([load.ClientJob(port, requests, seconds=seconds)] * CLIENTS)
    used = cpu.used(before, cpu.seconds(ground.pids())) | {"client": outcome.cpu}
    cost = 1000 * (sum(used.values()) - outcome.cpu) / len(outcome.latencies)
    yield BenchFigure(name, outcome.rate, "/s", at_least(target), peer, cost)
    yield from (BenchFigure(f"  share of CPU: {part}", share, "%") for part, share in cpu.shares(used).items())


@benchmark("lists", order=29)
def lists(ground: Ground) -> Iterator[BenchFigure]:
    """Lists of thirty days, the body summary, a page of users."""
    one, times = reader(ground), ground.size(200, 5)
    for name, path, target in (
        ("events/workouts, 30 days: p50", "events/workouts", 2.5),
        ("events/sleep, 30 days, 60 sessions: p50", "events/sleep", 3.5),
        ("health-scores, 30 days: p50", "health-scores", 2.0),
    ):
        found = reading(ground, [f"{one.path}/{path}?{days(one, 30, back)}" for back in range(10)], times)
        yield BenchFigure(name, found.p50_ms, "ms", at_most(target), "", found.cpu_ms)
    found = reading(ground, [f"{one.path}/summaries/body"], times)
    yield BenchFigure("summaries/body: p50", found.p50_ms, "ms", at_most(4), "", found.cpu_ms)
    people(100)
    found = reading(ground, ["/api/v1/users?limit=100"], times)
    yield BenchFigure("users, page of 100: p50", found.p50_ms, "ms", at_most(4), "", found.cpu_ms)
