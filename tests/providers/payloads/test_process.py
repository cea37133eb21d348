"""One user's queue: order, leases, poison, outages, crashes."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from django.db import OperationalError, connection, transaction
from kombu.exceptions import OperationalError as BrokerDown

from accounts.models import EndUser
from healthdata import queries
from healthdata.models import Workout
from providers import registry
from providers.contract import Context, Provider, ProviderKind
from providers.models import Payload
from providers.payloads import leases, process, receive, tasks
from providers.payloads.leases import MAX_ATTEMPTS, acquire
from providers.payloads.process import drain, is_outage
from providers.payloads.sweep import users_with_due
from tests import factories
from tests.providers.sync_bodies import heart_rates, record, sync, workout
from wearlink.lib import clock, storage
from wearlink.lib.work import task_queue
from wearlink.lib.work.leases import LeaseLost

pytestmark = pytest.mark.django_db


def give(user: EndUser, body: bytes, provider: str = "apple") -> Payload:
    delivery = receive.IncomingPayload(user.key, user.organization_id, provider, body, items=10)
    return Payload.objects.get(batch_id=receive.receive(delivery))


def heart_rate_at(user: EndUser, start: int = 0, end: int = 2_000_000_000_000) -> list[float]:
    page = queries.page(user.key, series=["heart_rate"], start=start, end=end, after=None, limit=1000)
    return [row.value for row in page.rows]


def states(user: EndUser) -> list[str]:
    return list(Payload.objects.for_user(user.key).order_by("id").values_list("state", flat=True))


def expire_leases() -> None:
    """Let the leases of a killed worker run out."""
    past = clock.now() - timedelta(minutes=1)
    Payload.objects.exclude(locked_until=None).update(locked_until=past, due_at=past)


def make_due() -> None:
    Payload.objects.update(due_at=clock.now() - timedelta(seconds=1))


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Makes the apple adapter fail on bodies that contain a mark, as a fault of ours would."""
    marks: list[bytes] = []
    apple = registry.get("apple")

    class Faulty(Provider):
        slug, name, kind = apple.slug, apple.name, ProviderKind.SDK

        def normalise(self, body: bytes, context: Context) -> Any:
            if any(mark in body for mark in marks):
                raise ZeroDivisionError
            return apple.normalise(body, context)

    known = {**registry.providers(), "apple": Faulty()}
    monkeypatch.setattr(registry, "providers", lambda: known)
    return marks.append


def test_payloads_are_stored_in_one_go_with_counts_of_their_own(jane: EndUser) -> None:
    first = give(jane, sync(records=heart_rates(5)))
    second = give(jane, sync(records=heart_rates(5, first=3)))
    drain(jane.key)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.inserted, first.updated, first.unchanged) == (5, 0, 0)
    assert (second.inserted, second.updated, second.unchanged) == (3, 0, 2)
    assert (first.attempts, second.attempts, first.lease, first.locked_until) == (1, 1, None, None)
    assert len(heart_rate_at(jane)) == 8


def test_the_last_word_in_the_order_of_receipt_counts(jane: EndUser) -> None:
    for value in (61, 62, 63):
        give(jane, sync(records=[record(value=value)]))
    drain(jane.key)
    assert heart_rate_at(jane) == [63.0]


def test_a_repeat_after_something_newer_is_the_newer_word_and_keeps_its_batch(jane: EndUser) -> None:
    old, new = sync(records=[record(value=61)]), sync(records=[record(value=62)])
    first = give(jane, old)
    give(jane, new)
    drain(jane.key)
    again = give(jane, old)
    assert (again.batch_id, again.state, again.id > first.id) == (first.batch_id, "received", True)
    drain(jane.key)
    assert heart_rate_at(jane) == [61.0]
    assert Payload.objects.count() == 2


def test_a_waiting_payload_that_comes_again_after_a_newer_one_moves_behind_it(jane: EndUser) -> None:
    old, new = sync(records=[record(value=61)]), sync(records=[record(value=62)])
    for body in (old, new, old):
        give(jane, body)
    drain(jane.key)
    assert heart_rate_at(jane) == [61.0]


def test_a_repeat_takes_the_payload_out_of_the_hands_of_its_worker(jane: EndUser) -> None:
    old, new = sync(records=[record(value=61)]), sync(records=[record(value=62)])
    give(jane, old)
    lease = acquire(jane.key)
    assert lease is not None
    give(jane, new)
    give(jane, old)
    with pytest.raises(LeaseLost), transaction.atomic():
        lease.lock()
    drain(jane.key)
    assert heart_rate_at(jane) == [61.0]


