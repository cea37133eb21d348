"""The owners of measured data: a tenant, its users, and one who has plenty of everything."""

import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from django.db import connection

from accounts.end_users import users
from accounts.models import EndUser, Organization
from accounts.sign_in.registration import create_organization
from healthdata.days import ZoneHistory
from healthdata.records import Record, Rejected, Sample, SourceInfo, StatedZone
from healthdata.store import store
from providers import registry
from providers.contract import Context
from tests.bench import cpu, load
from tests.bench.figures import median
from tests.bench.ground import Ground
from wearlink.demo import wire
from wearlink.demo.day import DemoDay, local_date
from wearlink.demo.demo_users import ANNA
from wearlink.lib import clock
from wearlink.lib.postgres.owner import as_owner

DENSE_STEP = 5_000  # ms between two heart rates of a dense watch
DENSE_WATCH = SourceInfo("apple", model="Watch6,18", name="Ultra", device_type="watch", app="com.apple.health")


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organization and the header line that speaks for it."""

    organization: Organization
    credentials: str


@cache
def tenant(name: str = "Bench") -> Tenant:
    """Return one organization by that name."""
    made = create_organization(
        name=name, email=f"{name.lower()}@example.com", password=secrets.token_urlsafe(16), verified=True
    )
    return Tenant(made.organization, f"X-WearLink-API-Key: {made.api_key.secret}")


def people(number: int) -> list[EndUser]:
    return [users.create(tenant().organization, {}) for _ in range(number)]


@dataclass(frozen=True, slots=True)
class BenchReader:
    """A user with years of nothing but reading: dense samples in [first, last), and `days` local days of everything."""

    user: EndUser
    first: int
    last: int
    samples: int
    today: date
    days: int

    @property
    def path(self) -> str:
        """Below which this user's data lies."""
        return f"/api/v1/users/{self.user.id}"


@cache
def reader(ground: Ground) -> BenchReader:
    """1,000,000 heart rates of a dense watch over 58 days, and 200 days of all else from another watch and a phone."""
    # 40,000 of every 5 s are 55 hours: a whole UTC day lies in them whenever they end
    number, days = ground.size(1_000_000, 40_000), ground.size(200, 30)
    user = users.create(tenant().organization, {"time_zone": ANNA.time_zone})
    last = clock.now_ms() // DENSE_STEP * DENSE_STEP
    first = last - number * DENSE_STEP
    for slice_start in range(first, last, 50_000 * DENSE_STEP):
        store(user.key, [list(dense(slice_start, min(last, slice_start + 50_000 * DENSE_STEP)))])
    today = local_date(last, ANNA.time_zone)
    for back in range(0, days, 10):
        dates = [today - timedelta(days=one) for one in range(back, min(back + 10, days))]
        store(user.key, [everyday(day, last) for day in dates])
    vacuum()
    return BenchReader(user, first, last, number, today, days)


def dense(first: int, last: int) -> Iterator[Sample]:
    """Yield heart rates as a watch in a workout records them: whole numbers that wander."""
    chance, beats = random.Random(first), 70.0
    for at in range(first, last, DENSE_STEP):
        beats = min(180.0, max(45.0, beats + chance.choice((-2, -1, -1, 0, 0, 0, 1, 1, 2))))
        yield Sample(DENSE_WATCH, "heart_rate", at, beats, None, 60)


def everyday(day: date, until: int) -> list[Record]:
    """Return a day of the demo's Anna as records."""
    context = Context(received=until, zones=ZoneHistory(((0, ANNA.time_zone),)))
    found = registry.get("apple").normalise(wire.body(DemoDay(ANNA, day), until), context)
    return [record for record in found if not isinstance(record, Rejected | StatedZone)]


def vacuum() -> None:
    """Vacuum, as autovacuum would a minute later."""
    with as_owner(connection), connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


@dataclass(frozen=True, slots=True)
class Answering:
    """Middle latency in ms, and the CPU in ms that one request costs web server, database and broker."""

    p50_ms: float
    cpu_ms: float


def answering(ground: Ground, jobs: Sequence[load.ClientJob], *, expect: int = 200) -> Answering:
    """Plays jobs and reads the CPU around them."""
    before = cpu.seconds(ground.pids())
    outcome = load.play(jobs, expect=expect)
    spent = cpu.used(before, cpu.seconds(ground.pids()))
    cost = sum(spent[part] for part in ("web", "database", "broker"))
    return Answering(median(outcome.latencies) * 1000, cost / len(outcome.latencies) * 1000)


def reading(ground: Ground, paths: Sequence[str], times: int, credentials: str = "") -> Answering:
    """Return one client that asks for the paths in turn, after some turns to warm up."""
    port, heads = ground.web(), [load.head("GET", path, credentials or tenant().credentials) for path in paths]
    requests = [(heads[turn % len(heads)], None) for turn in range(times)]
    load.play([load.ClientJob(port, requests[: 5 + times // 10])])
    return answering(ground, [load.ClientJob(port, requests)])
