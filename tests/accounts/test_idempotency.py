"""Idempotency-Key on users and API keys."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import ApiKey, Developer, EndUser, IdempotentReply
from accounts.tasks import prune
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
USERS = "/api/v1/users"
KEYS = "/api/v1/developer/api-keys"
JANE = {"email": "jane@example.com", "first_name": "Jane"}


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


def post(client: APIClient, path: str, body: Any, key: str = "key-1") -> Any:
    return client.post(path, body, headers={"Idempotency-Key": key})


def test_the_same_request_answers_the_first_answer_again(alice: Developer) -> None:
    client = factories.key_client(alice)
    first = post(client, USERS, JANE)
    second = post(client, USERS, dict(reversed(JANE.items())))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert second["Idempotency-Replayed"] == "true"
    assert EndUser.objects.count() == 1


def test_another_body_or_path_with_the_same_key_is_422(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    post(client, USERS, JANE)
    assert post(client, USERS, {**JANE, "first_name": "June"}).status_code == 422
    assert post(client, KEYS, JANE).status_code == 422


def test_a_request_that_still_runs_is_409(alice: Developer) -> None:
    client = factories.key_client(alice)
    post(client, USERS, JANE)
    IdempotentReply.objects.update(status=None, created_at=clock.now() - timedelta(seconds=50))
    assert post(client, USERS, JANE).status_code == 409
    IdempotentReply.objects.update(created_at=clock.now() - timedelta(seconds=61))
    EndUser.objects.all().delete()
    assert post(client, USERS, JANE).status_code == 201


def test_a_failed_request_frees_the_key(alice: Developer) -> None:
    client = factories.key_client(alice)
    assert post(client, USERS, {"email": "none"}).status_code == 400
    assert not IdempotentReply.objects.exists()
    assert post(client, USERS, JANE).status_code == 201


def test_another_tenant_may_use_the_same_key(alice: Developer) -> None:
    post(factories.key_client(alice), USERS, JANE)
    other = post(factories.key_client(factories.charlie()), USERS, JANE)
    assert other.status_code == 201
    assert EndUser.objects.count() == 2


def test_a_day_later_the_key_is_new(alice: Developer) -> None:
    client = factories.key_client(alice)
    post(client, USERS, JANE)
    IdempotentReply.objects.update(created_at=clock.now() - timedelta(hours=25))
    assert post(client, USERS, JANE).status_code == 409  # really run: the address is taken
    IdempotentReply.objects.create(
        organization=alice.organization,
        caller="api_key:sk-old",
        key="old",
        fingerprint="",
        created_at=clock.now() - timedelta(hours=25),
    )
    prune()
    assert not IdempotentReply.objects.filter(key="old").exists()


def test_an_api_key_is_told_to_the_first_request_only(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    first = post(client, KEYS, {"name": "Server"}).json()
    again = post(client, KEYS, {"name": "Server"})
    assert again.status_code == 201
    assert again.json() == {**first, "id": first["id"][:11]}
    assert ApiKey.objects.count() == 1
    assert first["id"] not in IdempotentReply.objects.get().body


def test_the_secret_of_an_endpoint_is_told_to_the_first_request_only(alice: Developer) -> None:
    client, path = factories.key_client(alice), "/api/v1/webhooks/endpoints"
    first = post(client, path, {"url": "https://hooks.example.com/in"}).json()
    again = post(client, path, {"url": "https://hooks.example.com/in"}).json()
    assert again == {**first, "secret": "whsec_"}
    rotated = f"{path}/{first['id']}/secret/rotate"
    assert post(client, rotated, {}, "key-2").json()["secret"] != first["secret"]
    assert post(client, rotated, {}, "key-2").json() == {"secret": "whsec_"}


def test_a_member_is_not_answered_what_the_owner_was(alice: Developer) -> None:
    bob = factories.bob(alice)
    made = post(factories.dashboard_client(alice), KEYS, {"name": "Server"}, "create-prod-key")
    assert made.status_code == 201
    refused = post(factories.dashboard_client(bob), KEYS, {"name": "Server"}, "create-prod-key")
    assert refused.status_code == 403
    assert made.json()["id"][:11] not in refused.content.decode()


def test_an_admin_who_became_a_member_is_not_answered_again(alice: Developer) -> None:
    bob = factories.bob(alice, "admin")
    client = factories.dashboard_client(bob)
    assert post(client, KEYS, {"name": "Server"}).status_code == 201
    Developer.objects.filter(pk=bob.pk).update(role="member")
    assert post(client, KEYS, {"name": "Server"}).status_code == 403


def test_two_keys_of_an_organization_do_not_share_replies(alice: Developer) -> None:
    assert post(factories.key_client(alice), USERS, JANE).status_code == 201
    assert post(factories.key_client(alice), USERS, JANE).status_code == 409  # really run: the address is taken


def test_a_body_nested_without_end_is_400(alice: Developer) -> None:
    client = factories.key_client(alice)
    deep = '{"email":' + "[" * 400 + "]" * 400 + "}"
    answer = client.generic("POST", USERS, deep, "application/json", headers={"Idempotency-Key": "deep"})
    assert answer.status_code == 400
    assert "nested" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_bad_key_is_400(alice: Developer, key: str) -> None:
    assert post(factories.key_client(alice), USERS, JANE, key).status_code == 400