def test_a_user_has_one_holder_at_a_time(jane: EndUser) -> None:
    give(jane, sync(records=heart_rates(1)))
    held = acquire(jane.key)
    give(jane, sync(records=heart_rates(2)))
    assert held is not None
    assert acquire(jane.key) is None
    drain(jane.key)
    assert states(jane) == ["processing", "received"]


def test_a_killed_workers_payloads_are_taken_over_one_by_one_and_its_late_write_is_refused(jane: EndUser) -> None:
    give(jane, sync(records=heart_rates(1)))
    give(jane, sync(records=heart_rates(2)))
    dead = acquire(jane.key)
    assert dead is not None
    expire_leases()
    taken = acquire(jane.key)
    assert taken is not None
    assert [payload.attempts for payload in taken.payloads] == [2]
    with pytest.raises(LeaseLost):
        dead.finish(dead.payloads[0], state="done")
    expire_leases()
    drain(jane.key)
    assert states(jane) == ["done", "done"]


def test_a_payload_that_kills_its_worker_is_dead_after_five_attempts_and_its_neighbours_are_done(jane: EndUser) -> None:
    killer = give(jane, sync(records=heart_rates(1)))
    give(jane, sync(records=heart_rates(2)))
    for _ in range(MAX_ATTEMPTS):
        lease = acquire(jane.key)
        assert lease is not None
        assert killer.id in {payload.id for payload in lease.payloads}
        expire_leases()
    drain(jane.key)
    killer.refresh_from_db()
    assert states(jane) == ["dead", "done"]
    assert "five times" in killer.error


def test_poison_in_the_middle_dies_alone(jane: EndUser, poison: Callable[[bytes], None]) -> None:
    poison(b"furlong")
    give(jane, sync(records=heart_rates(2)))
    bad = give(jane, sync(records=[record(unit="furlong")]))
    give(jane, sync(records=heart_rates(2, first=2)))
    drain(jane.key)
    assert states(jane) == ["done", "received", "done"]
    for _ in range(MAX_ATTEMPTS - 1):
        assert acquire(jane.key) is None  # not due yet
        make_due()
        drain(jane.key)
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.error) == ("dead", 5, "Processing failed (ZeroDivisionError).")
    assert len(heart_rate_at(jane)) == 4


def test_a_dead_payload_can_be_given_new_attempts(jane: EndUser, poison: Callable[[bytes], None]) -> None:
    bad = give(jane, sync(records=heart_rates(2)))
    Payload.objects.update(state="dead", attempts=5, error="x")
    assert receive.retry(Payload.objects.filter(pk=bad.pk)) == 1
    drain(jane.key)
    bad.refresh_from_db()
    assert (bad.state, bad.attempts, bad.error) == ("done", 1, "")
    assert receive.retry(Payload.objects.all()) == 0


def test_sending_a_dead_payload_again_tries_it_again(jane: EndUser) -> None:
    body = sync(records=heart_rates(2))
    give(jane, body)
    Payload.objects.update(state="dead", attempts=5)
    give(jane, body)
    drain(jane.key)
    assert states(jane) == ["done"]


