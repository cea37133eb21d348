"""Payments: Razorpay's webhook, and the usage page among many organizations with a year of counters."""

import hmac
import json
import os
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection

from accounts import usage
from tests.bench import load
from tests.bench.cast import answering, reading, tenant, vacuum
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground
from wearlink.lib import clock

SECRET = "the webhook secret of benchmarks"
_COUNTERS = """
    INSERT INTO accounts_dailyusage (organization_id, date, metric, slot, total)
    SELECT owner.id, %s::date - day, metric, 0, 1000 + day
    FROM generate_series(0, %s) AS day, accounts_organization owner, unnest(%s::text[]) AS metric
    ON CONFLICT DO NOTHING
"""
_ORGANIZATIONS = """
    INSERT INTO accounts_organization (id, name, time_zone, redirect_addresses, settings, plan, created_at, updated_at)
    SELECT gen_random_uuid(), 'Bench ' || number, 'UTC', '[]', '{}', 'hobby', now(), now()
    FROM generate_series(1, %s) AS number
"""


@benchmark("razorpay", order=62)
def webhook(ground: Ground) -> Iterator[BenchFigure]:
    """Different events, one after the other: proven, stored, handed to the workers."""
    settings.RAZORPAY_WEBHOOK_SECRET = os.environ["RAZORPAY_WEBHOOK_SECRET"] = SECRET
    ground.stop()  # web processes read the environment when they start
    times = ground.size(300, 10)
    heads, bodies = [], []
    for number in range(2 * times):
        body = json.dumps(_event(number)).encode()
        signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
        credentials = f"X-Razorpay-Signature: {signature}\r\nX-Razorpay-Event-Id: evt_bench_{number}"
        heads.append(load.head("POST", "/v1/webhooks/razorpay", credentials, len(body)))
        bodies.append(body)
    requests = [(head, number) for number, head in enumerate(heads)]
    port = ground.web()
    load.play([load.ClientJob(port, requests[:times], bodies)])
    found = answering(ground, [load.ClientJob(port, requests[times:], bodies)])
    yield BenchFigure("Razorpay's webhook: p50", found.p50_ms, "ms", at_most(8), "", found.cpu_ms)


@benchmark("usage", order=63)
def page(ground: Ground) -> Iterator[BenchFigure]:
    """Yield a year and a month of one organization among many, all with a year of days."""
    number, days = ground.size(1_000, 20), ground.size(365, 40)
    owner, today = tenant("Counted"), clock.now().date()
    with connection.cursor() as cursor:
        cursor.execute(_ORGANIZATIONS, [number - 1])
        cursor.execute(_COUNTERS, [today, days, list(usage.METRICS)])
    vacuum()
    times = ground.size(100, 5)
    year = f"/api/v1/billing/usage?start_date={today - timedelta(days=365)}&end_date={today}"
    found = reading(ground, [year], times, owner.credentials)
    name = f"usage page, a year of days, {number:,} organizations: p50"
    yield BenchFigure(name, found.p50_ms, "ms", at_most(15), "", found.cpu_ms)
    found = reading(ground, ["/api/v1/billing/usage"], times, owner.credentials)
    yield BenchFigure("usage page, this month: p50", found.p50_ms, "ms", at_most(15), "", found.cpu_ms)


def _event(number: int) -> dict[str, object]:
    """Return a charge as Razorpay tells of it, of a subscription that nobody has."""
    subscription = {"id": f"sub_bench{number}", "status": "active", "plan_id": "plan_bench", "paid_count": 1}
    payment = {"id": f"pay_bench{number}", "amount": 831_600, "currency": "INR", "status": "captured", "fee": 19_626}
    payload = {"subscription": {"entity": subscription}, "payment": {"entity": payment}}
    return {"entity": "event", "account_id": "acc_bench", "event": "subscription.charged",
            "contains": list(payload), "payload": payload, "created_at": 1_777_000_062}  # fmt: skip
