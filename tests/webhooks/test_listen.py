"""`manage.py listen` and the polls it makes: messages reach a server that nobody can call from outside."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from pytest_django import Settings
from rest_framework.test import APIClient
from svix.webhooks import Webhook

from accounts.models import AuditEntry, Developer
from accounts.webhooks.delivery import listeners
from accounts.webhooks.endpoints.forwarder import Api, CannotListen, Forwarder, order
from accounts.webhooks.models import Delivery, Endpoint
from tests import factories, machine
from tests.webhooks import making, svix_server
from tests.webhooks.receiver import Customer
from wearlink.lib import clock
from wearlink.lib.web import waiting
from wearlink.lib.web.slots import Slots
from wearlink.lib.work import child

ROOT = Path(__file__).resolve().parents[2]
BASE = "/api/v1/webhooks"
State = Delivery.State
TIMEOUT_SECONDS = 60.0


@pytest.fixture
def client(alice: Developer) -> APIClient:
    return factories.key_client(alice)


def opened(client: APIClient, *types: str, **values: Any) -> Any:
    response = client.post(f"{BASE}/listeners", {"filter_types": list(types) or None, **values})
    assert response.status_code == 201, response.json()
    return response.json()


def poll(client: APIClient, listener: Any, *answers: tuple[str, int], wait: int = 0) -> Any:
    reported = [{"message_id": name, "status_code": status} for name, status in answers]
    response = client.post(f"{BASE}/listeners/{listener['id']}/poll", {"wait": wait, "answers": reported})
    assert response.status_code == 200, response.json()
    return response.json()["data"]


def until(true: Callable[[], Any]) -> None:
    machine.until(true, lambda: "it takes too long", TIMEOUT_SECONDS)


# --- Over real HTTP -----------------------------------------------------------------------------------------------


@contextmanager
def listening(url: str, key: str, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """The command, a process of its own that has no database."""
    environment = {**os.environ, "DATABASE_URL": "postgresql:///nobody?host=/nowhere", "WEARLINK_API_KEY": key}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "listen", "--api", f"{url}/api/v1", *words],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def printed_by(process: "subprocess.Popen[str]") -> Iterator[Callable[[], str]]:
    """Yield a function that returns the next line that the process prints."""
    lines: queue.Queue[str] = queue.Queue()
    stdout = process.stdout
    assert stdout is not None
    reader = threading.Thread(target=lambda: [lines.put(one.strip()) for one in stdout])
    reader.start()
    yield lambda: lines.get(timeout=TIMEOUT_SECONDS)
    process.wait(TIMEOUT_SECONDS)
    reader.join()


@pytest.mark.django_db(transaction=True)
def test_the_command_forwards_what_happens_signed_and_hands_the_answers_in(
    live_server: Any, receiver: Customer
) -> None:
    alice = factories.alice()
    forward = receiver.answers("/hook", 204, 500)
    key = factories.api_key(alice.organization)
    words = ("--forward", forward, "--events", "connection.*")
    with listening(live_server.url, key, *words) as process, printed_by(process) as line:
        name = line().split()[0]
        secret = line().split()[-1]
        came = time.monotonic()
        first = making.emit(alice.organization, note="ünïcode")
        until(lambda: receiver.got)
        assert machine.within(time.monotonic() - came, 12.0), "the poll is woken, and does not end its wait first"
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)
        assert receiver.got[0].payload["data"]["note"] == "ünïcode"
        assert f"{first}  → 204" in line()
        making.emit(alice.organization, "sync.started")
        making.emit(alice.organization)
        assert "→ 500" in line()
        until(lambda: Delivery.objects.filter(state=State.FAILED).exists())
        process.send_signal(signal.SIGINT)
        assert process.wait(TIMEOUT_SECONDS) == 0
    assert sorted(Delivery.objects.values_list("state", flat=True)) == [State.DELIVERED, State.FAILED]
    assert Endpoint.objects.get(id=name).deleted_at is not None
    acts = AuditEntry.objects.filter(action__startswith="webhook_listener").order_by("pk")
    assert [one.action for one in acts] == ["webhook_listener.opened", "webhook_listener.closed"]


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_is_said_at_once(live_server: Any) -> None:
    with listening(live_server.url, "sk-none", "--forward", "http://127.0.0.1:9/") as process:
        assert process.wait(TIMEOUT_SECONDS) == 1
        assert process.stderr is not None
        assert "API key" in process.stderr.read()


@pytest.mark.django_db(transaction=True)
def test_a_misspelt_event_is_said_at_once(live_server: Any) -> None:
    api = Api(f"{live_server.url}/api/v1", factories.api_key(factories.alice().organization))
    with pytest.raises(CannotListen, match=r"workout\.created"):
        Forwarder(api, "http://127.0.0.1:9/", order(["workout.craeted"], "", "", ""), print).run()


@contextmanager
def forwarding(one: Forwarder) -> Iterator[Forwarder]:
    thread = threading.Thread(target=one.run)
    thread.start()
    try:
        yield one
    finally:
        one.stop.set()
        Endpoint.objects.filter(listener=True).update(deleted_at=clock.now())
        waiting.wake([f"listener:{key}" for key in Endpoint.objects.values_list("key", flat=True)])
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_listener_that_was_closed_is_opened_again_with_the_same_secret(live_server: Any, receiver: Customer) -> None:
    alice = factories.alice()
    lines: list[str] = []
    api = Api(f"{live_server.url}/api/v1", factories.api_key(alice.organization))
    with forwarding(Forwarder(api, receiver.url, order(["connection.*"], "", "", ""), lines.append)) as one:
        until(lambda: one.listener)
        first = one.listener
        Endpoint.objects.update(deleted_at=clock.now())
        waiting.wake([f"listener:{Endpoint.objects.get().key}"])
        until(lambda: one.listener not in {"", first})
        making.emit(alice.organization)
        until(lambda: receiver.got)
        Webhook(str(one.order["secret"])).verify(receiver.got[0].body, receiver.got[0].headers)
    assert len({printed.rpartition(" ")[2] for printed in lines if "signed with" in printed}) == 1


def test_an_api_that_is_away_is_asked_again(receiver: Customer) -> None:
    lines: list[str] = []
    receiver.answers("/api/webhooks/listeners", 503)
    one = Forwarder(Api(f"{receiver.url}/api", "sk-1"), "http://127.0.0.1:9/", {}, lines.append)
    thread = threading.Thread(target=one.run)
    thread.start()
    until(lambda: len(receiver.got) == 2)
    one.stop.set()
    thread.join()
    assert "Again in 1 s." in lines[0]


# --- The calls ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_is_not_answered_for_comes_again_and_what_is_does_not(alice: Developer, client: APIClient) -> None:
    listener = opened(client, "connection.*")
    message = making.emit(alice.organization)
    (got,) = poll(client, listener)
    assert (got["message_id"], json.loads(got["body"])["type"]) == (message, "connection.created")
    assert poll(client, listener) == []
    Delivery.objects.update(due_at=F("due_at") - timedelta(seconds=61))
    (again,) = poll(client, listener)
    assert again["body"] == got["body"]
    assert poll(client, listener, (message, 200)) == []
    assert making.only_delivery().state == State.DELIVERED
    shown = client.get(f"{BASE}/messages/{message}").json()["destinations"]
    assert [(one["endpoint_id"], one["status"]) for one in shown] == [(listener["id"], "delivered")]


@pytest.mark.django_db
def test_a_poll_brings_so_much_and_no_more(alice: Developer, client: APIClient) -> None:
    listener = opened(client, "connection.*")
    for _ in range(listeners.PAGE + 1):
        making.emit(alice.organization, note="x" * 80_000)
    first = poll(client, listener)
    assert 0 < len(first) <= listeners.PAGE_BYTES // 80_000
    assert poll(client, listener)[0]["message_id"] not in {one["message_id"] for one in first}


@pytest.mark.django_db
def test_who_does_not_poll_is_closed_and_what_waits_dropped(alice: Developer, client: APIClient) -> None:
    listener, kept = opened(client, "connection.*"), opened(client, "sync.*")
    making.emit(alice.organization)
    Endpoint.objects.filter(id=listener["id"]).update(polled_at=clock.now() - timedelta(minutes=6))
    assert listeners.close_silent() == 1
    assert making.only_delivery().state == State.DROPPED
    making.emit(alice.organization)
    assert Delivery.objects.count() == 1
    answer = client.post(f"{BASE}/listeners/{listener['id']}/poll", {"wait": 0})
    assert (answer.status_code, answer.json()["code"]) == (404, "listener_not_found")
    assert [one["id"] for one in client.get(f"{BASE}/listeners").json()["data"]] == [kept["id"]]


@pytest.mark.django_db
def test_there_are_five_at_most_and_none_is_an_endpoint(client: APIClient) -> None:
    ids = [opened(client)["id"] for _ in range(listeners.MAX_LISTENERS)]
    assert client.post(f"{BASE}/listeners", {}).status_code == 409
    assert client.get(f"{BASE}/endpoints").json()["data"] == []
    assert client.get(f"{BASE}/endpoints/{ids[0]}/secret").status_code == 404
    assert client.delete(f"{BASE}/listeners/{ids[0]}").status_code == 204
    opened(client)


@pytest.mark.django_db
def test_workers_leave_listeners_alone_and_svix_knows_of_none(
    alice: Developer, client: APIClient, settings: Settings, receiver: Customer
) -> None:
    opened(client, "connection.*")
    making.emit(alice.organization)
    assert making.deliver() == 0
    with svix_server.running() as (_, url):
        settings.SVIX_TOKEN, settings.SVIX_SERVER_URL = svix_server.TOKEN, url
        making.emit(alice.organization)
        assert making.deliver() == 0
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.PENDING}


@pytest.mark.django_db
def test_a_test_event_reaches_the_listener_alone(client: APIClient, receiver: Customer, alice: Developer) -> None:
    listener = opened(client, "sync.*")
    making.endpoint(alice.organization, receiver.url)
    asked = client.post(f"{BASE}/listeners/{listener['id']}/test", {"event_type": "workout.created"}).json()
    (got,) = poll(client, listener)
    assert (got["message_id"], got["event_type"]) == (asked["message_id"], "workout.created")
    assert making.deliver() == 0


@pytest.mark.django_db
def test_an_own_secret_signs_and_a_bad_one_is_refused(alice: Developer, client: APIClient) -> None:
    own = "whsec_" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz"
    listener = opened(client, "connection.*", secret=own)
    making.emit(alice.organization)
    (got,) = poll(client, listener)
    Webhook(own).verify(got["body"], got["headers"])
    assert client.post(f"{BASE}/listeners", {"secret": "whsec_short"}).json()["errors"][0]["field"] == "secret"


# --- Waiting ------------------------------------------------------------------------------------------------------


def test_few_may_wait_at_a_time_and_fewer_of_one_owner() -> None:
    room = waiting.WaitingRoom(in_all=3, of_one=2)
    with room.place("A") as first, room.place("A") as second, room.place("A") as third, room.place("B") as fourth:
        assert (first, second, third, fourth) == (True, True, False, True)
        with room.place("C") as fifth:
            assert not fifth
    with room.place("C") as later:
        assert later


@pytest.mark.django_db
def test_who_finds_no_room_is_told_when_to_come_again(
    client: APIClient, alice: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = opened(client, "connection.*")
    monkeypatch.setattr(waiting, "_room", waiting.WaitingRoom(0, 0))
    answer = client.post(f"{BASE}/listeners/{listener['id']}/poll", {"wait": 20})
    assert (answer.json()["data"], answer.headers["Retry-After"]) == ([], "2")


def test_who_waits_leaves_the_slot_to_others() -> None:
    order: list[str] = []

    def application(environ: Any, start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/poll":
            waiting.wait(environ, "A", "listener:0", 20)
        else:
            waiting.wake(["listener:0"])
        order.append(environ["PATH_INFO"])
        return []

    slots = Slots(application, 1)

    def call(path: str) -> None:
        slots({"PATH_INFO": path}, lambda *_: None).close()  # type: ignore[attr-defined, arg-type, return-value]

    poller = threading.Thread(target=call, args=("/poll",))
    poller.start()
    until(lambda: waiting._room._waiting["A"])
    began = time.monotonic()
    call("/other")
    poller.join()
    assert order == ["/other", "/poll"]
    assert time.monotonic() - began < 5
