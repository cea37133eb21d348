"""Rate-limit headers on every answer, and what happens when limits are enforced or Valkey is away."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Developer, Organization
from tests import factories, machine
from wearlink.lib.valkey import ratelimit

HEADERS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


@pytest.fixture(autouse=True)
def _no_pause() -> Iterator[None]:
    yield
    ratelimit._pause["until"] = 0.0


@pytest.fixture
def alice(db: None) -> Developer:
    return factories.alice()


def test_every_answer_has_the_headers(alice: Developer) -> None:
    row = factories.end_user(alice.organization)
    client, nobody = factories.key_client(alice), APIClient()
    answers = [
        client.get("/api/v1/users"),
        client.get(f"/api/v1/users/{row.id}"),
        client.get("/api/v1/users?limit=0"),
        client.get("/api/v1/users/none"),
        client.get("/api/v1/no/such/path"),
        client.put("/api/v1/users"),
        nobody.get("/api/v1/users"),
        nobody.post("/api/v1/auth/login", {}),
        nobody.post("/api/v1/users", b"{", content_type="application/json"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 404, 404, 405, 401, 400, 401]
    for answer in answers:
        limit, remaining, reset = (int(answer[name]) for name in HEADERS)
        assert 0 <= remaining < limit
        assert time.time() - 1 <= reset <= time.time() + 61
        assert answer.status_code == 200 or answer.json()["detail"]


def test_calls_count_down_and_each_key_has_its_own_count(alice: Developer) -> None:
    first, second = factories.key_client(alice), factories.key_client(alice)
    left = [int(first.get("/api/v1/users")[HEADERS[1]]) for _ in range(3)]
    assert left == [5999, 5998, 5997]
    assert int(second.get("/api/v1/users")[HEADERS[1]]) == 5999
    assert int(second.get("/api/v1/users")[HEADERS[0]]) == 6000


def test_limits_are_told_but_not_enforced_by_default(alice: Developer) -> None:
    Organization.objects.update(requests_per_minute=2)
    client = factories.key_client(alice)
    answers = [client.get("/api/v1/users") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer[HEADERS[1]] for answer in answers] == ["1", "0", "0", "0"]


def test_enforced_limits_answer_the_documented_429(alice: Developer, settings: Settings) -> None:
    settings.ENFORCE_API_LIMIT = True
    Organization.objects.update(requests_per_minute=2)
    client = factories.key_client(alice)
    answers = [client.get("/api/v1/users") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    body = answers[2].json()
    assert body["detail"] == "Too many requests. Please wait 60 seconds and try again."
    assert body["headers"] == {"Retry-After": answers[2]["Retry-After"]}
    assert answers[2][HEADERS[1]] == "0"


def test_calls_without_credentials_count_per_address(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ENFORCE_API_LIMIT = True
    monkeypatch.setattr(ratelimit, "PER_ADDRESS", 2)
    nobody = APIClient(REMOTE_ADDR="2001:db8::1")
    assert [nobody.get("/api/v1/users").status_code for _ in range(3)] == [401, 401, 429]
    assert APIClient(REMOTE_ADDR="2001:db8::2").get("/api/v1/users").status_code == 429  # the same line
    assert APIClient(REMOTE_ADDR="2001:db8:1::2").get("/api/v1/users").status_code == 401


def test_an_organization_without_a_limit_is_never_refused(alice: Developer, settings: Settings) -> None:
    settings.ENFORCE_API_LIMIT = True
    Organization.objects.update(requests_per_minute=None)
    answer = factories.key_client(alice).get("/api/v1/users")
    assert answer[HEADERS[0]] == str(ratelimit.UNLIMITED)
    assert answer.status_code == 200
    assert not ratelimit.take("x", None).refused


def test_parallel_calls_are_all_counted() -> None:
    with ThreadPoolExecutor(8) as pool:
        states = list(pool.map(lambda _: ratelimit.take("parallel", 10), range(100)))
    assert sum(not state.refused for state in states) == 10


def test_without_valkey_nothing_is_refused(alice: Developer, settings: Settings) -> None:
    settings.ENFORCE_API_LIMIT = True
    client = factories.key_client(alice)
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}
    answer = client.get("/api/v1/users")
    assert answer.status_code == 200
    assert answer[HEADERS[0]] == answer[HEADERS[1]] == "6000"
    took = []
    for _ in range(5):
        started = time.monotonic()
        client.get("/api/v1/users")
        took.append(time.monotonic() - started)
    assert machine.within(min(took), 0.2)


def test_without_valkey_sign_in_is_refused_uncounted(alice: Developer, settings: Settings) -> None:
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/valkey.sock"}}
    answer = APIClient().post("/api/v1/auth/login", {"username": "alice@example.com", "password": "x"})
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_a_valkey_without_memory_costs_nobody_an_answer(alice: Developer, settings: Settings) -> None:
    client, jane = factories.key_client(alice), factories.end_user(alice.organization)
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.config_set("maxmemory", 1)
        try:
            assert client.get("/api/v1/users").status_code == 200
            body = {"provider": "apple", "sdkVersion": "1", "syncTimestamp": "2026-03-01T08:00:00Z", "data": {}}
            answer = client.post(f"/api/v1/sdk/users/{jane.id}/sync", body, format="json")
            assert answer.status_code == 202, answer.content
        finally:
            server.config_set("maxmemory", 0)
