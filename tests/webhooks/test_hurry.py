"""A customer who has mended the server can hurry, and sees what is wrong: retries, lists, numbers, headers, notices."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db.models.functions import Now
from rest_framework.test import APIClient

from accounts.audit import SYSTEM
from accounts.models import Developer
from accounts.webhooks.endpoints import health, lifecycle, mails
from accounts.webhooks.endpoints.health import Notice
from accounts.webhooks.models import Delivery, Endpoint, Message
from tests import factories
from tests.webhooks import making
from tests.webhooks.conftest import AdvancedClock
from tests.webhooks.receiver import Customer
from wearlink.lib import clock
from wearlink.lib.work.task_queue import WakeUp

pytestmark = pytest.mark.django_db
State = Delivery.State
HOOKS = "/api/v1/webhooks"


@pytest.fixture
def client(alice: Developer) -> APIClient:
    return factories.dashboard_client(alice)


def post(client: APIClient, path: str, body: Any = None, status: int = 202) -> Any:
    answer = client.post(f"{HOOKS}/{path}", body or {})
    assert answer.status_code == status, answer.content
    return answer.json()


def get(client: APIClient, path: str, **query: Any) -> Any:
    answer = client.get(f"{HOOKS}/{path}", query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_waiting_retries_of_an_endpoint_or_a_message_are_made_at_once(
    alice: Developer, client: APIClient, receiver: Customer
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500, 500, 200), "connection.*")
    first, _ = making.emit(alice.organization), making.emit(alice.organization)
    assert making.deliver() == 2
    assert making.deliver() == 0
    assert post(client, f"messages/{first}/retry", {"endpoint_id": endpoint.id}) == {"messages": 1}
    assert making.deliver() == 1
    assert post(client, f"endpoints/{endpoint.id}/retry") == {"messages": 1}
    assert making.deliver() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.DELIVERED}
    assert post(client, f"endpoints/{endpoint.id}/retry") == {"messages": 0}


def test_a_paused_endpoint_must_be_switched_on_before_it_is_retried(alice: Developer, client: APIClient) -> None:
    endpoint = making.endpoint(alice.organization, "http://127.0.0.1:9/")
    lifecycle.update(endpoint, {"paused": True}, SYSTEM)
    assert post(client, f"endpoints/{endpoint.id}/retry", status=409)["code"] == "endpoint_inactive"


def test_recovery_takes_waiting_retries_along(alice: Developer, client: APIClient, receiver: Customer) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500, 200), "connection.*")
    making.emit(alice.organization)
    making.deliver()
    since = clock.rfc3339(clock.now_ms() - 60_000)
    assert post(client, f"endpoints/{endpoint.id}/recover", {"since": since}) == {"messages": 1}
    assert making.deliver() == 1
    delivery = making.only_delivery()
    assert (delivery.state, delivery.attempts) == (State.DELIVERED, 2)


def test_a_resend_that_arrives_ends_the_schedule(alice: Developer, client: APIClient, receiver: Customer) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500, 200), "connection.*")
    message = making.emit(alice.organization)
    making.deliver()
    post(client, f"messages/{message}/resend", {"endpoint_id": endpoint.id})
    making.deliver()
    Delivery.objects.update(due_at=Now())
    assert making.deliver() == 0
    assert len(receiver.got) == 2
    (destination,) = get(client, f"messages/{message}")["destinations"]
    assert (destination["status"], destination["next_attempt_at"]) == ("delivered", None)


def test_a_resend_that_fails_does_not_hide_the_waiting_retry(
    alice: Developer, client: APIClient, receiver: Customer
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500), "connection.*")
    message = making.emit(alice.organization)
    making.deliver()
    post(client, f"messages/{message}/resend", {"endpoint_id": endpoint.id})
    making.deliver()
    (destination,) = get(client, f"messages/{message}")["destinations"]
    assert (destination["status"], destination["attempts"]) == ("pending", 1)
    assert destination["next_attempt_at"] is not None


def test_the_first_retry_is_sent_for_when_it_is_due(
    alice: Developer, receiver: Customer, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(WakeUp, "_request", lambda self, arguments, countdown: asked.append(countdown))
    making.endpoint(alice.organization, receiver.answers("/hook", 500), "connection.*")
    with django_capture_on_commit_callbacks(execute=True):
        making.emit(alice.organization)
        making.deliver()
    wait = (making.only_delivery().due_at - clock.now()).total_seconds()
    assert max(asked) == pytest.approx(wait, abs=1)


def test_messages_are_listed_by_how_they_stand_at_an_endpoint(
    alice: Developer, client: APIClient, receiver: Customer
) -> None:
    broken = making.endpoint(alice.organization, receiver.answers("/broken", 410), "connection.*")
    making.endpoint(alice.organization, receiver.answers("/sound", 200), "connection.*")
    failed = making.emit(alice.organization)
    making.deliver()
    delivered = making.emit(alice.organization)
    waiting = making.emit(alice.organization)
    Delivery.objects.filter(message_key=Message.objects.get(id=waiting).key).update(due_at=clock.now() + timedelta(1))
    making.deliver()

    def listed(**query: str) -> list[str]:
        return [one["id"] for one in get(client, "messages", **query)["data"]]

    assert listed(endpoint_id=broken.id) == [waiting, delivered, failed], "it was disabled by its 410"
    assert listed(endpoint_id=broken.id, status="dropped") == [waiting, delivered]
    assert listed(endpoint_id=broken.id, status="failed") == [failed]
    assert listed(status="delivered") == [delivered, failed]
    assert listed(status="pending") == [waiting]
    assert listed(endpoint_id=broken.id, status="delivered") == []
    assert client.get(f"{HOOKS}/messages?endpoint_id=ep_none").status_code == 404
    assert client.get(f"{HOOKS}/messages?status=lost").status_code == 400


def test_statistics_count_messages_by_day_and_type_and_tests_apart(
    alice: Developer, client: APIClient, receiver: Customer
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500, 200), "connection.*", "sync.*")
    message = making.emit(alice.organization)
    making.deliver()
    making.emit(alice.organization, "sync.started")
    making.deliver()
    post(client, f"messages/{message}/resend", {"endpoint_id": endpoint.id})
    post(client, f"messages/{message}/resend", {"endpoint_id": endpoint.id})
    post(client, f"endpoints/{endpoint.id}/test", {"event_type": "workout.created"})
    making.deliver()
    found = get(client, f"endpoints/{endpoint.id}/statistics")
    assert (found["delivered"], found["pending"], found["failed"], found["tests"]) == (2, 0, 0, 1)
    today = clock.now().date().isoformat()
    counts = {"delivered": 1, "pending": 0, "failed": 0}
    assert found["by_day"] == [
        {"date": today, "event_type": "connection.created", **counts},
        {"date": today, "event_type": "sync.started", **counts},
    ]


# --- What an endpoint may have of its own ---------------------------------------------------------------------------


def test_own_headers_go_with_every_call_and_secret_ones_are_masked(
    alice: Developer, client: APIClient, receiver: Customer
) -> None:
    headers = {"Authorization": "Bearer 0123456789abcdef", "X-Team": "growth"}
    made = post(client, "endpoints", {"url": receiver.url, "filter_types": ["connection.*"], "headers": headers}, 201)
    assert made["headers"] == {"Authorization": "••••cdef", "X-Team": "growth"}
    path = f"{HOOKS}/endpoints/{made['id']}"
    changed = client.patch(path, {"headers": {**made["headers"], "X-Team": "sales"}}).json()
    assert changed["headers"] == {"Authorization": "••••cdef", "X-Team": "sales"}
    making.emit(alice.organization)
    making.deliver()
    (got,) = receiver.got
    assert (got.headers["authorization"], got.headers["x-team"]) == ("Bearer 0123456789abcdef", "sales")
    assert "webhook-signature" in got.headers
    assert b"0123456789abcdef" not in Endpoint.objects.values_list("headers", flat=True).get()
    assert client.patch(path, {"headers": {}}).json()["headers"] == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "example.com"}, {"webhook-id": "1"}, {"Svix-Signature": "x"}, {"Content-Length": "0"}, {"": "x"},
        {"X Y": "x"}, {"X-Y": "a\r\nZ: b"}, {"X-Y": "ä"}, {"X-Y": ""}, {"X-Y": "a" * 1025},
        {"X-Y": "1", "x-y": "2"}, {f"X-{number}": "1" for number in range(21)},
    ],
)  # fmt: skip
def test_a_header_that_is_ours_or_no_header_is_refused_by_name(client: APIClient, headers: dict[str, str]) -> None:
    answer = client.post(f"{HOOKS}/endpoints", {"url": "https://customer.example.com/", "headers": headers})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("headers")


def test_an_endpoint_may_bring_its_secret_a_rate_and_notes(
    alice: Developer, client: APIClient, receiver: Customer
) -> None:
    secret = "whsec_" + base64.b64encode(b"k" * 32).decode()
    notes = {"metadata": {"team": "growth"}, "rate_limit": 20}
    made = post(client, "endpoints", {"url": receiver.url, "secret": secret, **notes}, 201)
    assert (made["secret"], made["metadata"], made["rate_limit"]) == (secret, {"team": "growth"}, 20)
    assert get(client, f"endpoints/{made['id']}/secret")["secret"] == secret
    cleared = client.patch(f"{HOOKS}/endpoints/{made['id']}", {"rate_limit": None, "metadata": {}}).json()
    assert (cleared["rate_limit"], cleared["metadata"]) == (None, {})


@pytest.mark.parametrize("secret", ["hunter2", "whsec_", "whsec_!!!", "whsec_" + base64.b64encode(b"short").decode()])
def test_a_weak_secret_is_refused(client: APIClient, secret: str) -> None:
    answer = client.post(f"{HOOKS}/endpoints", {"url": "https://customer.example.com/", "secret": secret})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "secret")


def test_no_promised_grace_is_broken_by_rotating_often(
    alice: Developer, client: APIClient, time_machine: AdvancedClock
) -> None:
    endpoint = making.endpoint(alice.organization, "http://127.0.0.1:9/")
    path = f"endpoints/{endpoint.id}/secret/rotate"
    for _ in range(lifecycle.MAX_SECRETS - 1):
        post(client, path, {"grace_seconds": 3600}, 200)
    assert post(client, path, {"grace_seconds": 3600}, 400)["code"] == "too_many_secrets"
    assert endpoint.secrets.count() == lifecycle.MAX_SECRETS
    time_machine.forward(seconds=3601)
    post(client, path, {"grace_seconds": 3600}, 200)
    assert endpoint.secrets.count() == 2


def test_the_operators_addresses_are_shown(client: APIClient, settings: Any) -> None:
    settings.WEBHOOK_EGRESS_ADDRESSES = ["198.51.100.7"]
    assert get(client, "egress-addresses") == {"addresses": ["198.51.100.7"]}


# --- Notices --------------------------------------------------------------------------------------------------------


def fail_on_attempt(number: int) -> None:
    Delivery.objects.filter(state=State.PENDING, attempts__gt=0).update(attempts=number - 1, due_at=Now())
    making.deliver()


def test_failing_and_recovering_is_told_once_to_the_other_endpoints_and_the_owners(
    alice: Developer, receiver: Customer, client: APIClient
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500, 500, 500, 200), "connection.*")
    making.endpoint(alice.organization, receiver.answers("/other", 200), "endpoint.*")
    making.emit(alice.organization)
    making.deliver()
    fail_on_attempt(4)
    assert get(client, f"endpoints/{endpoint.id}")["failing_since"] is not None
    fail_on_attempt(5)
    fail_on_attempt(6)
    making.deliver()
    payloads = [one.payload for one in receiver.at("/other")]
    assert [one["type"] for one in payloads] == ["endpoint.failing", "endpoint.recovered"]
    assert {one["data"]["endpoint_id"] for one in payloads} == {endpoint.id}
    assert payloads[1]["data"]["failing_since"] == payloads[0]["data"]["failing_at"]
    assert get(client, f"endpoints/{endpoint.id}")["failing_since"] is None
    for notice in Notice:
        mails.send(endpoint, notice)
    assert len({one.subject for one in mail.outbox}) == len(Notice)
    assert all(endpoint.url in one.body and one.to == [alice.email] for one in mail.outbox)


def test_a_message_that_is_given_up_is_told_but_never_that_of_such_a_notice(
    alice: Developer, receiver: Customer
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.answers("/hook", 500), "connection.*")
    making.endpoint(alice.organization, receiver.answers("/broken", 500), "message.*")
    making.endpoint(alice.organization, receiver.answers("/other", 200), "message.*")
    message = making.emit(alice.organization)
    making.deliver()
    for _ in range(3):
        fail_on_attempt(8)
    notices = [one.payload["data"] for one in receiver.at("/other")]
    assert [(one["message_id"], one["endpoint_id"], one["attempts"]) for one in notices] == [(message, endpoint.id, 8)]
    assert Message.objects.filter(type="message.exhausted").count() == 1


def test_mails_are_asked_for_when_the_first_message_is_given_up(
    alice: Developer, receiver: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(mails, "enqueue", lambda key, notice: asked.append(notice))
    making.endpoint(alice.organization, receiver.answers("/hook", 500), "connection.*")
    for _ in range(2):
        making.emit(alice.organization)
    making.deliver()
    fail_on_attempt(8)
    fail_on_attempt(8)
    assert sorted(asked) == [Notice.EXHAUSTED, Notice.FAILING]
    assert health.FAILING_FROM == 4
