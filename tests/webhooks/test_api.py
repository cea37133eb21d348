"""The REST API of webhooks."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer
from accounts.webhooks.models import Delivery, Endpoint
from tests import factories
from tests.webhooks import making
from tests.webhooks.receiver import Customer
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
BASE = "/api/v1/webhooks"
HOOK = "https://yourapp.example.com/hooks/wearlink"


@pytest.fixture
def client(alice: Developer) -> APIClient:
    return factories.key_client(alice)


@pytest.fixture
def charlie(db: None) -> APIClient:
    return factories.key_client(factories.charlie())


def create(client: APIClient, **values: Any) -> Any:
    return client.post(f"{BASE}/endpoints", {"url": HOOK, **values})


def created(client: APIClient, **values: Any) -> Any:
    response = create(client, **values)
    assert response.status_code == 201, response.json()
    return response.json()


def test_the_documented_call_creates_an_endpoint_with_a_dashboard_token(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    body = {
        "url": HOOK,
        "description": "Production webhook",
        "filter_types": ["workout.created", "sleep.created", "connection.created"],
    }
    response = client.post(f"{BASE}/endpoints", body)
    answer = response.json()
    assert response.status_code == 201
    assert answer["id"].startswith("ep_")
    assert {name: answer[name] for name in body} == body
    assert answer["secret"].startswith("whsec_")
    assert answer["status"] == "active"
    listed = client.get(f"{BASE}/endpoints").json()
    assert [one["id"] for one in listed["data"]] == [answer["id"]]
    assert "secret" not in listed["data"][0]


def test_the_catalogue_is_listed_whole_and_by_level_and_group(client: APIClient) -> None:
    answer = client.get(f"{BASE}/event-types").json()
    assert answer["pagination"] == {"total_count": 243, "has_more": False}
    assert set(answer["data"][0]) == {"name", "description", "level", "group", "sensitive"}
    groups = client.get(f"{BASE}/event-types?level=group").json()["data"]
    assert len(groups) == 18
    spo2 = client.get(f"{BASE}/event-types?group=spo2&level=granular").json()["data"]
    assert {one["name"] for one in spo2} == {
        "series.spo2.created",
        "series.peripheral_perfusion_index.created",
    }


def test_shapes_of_event_types_are_there_when_asked_for(client: APIClient) -> None:
    thin = client.get(f"{BASE}/event-types")
    whole = client.get(f"{BASE}/event-types?with_schema=true")
    assert len(thin.content) < 75_000 < len(whole.content)
    by_name = {one["name"]: one for one in whole.json()["data"]}
    assert list(by_name) == [one["name"] for one in thin.json()["data"]]
    one = client.get(f"{BASE}/event-types/workout.created").json()
    assert one == by_name["workout.created"]
    assert one["schema"]["properties"]
    assert one["example"]["type"] == "running"
    unknown = client.get(f"{BASE}/event-types/workuot.created")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "event_type_not_found")
    assert "Did you mean workout.created" in unknown.json()["detail"]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://yourapp.example.com/", "https"),
        ("ftp://yourapp.example.com/", "https"),
        ("https://user:secret@yourapp.example.com/", "user name"),
        ("https://yourapp.example.com:22/", "Port 22"),
        ("https://10.0.0.1/", "not public"),
        ("https://2130706434/", "not public"),
        ("https://0x7f.1/", "not public"),
        ("https://[::ffff:10.0.0.1]/", "not public"),
        ("https://[fe80::1]/", "not public"),
        ("https://1.2.3.4.5/", "neither a name nor an address"),
        ("https:///hook", "no host"),
        ("nonsense", "https"),
    ],
)
def test_an_unacceptable_address_is_refused_at_once(client: APIClient, url: str, reason: str) -> None:
    response = create(client, url=url)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "url"
    assert reason in response.json()["detail"]


@pytest.mark.parametrize("port", ["", ":443", ":8443", ":80", ":8080"])
def test_the_documented_ports_are_open(client: APIClient, port: str) -> None:
    assert create(client, url=f"https://yourapp.example.com{port}/hook").status_code == 201


def test_a_misspelt_field_is_refused_and_never_taken_for_no_filter(client: APIClient) -> None:
    response = create(client, filterTypes=["workout.created"])
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "filterTypes"
    assert not Endpoint.objects.exists()


def test_wildcards_are_kept_as_given_and_expanded(client: APIClient) -> None:
    answer = created(client, filter_types=["workout.*"])
    assert answer["filter_types"] == ["workout.*"]
    assert Endpoint.objects.get().event_types == ["workout.created", "workout.deleted", "workout.updated"]


def test_an_unknown_type_names_its_place_and_a_near_one(client: APIClient) -> None:
    response = create(client, filter_types=["workout.created", "sleep.creatd"])
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "filter_types.1"
    assert "sleep.created" in response.json()["detail"]


def test_an_endpoint_can_be_kept_to_one_end_user_of_ours_only(client: APIClient, alice: Developer) -> None:
    jane = factories.end_user(alice.organization)
    stranger = factories.end_user(factories.developer(factories.charlie().organization, "Dora").organization)
    endpoint = created(client, user_id=str(jane.id))
    assert endpoint["user_id"] == str(jane.id)
    assert create(client, user_id=str(stranger.id)).status_code == 400
    assert create(client, user_id=str(uuid4())).status_code == 400
    cleared = client.patch(f"{BASE}/endpoints/{endpoint['id']}", {"user_id": None}).json()
    assert cleared["user_id"] is None


def test_changing_one_field_leaves_the_others(client: APIClient) -> None:
    endpoint = created(client, description="One", filter_types=["sleep.*"])
    path = f"{BASE}/endpoints/{endpoint['id']}"
    changed = client.patch(path, {"url": HOOK + "/2"}).json()
    assert (changed["url"], changed["description"], changed["filter_types"]) == (HOOK + "/2", "One", ["sleep.*"])
    unfiltered = client.patch(path, {"filter_types": []}).json()
    assert unfiltered["filter_types"] is None
    assert "heart_rate.created" in Endpoint.objects.get().event_types
    assert client.patch(path, {"url": "https://10.0.0.1/"}).status_code == 400
    assert client.get(path).json()["url"] == HOOK + "/2"


def test_pausing_and_resuming(client: APIClient) -> None:
    path = f"{BASE}/endpoints/{created(client)['id']}"
    assert client.patch(path, {"paused": True}).json()["status"] == "paused"
    assert client.post(f"{path}/recover", {"since": "2026-01-01T00:00:00Z"}).status_code == 409
    Endpoint.objects.update(status="disabled", disabled_reason="Gone.", first_failure_at=clock.now())
    assert client.get(path).json()["disabled_reason"] == "Gone."
    resumed = client.patch(path, {"paused": False}).json()
    assert (resumed["status"], resumed["disabled_reason"], resumed["first_failure_at"]) == ("active", None, None)


def test_deleting_an_endpoint(client: APIClient) -> None:
    path = f"{BASE}/endpoints/{created(client)['id']}"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get(f"{BASE}/endpoints").json()["data"] == []


def test_the_audit_trail_keeps_addresses_without_what_may_be_secret(client: APIClient) -> None:
    made = created(client, url="https://yourapp.example.com/hooks?key=hush&a=1")
    client.delete(f"{BASE}/endpoints/{made['id']}")
    entries = AuditEntry.objects.filter(action__in=("webhook_endpoint.created", "webhook_endpoint.deleted"))
    assert [entry.data["url"] for entry in entries] == ["https://yourapp.example.com/hooks?…"] * 2


@pytest.mark.parametrize("value", [0, 1, "false", "off", None])
def test_paused_is_true_or_false_and_nothing_like_it(client: APIClient, value: object) -> None:
    made = created(client)
    answer = client.patch(f"{BASE}/endpoints/{made['id']}", {"paused": value})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "paused"


def test_reading_and_replacing_the_secret_is_audited(client: APIClient) -> None:
    endpoint = created(client)
    path = f"{BASE}/endpoints/{endpoint['id']}"
    assert client.get(f"{path}/secret").json() == {"secret": endpoint["secret"]}
    rotated = client.post(f"{path}/secret/rotate", {"grace_seconds": 60}).json()
    assert rotated["secret"] not in ("", endpoint["secret"])
    assert client.post(f"{path}/secret/rotate", {"grace_seconds": 700_000}).status_code == 400
    acts = list(AuditEntry.objects.filter(target_id=endpoint["id"]).order_by("id").values_list("action", flat=True))
    assert acts == [
        "webhook_endpoint.created",
        "webhook_endpoint.secret_read",
        "webhook_endpoint.secret_rotated",
    ]
    assert endpoint["secret"] not in str(list(AuditEntry.objects.values_list("data", flat=True)))


def test_an_idempotency_key_makes_one_endpoint(client: APIClient) -> None:
    headers = {"HTTP_IDEMPOTENCY_KEY": "abc"}
    first, again = (client.post(f"{BASE}/endpoints", {"url": HOOK}, **headers).json() for _ in range(2))
    assert again == {**first, "secret": "whsec_"}
    assert Endpoint.objects.count() == 1


def test_an_organization_has_fifty_endpoints_at_most(client: APIClient, alice: Developer) -> None:
    for number in range(50):
        Endpoint.objects.create(organization=alice.organization, url=f"{HOOK}/{number}", event_types=[])
    assert create(client).json()["code"] == "too_many_endpoints"


def test_a_test_event_reaches_this_endpoint_alone_even_when_filtered_or_paused(
    client: APIClient, receiver: Customer
) -> None:
    created(client, url=receiver.url + "/other")
    tested = created(client, url=receiver.url + "/tested", filter_types=["sync.*"])
    path = f"{BASE}/endpoints/{tested['id']}"
    client.patch(path, {"paused": True})
    response = client.post(f"{path}/test", {})
    assert (response.status_code, response.json()["status"]) == (202, "queued")
    making.deliver()
    (got,) = receiver.got
    assert (got.path, got.id, got.payload["type"]) == ("/tested", response.json()["message_id"], "workout.created")
    assert got.payload["data"]["type"] == "running"
    assert client.post(f"{path}/test", {"event_type": "nothing.created"}).status_code == 400
    assert client.post(f"{path}/recover", {"since": "2026-01-01T00:00:00Z"}).status_code == 409


def test_the_delivery_log_is_paged_newest_first_and_filtered(
    client: APIClient, alice: Developer, receiver: Customer, django_assert_num_queries: Any
) -> None:
    endpoint = created(client, url=receiver.answers("/hook", 500, 200), filter_types=["connection.*", "sync.*"])
    for kind in ("connection.created", "sync.started", "connection.created"):
        making.emit(alice.organization, kind)
        making.deliver()
    path = f"{BASE}/endpoints/{endpoint['id']}/attempts"
    with django_assert_num_queries(3):  # endpoint, attempts, messages
        page = client.get(f"{path}?limit=2").json()
    assert [one["status"] for one in page["data"]] == ["succeeded", "succeeded"]
    assert page["pagination"]["has_more"]
    rest = client.get(path, {"limit": 2, "cursor": page["pagination"]["next_cursor"]}).json()
    (failed,) = rest["data"]
    assert failed["response"] == {"status_code": 500, "body": None, "body_encoding": None}
    assert failed["next_attempt_at"] > failed["created_at"]
    assert rest["pagination"] == {"next_cursor": None, "has_more": False}
    (whole,) = client.get(f"{path}?status=failed&with_content=true").json()["data"]
    assert whole["response"]["body"] == "ok"
    assert whole["request"]["body"].startswith('{"type":"connection.created"')
    assert whole["request"]["headers"]["webhook-id"] == whole["message_id"]
    (sync,) = client.get(f"{path}?event_types=sync.started").json()["data"]
    assert sync["event_type"] == "sync.started"
    assert client.get(f"{path}?cursor=nonsense").status_code == 400
    other = client.get(path, {"cursor": page["pagination"]["next_cursor"], "status": "failed"})
    assert other.json()["errors"][0]["field"] == "cursor"
    tomorrow = (clock.now() + timedelta(days=1)).isoformat()
    assert client.get(path, {"since": tomorrow}).json()["data"] == []


def test_messages_are_listed_shown_and_sent_again(
    client: APIClient, alice: Developer, receiver: Customer, django_assert_num_queries: Any
) -> None:
    jane = factories.end_user(alice.organization)
    endpoint = created(client, url=receiver.url + "/hook", filter_types=["connection.*"])
    first = making.emit(alice.organization)
    second = making.emit(alice.organization, user_id=jane.id)
    client.get(f"{BASE}/messages")  # by now the key is remembered
    with django_assert_num_queries(1):
        listed = client.get(f"{BASE}/messages").json()
    assert [one["id"] for one in listed["data"]] == [second, first]
    only = client.get(f"{BASE}/messages?user_id={jane.id}").json()["data"]
    assert [one["id"] for one in only] == [second]
    page = client.get(f"{BASE}/messages?limit=1").json()
    rest = client.get(f"{BASE}/messages", {"limit": 1, "cursor": page["pagination"]["next_cursor"]}).json()
    assert [one["id"] for one in rest["data"]] == [first]
    making.deliver()
    whole = client.get(f"{BASE}/messages/{first}").json()
    assert whole["payload"]["data"] == making.EXAMPLE
    assert whole["destinations"] == [
        {"endpoint_id": endpoint["id"], "status": "delivered", "attempts": 1, "next_attempt_at": None}
    ]
    again = client.post(f"{BASE}/messages/{first}/resend", {"endpoint_id": endpoint["id"]})
    assert (again.status_code, again.json()["message_id"]) == (202, first)
    making.deliver()
    assert [one.id for one in receiver.got].count(first) == 2
    log = client.get(f"{BASE}/endpoints/{endpoint['id']}/attempts").json()["data"]
    assert log[0]["trigger"] == "manual"


def test_a_resend_that_fails_is_not_retried(client: APIClient, alice: Developer, receiver: Customer) -> None:
    endpoint = created(client, url=receiver.answers("/hook", 200, 500), filter_types=["connection.*"])
    message = making.emit(alice.organization)
    making.deliver()
    client.post(f"{BASE}/messages/{message}/resend", {"endpoint_id": endpoint["id"]})
    making.deliver()
    assert not Delivery.objects.filter(state=Delivery.State.PENDING).exists()


def test_recovery_sends_what_was_missed_under_the_same_ids(
    client: APIClient, alice: Developer, receiver: Customer
) -> None:
    url = receiver.answers("/hook", 500, 200)
    endpoint = created(client, url=url, filter_types=["connection.*"])
    path = f"{BASE}/endpoints/{endpoint['id']}"
    given_up = making.emit(alice.organization)
    Delivery.objects.update(attempts=7)
    making.deliver()
    client.patch(path, {"paused": True})
    missed = making.emit(alice.organization)
    client.patch(path, {"paused": False})
    delivered = making.emit(alice.organization)
    making.deliver()
    since = (clock.now() - timedelta(hours=1)).isoformat()
    answer = client.post(f"{path}/recover", {"since": since})
    assert (answer.status_code, answer.json()) == (202, {"messages": 2})
    making.deliver()
    assert [one.id for one in receiver.got].count(delivered) == 1
    assert {given_up, missed} <= {one.id for one in receiver.got}
    assert client.post(f"{path}/recover", {"since": since}).json() == {"messages": 0}
    assert client.post(f"{path}/recover", {"since": since, "until": "2020-01-01T00:00:00Z"}).status_code == 400


def test_statistics_count_what_became_of_messages(client: APIClient, alice: Developer, receiver: Customer) -> None:
    endpoint = created(client, url=receiver.answers("/hook", 200, 500), filter_types=["connection.*"])
    for _ in range(3):
        making.emit(alice.organization)
        making.deliver()
    answer = client.get(f"{BASE}/endpoints/{endpoint['id']}/statistics").json()
    assert {name: answer[name] for name in ("delivered", "pending", "failed")} == {
        "delivered": 1,
        "pending": 2,
        "failed": 0,
    }


PATHS = [
    ("get", "/endpoints/{endpoint}", None),
    ("patch", "/endpoints/{endpoint}", {"description": "mine"}),
    ("delete", "/endpoints/{endpoint}", None),
    ("get", "/endpoints/{endpoint}/secret", None),
    ("post", "/endpoints/{endpoint}/secret/rotate", {}),
    ("post", "/endpoints/{endpoint}/test", {}),
    ("get", "/endpoints/{endpoint}/attempts", None),
    ("post", "/endpoints/{endpoint}/recover", {"since": "2026-01-01T00:00:00Z"}),
    ("get", "/endpoints/{endpoint}/statistics", None),
    ("get", "/messages/{message}", None),
    ("post", "/messages/{message}/resend", {"endpoint_id": "{endpoint}"}),
]


@pytest.mark.parametrize(("method", "path", "body"), PATHS)
def test_what_another_tenant_has_does_not_exist(
    client: APIClient, charlie: APIClient, alice: Developer, method: str, path: str, body: Any
) -> None:
    endpoint = created(client)["id"]
    message = making.emit(alice.organization)
    filled = {name: value.format(endpoint=endpoint) for name, value in (body or {}).items()}
    url = BASE + path.format(endpoint=endpoint, message=message)
    assert getattr(charlie, method)(url, filled or None).status_code == 404
    assert Endpoint.objects.get().description == ""
    assert charlie.get(f"{BASE}/endpoints").json()["data"] == []
    assert charlie.get(f"{BASE}/messages").json()["data"] == []


def test_a_phone_may_not_call_here(alice: Developer) -> None:
    phone = factories.sdk_client(factories.end_user(alice.organization))
    assert phone.get(f"{BASE}/endpoints").status_code == 401


@pytest.mark.parametrize("count", [1, 12])
def test_the_list_of_endpoints_costs_one_query(client: APIClient, count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        created(client)
    with django_assert_num_queries(1):
        assert len(client.get(f"{BASE}/endpoints").json()["data"]) == count


def test_an_organization_without_a_confirmed_address_has_two_endpoints(alice: Developer) -> None:
    Developer.objects.update(email_verified_at=None)
    client = factories.dashboard_client(alice)
    urls = [f"https://customer.example.com/{number}" for number in range(3)]
    answers = [client.post("/api/v1/webhooks/endpoints", {"url": url}) for url in urls]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert "confirmed an e-mail address" in answers[-1].json()["detail"]
    Developer.objects.update(email_verified_at=clock.now())
    assert client.post("/api/v1/webhooks/endpoints", {"url": "https://customer.example.com/3"}).status_code == 201
