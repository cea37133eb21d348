"""The developers' portal of a tenant with a hundred thousand end users, as a browser asks for its pages."""

import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from django.db import connection

from accounts import usage
from accounts.models import Developer, EndUser
from accounts.sign_in.registration import create_organization
from healthdata.records import Record, Sample, SourceInfo, StageRecord
from healthdata.store import store
from providers.models import Connection
from tests.bench.cast import reading, vacuum
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground
from tests.bench.portal import session_of
from wearlink.lib import clock

DAY_MS = 86_400_000
BATCH = 5_000
WATCH = SourceInfo(provider="apple", model="Watch6,3", name="Apple Watch", device_type="watch")
#: One statement a table: made one by one they would take minutes.
USERS = """
    INSERT INTO accounts_enduser (id, organization_id, external_id, first_name, last_name, email, time_zone,
                                  source_priority, created_at, updated_at)
    SELECT gen_random_uuid(), %s, 'e-' || n, 'First' || n %% 997, 'Last' || n %% 9973, 'n' || n || '@example.com',
           'UTC', '{}', now() - n * interval '1 minute', now()
    FROM generate_series(1, %s) n
"""
PASSWORD = "copper lantern on the windowsill"


@benchmark("dashboard", order=82)
def dashboard(ground: Ground) -> Iterator[BenchFigure]:
    """Every page once a developer is signed in, the heaviest with readings every five seconds and a year of days."""
    number, times = ground.size(100_000, 200), ground.size(30, 1)
    began = time.monotonic()
    owner = create_organization(
        name="Pulse", email="bench-dashboard@example.com", password=PASSWORD, verified=True
    ).owner  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(USERS, [owner.organization_id, number])
    connect_all(owner)
    usage.add(owner.organization_id, {usage.SAMPLES_STORED: 1})
    user = measured(owner)
    vacuum()
    yield BenchFigure(f"dashboard: {number:,} end users made", time.monotonic() - began, "s", at_most(300))
    cookie = f"Cookie: sessionid={session_of(owner)}"
    ground.stop()
    yesterday = (clock.now() - timedelta(days=1)).date().isoformat()
    one = f"/dashboard/end-users/{user.id}"
    pages = {
        "home": "/dashboard",
        "end users": "/dashboard/end-users",
        "end users, last page": f"/dashboard/end-users?page={number // 50}&sort=first_name",
        "overview, a day of 5-second heart rate": f"{one}?day={yesterday}",
        "overview, a year": f"{one}?day={yesterday}&days=365",
        "account of a day": f"{one}/days/{yesterday}",
        "workouts": f"{one}/workouts",
        "nutrition": f"{one}/nutrition",
        "samples": f"{one}/samples?day={yesterday}&series=heart_rate",
        "sources": f"{one}/sources",
        "connections": f"{one}/connections",
        "sleep": f"{one}/sleep",
        "scores": f"{one}/scores",
        "export and import": f"{one}/files",
        "profile": f"{one}/profile",
        "changes of one": f"{one}/changes",
        "phone": f"{one}/phone",
        "a meal by hand": f"{one}/nutrition/new",
        "a meal by photo": f"{one}/nutrition/photo",
        "changes": "/dashboard/changes",
        "foods": "/dashboard/foods?q=biryani",
        "event types": "/dashboard/webhooks/event-types",
        "an event type": "/dashboard/webhooks/event-types/workout.created",
        "listeners": "/dashboard/webhooks/listeners",
        "password": "/dashboard/password",
        "deleted end users": "/dashboard/erasures",
        "source order": "/dashboard/source-order",
    }
    for title, path in pages.items():
        found = reading(ground, [path], times, cookie)
        yield BenchFigure(f"dashboard: {title}: p50", found.p50_ms, "ms", at_most(150), "", found.cpu_ms)
    searches = [f"/dashboard/end-users?q=last{number}" for number in range(1, 10)]
    found = reading(ground, searches, times, f"{cookie}\r\nHX-Request: true")
    yield BenchFigure(
        "dashboard: end users found as one types: p50", found.p50_ms, "ms", at_most(150), "", found.cpu_ms
    )


def connect_all(owner: Developer) -> None:
    """Connect all end users to one vendor; one connection in twenty is over."""
    keys = EndUser.objects.filter(organization=owner.organization).order_by("key").values_list("key", flat=True)
    ended, active = Connection.Status.EXPIRED, Connection.Status.ACTIVE
    rows = (
        Connection(
            user_key=key,
            organization_id=owner.organization_id,
            provider="oura",
            account=f"a-{key}",
            status=active if key % 20 else ended,
            reason="" if key % 20 else "token_rejected",
        )
        for key in keys
    )
    while batch := list(islice(rows, BATCH)):
        Connection.objects.bulk_create(batch)


def measured(owner: Developer) -> EndUser:
    """Return one of them with a watch: yesterday's heart every five seconds, steps and nights of a year."""
    user = EndUser.objects.filter(organization=owner.organization).order_by("key")[:1].get()
    midnight = clock.now_ms() // DAY_MS * DAY_MS - DAY_MS
    records: list[Record] = [
        Sample(WATCH, "heart_rate", midnight + second * 1000, 55.0 + second // 300 % 50)
        for second in range(0, 86_400, 5)
    ]
    for back in range(365):
        start = midnight - back * DAY_MS
        records.append(StageRecord(WATCH, start, start + 6 * 3_600_000, "deep"))
        records += [
            Sample(WATCH, "steps", start + hour * 3_600_000, 500.0, duration=3_600_000) for hour in range(8, 20)
        ]
    store(user.key, [records])
    return user
