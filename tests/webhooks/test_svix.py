"""Behaviour of Svix alone: hand-over, its pitfalls, its outages."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from django.db.models import F
from pytest_django import Settings
from rest_framework.test import APIClient
from svix.webhooks import Webhook

from accounts.audit import SYSTEM
from accounts.deletion import erasing, leftovers
from accounts.models import Developer, Leftover
from accounts.webhooks import event_types, signing, tasks
from accounts.webhooks.backends import svix, svix_api
from accounts.webhooks.delivery import leases
from accounts.webhooks.endpoints import catalogue_sync, lifecycle
from accounts.webhooks.models import Delivery, Endpoint, Message
from tests import factories
from tests.webhooks import making, svix_server
from tests.webhooks.receiver import Customer
from tests.webhooks.svix_server import SvixServer
from wearlink.lib import clock
from wearlink.lib.work import task_queue

pytestmark = pytest.mark.django_db
BASE = "/api/v1/webhooks"
HOOK = "https://yourapp.example.com/hook"
PROXY_PAGE = (502, b"<html>Bad gateway</html>")
BROKEN = (500, json.dumps({"code": "server_error", "detail": "x"}).encode())


@pytest.fixture
def server(settings: Settings) -> Iterator[SvixServer]:
    with svix_server.running() as (state, url):
        settings.SVIX_TOKEN, settings.SVIX_SERVER_URL = svix_server.TOKEN, url
        catalogue_sync.sync()
        yield state
        svix_api.client()._httpx_client.close()
        svix_api._client.cache_clear()
        svix_api.message_name.cache_clear()


@pytest.fixture
def client(alice: Developer) -> APIClient:
    return factories.key_client(alice)


def again() -> int:
    """Make what waits due, and deliver."""
    Delivery.objects.filter(state=Delivery.State.PENDING).update(due_at=clock.now(), lease=None)
    return making.deliver()


def test_event_types_are_told_once_and_again_only_when_they_changed(server: SvixServer) -> None:
    assert len(server.event_types) == len(event_types.every()) + 1
    assert server.event_types["workout.created"]["schemas"]["1"]["examples"]
    assert svix.sync_event_types() == 0
    server.event_types["workout.created"]["description"] = "Old."
    assert svix.sync_event_types() == 1


def test_the_old_name_of_the_filter_would_be_dropped_silently_so_ours_is_read_back(
    server: SvixServer, alice: Developer
) -> None:
    silent = svix_api.EndpointIn(url=HOOK, filter_types=["workout.created"])  # type: ignore[call-arg]
    assert "workout.created" not in silent.model_dump_json(exclude_unset=True, by_alias=True)
    endpoint = making.endpoint(alice.organization, HOOK, "workout.created")
    stored = svix_api.client().endpoint.get(str(alice.organization.pk), svix_api.OURS + endpoint.id)
    assert stored.event_types == ["workout.created", svix_api.TEST]
    unfiltered = making.endpoint(alice.organization, HOOK)
    stored = svix_api.client().endpoint.get(str(alice.organization.pk), svix_api.OURS + unfiltered.id)
    assert stored.event_types == [*unfiltered.event_types, svix_api.TEST]


def test_a_message_that_svix_has_already_counts_as_sent(server: SvixServer, alice: Developer) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    making.emit(alice.organization)
    making.deliver()
    Delivery.objects.update(state=Delivery.State.PENDING, due_at=clock.now())
    making.deliver()
    assert making.only_delivery().state == Delivery.State.DELIVERED
    assert len(server.apps[str(alice.organization.pk)].messages) == 1


@pytest.mark.parametrize("fault", [PROXY_PAGE, BROKEN, (503, b""), (200, b""), (401, b'{"code":"x","detail":"y"}')])
def test_whatever_svix_answers_in_an_outage_the_message_waits_and_arrives(
    server: SvixServer, alice: Developer, fault: tuple[int, bytes]
) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    message = making.emit(alice.organization)
    server.faults = [fault] * 4  # the client itself tries some of them four times
    making.deliver()
    if server.faults:
        server.faults = []
    delivery = making.only_delivery()
    assert (delivery.state, delivery.attempts) == (Delivery.State.PENDING, 1)
    again()
    assert making.only_delivery().state == Delivery.State.DELIVERED
    assert list(server.apps[str(alice.organization.pk)].messages) == [svix_api.OURS + message]


def test_a_network_failure_is_tried_for_as_long_as_it_takes(
    server: SvixServer, alice: Developer, settings: Settings
) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    making.emit(alice.organization)
    url, settings.SVIX_SERVER_URL = settings.SVIX_SERVER_URL, "http://127.0.0.1:1"
    Delivery.objects.update(attempts=500, leases=500)
    making.deliver()
    svix_api.client()._httpx_client.close()
    settings.SVIX_SERVER_URL = url
    waiting = making.only_delivery()
    assert (waiting.state, waiting.attempts) == (Delivery.State.PENDING, 501)
    assert (waiting.due_at - clock.now()).total_seconds() < 1_100
    again()
    assert making.only_delivery().state == Delivery.State.DELIVERED


def test_a_message_that_svix_refuses_for_good_is_given_up_in_the_end(server: SvixServer, alice: Developer) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    making.emit(alice.organization)
    refused = (422, json.dumps({"detail": [{"loc": ["body"], "msg": "no", "type": "x"}]}).encode())
    for _ in range(8):
        server.faults = [refused]
        again()
    assert making.only_delivery().state == Delivery.State.FAILED


@pytest.mark.parametrize("fault", [PROXY_PAGE, BROKEN, (422, b'{"detail":[{"loc":["b"],"msg":"m","type":"t"}]}')])
def test_an_outage_while_somebody_waits_is_a_503_and_leaves_nothing_half_done(
    server: SvixServer, client: APIClient, fault: tuple[int, bytes]
) -> None:
    server.faults = [fault] * 4
    response = client.post(f"{BASE}/endpoints", {"url": HOOK})
    assert (response.status_code, response.json()["code"]) == (503, "webhook_service_down")
    server.faults = []
    assert client.get(f"{BASE}/endpoints").json()["data"] == []
    made = client.post(f"{BASE}/endpoints", {"url": HOOK, "description": "One"}).json()
    server.faults = [fault] * 4
    path = f"{BASE}/endpoints/{made['id']}"
    assert client.patch(path, {"description": "Two"}).status_code == 503
    server.faults = [fault] * 4
    assert client.delete(path).status_code == 503
    server.faults = []
    assert client.get(path).json()["description"] == "One"


def test_an_older_server_that_answers_a_rotation_with_nothing_has_rotated(server: SvixServer, alice: Developer) -> None:
    server.silent_rotation = True
    endpoint = making.endpoint(alice.organization, HOOK)
    fresh = lifecycle.rotate(endpoint, 60, SYSTEM)
    assert lifecycle.secret(endpoint, SYSTEM) == fresh


def test_an_endpoint_that_svix_was_never_told_of_is_told_by_the_clock(server: SvixServer, alice: Developer) -> None:
    endpoint = making.endpoint(alice.organization, HOOK, "workout.*")
    secret = lifecycle.secret(endpoint, SYSTEM)
    server.apps.clear()
    Endpoint.objects.update(pushed_at=None)
    assert catalogue_sync.push_missing() == 1
    assert lifecycle.secret(endpoint, SYSTEM) == secret
    assert catalogue_sync.push_missing() == 0


def test_the_application_is_made_when_it_is_missing_at_the_hand_over(server: SvixServer, alice: Developer) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    server.apps.clear()
    making.emit(alice.organization)
    making.deliver()
    assert making.only_delivery().state == Delivery.State.DELIVERED


def test_stored_filters_grow_with_the_catalogue(server: SvixServer, alice: Developer) -> None:
    endpoint = making.endpoint(alice.organization, HOOK, "workout.*")
    Endpoint.objects.update(event_types=["workout.created"], catalogue="older")
    assert catalogue_sync.expand_again() == 1
    stored = svix_api.client().endpoint.get(str(alice.organization.pk), svix_api.OURS + endpoint.id)
    assert stored.event_types == ["workout.created", "workout.deleted", "workout.updated", svix_api.TEST]
    assert catalogue_sync.expand_again() == 0


@pytest.mark.parametrize("cloud", [True, False])
def test_a_second_sync_tells_nothing_whether_the_server_keeps_groups_or_not(settings: Settings, cloud: bool) -> None:
    with svix_server.running(cloud=cloud) as (_, url):
        settings.SVIX_TOKEN, settings.SVIX_SERVER_URL = svix_server.TOKEN, url
        svix.sync_event_types()
        assert svix.sync_event_types() == 0
        svix_api.client()._httpx_client.close()
        svix_api._client.cache_clear()


def test_an_endpoint_that_svix_disables_is_disabled_here_and_told(
    server: SvixServer, alice: Developer, client: APIClient
) -> None:
    endpoint = making.endpoint(alice.organization, HOOK, "connection.*")
    making.endpoint(alice.organization, HOOK, "endpoint.*")
    at_svix = server.apps[str(alice.organization.pk)].endpoints[svix_api.OURS + endpoint.id]
    at_svix["disabled"] = True
    assert catalogue_sync.notice_disabled() == 0, "it was changed a moment ago"
    Endpoint.objects.filter(pk=endpoint.key).update(
        updated_at=clock.now() - timedelta(minutes=5), catalogue="older", event_types=["x.y"]
    )
    catalogue_sync.sync()
    shown = client.get(f"{BASE}/endpoints/{endpoint.id}").json()
    assert (shown["status"], shown["disabled_reason"]) == ("disabled", catalogue_sync.BY_SVIX)
    assert at_svix["disabled"], "telling Svix of new types does not switch it on again"
    assert Message.objects.get().type == "endpoint.disabled"
    client.patch(f"{BASE}/endpoints/{endpoint.id}", {"paused": False})
    assert not at_svix["disabled"]


def notice(kind: str, app: str, *, secret: str, seconds_ago: int = 0, spoil: bytes = b"") -> int:
    """Return an operational webhook of Svix's, signed by its own library; the status it was answered."""
    body = json.dumps({"type": kind, "data": {"appId": "app_1", "appUid": app, "endpointId": "ep_1"}})
    when = datetime.now(UTC) - timedelta(seconds=seconds_ago)
    headers = {
        "svix-id": "msg_1",
        "svix-timestamp": str(int(when.timestamp())),
        "svix-signature": Webhook(secret).sign("msg_1", when, body),
    }
    answer = APIClient().post(f"{BASE}/svix", body.encode() + spoil, content_type="application/json", headers=headers)
    return answer.status_code


