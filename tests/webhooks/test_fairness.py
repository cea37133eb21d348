"""No customer can hurt another: odd answers, silence, floods and addresses stay the trouble of who has them."""

import itertools
import socket
import threading
import time
from typing import Any

import pytest
from django.db import connection

from accounts.models import Developer, Organization
from accounts.webhooks.contract import DeliveryLane, Job, Outcome
from accounts.webhooks.delivery import dispatch, lanes, leases, outcomes
from accounts.webhooks.delivery.lanes import Lanes, Running, Use
from accounts.webhooks.delivery.leases import Room
from accounts.webhooks.models import Attempt, Delivery, Endpoint
from tests import factories
from tests.webhooks import making
from tests.webhooks.conftest import AdvancedClock
from tests.webhooks.receiver import Customer, CustomerReply
from wearlink.lib import clock
from wearlink.lib.net import egress

pytestmark = pytest.mark.django_db
State = Delivery.State


def come_to(job: Job, **values: Any) -> Outcome:
    return Outcome(job, clock.now(), 5, **{"succeeded": False, **values})


ANSWERS: list[dict[str, Any]] = [
    {"succeeded": True, "status_code": 200},
    {"status_code": 429},
    {"status_code": 500},
    {"status_code": 503, "retry_after": 600.0},
    {"status_code": 503, "retry_after": 1},
    {"status_code": 0, "error": "No answer in time.", "silent": True},
    {"status_code": 0, "error": "The connection failed."},
    {"status_code": 410},
]


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(ANSWERS, 2)))
def test_any_two_outcomes_can_be_stored_together(
    alice: Developer, first: dict[str, Any], second: dict[str, Any]
) -> None:
    for path in ("/a", "/b"):
        making.endpoint(alice.organization, f"http://127.0.0.1:9{path}", "connection.*")
    making.emit(alice.organization)
    one, other = leases.take(Room(10))
    outcomes.record([come_to(one, **first), come_to(other, **second)])
    assert Attempt.objects.count() == 2
    assert not Delivery.objects.filter(lease__isnull=False).exists()


def test_an_outcome_that_cannot_be_stored_takes_no_other_along(alice: Developer) -> None:
    for path in ("/a", "/b"):
        making.endpoint(alice.organization, f"http://127.0.0.1:9{path}", "connection.*")
    making.emit(alice.organization)
    good, bad = leases.take(Room(10))
    outcomes.record([
        come_to(bad, status_code=99_999, error="x\0y"), come_to(good, succeeded=True, status_code=200),
    ])  # fmt: skip
    assert Delivery.objects.get(pk=good.key).state == State.DELIVERED
    waiting = Delivery.objects.get(pk=bad.key)
    assert (waiting.state, waiting.attempts, waiting.lease) == (State.PENDING, 1, None)
    assert Attempt.objects.get(endpoint_key=bad.endpoint_key).error == "The answer could not be stored."


