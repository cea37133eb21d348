"""Faults of any vendor: answers that break off, a revoked grant, pushes about strangers."""

from typing import Any

import msgspec
import pytest
from django.db.models.functions import Now

from accounts.models import EndUser
from providers.models import Connection, IgnoredEvent, Payload, SyncRun
from providers.runs import sync_runs
from providers.simulator.world import SECRET, SimulatedWorld
from providers.vendor_api import credentials
from providers.webhooks import receive
from tests.providers import simulated
from tests.providers.adapters.client import inbound
from tests.providers.simulated import connect, order, run_of, work, world

__all__ = ["world"]
PULLED = [provider.slug for provider in credentials.all_clouds() if provider.capabilities.pull]
#: what of each vendor's pushes is told of, and whether the simulator's own secret proves it
PUSHED = {"google_health": "sleep", "fitbit": "sleep", "oura": "sleep", "whoop": "sleep", "strava": "activity"}


def go_on(connection: Connection) -> None:
    """Work on the connection after the time that it waits for."""
    SyncRun.objects.open().filter(connection_key=connection.pk).update(due_at=Now())
    work(connection)


@pytest.mark.parametrize("slug", PULLED)
def test_an_answer_that_breaks_off_costs_time_and_a_grant_taken_back_ends_it(
    world: SimulatedWorld, jane: EndUser, slug: str
) -> None:
    connection = connect(world, jane, slug)
    run = run_of(connection)
    SyncRun.objects.filter(pk=run.pk).update(start=run.end)  # a day will do
    order(world, "faults", vendor=slug, kind="cut")
    work(connection)
    assert run_of(connection).state == "queued"
    go_on(connection)
    run = run_of(connection)
    assert (run.state, run.problems) == ("success", [])
    assert not Payload.objects.filter(user_key=jane.key, state="dead").exists()

    order(world, "revoke", vendor=slug, account=simulated.account_of(world, slug))
    sync_runs.open_latest(Connection.objects.get(pk=connection.pk), SyncRun.Trigger.MANUAL, 0)
    work(connection)
    connection.refresh_from_db()
    assert (connection.status, connection.reason in ("refresh_failed", "token_rejected")) == ("expired", True)


@pytest.mark.django_db
@pytest.mark.parametrize("slug", sorted(PUSHED))
def test_a_push_about_a_stranger_is_answered_as_any_other_and_counted(
    world: SimulatedWorld, jane: EndUser, slug: str
) -> None:
    connect(world, jane, slug)
    held = Payload.objects.filter(user_key=jane.key).count()
    vendor, now = world.vendors[slug], world.now()
    stranger = list(vendor.people)[1]
    kind = PUSHED[slug]
    body = vendor.event(stranger, "updated" if slug == "whoop" else "update", kind, vendor.newest(stranger, kind, now),
                        world.states[slug], now)  # fmt: skip
    headers: dict[str, Any] = {name.lower(): value for name, value in vendor.sign(body, SECRET, now).items()}
    push = msgspec.structs.replace(inbound(body, headers=headers), received=now)
    reply = receive.receive(slug, None, push)
    assert reply.status == credentials.get_cloud(slug).accepted_status
    assert Payload.objects.filter(user_key=jane.key).count() == held
    assert IgnoredEvent.objects.filter(provider=slug, reason=IgnoredEvent.Reason.UNKNOWN_ACCOUNT).exists()
