"""Workers and servers whose clock is wrong: leases and waits go by the database's."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Developer
from accounts.webhooks.backends.builtin import BuiltIn
from accounts.webhooks.delivery import leases
from accounts.webhooks.delivery.leases import Room
from accounts.webhooks.models import Attempt, Delivery, Message
from tests.webhooks import making
from tests.webhooks.receiver import Customer
from tests.wrong_clock import TEN_MINUTES, Off

pytestmark = pytest.mark.django_db


@pytest.fixture
def off(monkeypatch: pytest.MonkeyPatch) -> Off:
    """Sets this process's clock wrong."""
    return Off(monkeypatch)


def wait() -> float:
    """Return seconds until the delivery is due, by the right clock."""
    return (making.only_delivery().due_at - datetime.now(UTC)).total_seconds()


def test_a_worker_ten_minutes_ahead_leaves_a_live_lease_alone(alice: Developer, receiver: Customer, off: Off) -> None:
    making.endpoint(alice.organization, receiver.url, "connection.*")
    making.emit(alice.organization)
    (held,) = leases.take(Room(10))
    off(TEN_MINUTES)
    assert (leases.take(Room(10)), leases.any_due(), making.deliver()) == ([], False, 0)
    assert making.only_delivery().lease == held.lease


@pytest.mark.parametrize("seconds", [TEN_MINUTES, -TEN_MINUTES])
def test_a_lease_lasts_as_long_whoever_takes_it(alice: Developer, receiver: Customer, off: Off, seconds: float) -> None:
    making.endpoint(alice.organization, receiver.url, "connection.*")
    making.emit(alice.organization)
    off(seconds)
    assert len(leases.take(Room(10))) == 1
    assert leases.LEASE_SECONDS - 5 < wait() <= leases.LEASE_SECONDS


@pytest.mark.parametrize("seconds", [TEN_MINUTES, -TEN_MINUTES])
def test_a_worker_whose_clock_is_wrong_delivers_and_tries_again_in_time(
    alice: Developer, receiver: Customer, off: Off, seconds: float
) -> None:
    making.endpoint(alice.organization, receiver.answers("/hook", 500, 200), "connection.*")
    off(seconds)
    making.emit(alice.organization)
    assert making.deliver() == 1
    assert 2 < wait() < 6.1
    assert Attempt.objects.get().next_at == making.only_delivery().due_at
    Delivery.objects.update(due_at=datetime.now(UTC))
    assert making.deliver() == 1
    assert making.only_delivery().state == Delivery.State.DELIVERED


def test_what_a_server_ten_minutes_ahead_emits_or_sends_again_is_due_at_once(
    alice: Developer, receiver: Customer, off: Off
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.url, "connection.*")
    since = datetime.now(UTC) - timedelta(hours=1)

    def recover() -> None:
        Delivery.objects.update(state=Delivery.State.FAILED)
        assert BuiltIn().recover(endpoint, since, since + timedelta(hours=2)) == 1

    def resend() -> None:
        BuiltIn().resend(endpoint, Message.objects.get())

    for act in (lambda: making.emit(alice.organization), recover, resend):
        off(TEN_MINUTES)
        act()
        off(0)  # the worker's is right
        assert making.deliver() == 1
