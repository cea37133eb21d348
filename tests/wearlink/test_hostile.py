"""Input of strangers and careless clients: answered by what is wrong with it, never by a fault of ours."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from providers.adapters.oura.signature import OuraSignature
from providers.contract import BadWebhookSignature, Credentials, InboundRequest
from tests import factories
from wearlink.lib.net import http
from wearlink.lib.valkey import cache as caching

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.mark.parametrize(
    "path",
    [
        "/webhooks/endpoints/%00",
        "/webhooks/endpoints/a%00b/secret",
        "/webhooks/messages/%00",
        "/users/8a0b3c1e-0000-4000-8000-000000000000/connections/a%00/diagnosis",
    ],
)
def test_nul_in_a_path_is_404(path: str) -> None:
    client = factories.key_client(factories.alice())
    answer = client.get(API + path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    assert answer["X-RateLimit-Limit"]


def test_nul_in_a_query_or_body_is_400_and_the_field_is_named() -> None:
    client = factories.key_client(factories.alice())
    assert client.get(f"{API}/users?search=a%00b").status_code == 400
    answer = client.post(f"{API}/users", {"source_priority": {"steps": ["wa\0tch"]}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "source_priority.steps.0"


def test_a_number_is_no_name_of_a_source() -> None:
    answer = factories.key_client(factories.alice()).post(f"{API}/users", {"source_priority": {"steps": [1, 2]}})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].startswith("source_priority.steps")


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate, gzip"])
def test_a_packed_body_is_415_where_none_is_unpacked(encoding: str) -> None:
    client = factories.key_client(factories.alice())
    answer = client.post(f"{API}/users", {"first_name": "Jane"}, headers={"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert answer.json()["code"] == "unsupported_encoding"
    assert client.get(f"{API}/users").json()["data"] == []
    assert client.post(f"{API}/users", {}, headers={"Content-Encoding": "identity"}).status_code == 201


def test_a_fault_names_its_field_once() -> None:
    alice = factories.alice()
    jane = factories.end_user(alice.organization)
    times = "start_time=2026-01-01T00:00:00Z&end_time=2026-01-02T00:00:00Z"
    answer = factories.key_client(alice).get(f"{API}/users/{jane.id}/timeseries?types=bogus&{times}")
    assert answer.status_code == 400
    assert answer.json()["detail"].count("types:") == 1


def test_a_logo_of_no_provider_is_404() -> None:
    assert Client().get("/connect/logos/nobody.svg").status_code == 404


def test_a_line_break_in_an_address_to_return_to_is_refused() -> None:
    alice = factories.alice()
    alice.organization.redirect_addresses = ["https://app.example.com"]
    alice.organization.save()
    user = factories.end_user(alice.organization)
    body = {"redirect_uri": "https://app.example.com/a\r\nSet-Cookie: b=1"}
    answer = factories.key_client(alice).post(f"{API}/users/{user.id}/connect-link", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "redirect_uri"


@pytest.mark.parametrize("slug", ["strava", "oura", "whoop", "garmin"])
@pytest.mark.parametrize("body", [b"[" * 5000 + b"]" * 5000, b'{"object_type":"\\u0000"}', b"\xff\xfe", b"null", b""])
def test_a_hostile_push_without_credentials_is_a_4xx(slug: str, body: bytes, settings: Any) -> None:
    names = ("CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_TOKEN")
    settings.PROVIDERS = {f"{slug.upper()}_{name}": "our-word-and-secret" for name in names}
    headers = {"X-Oura-Signature": "00", "X-Oura-Timestamp": str(int(time.time()))}
    answer = Client(raise_request_exception=False).post(
        f"/v1/webhooks/{slug}", body, content_type="application/json", headers=headers
    )
    assert answer.status_code < 500, answer.content


def test_a_million_hostile_bytes_with_a_made_up_signature_cost_five_milliseconds() -> None:
    body = b"[" + b"[]," * 333_000 + b"[]]"
    now = 1_700_000_000_000
    headers = {"x-oura-signature": "00", "x-oura-timestamp": str(now // 1000)}
    inbound = InboundRequest(method="POST", query={}, headers=headers, body=body, received=now)
    took = []
    for _ in range(10):
        started = time.thread_time()
        with pytest.raises(BadWebhookSignature):
            OuraSignature().check(inbound, Credentials(client_id="a", client_secret="b"))
        took.append(time.thread_time() - started)
    assert min(took) < 0.005


def test_what_somebody_writes_into_the_cache_is_data_and_never_code() -> None:
    cache.set("a", {"b": [1, 2.5, "c", None]}, 60)
    assert cache.get("a") == {"b": [1, 2.5, "c", None]}
    cache.add("n", 1, 60)
    assert cache.incr("n") == 2
    crafted = b"cos\nsystem\n(S'exit 1'\ntR."
    with pytest.raises(ValueError, match=r"unexpected character"):
        caching.JsonSerializer().loads(crafted)


def test_health_data_are_kept_by_no_cache_on_the_way() -> None:
    alice = factories.alice()
    client = factories.key_client(alice)
    user = factories.end_user(alice.organization)
    assert client.get(f"{API}/users")["Cache-Control"] == "no-store"
    one = client.get(f"{API}/users/{user.id}")
    assert one["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "X-WearLink-API-Key"} <= {name.strip() for name in one["Vary"].split(",")}
    assert Client().post(f"{API}/auth/login", {})["Cache-Control"] == "no-store"


def test_cookies_of_a_vendor_are_not_sent_back() -> None:
    session = http._session()
    assert not session.trust_env
    policy = session.cookies._policy
    assert policy.allowed_domains() == ()