def test_svix_tells_at_once_that_it_has_disabled_an_endpoint(
    server: SvixServer, alice: Developer, settings: Settings, django_capture_on_commit_callbacks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    app, secret = str(alice.organization.pk), signing.new_secret()
    assert notice("endpoint.disabled", app, secret=secret) == 404, "nobody is awaited"
    settings.SVIX_OPERATIONAL_SECRET = secret
    looks: list[tuple[str, str]] = []
    monkeypatch.setattr(task_queue, "_publish", lambda task, arguments, *_: looks.append((task, *arguments)))
    endpoint = making.endpoint(alice.organization, HOOK, "connection.*")
    Endpoint.objects.update(updated_at=clock.now() - timedelta(minutes=5))
    server.apps[app].endpoints[svix_api.OURS + endpoint.id]["disabled"] = True
    with django_capture_on_commit_callbacks(execute=True):
        for refused in ({"secret": signing.new_secret()}, {"seconds_ago": 600}, {"spoil": b" "}):
            assert notice("endpoint.disabled", app, **{"secret": secret} | refused) == 400
        assert notice("message.attempt.exhausted", app, secret=secret) == 200
        assert notice("endpoint.disabled", "somebody-elses", secret=secret) == 200
    assert looks == []
    with django_capture_on_commit_callbacks(execute=True):
        assert notice("endpoint.disabled", app, secret=secret) == 200
    assert looks == [(catalogue_sync.LOOK, app)]
    tasks.look_at_svix(app)
    endpoint.refresh_from_db()
    assert (endpoint.status, endpoint.disabled_reason) == ("disabled", catalogue_sync.BY_SVIX)


def test_a_change_of_the_filter_does_not_switch_on_what_svix_has_just_disabled(
    server: SvixServer, alice: Developer, client: APIClient
) -> None:
    endpoint = making.endpoint(alice.organization, HOOK, "connection.*")
    at_svix = server.apps[str(alice.organization.pk)].endpoints[svix_api.OURS + endpoint.id]
    at_svix["disabled"] = True
    client.patch(f"{BASE}/endpoints/{endpoint.id}", {"filter_types": ["sync.*"]})
    assert at_svix["disabled"]
    assert "sync.failed" in at_svix["eventTypes"]


def test_an_endpoint_that_svix_has_lost_is_made_anew_with_its_secret(
    server: SvixServer, alice: Developer, client: APIClient
) -> None:
    endpoint = making.endpoint(alice.organization, HOOK, "connection.*")
    server.apps[str(alice.organization.pk)].endpoints.clear()
    assert client.patch(f"{BASE}/endpoints/{endpoint.id}", {"description": "Back."}).status_code == 200
    (anew,) = server.apps[str(alice.organization.pk)].endpoints.values()
    assert (anew["description"], anew["secrets"]) == ("Back.", [endpoint.secrets.get().secret])


def test_what_svix_cannot_do_is_said(server: SvixServer, alice: Developer, client: APIClient) -> None:
    endpoint = making.endpoint(alice.organization, HOOK, "connection.*")
    message = making.emit(alice.organization)
    making.deliver()
    path = f"{BASE}/endpoints/{endpoint.id}"
    assert client.post(f"{path}/retry").status_code == 501
    assert client.get(f"{BASE}/messages?status=failed").status_code == 501
    client.patch(path, {"paused": True})
    assert client.post(f"{path}/test", {}).json()["code"] == "endpoint_inactive"
    resend = client.post(f"{BASE}/messages/{message}/resend", {"endpoint_id": endpoint.id})
    assert resend.json()["code"] == "endpoint_inactive"


def test_a_resend_to_an_endpoint_that_never_had_the_message_goes_to_it_alone(
    server: SvixServer, alice: Developer, client: APIClient, receiver: Customer
) -> None:
    making.endpoint(alice.organization, receiver.url + "/first", "connection.*")
    message = making.emit(alice.organization)
    making.deliver()
    later = making.endpoint(alice.organization, receiver.url + "/later", "connection.*")
    other = making.endpoint(alice.organization, receiver.url + "/sync", "sync.*")
    assert client.post(f"{BASE}/messages/{message}/resend", {"endpoint_id": later.id}).status_code == 202
    assert client.post(f"{BASE}/messages/{message}/resend", {"endpoint_id": other.id}).status_code == 404
    making.deliver()
    server.deliver()
    assert sorted(one.path for one in receiver.got) == ["/first", "/later"]


def test_a_message_is_found_by_the_id_that_the_customer_saw(
    server: SvixServer, alice: Developer, client: APIClient, receiver: Customer
) -> None:
    endpoint = making.endpoint(alice.organization, receiver.url, "connection.*")
    message = making.emit(alice.organization)
    making.deliver()
    server.deliver()
    seen = receiver.got[0].headers["svix-id"]
    assert client.get(f"{BASE}/messages/{seen}").json()["id"] == message
    (logged,) = client.get(f"{BASE}/endpoints/{endpoint.id}/attempts?with_content=true").json()["data"]
    assert (logged["message_id"], logged["request"]["headers"]["webhook-id"]) == (message, seen)
    assert json.loads(logged["request"]["body"]) == receiver.got[0].payload


def test_a_server_that_ignores_the_filter_gets_no_endpoint(
    server: SvixServer, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = SvixServer.shown
    monkeypatch.setattr(SvixServer, "shown", staticmethod(lambda one: {**shown(one), "eventTypes": None}))
    assert client.post(f"{BASE}/endpoints", {"url": HOOK}).status_code == 503
    assert [app.endpoints for app in server.apps.values()] == [{}]


def test_a_hanging_svix_never_costs_a_message(server: SvixServer, alice: Developer) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    making.emit(alice.organization)
    assert svix_api.TIMEOUT < leases.SUSPECT_SECONDS / 2
    for _ in range(20):  # more leases than attempts, as if workers had died in every call
        Delivery.objects.update(leases=F("leases") + 1, lease=None, due_at=clock.now())
    again()
    assert making.only_delivery().state == Delivery.State.PENDING
    again()
    assert making.only_delivery().state == Delivery.State.DELIVERED


def test_the_application_of_an_organization_that_is_gone_is_deleted(server: SvixServer, alice: Developer) -> None:
    making.endpoint(alice.organization, HOOK, "connection.*")
    charlie = factories.charlie()
    making.endpoint(charlie.organization, HOOK, "connection.*")
    server.apps["another-installation"] = svix_server.App(metadata={"wearlink": "else"})
    kept = str(alice.organization.pk)
    charlie.organization.delete()
    assert catalogue_sync.forget_applications() == 1
    assert set(server.apps) == {kept, "another-installation"}


def test_erasing_an_end_user_empties_their_messages_at_svix_and_removes_their_endpoint(
    server: SvixServer, alice: Developer
) -> None:
    jane = factories.end_user(alice.organization)
    kept = making.endpoint(alice.organization, HOOK, "connection.*")
    making.endpoint(alice.organization, HOOK, "connection.*", user_id=jane.id)
    making.emit(alice.organization, user_id=jane.id)
    making.deliver()
    erasing.erase(jane, SYSTEM)
    assert not Message.objects.exists()
    assert leftovers.remove_due() == 0, "what was just being handed over arrives first"
    Leftover.objects.update(due_at=clock.now())
    server.faults = [BROKEN]
    assert leftovers.remove_due() == 1, "a Svix that fails is asked again"
    Leftover.objects.update(due_at=clock.now())
    leftovers.remove_due()
    assert not Leftover.objects.exists()
    at_svix = server.apps[str(alice.organization.pk)]
    assert [one["payload"] for one in at_svix.messages.values()] == [{"expired": True}]
    assert set(at_svix.endpoints) == {svix_api.OURS + kept.id}


def test_what_svix_never_had_is_gone_already(server: SvixServer, alice: Developer) -> None:
    jane = factories.end_user(alice.organization)
    making.endpoint(alice.organization, HOOK, "connection.*")
    making.emit(alice.organization, user_id=jane.id)
    erasing.erase(jane, SYSTEM)
    Leftover.objects.update(due_at=clock.now())
    assert leftovers.remove_due() == 1


def test_only_the_four_families_are_caught() -> None:
    assert issubclass(json.JSONDecodeError, svix_api.FAMILIES)
    assert issubclass(httpx.ConnectError, svix_api.FAMILIES)
    assert not issubclass(KeyError, svix_api.FAMILIES)
