"""Everything that depends on the time of day, the day of the week or the calendar, at thirty moments."""

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection

from accounts.models import EndUser
from healthdata.days import ZoneHistory
from healthdata.records import Rejected
from providers import registry
from providers.adapters.oura.simulated import documents
from providers.contract import Context
from providers.models import Connection, Payload, SyncRun
from providers.payloads import receive, tasks
from providers.pull import pull
from providers.simulator.state import VendorState
from providers.simulator.world import SimulatedWorld
from tests import factories
from tests.providers import connecting
from tests.providers.simulated import account_of, connect, work, world
from tests.providers.vendor import Vendor
from wearlink.demo import filling, wire
from wearlink.demo.day import HOUR, local_date
from wearlink.demo.demo_users import DEMO_USERS
from wearlink.lib import clock

__all__ = ["world"]
pytestmark = [pytest.mark.every_moment, pytest.mark.django_db]


def test_clock_and_database_agree(moment: datetime) -> None:
    assert timedelta(0) <= clock.now() - moment < timedelta(seconds=30)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now(), statement_timestamp(), clock_timestamp()")
        for database_time in cursor.fetchone():
            assert abs(database_time - clock.now()) < timedelta(seconds=30)


def test_a_simulated_world_is_whole_and_goes_on(moment: datetime) -> None:
    world, now = SimulatedWorld(), clock.now_ms()
    strava, runner = world.vendors["strava"], account_of(world, "strava")
    assert len(strava.moved(runner, now - 7 * 24 * HOUR, now)) in (4, 5)
    oura, account = world.vendors["oura"], account_of(world, "oura")
    hours = [oura.moved(account, now + hour * HOUR, now + (hour + 1) * HOUR) for hour in range(30)]
    assert hours == [oura.moved(account, now + hour * HOUR, now + (hour + 1) * HOUR) for hour in range(30)]
    assert {kind for moved in hours for _, kind, _ in moved} >= {"sleep", "daily_activity"}
    today = documents.today(now)
    for kind in ("sleep", "daily_activity", "daily_readiness", "workout"):
        rows = documents.listed(kind, account, today - timedelta(days=3), today, VendorState(), now)
        body = orjson.dumps({"data": rows})
        found = registry.get("oura").normalise(body, Context(received=now, zones=ZoneHistory(), kind=kind))
        assert not [record for record in found if isinstance(record, Rejected)], kind


@pytest.mark.parametrize("demo_user", DEMO_USERS, ids=lambda demo_user: demo_user.provider)
def test_the_demo_reaches_to_the_last_hour_and_no_further(moment: datetime, demo_user: Any, jane: EndUser) -> None:
    until = clock.now_ms() // HOUR * HOUR
    days = list(filling.missing(demo_user, jane, until, 2))
    # one of them travels, so that the day there may be another than at home
    assert abs((days[-1].date - local_date(until, demo_user.time_zone)).days) <= 1
    context = Context(received=until, zones=ZoneHistory(((0, demo_user.time_zone),)))
    ends = []
    for day in days:
        for record in registry.get(demo_user.provider).normalise(wire.body(day, until), context):
            assert not isinstance(record, Rejected)
            ends.append(getattr(record, "end", None) or getattr(record, "start", 0))
    assert until - 2 * HOUR <= max(ends) <= until  # two: hours of half-hour zones end in the middle of ours


def test_from_consent_to_the_summary_of_yesterday(moment: datetime, world: SimulatedWorld, jane: EndUser) -> None:
    one = connect(world, jane, "oura", scope="daily personal")
    run = SyncRun.objects.get(connection_key=one.pk)
    SyncRun.objects.filter(pk=run.pk).update(start=run.end - timedelta(days=3))
    work(one)
    assert SyncRun.objects.get(pk=run.pk).state == "success"
    client = factories.key_client(jane.organization)
    today = documents.today(clock.now_ms())
    range_ = {"start_date": str(today - timedelta(days=3)), "end_date": str(today)}
    days = client.get(f"/api/v1/users/{jane.id}/summaries/activity", range_).json()["data"]
    assert {row["date"] for row in days if row["steps"]} >= {str(today - timedelta(days=back)) for back in (1, 2)}
    nights = client.get(f"/api/v1/users/{jane.id}/summaries/sleep", range_).json()["data"]
    assert {row["date"] for row in nights} >= {str(today - timedelta(days=back)) for back in (1, 2)}
    scores = client.get(f"/api/v1/users/{jane.id}/health-scores", range_).json()["data"]
    assert {row["category"] for row in scores} >= {"sleep", "readiness"}


def test_payloads_and_runs_become_due_by_the_hour(moment: datetime, vendor: Vendor, jane: EndUser) -> None:
    ages = (timedelta(days=90, hours=hours) for hours in (-1, 1))
    young, old = (given(jane, number, clock.now() - age) for number, age in enumerate(ages))
    tasks.prune_payloads()
    assert list(Payload.objects.filter(pk__in=[young, old]).values_list("pk", flat=True)) == [young]
    row = connecting.connect(vendor, jane)
    connecting.work(row)
    Connection.objects.update(next_sync_at=clock.now() + timedelta(minutes=1))
    assert pull.open_periodic() == 0
    Connection.objects.update(next_sync_at=clock.now() - timedelta(seconds=1))
    assert (pull.open_periodic(), pull.open_periodic()) == (1, 0)
    row.refresh_from_db()
    assert row.next_sync_at is not None
    assert timedelta(hours=20) < row.next_sync_at - clock.now() < timedelta(hours=28)


def given(user: EndUser, number: int, received: datetime) -> int:
    """Return a payload that was taken in and worked off then."""
    body = receive.IncomingPayload(user.key, user.organization_id, "apple", b"%d" % number, items=1)
    payload = Payload.objects.get(batch_id=receive.receive(body))
    Payload.objects.filter(pk=payload.pk).update(received_at=received, state="done")
    return payload.pk
