"""Two tenants throw everything at the dispatcher that a server can do; a third one must not notice.

The dispatcher is a process of its own, as in production, and so are the hostile servers. Its clock runs sixty times
faster: an hour is over in a minute, and a run of the dispatcher every two thirds of a second.

Times are compared with those of the same machine a moment before, when nobody was hostile. What a busy machine does to
one of the two is no fault, so it is measured again; a neighbour who really costs something does so every time.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median, quantiles

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import Organization
from accounts.webhooks.models import Attempt, Delivery, Endpoint
from tests import machine
from tests.webhooks import hostile, making
from tests.webhooks.receiver import Customer
from tests.webhooks.test_faults import database_url, until, worker

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.django_db(transaction=True)]
SCALE = 60
MESSAGES = 60
PAUSE = 0.03  # seconds between the healthy tenant's messages
TIMES = 2.0  # as long as in quiet, at most
ROUNDS = 5
LATE = 1.0  # s; more only where the machine is as late by itself, in quiet, or as slow and as still meanwhile
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
        """Return seconds from emission to arrival of what has arrived, by the first time."""
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


def silence(tenants: Iterable[Organization]) -> None:
    """Have nothing more to do with these: as if they had never been."""
    keys = list(Endpoint.objects.filter(organization__in=tenants).values_list("key", flat=True))
    Endpoint.objects.filter(pk__in=keys).update(status=Endpoint.Status.PAUSED)
    Delivery.objects.filter(endpoint_key__in=keys, state=State.PENDING).update(state=State.DROPPED, lease=None)
    time.sleep(1.0)  # what is under way comes to its deadline


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

        @settings(
            max_examples=4, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(ADDRESSES, ADDRESSES)
        def throw(first: list[str], second: list[str]) -> None:
            ratios = list[float]()
            while not ratios or (min(ratios) > TIMES and len(ratios) < ROUNDS):
                quiet = p95(tenant.run([]))
                tenants = [
                    hostile_tenant([one if "://" in one else f"{address}/{one}" for one in kinds])
                    for kinds in (first, second)
                ]
                ratios.append(p95(tenant.run(tenants)) / quiet)
                assert set(tenant.counted().values()) == {1}
                silence(tenants)
            seen.append(ratios)
            assert min(ratios) <= TIMES, (ratios, first, second)

        seen: list[list[float]] = []
        throw()
    print("p95 of a healthy tenant beside hostile ones, as a multiple of its quiet one:", seen)  # noqa: T201
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
            quiet = max(tenant.run([]))
            tenant.emitted.clear()
            receiver.got.clear()
            hour = time.monotonic() + 3600 / SCALE
            number, slowness, stall = 0, list[float](), 0.0
            while (began := time.monotonic()) < hour:
                tenant.emit()
                number += 1
                if number % 5 == 0:
                    making.emit(mixed)
                if number % 20 == 0:
                    making.emit(hanging)
                time.sleep(0.1)
                stall = max(stall, time.monotonic() - began - 0.1)
                if number % 20 == 0:
                    slowness.append(machine.slowness())
            until(lambda: len(tenant.waits()) == len(tenant.emitted))
            counted, emitted = tenant.counted(), set(tenant.emitted)
            waits = sorted(tenant.waits())
            key = Endpoint.objects.get(organization=tenant.organization).key
            tries = Counter(Attempt.objects.filter(endpoint_key=key).values_list("number", "error"))
            slow, numbers = median(slowness), (p95(waits), waits[-5:])
            print("waits within the hour, s:", *numbers, "in quiet:", quiet, "slow:", slow, stall, tries)  # noqa: T201
            silence([hanging, mixed])
            quiet = max(quiet, *tenant.run([]))
            until(lambda: not Delivery.objects.filter(endpoint_key=key, state=State.PENDING).exists())
            by_itself = slow * max(LATE, TIMES * quiet) + stall
            late = [round(wait, 2) for wait in waits if wait > by_itself]
        assert set(counted) == emitted, "0 lost"
        assert set(counted.values()) == {1}, "0 doubled"
        assert late == [], "0 late"
    of_healthy = Delivery.objects.filter(endpoint_key=Endpoint.objects.get(organization=tenant.organization).key)
    assert set(of_healthy.values_list("state", flat=True)) == {State.DELIVERED}
    assert Attempt.objects.filter(number__gte=3).exists(), "the others were tried again and again meanwhile"
