"""Promises of both backends: the built-in dispatcher, Svix in both flavours (a strict server of our own), and a real
Svix where SVIX_SERVER_URL and SVIX_TOKEN are set, see accounts/webhooks/README.md:

    SVIX_SERVER_URL=http://127.0.0.1:8071 SVIX_TOKEN=… pytest tests/webhooks/test_contract.py
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import standardwebhooks
from pytest_django import Settings
from rest_framework.test import APIClient
from svix.webhooks import Webhook

from accounts.models import Developer
from accounts.webhooks.backends import svix_api
from accounts.webhooks.delivery import dispatch
from accounts.webhooks.endpoints import catalogue_sync
from accounts.webhooks.models import Delivery, Endpoint
from tests import factories
from tests.webhooks import making, svix_server
from tests.webhooks.receiver import Customer
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
BASE = "/api/v1/webhooks"
REAL_URL, REAL_TOKEN = os.environ.get("SVIX_SERVER_URL", ""), os.environ.get("SVIX_TOKEN", "")
TIMEOUT_SECONDS = 3.0  # seconds that a real server is given
BACKENDS = ["built-in", "svix cloud", "open svix", *(["real svix"] if REAL_URL and REAL_TOKEN else [])]


class Installation:
    """WearLink with one backend. `deliver` lets all that is due happen, `later` lets retries be due."""

    def __init__(self, server: svix_server.SvixServer | None = None, *, real: bool = False) -> None:
        self.server, self.real = server, real

    def deliver(self) -> None:
        dispatch.run(threads=8)
        if self.server is not None:
            self.server.deliver()
        if self.real:  # which delivers, and retries, by itself
            time.sleep(TIMEOUT_SECONDS)

    def later(self) -> None:
        Delivery.objects.filter(state=Delivery.State.PENDING).update(due_at=clock.now())
        self.deliver()

    def give_up(self) -> None:
        """Let all waiting messages fail for the last time."""
        Delivery.objects.filter(state=Delivery.State.PENDING).update(attempts=7, due_at=clock.now())
        self.deliver()
        if self.server is not None:
            self.server.give_up()

    def until(self, true: Callable[[], bool]) -> None:
        """A real server takes its time."""
        deadline = time.monotonic() + (20 if self.real else 0)
        while not true() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert true()


@pytest.fixture(params=BACKENDS)
def installation(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Installation]:
    settings.SVIX_TOKEN = ""
    if request.param == "built-in":
        yield Installation()
        return
    if request.param == "real svix":
        settings.SVIX_TOKEN, settings.SVIX_SERVER_URL = REAL_TOKEN, REAL_URL
        catalogue_sync.sync()
        yield Installation(real=True)
        return
    with svix_server.running(cloud=request.param == "svix cloud") as (server, url):
        settings.SVIX_TOKEN, settings.SVIX_SERVER_URL = svix_server.TOKEN, url
        catalogue_sync.sync()
        yield Installation(server)
        svix_api.client()._httpx_client.close()
        svix_api._client.cache_clear()
        svix_api.message_name.cache_clear()


@pytest.fixture
def client(alice: Developer) -> APIClient:
    return factories.key_client(alice)


def created(client: APIClient, url: str, *types: str, **values: Any) -> Any:
    response = client.post(f"{BASE}/endpoints", {"url": url, "filter_types": list(types) or None, **values})
    assert response.status_code == 201, response.json()
    return response.json()


def attempts(client: APIClient, endpoint: Any, **query: Any) -> Any:
    return client.get(f"{BASE}/endpoints/{endpoint['id']}/attempts", query).json()


def test_a_message_arrives_and_every_library_verifies_it(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/hook", "connection.*")
    making.emit(alice.organization, note="ünïcode")
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    (got,) = receiver.got
    secret = client.get(f"{BASE}/endpoints/{endpoint['id']}/secret").json()["secret"]
    assert secret == endpoint["secret"]
    Webhook(secret).verify(got.body, got.headers)
    named = {f"webhook-{part}": got.headers[f"svix-{part}"] for part in ("id", "timestamp", "signature")}
    standardwebhooks.Webhook(secret).verify(got.body, named)
    assert got.payload["type"] == "connection.created"
    assert got.payload["data"]["note"] == "ünïcode"


def test_the_filter_that_was_asked_for_is_the_one_in_force(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/hook", "connection.created")
    if settings_url := installation.server or installation.real:
        assert settings_url
        stored = svix_api.client().endpoint.get(str(alice.organization.pk), svix_api.OURS + endpoint["id"])
        assert stored.event_types == ["connection.created", svix_api.TEST]
    for kind in ("sync.started", "connection.created", "connection.revoked"):
        making.emit(alice.organization, kind)
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    assert [one.payload["type"] for one in receiver.got] == ["connection.created"]
    client.patch(f"{BASE}/endpoints/{endpoint['id']}", {"filter_types": ["sync.*"]})
    making.emit(alice.organization, "sync.failed")
    making.emit(alice.organization, "connection.created")
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 2)
    assert receiver.got[1].payload["type"] == "sync.failed"


def test_without_a_filter_nothing_granular_and_nothing_sensitive_comes(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    created(client, receiver.url + "/open")
    created(client, receiver.url + "/named", "series.*", "reproductive.*")
    for kind in ("series.heart_rate.created", "heart_rate.created", "reproductive.created"):
        making.emit(alice.organization, kind)
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 3)
    assert [one.payload["type"] for one in receiver.at("/open")] == ["heart_rate.created"]
    assert {one.payload["type"] for one in receiver.at("/named")} == {
        "series.heart_rate.created",
        "reproductive.created",
    }


def test_an_endpoint_of_one_end_user_gets_only_theirs(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    jane, joe = (factories.end_user(alice.organization) for _ in range(2))
    endpoint = created(client, receiver.url + "/jane", "connection.*", user_id=str(jane.id))
    created(client, receiver.url + "/all", "connection.*")
    for user in (jane, joe):
        making.emit(alice.organization, user_id=user.id, user=str(user.id))
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 3)
    assert [one.payload["data"]["user"] for one in receiver.at("/jane")] == [str(jane.id)]
    client.patch(f"{BASE}/endpoints/{endpoint['id']}", {"user_id": None})
    making.emit(alice.organization, user_id=joe.id)
    installation.deliver()
    installation.until(lambda: len(receiver.at("/jane")) == 2)


def test_a_failure_is_tried_again_with_the_same_id_and_bytes(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.answers("/hook", 500, 302, 200), "connection.*")
    making.emit(alice.organization)
    installation.deliver()
    installation.later()
    installation.later()
    installation.until(lambda: len(receiver.got) == 3)
    assert len({(one.id, one.body) for one in receiver.got}) == 1
    log = attempts(client, endpoint)["data"]
    assert [one["status"] for one in log] == ["succeeded", "failed", "failed"]
    assert [one["response"]["status_code"] for one in log] == [200, 302, 500]


def test_the_log_pages_filters_and_shows_content_when_asked(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.answers("/hook", 200, 500), "connection.*")
    names = []
    for _ in range(2):
        names.append(making.emit(alice.organization))
        installation.deliver()
    first = attempts(client, endpoint, limit=1)
    assert first["pagination"]["has_more"]
    second = attempts(client, endpoint, limit=1, cursor=first["pagination"]["next_cursor"])
    assert [first["data"][0]["message_id"], second["data"][0]["message_id"]] == names[::-1]
    assert not second["pagination"]["has_more"]
    (failed,) = attempts(client, endpoint, status="failed", with_content="true")["data"]
    assert failed["response"]["body"] == "ok"
    assert '"connection.created"' in failed["request"]["body"]
    assert first["data"][0]["response"]["body"] is None
    assert attempts(client, endpoint, event_types="sync.started")["data"] == []


def test_rotation_signs_with_both_secrets(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url, "connection.*")
    path = f"{BASE}/endpoints/{endpoint['id']}/secret"
    fresh = client.post(f"{path}/rotate", {"grace_seconds": 3600}).json()["secret"]
    assert client.get(path).json()["secret"] == fresh != endpoint["secret"]
    making.emit(alice.organization)
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    for secret in (fresh, endpoint["secret"]):
        Webhook(secret).verify(receiver.got[0].body, receiver.got[0].headers)


def test_pausing_stops_and_recovery_brings_what_was_missed(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.answers("/hook", 500, 200), "connection.*")
    path = f"{BASE}/endpoints/{endpoint['id']}"
    making.emit(alice.organization, number=1)
    installation.give_up()
    client.patch(path, {"paused": True})
    created(client, receiver.url + "/other", "connection.*")
    making.emit(alice.organization, number=2)
    installation.deliver()
    assert len(receiver.at("/hook")) == 1
    client.patch(path, {"paused": False})
    since = (clock.now() - timedelta(hours=1)).isoformat()
    assert client.post(f"{path}/recover", {"since": since}).status_code == 202
    installation.later()
    installation.until(lambda: len(receiver.at("/hook")) == 3)
    assert {one.payload["data"]["number"] for one in receiver.at("/hook")[1:]} == {1, 2}


def test_a_message_can_be_sent_again(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/hook", "connection.*")
    message = making.emit(alice.organization)
    installation.deliver()
    answer = client.post(f"{BASE}/messages/{message}/resend", {"endpoint_id": endpoint["id"]})
    assert answer.status_code == 202
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 2)
    assert receiver.got[0].id == receiver.got[1].id
    assert attempts(client, endpoint)["data"][0]["trigger"] == "manual"
    where = client.get(f"{BASE}/messages/{message}").json()["destinations"]
    assert [(one["endpoint_id"], one["status"]) for one in where] == [(endpoint["id"], "delivered")]


def test_a_test_event_reaches_one_endpoint_only(
    installation: Installation, client: APIClient, receiver: Customer
) -> None:
    created(client, receiver.url + "/other")
    endpoint = created(client, receiver.url + "/tested")
    assert client.post(f"{BASE}/endpoints/{endpoint['id']}/test", {}).status_code == 202
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    assert receiver.got[0].path == "/tested"
    Webhook(endpoint["secret"]).verify(receiver.got[0].body, receiver.got[0].headers)


def test_a_test_event_is_a_whole_message_whatever_the_filter_says(
    installation: Installation, client: APIClient, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/tested", "sync.*")
    created(client, receiver.url + "/other", "workout.*")
    answer = client.post(f"{BASE}/endpoints/{endpoint['id']}/test", {"event_type": "workout.created"}).json()
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    assert set(receiver.got[0].payload) == {"type", "timestamp", "data"}
    assert receiver.got[0].payload["type"] == "workout.created"
    shown = client.get(f"{BASE}/messages/{answer['message_id']}").json()
    assert shown["payload"] == receiver.got[0].payload
    assert attempts(client, endpoint)["data"][0]["message_id"] == answer["message_id"]


def test_what_came_while_the_only_endpoint_was_paused_can_be_recovered(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/hook", "connection.*")
    path = f"{BASE}/endpoints/{endpoint['id']}"
    client.patch(path, {"paused": True})
    making.emit(alice.organization, number=1)
    installation.deliver()
    assert receiver.got == []
    client.patch(path, {"paused": False})
    since = (clock.now() - timedelta(hours=1)).isoformat()
    assert client.post(f"{path}/recover", {"since": since}).status_code == 202
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    assert receiver.got[0].payload["data"]["number"] == 1
    assert attempts(client, endpoint)["data"][0]["event_type"] == "connection.created"


def test_the_log_of_a_stretch_of_time_pages_to_its_end(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/hook", "connection.*")
    for _ in range(5):
        making.emit(alice.organization)
        installation.deliver()
    since = (clock.now() - timedelta(hours=1)).isoformat()
    found, cursor = [], None
    while True:
        page = attempts(client, endpoint, since=since, limit=2, **({"cursor": cursor} if cursor else {}))
        found += [one["id"] for one in page["data"]]
        cursor = page["pagination"]["next_cursor"]
        if cursor is None:
            break
    assert len(set(found)) == len(found) == 5


def test_own_headers_arrive(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    created(client, receiver.url + "/hook", "connection.*", headers={"Authorization": "Bearer of their own"})
    making.emit(alice.organization)
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    assert receiver.got[0].headers["authorization"] == "Bearer of their own"


def test_a_message_on_its_way_is_pending_and_not_failed(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    created(client, receiver.answers("/hook", 500), "connection.*")
    message = making.emit(alice.organization)
    installation.deliver()
    (destination,) = client.get(f"{BASE}/messages/{message}").json()["destinations"]
    assert destination["status"] == "pending"


def test_long_stretches_of_time_are_no_error(installation: Installation, client: APIClient, alice: Developer) -> None:
    endpoint = created(client, "https://customer.example.com/hook", "connection.*")
    old = (clock.now() - timedelta(days=80)).isoformat()
    later = (clock.now() + timedelta(hours=1)).isoformat()
    path = f"{BASE}/endpoints/{endpoint['id']}"
    assert client.get(f"{path}/statistics", {"since": old, "until": later}).status_code == 200
    assert client.post(f"{path}/recover", {"since": old}).status_code == 202


def test_a_description_may_have_any_sign(installation: Installation, client: APIClient) -> None:
    endpoint = created(client, "https://customer.example.com/hook", description="tab\tand bell\x07")
    assert client.patch(f"{BASE}/endpoints/{endpoint['id']}", {"description": "\x01"}).status_code == 200


def test_a_deleted_endpoint_gets_nothing_more(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.answers("/hook", 500), "connection.*")
    making.emit(alice.organization)
    installation.deliver()
    assert client.delete(f"{BASE}/endpoints/{endpoint['id']}").status_code == 204
    installation.later()
    making.emit(alice.organization)
    installation.deliver()
    assert len(receiver.got) == 1


def test_statistics_tell_how_it_ended(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.answers("/hook", 200, 500), "connection.*")
    for _ in range(2):
        making.emit(alice.organization)
        installation.deliver()
    found = client.get(f"{BASE}/endpoints/{endpoint['id']}/statistics").json()
    assert (found["delivered"], found["pending"], found["failed"]) == (1, 1, 0)


def test_tenants_do_not_meet(
    installation: Installation, client: APIClient, alice: Developer, receiver: Customer
) -> None:
    endpoint = created(client, receiver.url + "/alice", "connection.*")
    charlie = factories.charlie()
    stranger = factories.key_client(charlie)
    created(stranger, receiver.url + "/charlie", "connection.*")
    making.emit(alice.organization)
    installation.deliver()
    installation.until(lambda: len(receiver.got) == 1)
    assert receiver.got[0].path == "/alice"
    assert stranger.get(f"{BASE}/endpoints/{endpoint['id']}/secret").status_code == 404
    assert Endpoint.objects.count() == 2