def test_a_record_the_store_cannot_take_fails_its_own_payload_only(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault below the adapters: the group is rolled back, then each is tried alone."""
    real = registry.get("apple")

    class Unheard(Provider):
        slug, name, kind = "apple", "Apple", ProviderKind.SDK

        def normalise(self, body: bytes, context: Context) -> Any:
            for item in real.normalise(body, context):
                yield object() if b"broken" in body else item

    known = {**registry.providers(), "apple": Unheard()}
    monkeypatch.setattr(registry, "providers", lambda: known)
    for marker in ("a", "broken", "c"):
        give(jane, sync(records=[record(id=marker, value=60 + len(marker))]))
    drain(jane.key)
    assert states(jane) == ["done", "received", "done"]


def test_a_body_that_is_gone_is_dead_at_once(jane: EndUser) -> None:
    payload = give(jane, sync(records=heart_rates(6000)))
    storage.delete(payload.object_key)
    drain(jane.key)
    payload.refresh_from_db()
    assert (payload.state, payload.error) == ("dead", "The stored body is gone.")


def test_an_outage_of_the_object_store_keeps_the_order_and_costs_no_attempt(
    jane: EndUser, settings: Any, tmp_path: Any
) -> None:
    large = give(jane, sync(records=heart_rates(6000)))
    give(jane, sync(records=[record(value=99)]))
    place, settings.OBJECTS_DIR = settings.OBJECTS_DIR, tmp_path / "file"
    settings.OBJECTS_DIR.write_bytes(b"")
    drain(jane.key)
    large.refresh_from_db()
    assert states(jane) == ["received", "received"]
    assert (large.attempts, large.due_at > clock.now()) == (0, True)
    assert users_with_due() == []
    settings.OBJECTS_DIR = place
    drain(jane.key)
    assert states(jane) == ["done", "done"]


def test_a_statement_too_large_for_any_server_is_no_outage() -> None:
    class TooComplex(Exception):
        sqlstate = "54001"

    error = OperationalError("stack depth limit exceeded")
    assert is_outage(error)
    error.__cause__ = TooComplex()
    assert not is_outage(error)


def test_a_broker_that_is_down_loses_nothing(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def down(*_: object, **__: object) -> None:
        raise BrokerDown("connection refused")

    monkeypatch.setattr(current_app, "send_task", down)
    client = factories.sdk_client(jane)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(
            f"/api/v1/sdk/users/{jane.id}/sync", data=sync(records=heart_rates(1)), content_type="application/json"
        )
    assert answer.status_code == 202
    assert users_with_due() == []  # it came just now
    Payload.objects.update(due_at=clock.now() - timedelta(seconds=30))
    assert users_with_due() == [(jane.organization_id, jane.key)]


def test_the_sweeper_enqueues_what_is_due_and_leaves_what_is_at_work(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[tuple[int, str]] = []
    monkeypatch.setattr(task_queue, "_publish", lambda _, args, queue, delay: sent.append((*args, queue)))
    bob = factories.end_user(jane.organization)
    give(jane, sync(records=heart_rates(1)))
    give(bob, sync(records=heart_rates(1)))
    assert acquire(bob.key) is not None
    Payload.objects.update(due_at=clock.now() - timedelta(minutes=1))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep_payloads()
    assert sent == [(jane.key, "ingest")]
    expire_leases()
    assert sorted(key for _, key in users_with_due()) == sorted([jane.key, bob.key])


def test_an_erased_users_payloads_are_not_processed(jane: EndUser) -> None:
    give(jane, sync(records=heart_rates(1)))
    lease = acquire(jane.key)
    assert lease is not None
    key = jane.key
    EndUser.objects.filter(pk=key).delete()
    expire_leases()
    drain(key)
    assert queries.count(key) == []


def test_beside_others_a_turn_is_one_small_group(jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "CROWDED_ITEMS", 3)
    for n in range(4):
        give(jane, sync(records=heart_rates(2, first=n * 10)))
    assert process.drain(jane.key, crowded=True)
    assert Payload.objects.filter(state=Payload.State.DONE).count() == 1
    assert not process.drain(jane.key)
    assert Payload.objects.filter(state=Payload.State.DONE).count() == 4


def test_a_group_is_bounded_in_items(jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "MAX_ITEMS", 25)
    for n in range(4):
        give(jane, sync(records=heart_rates(1, first=n)))
    first = acquire(jane.key)
    assert first is not None
    assert len(first.payloads) == 2


def test_workouts_come_once_however_often_they_are_sent(jane: EndUser) -> None:
    give(jane, sync(workouts=[workout()]))
    give(jane, sync(workouts=[workout()], records=heart_rates(1)))
    drain(jane.key)
    assert Workout.objects.filter(user_key=jane.key).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_user_share_the_work_without_a_double() -> None:
    jane = factories.end_user(factories.alice().organization)
    for n in range(30):
        give(jane, sync(records=heart_rates(3, first=n)))

    def work(_: int) -> None:
        try:
            drain(jane.key)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    drain(jane.key)
    payloads = Payload.objects.for_user(jane.key)
    assert set(states(jane)) == {"done"}
    assert {payload.attempts for payload in payloads} == {1}
    assert sum(payload.inserted for payload in payloads) == len(heart_rate_at(jane)) == 32


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_eight_first_posts_at_once_of_two_hundred_new_users_lose_nothing() -> None:
    organization = factories.alice().organization
    people = [factories.end_user(organization) for _ in range(200)]

    def post_and_work(job: tuple[EndUser, int]) -> None:
        person, n = job
        try:
            give(person, sync(records=heart_rates(2, first=2 * n)))
            drain(person.key)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(post_and_work, [(person, n) for person in people for n in range(8)]))
    for person in people:
        drain(person.key)
    assert set(Payload.objects.values_list("state", flat=True)) == {"done"}
    assert {len(heart_rate_at(person)) for person in people} == {16}


@pytest.mark.django_db(transaction=True)
def test_equal_bodies_at_the_same_moment_are_one_batch() -> None:
    jane = factories.end_user(factories.alice().organization)
    body = sync(records=heart_rates(6000))

    def post(_: int) -> uuid.UUID:
        try:
            return give(jane, body).batch_id
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(post, range(6)))
    payload = Payload.objects.get()
    assert ids == {payload.batch_id}
    assert storage.get(payload.object_key) == body
