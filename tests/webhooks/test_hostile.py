"""Two tenants throw everything at the dispatcher that a server can do; a third one must not notice.

The dispatcher is a process of its own, as in production. Its clock runs sixty times faster, so a call may take a
quarter of a second and an hour is over in a minute.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from accounts.webhooks.models import Attempt, Delivery, Endpoint
from tests.webhooks import hostile, making
from tests.webhooks.receiver import Customer
from tests.webhooks.test_faults import database_url, until, worker

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.django_db(transaction=True)]
SCALE = 60
MESSAGES = 60
PAUSE = 0.03  # seconds between the healthy tenant's messages
FLOOR = 0.5  # seconds: what a busy machine may take by itself; `make bench` has the figure
LATE = 2.0  # s; two of these run at a time on two cores
State = Delivery.State


@dataclass(slots=True)
class Healthy:
    """A tenant whose server answers, and when each message was emitted."""

    organization: Organization
    receiver: Customer
    path: str
    emitted: dict[str, float] = field(default_factory=dict)

    def emit(self) -> None:
        now = time.time()
        self.emitted[making.emit(self.organization)] = now

    def waits(self) -> list[float]:
        """Seconds from emission to arrival of what has arrived, by the first time."""
        came: dict[str, float] = {}
        for one in self.receiver.at(self.path):
            came.setdefault(one.id, one.at)
        return [came[name] - when for name, when in self.emitted.items() if name in came]

    def counted(self) -> Counter[str]:
        return Counter(one.id for one in self.receiver.at(self.path))

    def run(self, hostile_ones: list[Organization]) -> list[float]:
        """Emit messages one by one, and some of the others' between them; the waits."""
        self.emitted.clear()
        for number in range(MESSAGES):
            self.emit()
            if number % 10 == 0:
                for one in hostile_ones:
                    making.emit(one)
            time.sleep(PAUSE)
        until(lambda: len(self.waits()) == len(self.emitted))
        return self.waits()


def healthy(receiver: Customer, name: str) -> Healthy:
    organization = Organization.objects.create(name=name)
    making.endpoint(organization, f"{receiver.url}/{name}", "connection.*")
    return Healthy(organization, receiver, f"/{name}")


def hostile_tenant(addresses: list[str]) -> Organization:
    organization = Organization.objects.create(name="Hostile")
    for number, address in enumerate(addresses):
        endpoint = making.endpoint(organization, "https://customer.example.com/", "connection.*")
        Endpoint.objects.filter(pk=endpoint.key).update(url=address if "invalid" in address else f"{address}/{number}")
    return organization


def p95(waits: list[float]) -> float:
    return quantiles(waits, n=20)[18]


ADDRESSES = st.lists(st.sampled_from([*hostile.KINDS, *hostile.NOWHERE]), min_size=10, max_size=20)


def test_whatever_two_tenants_servers_do_a_third_gets_each_message_once_and_in_time(
    receiver: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE", str(SCALE))
    monkeypatch.setenv("THREADS", "32")
    tenant = healthy(receiver, "healthy")
    with hostile.hostile_server() as address, worker(database_url()):
        tenant.run([])  # finds everything cold
        quiet = p95(tenant.run([]))

        @settings(
            max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(ADDRESSES, ADDRESSES)
        def throw(first: list[str], second: list[str]) -> None:
            tenants = [
                hostile_tenant([one if "://" in one else f"{address}/{one}" for one in kinds])
                for kinds in (first, second)
            ]
            waits = tenant.run(tenants)
            assert p95(waits) <= max(2 * quiet, FLOOR), (quiet, sorted(waits)[-10:], first, second)
            assert set(tenant.counted().values()) == {1}

        throw()
    assert set(tenant.emitted) <= set(tenant.counted())
    assert Attempt.objects.filter(succeeded=False).exists()


def test_an_hour_of_hostile_servers_loses_nothing_doubles_nothing_and_delays_nothing(
    receiver: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCALE", str(SCALE))
    monkeypatch.setenv("THREADS", "32")
    tenant = healthy(receiver, "healthy")
    kinds = [*hostile.KINDS]
    with hostile.hostile_server() as address:
        hanging = hostile_tenant([f"{address}/hang"] * 40)
        mixed = hostile_tenant([*(f"{address}/{kind}" for kind in kinds), *hostile.NOWHERE])
        with worker(database_url()):
            tenant.emit()
            until(lambda: len(tenant.waits()) == 1)  # it has started
            tenant.emitted.clear()
            receiver.got.clear()
            hour = time.monotonic() + 3600 / SCALE
            number = 0
            while time.monotonic() < hour:
                tenant.emit()
                number += 1
                if number % 5 == 0:
                    making.emit(mixed)
                if number % 20 == 0:
                    making.emit(hanging)
                time.sleep(0.1)
            until(lambda: len(tenant.waits()) == len(tenant.emitted))
            counted = tenant.counted()
            late = [round(wait, 2) for wait in tenant.waits() if wait > LATE]
        assert set(counted) == set(tenant.emitted), "0 lost"
        assert set(counted.values()) == {1}, "0 doubled"
        assert late == [], "0 late"
    of_healthy = Delivery.objects.filter(endpoint_key=Endpoint.objects.get(organization=tenant.organization).key)
    assert set(of_healthy.values_list("state", flat=True)) == {State.DELIVERED}
    assert Attempt.objects.filter(number__gte=3).exists(), "the others were tried again and again meanwhile"