@pytest.mark.parametrize(
    "header",
    [
        "Mon, 99999999999999999999 Jan 2024 00:00:00 GMT", "Thu, 23 Apr 2026 10:02:00 +9999999999999999999",
        "9" * 4000, "-1", "1e9", "nan", "٣", "soon",
    ],
)  # fmt: skip
def test_an_absurd_retry_after_is_a_plain_failure(alice: Developer, receiver: Customer, header: str) -> None:
    url = receiver.answers("/odd", CustomerReply(503, {"Retry-After": header.encode().decode("latin-1")}))
    making.endpoint(alice.organization, url, "connection.*")
    making.endpoint(alice.organization, receiver.url + "/sound", "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert len(receiver.at("/sound")) == 1
    assert Attempt.objects.get(succeeded=False).status_code == 503


@pytest.mark.parametrize("path", ["/é", "/日本?q=ß", "/a b", "/\x01", "/%zz", "//", "/" + "x" * 1900])
def test_an_odd_address_is_the_trouble_of_its_endpoint_alone(alice: Developer, receiver: Customer, path: str) -> None:
    odd = making.endpoint(alice.organization, receiver.url + "/odd", "connection.*")
    Endpoint.objects.filter(pk=odd.key).update(url=receiver.url + path)  # as older rows may have it
    making.endpoint(alice.organization, receiver.url + "/sound", "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert len(receiver.at("/sound")) == 1
    assert Attempt.objects.filter(endpoint_key=odd.key).count() == 1


def test_what_a_call_raises_is_its_own_outcome(
    alice: Developer, receiver: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    making.endpoint(alice.organization, receiver.url + "/odd", "connection.*")
    making.endpoint(alice.organization, receiver.url + "/sound", "connection.*")
    making.emit(alice.organization)
    plain = egress.resolve

    def resolve(url: str, *more: Any) -> Any:
        if url.endswith("/odd"):
            raise MemoryError
        return plain(url, *more)

    monkeypatch.setattr(egress, "resolve", resolve)
    making.deliver()
    assert len(receiver.at("/sound")) == 1
    assert "MemoryError" in Attempt.objects.get(succeeded=False).error


def test_a_name_that_never_resolves_is_given_up_in_time_and_counts_as_silence(
    alice: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = threading.Event()

    def hang(*_: Any, **__: Any) -> Any:
        over.wait(20)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr("wearlink.lib.net.pinned_http.MAX_RESOLVING", 0.2)
    endpoint = making.endpoint(alice.organization, "https://slow.example.com/", "connection.*")
    making.emit(alice.organization)
    began = time.monotonic()
    making.deliver()
    over.set()
    assert time.monotonic() - began < 10  # of twenty
    assert Attempt.objects.get().error == "slow.example.com does not resolve in time."
    endpoint.refresh_from_db()
    assert endpoint.slow


def test_organizations_take_turns_before_their_endpoints_do(alice: Developer) -> None:
    for number in range(20):
        making.endpoint(alice.organization, f"http://127.0.0.1:9/{number}", "connection.*")
    for _ in range(3):
        making.emit(alice.organization)
    charlie = factories.charlie()
    making.endpoint(charlie.organization, "http://127.0.0.1:9/c", "connection.*")
    for _ in range(3):
        making.emit(charlie.organization)
    taken = [job.organization_id for job in leases.take(Room(6))]
    assert taken.count(charlie.organization.pk) == 3


def test_a_rate_is_kept(alice: Developer) -> None:
    slow = making.endpoint(alice.organization, "http://127.0.0.1:9/", "connection.*")
    Endpoint.objects.filter(pk=slow.key).update(rate_limit=2)
    for _ in range(5):
        making.emit(alice.organization)
    assert len(leases.take(Room(10))) == 1
    assert (leases.take(Room(10)), leases.any_due()) == ([], False)
    Endpoint.objects.filter(pk=slow.key).update(next_call_at=clock.now())
    assert len(leases.take(Room(10))) == 1


def test_an_endpoint_that_never_answered_waits_in_the_slow_lane(alice: Developer, receiver: Customer) -> None:
    new = making.endpoint(alice.organization, receiver.url, "connection.*")
    Endpoint.objects.filter(pk=new.key).update(proven_at=None)
    for _ in range(3):
        making.emit(alice.organization)
    (job,) = leases.take(Room(10, 10))
    assert job.lane is DeliveryLane.SLOW
    leases.give_back([job])
    making.deliver()
    new.refresh_from_db()
    assert (len(receiver.got), new.is_slow) == (3, False)
    assert set(Delivery.objects.values_list("leases", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_when_the_time_of_a_run_is_over_others_are_served_until_slow_calls_have_ended() -> None:
    silent = making.endpoint(factories.charlie().organization, "http://127.0.0.1:9/silent", "connection.*")
    Endpoint.objects.filter(pk=silent.key).update(proven_at=None)
    alice = factories.alice()
    making.endpoint(alice.organization, "http://127.0.0.1:9/prompt", "connection.*")
    making.emit(silent.organization)
    making.emit(alice.organization)
    until, served = time.monotonic() + 1.0, threading.Event()
    order: list[str] = []

    def call(made: Job) -> Outcome:
        if made.endpoint_key == silent.key:
            served.wait(20)
            order.append("silent")
            return come_to(made, silent=True)
        order.append("prompt")
        if len(order) == 1:
            time.sleep(max(until - time.monotonic(), 0) + 0.05)
            making.emit(alice.organization)
            connection.close()
        else:
            served.set()
        return come_to(made, succeeded=True, status_code=200)

    dispatch.Dispatcher(Lanes(4), call).deliver(until)
    assert order == ["prompt", "prompt", "silent"]
    assert Attempt.objects.filter(succeeded=True).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_call_that_outlasts_its_lease_is_nobody_elses_while_its_worker_lives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 2.0)
    making.endpoint(factories.alice().organization, "http://127.0.0.1:9/", "connection.*")
    alice = Organization.objects.get()
    making.emit(alice)
    taken_by_others: list[Job] = []

    def call(made: Job) -> Outcome:
        time.sleep(4.0)
        taken_by_others.extend(leases.take(Room(10)))
        connection.close()
        return come_to(made, succeeded=True, status_code=200)

    dispatch.Dispatcher(Lanes(4), call).deliver(time.monotonic() + 10)
    assert taken_by_others == []
    assert making.only_delivery().state == State.DELIVERED


def test_what_a_dead_worker_held_is_free_within_ten_seconds(alice: Developer, time_machine: AdvancedClock) -> None:
    making.endpoint(alice.organization, "http://127.0.0.1:9/", "connection.*")
    making.emit(alice.organization)
    assert len(leases.take(Room(10))) == 1
    time_machine.forward(seconds=9)
    assert leases.take(Room(10)) == []
    time_machine.forward(seconds=1.5)
    assert len(leases.take(Room(10))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_run_whose_time_is_over_begins_no_further_slow_call() -> None:
    customer = factories.charlie().organization
    for path in range(6):
        endpoint = making.endpoint(customer, f"http://127.0.0.1:9/{path}", "connection.*")
        Endpoint.objects.filter(pk=endpoint.key).update(proven_at=None)
    making.emit(customer)
    made = []

    def call(one: Job) -> Outcome:
        made.append(one.key)
        time.sleep(0.3)
        return come_to(one, silent=True)

    dispatch.Dispatcher(Lanes(4), call).deliver(time.monotonic() + 0.1)
    assert len(made) <= 2
    left = Delivery.objects.exclude(pk__in=made)
    assert set(left.values_list("lease", "leases")) == {(None, 0)}, "the others are free for whoever comes next"


# --- Lanes, without a database ------------------------------------------------------------------------------------


def job(organization: Organization, number: int, lane: DeliveryLane = DeliveryLane.FAST) -> Job:
    message = making.Message(organization=organization)
    endpoint = Endpoint(key=number, organization=organization)
    return Job(number, None, 1e12, 0, 0, 0, clock.now(), message, endpoint, lane=lane)  # type: ignore[arg-type]


def begin(one: Lanes, ago: float = 0.0) -> list[Job]:
    """Start what may start, as of so many seconds ago."""
    begun = list(one.startable(Use.of(one)))
    for started in begun:
        one.running[dispatch.Future()] = Running(started, time.monotonic() - ago)
    return begun


def test_one_organization_has_half_of_the_fast_lane() -> None:
    greedy, modest = Organization(name="A"), Organization(name="B")
    one = Lanes(fast=8)
    one.add([job(greedy, number) for number in range(20)])
    assert len(begin(one)) == 4
    one.add([job(modest, 100)])
    assert [started.key for started in begin(one)] == [100]


def test_places_are_left_for_who_answers_however_many_organizations_endpoints_die_at_once() -> None:
    one = Lanes(fast=32, prompt={500})
    dying = [Organization(name=str(number)) for number in range(6)]
    one.add([job(tenant, 10 * number + path) for number, tenant in enumerate(dying) for path in range(10)])
    assert len(begin(one)) == 24
    one.add([job(Organization(name="Healthy"), 500) for _ in range(10)])
    assert [started.endpoint_key for started in begin(one)] == [500] * 8


def test_calls_that_last_give_their_places_back_but_not_without_bound() -> None:
    greedy, modest = Organization(name="A"), Organization(name="B")
    one = Lanes(fast=32)
    one.add([job(greedy, number) for number in range(60)])
    assert len(begin(one, ago=5)) == 16
    assert len(begin(one, ago=5)) == 2, "with many late calls it has two places left"
    one.add([job(modest, 100 + number) for number in range(16)])
    assert len([started for started in begin(one) if started.key >= 100]) == 16
    assert len(one.running) <= one.threads
    assert greedy.pk in one.room(Use.of(one)).fast_full


def test_an_organization_with_late_calls_still_reaches_its_other_endpoints() -> None:
    greedy = Organization(name="A")
    one = Lanes(fast=32)
    one.add([job(greedy, 1) for _ in range(20)])
    begin(one, ago=5)
    one.add([job(greedy, 2)])
    assert [started.endpoint_key for started in begin(one)] == [2]


def test_the_slow_lane_is_shared_too() -> None:
    one = Lanes(fast=32)
    tenants = [Organization(name=str(number)) for number in range(6)]
    one.add([job(tenant, number, DeliveryLane.SLOW) for number in range(10) for tenant in tenants])
    begun = begin(one)
    assert len(begun) == one.slow == 8
    assert max(sum(started.organization_id == tenant.pk for started in begun) for tenant in tenants) == 2


def test_there_are_never_more_calls_than_threads() -> None:
    one = Lanes(fast=4)
    for round_ in range(40):
        one.add([job(Organization(name="n"), 1000 * round_ + number) for number in range(8)])
        begin(one, ago=5)
    assert len(one.running) <= one.threads
    assert sum(running.job.lane is DeliveryLane.FAST for running in one.running.values()) <= 4 + lanes.MAX_LATE


def test_an_endpoint_has_eight_calls_at_a_time() -> None:
    busy = Organization(name="A")
    one = Lanes(fast=32, prompt={1})
    one.add([job(busy, 1) for _ in range(20)])
    assert len(begin(one)) == lanes.MAX_CALLS
    one.add([job(busy, 2)])
    assert [started.endpoint_key for started in begin(one)] == [2]


def test_an_endpoint_that_has_not_answered_here_gets_two_calls_before_it_gets_eight() -> None:
    one = Lanes(fast=32)
    one.add([job(Organization(name="A"), 1) for _ in range(20)])
    first, _ = begin(one)
    call = next(call for call, running in one.running.items() if running.job is first)
    assert begin(one) == []
    one.end(call)
    assert len(begin(one)) == lanes.MAX_CALLS - 1


def test_endpoints_that_have_just_died_hold_few_of_their_organizations_places() -> None:
    """Let two of twenty endpoints never answer; before that is known, the other eighteen go on."""
    customer, dead = Organization(name="A"), {1, 2}
    one, made = Lanes(fast=32), 0
    for _ in range(50):
        room = one.room(Use.of(one))
        if customer.pk not in room.fast_full:  # be it full, then not of what waits for the dead
            one.add([job(customer, number) for number in range(1, 21) for _ in range(4) if number not in room.late])
        begin(one)
        for call in [call for call, running in one.running.items() if running.job.endpoint_key not in dead]:
            one.end(call)
            made += 1
    assert len(one.running) == 2 * lanes.FIRST_CALLS
    assert made >= 50 * 12, "of sixteen places that an organization has"
    waiting = [waiting.endpoint_key for waiting in one.waiting[DeliveryLane.FAST][customer.pk]]
    assert sum(key in dead for key in waiting) <= 8


def test_what_waits_behind_late_calls_of_its_endpoint_is_given_back_and_no_more_is_taken() -> None:
    busy = Organization(name="A")
    one = Lanes(fast=32)
    one.add([job(busy, 1) for _ in range(20)])
    begin(one, ago=5)
    one.add([job(busy, 2)])
    assert {waiting.endpoint_key for waiting in one.take_waiting(lambda job: job.endpoint_key == 1)} == {1}
    assert set(one.room(Use.of(one)).late) == {1}
    assert [started.endpoint_key for started in begin(one)] == [2]
