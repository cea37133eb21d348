"""Pushes that nothing proves, as Strava's: nobody can use up the calls of all organizations with them."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import EndUser
from providers.models import Connection, IgnoredEvent, Payload, VendorSubscription
from providers.simulator.world import SimulatedWorld
from providers.vendor_api import credentials
from tests.providers.simulated import connect, counts, work, world

__all__ = ["world"]
EVENT = {"object_type": "activity", "aspect_type": "create", "event_time": 1_773_298_961, "subscription_id": 301177}


@pytest.fixture
def connected(world: SimulatedWorld, jane: EndUser) -> Connection:
    """Jane's connection after its first run."""
    found = connect(world, jane, "strava")
    work(found)
    return found


def push(connection: Connection, number: int, *, address: str = "", **fields: Any) -> int:
    body = {**EVENT, "object_id": number, "owner_id": int(connection.account), **fields}
    end = f"/secret/{address}" if address else ""
    answer = Client().post(f"/v1/webhooks/strava{end}", json.dumps(body), content_type="application/json")
    return answer.status_code


def subscribed(vendor_id: str = "301177") -> str:
    """Strava has been told the platform's secret address; returns its end."""
    app = credentials.platform_app(credentials.get_cloud("strava"))
    assert app is not None
    VendorSubscription.objects.create(provider="strava", topic="all", vendor_id=vendor_id, callback_url=app.webhook_url)
    return app.webhook_url.rpartition("/")[2]


def announced() -> int:
    return Payload.objects.filter(state="announced").count()


def test_the_address_strava_is_told_is_nobody_elses_to_know_and_the_plain_one_is_closed(connected: Connection) -> None:
    secret = subscribed()
    assert len(secret) == 40
    assert push(connected, 1) == 403
    assert (push(connected, 2, address=secret), announced()) == (200, 1)
    assert push(connected, 3, address="0" * 40) == 403


def test_a_push_of_another_subscription_is_counted_and_not_looked_into(connected: Connection) -> None:
    VendorSubscription.objects.create(provider="strava", topic="all", vendor_id="301177")
    assert push(connected, 1, subscription_id=999) == 200
    assert announced() == 0
    assert push(connected, 1) == 200
    assert announced() == 1
    assert IgnoredEvent.objects.get(reason="unproven").count == 1


def test_one_account_is_looked_into_only_so_often(connected: Connection) -> None:
    assert {push(connected, number) for number in range(120)} == {200}  # nobody was told another address yet
    assert announced() == 20
    assert IgnoredEvent.objects.get(reason="unproven").count == 100


def test_a_flood_of_forged_pushes_leaves_most_calls_to_others(world: SimulatedWorld, connected: Connection) -> None:
    for number in range(120):
        push(connected, number)
    before = counts(world, "strava")["api_calls"]
    work(connected)
    assert counts(world, "strava")["api_calls"] - before <= 20
    Payload.objects.filter(state="announced").update(due_at=connected.connected_at)
    work(connected)
    assert counts(world, "strava")["api_calls"] - before <= 40  # repeated once, and never escalated to a fetch of days


@pytest.mark.parametrize(
    "fields", [{"object_type": "a\u0000b"}, {"object_type": "activity", "aspect_type": "up\u0000date"}]
)
def test_a_name_that_cannot_be_stored_is_no_error_of_ours(connected: Connection, fields: dict[str, str]) -> None:
    assert push(connected, 1, **fields) == 200


@pytest.mark.parametrize("slug", ["oura", "strava"])
@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000])
def test_nesting_without_end_is_refused(world: SimulatedWorld, jane: EndUser, slug: str, body: bytes) -> None:
    headers = {"x-oura-signature": "AB" * 32, "x-oura-timestamp": "1773298961"}
    answer = Client().post(f"/v1/webhooks/{slug}", body, content_type="application/json", headers=headers)
    assert answer.status_code in (400, 401)
