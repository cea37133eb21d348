"""The built-in dispatcher: what customers get, and what happens when they do not answer well."""

import base64
import json
import socket
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models.functions import Now
from svix.webhooks import Webhook

from accounts.audit import SYSTEM
from accounts.deletion import retention
from accounts.models import AuditEntry, DailyUsage, Developer
from accounts.webhooks.delivery import calls, leases, outcomes
from accounts.webhooks.delivery.leases import Room
from accounts.webhooks.endpoints import health, lifecycle, mails
from accounts.webhooks.models import Attempt, Delivery, Endpoint, Message
from tests.webhooks import making
from tests.webhooks.conftest import AdvancedClock
from tests.webhooks.receiver import Customer, CustomerReply
from wearlink.lib import clock
from wearlink.lib.security.fields import Ciphertext

pytestmark = pytest.mark.django_db
State = Delivery.State
SECONDS = (5, 300, 1800, 7200, 18_000, 36_000, 36_000)


def due_in() -> float:
    return (making.only_delivery().due_at - datetime.now(UTC)).total_seconds()


def test_a_message_arrives_signed_as_json(alice: Developer, receiver: Customer) -> None:
    endpoint = making.endpoint(alice.organization, receiver.url + "/hook?x=1", "connection.*")
    message = making.emit(alice.organization, note="grüß")
    assert making.deliver() == 1
    (got,) = receiver.got
    Webhook(lifecycle.secret(endpoint, SYSTEM)).verify(got.body, got.headers)
    assert (got.path, got.id, got.headers["content-type"]) == ("/hook?x=1", message, "application/json")
    assert got.payload["type"] == "connection.created"
    assert got.payload["data"] == making.EXAMPLE | {"note": "grüß"}
    assert got.body == bytes(Message.objects.get().body or b"")
    assert making.only_delivery().state == State.DELIVERED
    attempt = Attempt.objects.get()
    assert (attempt.succeeded, attempt.status_code, attempt.number, bytes(attempt.response)) == (True, 200, 1, b"ok")


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500, 503])
def test_all_but_2xx_is_a_failure_and_no_redirect_is_followed(
    alice: Developer, receiver: Customer, status: int
) -> None:
    url = receiver.answers("/hook", CustomerReply(status, {"Location": receiver.url + "/elsewhere"}))
    making.endpoint(alice.organization, url, "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert [one.path for one in receiver.got] == ["/hook"]
    assert 3 < due_in() < 6.1
    assert Attempt.objects.get().next_at == making.only_delivery().due_at


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_2xx_is_success(alice: Developer, receiver: Customer, status: int) -> None:
    making.endpoint(alice.organization, receiver.answers("/hook", CustomerReply(status, body=b"")), "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert making.only_delivery().state == State.DELIVERED


def test_eight_attempts_with_one_id_and_the_same_bytes_then_it_is_given_up(
    alice: Developer, receiver: Customer, time_machine: AdvancedClock
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500), "connection.*")
    making.emit(alice.organization)
    for seconds in SECONDS:
        making.deliver()
        assert seconds * 0.75 < due_in() < seconds * 1.25
        time_machine.forward(seconds=seconds * 1.25)
    making.deliver()
    assert making.only_delivery().state == State.FAILED
    assert len({(one.id, one.body) for one in receiver.got}) == 1
    assert len({one.headers["webhook-timestamp"] for one in receiver.got}) == len(receiver.got) == 8
    assert list(Attempt.objects.order_by("key").values_list("number", flat=True)) == list(range(1, 9))
    assert Attempt.objects.latest("key").next_at is None
    endpoint.refresh_from_db()
    assert endpoint.first_failure_at is not None


def test_retry_after_stretches_the_delay(alice: Developer, receiver: Customer) -> None:
    url = receiver.answers("/hook", CustomerReply(503, {"Retry-After": "8"}))
    making.endpoint(alice.organization, url, "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert 6.3 < due_in() < 8.1  # without it at most 6.25


def test_too_many_requests_waits_a_minute(alice: Developer, receiver: Customer) -> None:
    making.endpoint(alice.organization, receiver.answers("/hook", 429), "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert 55 < due_in() < 61


def test_no_answer_in_time_waits_a_minute_and_slows_the_endpoint_down(
    alice: Developer, receiver: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "DEADLINE", 0.2)
    late = CustomerReply(then=lambda: time.sleep(0.5))
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", late, CustomerReply()), "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert 55 < due_in() < 61
    endpoint.refresh_from_db()
    assert endpoint.slow
    assert (Attempt.objects.get().status_code, Attempt.objects.get().error) == (0, "No answer in time.")
    Delivery.objects.update(due_at=clock.now())
    monkeypatch.setattr(calls, "DEADLINE", 10.0)
    making.deliver()
    endpoint.refresh_from_db()
    assert not endpoint.slow


def test_a_connection_that_fails_at_once_is_tried_again_at_once(alice: Developer, receiver: Customer) -> None:
    making.endpoint(alice.organization, receiver.answers("/hook", 0, 200), "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert len(receiver.got) == 2
    assert (Attempt.objects.count(), making.only_delivery().state) == (1, State.DELIVERED)


def test_a_closed_port_and_a_failing_certificate_are_failures_with_a_reason(
    alice: Developer, receiver: Customer
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    making.endpoint(alice.organization, f"http://127.0.0.1:{port}/", "connection.*")
    making.endpoint(alice.organization, receiver.url.replace("http", "https"), "connection.*")
    making.emit(alice.organization)
    making.deliver()
    errors = set(Attempt.objects.values_list("error", "status_code"))
    assert errors == {
        ("The connection failed.", 0),
        ("The TLS connection failed; is the certificate valid for this name?", 0),
    }


def test_the_answer_is_kept_to_twenty_thousand_bytes(alice: Developer, receiver: Customer) -> None:
    url = receiver.answers("/hook", CustomerReply(500, body=b"\xff" * 50_000))
    making.endpoint(alice.organization, url, "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert bytes(Attempt.objects.get().response) == b"\xff" * 20_000


def test_gone_disables_at_once_and_tells_the_other_endpoints_and_the_owners(
    alice: Developer, receiver: Customer
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/gone", 410), "connection.*")
    making.endpoint(alice.organization, receiver.answers("/other", 200), "endpoint.*")
    making.emit(alice.organization)
    making.emit(alice.organization)
    making.deliver()
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == (Endpoint.Status.DISABLED, health.GONE)
    assert not Delivery.objects.filter(endpoint_key=endpoint.key, state=State.PENDING).exists()
    making.deliver()
    (notice,) = receiver.at("/other")
    assert notice.payload["data"]["endpoint_id"] == endpoint.id
    assert AuditEntry.objects.filter(action="webhook_endpoint.disabled", target_id=endpoint.id).count() == 1
    mails.send(endpoint, health.Notice.DISABLED)
    assert [one.to for one in mail.outbox] == [[alice.email]]
    assert endpoint.url in mail.outbox[0].body


def exhausted(endpoint: Endpoint) -> None:
    """Let the next failure of the endpoint's waiting deliveries be their last."""
    Delivery.objects.filter(endpoint_key=endpoint.key).update(attempts=7, due_at=Now())


@pytest.mark.parametrize(("hours", "status"), [(119, "active"), (121, "disabled"), (241, "active")])
def test_after_five_days_of_given_up_messages_an_endpoint_is_disabled(
    alice: Developer, receiver: Customer, time_machine: AdvancedClock, hours: int, status: str
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500), "connection.*")
    for wait in (0, hours):
        time_machine.forward(hours=wait)
        making.emit(alice.organization)
        exhausted(endpoint)
        making.deliver()
    endpoint.refresh_from_db()
    assert endpoint.status == status


def test_a_success_in_between_wipes_the_stamp(
    alice: Developer, receiver: Customer, time_machine: AdvancedClock
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500, 200, 500), "connection.*")
    for _ in range(3):
        making.emit(alice.organization)
        Delivery.objects.filter(state=State.PENDING).update(attempts=7, due_at=Now())
        making.deliver()
        time_machine.forward(hours=61)
    endpoint.refresh_from_db()
    assert endpoint.status == Endpoint.Status.ACTIVE
    assert endpoint.first_failure_at is not None
    assert clock.now() - endpoint.first_failure_at < timedelta(hours=62)


def test_a_deleted_or_paused_endpoint_gets_nothing_more(alice: Developer, receiver: Customer) -> None:
    paused = making.endpoint(alice.organization, receiver.url + "/paused", "connection.*")
    deleted = making.endpoint(alice.organization, receiver.url + "/deleted", "connection.*")
    making.emit(alice.organization)
    lifecycle.update(paused, {"paused": True}, SYSTEM)
    lifecycle.delete(deleted, SYSTEM)
    making.deliver()
    assert receiver.got == []
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DROPPED}


def test_an_endpoint_deleted_while_a_call_runs_stays_dropped(alice: Developer, receiver: Customer) -> None:
    endpoint = making.endpoint(alice.organization, receiver.url, "connection.*")
    making.emit(alice.organization)
    leases.take(Room(10))
    health.drop_pending(endpoint.key)
    assert making.deliver() == 0
    assert making.only_delivery().state == State.DROPPED


def test_a_lease_that_ended_is_taken_again_and_its_late_result_counts_for_nothing(
    alice: Developer, receiver: Customer, time_machine: AdvancedClock
) -> None:
    making.endpoint(alice.organization, receiver.url, "connection.*")
    making.emit(alice.organization)
    (lost,) = leases.take(Room(10))
    assert making.deliver() == 0
    time_machine.forward(seconds=31)
    assert making.deliver() == 1
    delivery = making.only_delivery()
    assert (delivery.state, delivery.leases, delivery.attempts) == (State.DELIVERED, 1, 1)
    Delivery.objects.update(state=State.PENDING, lease=None)
    outcome = calls.Outcome(lost, clock.now(), 1, succeeded=True)
    outcomes.record([outcome])
    assert making.only_delivery().state == State.PENDING


def test_a_delivery_that_kills_its_workers_is_tried_alone_and_given_up_with_a_reason(
    alice: Developer, time_machine: AdvancedClock
) -> None:
    making.endpoint(alice.organization, "http://127.0.0.1:9/", "connection.*")
    making.emit(alice.organization)
    for _ in range(Delivery.SUSPECT_AFTER + 1):
        assert len(leases.take(Room(10))) == 1
        time_machine.forward(seconds=31)
    assert leases.take(Room(10)) == []
    for _ in range(leases.MAX_CRASHES):
        assert leases.take_suspect() is not None
        time_machine.forward(seconds=31)
    assert making.deliver() == 1
    assert making.only_delivery().state == State.FAILED
    assert "ended five times" in Attempt.objects.get().error


def test_a_suspect_that_answers_is_delivered(alice: Developer, receiver: Customer, time_machine: AdvancedClock) -> None:
    making.endpoint(alice.organization, receiver.url, "connection.*")
    making.emit(alice.organization)
    for _ in range(Delivery.SUSPECT_AFTER + 1):
        leases.take(Room(10))
        time_machine.forward(seconds=31)
    assert making.deliver() == 1
    assert making.only_delivery().state == State.DELIVERED


def test_so_many_deliveries_of_an_endpoint_are_held_at_a_time_and_one_of_a_silent_one(alice: Developer) -> None:
    usual = making.endpoint(alice.organization, "http://127.0.0.1:9/a", "connection.*")
    silent = making.endpoint(alice.organization, "http://127.0.0.1:9/b", "connection.*")
    Endpoint.objects.filter(pk=silent.key).update(slow=True)
    for _ in range(leases.MAX_HELD + 5):
        making.emit(alice.organization)
    taken = [job.endpoint.key for job in leases.take(Room(100, 10)) if job.endpoint]
    assert (taken.count(usual.key), taken.count(silent.key)) == (leases.MAX_HELD, 1)
    assert leases.take(Room(100, 10)) == []


def test_every_endpoint_gets_its_turn_before_any_gets_a_second(alice: Developer) -> None:
    busy = making.endpoint(alice.organization, "http://127.0.0.1:9/a", "connection.*")
    for _ in range(30):
        making.emit(alice.organization)
    others = [making.endpoint(alice.organization, "http://127.0.0.1:9/b", "sync.*") for _ in range(3)]
    making.emit(alice.organization, "sync.started")
    taken = [job.endpoint.key for job in leases.take(Room(4)) if job.endpoint]
    assert set(taken) == {busy.key, *(other.key for other in others)}


def test_rotation_signs_with_both_secrets_until_the_grace_period_ends(
    alice: Developer, receiver: Customer, time_machine: AdvancedClock
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.url, "connection.*")
    old = lifecycle.secret(endpoint, SYSTEM)
    new = lifecycle.rotate(endpoint, 3600, SYSTEM)
    assert lifecycle.secret(endpoint, SYSTEM) == new != old
    making.emit(alice.organization)
    making.deliver()
    for secret in (old, new):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
    time_machine.forward(seconds=3601)
    making.emit(alice.organization)
    making.deliver()
    assert len(receiver.got[1].headers["webhook-signature"].split(" ")) == 1


def test_secrets_lie_encrypted(alice: Developer) -> None:
    endpoint = making.endpoint(alice.organization, "http://127.0.0.1:9/")
    plain = lifecycle.secret(endpoint, SYSTEM)
    stored = endpoint.secrets.values_list("secret", flat=True).get()
    assert plain.encode() not in stored
    assert base64.b64decode(plain.removeprefix("whsec_")) not in stored


def test_a_secret_that_cannot_be_read_is_the_trouble_of_its_endpoint_alone(
    alice: Developer, receiver: Customer
) -> None:
    broken = making.endpoint(alice.organization, receiver.url + "/broken", "connection.*")
    broken.secrets.update(secret=Ciphertext(b"of another key"))
    making.endpoint(alice.organization, receiver.url + "/sound", "connection.*")
    making.emit(alice.organization)
    making.deliver()
    assert [one.path for one in receiver.got] == ["/sound"]
    assert Attempt.objects.get(endpoint_key=broken.key).error == "The endpoint's signing secret cannot be read."


def test_deliveries_are_counted_for_the_tenant(alice: Developer, receiver: Customer) -> None:
    making.endpoint(alice.organization, receiver.answers("/hook", 200, 500), "connection.*")
    for _ in range(2):
        making.emit(alice.organization)
        making.deliver()
    assert DailyUsage.objects.get(metric="webhook_deliveries").total == 1


def test_messages_go_after_their_retention_but_not_while_they_are_on_their_way(
    alice: Developer, receiver: Customer
) -> None:
    making.endpoint(alice.organization, receiver.url, "connection.*")
    for _ in range(3):
        making.emit(alice.organization)
    making.deliver()
    waiting = making.emit(alice.organization)
    Message.objects.update(created_at=clock.now() - timedelta(days=91))
    fresh = making.emit(alice.organization)
    assert retention.apply("messages") == 3
    assert set(Message.objects.values_list("id", flat=True)) == {waiting, fresh}
    assert (Delivery.objects.count(), Attempt.objects.count()) == (2, 0)


def test_one_batch_of_many_costs_few_queries(
    alice: Developer, receiver: Customer, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        making.endpoint(alice.organization, f"{receiver.url}/{number}", "connection.*")
    for _ in range(4):
        making.emit(alice.organization)
    jobs = leases.take(Room(100, 10))
    assert len(jobs) == 32
    done = [calls.Outcome(job, clock.now(), 1, succeeded=True, status_code=200) for job in jobs]
    with django_assert_max_num_queries(6):
        outcomes.record(done)
    assert Attempt.objects.count() == 32
    assert json.loads(jobs[0].body)["type"] == "connection.created"
