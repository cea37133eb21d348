"""Races: two callers do the same at the same time. These tests commit."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts import audit, authentication
from accounts.models import ApiKey, AuditEntry, Developer, EndUser, IdempotentReply, Role
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Return the results of the calls, each in a thread of its own."""

    def closing(index: int) -> Any:
        try:
            return act(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(closing, range(number)))


def test_one_of_many_registrations_of_an_address_wins() -> None:
    body = {"email": "dora@example.com", "password": PASSWORD}
    statuses = at_once(
        4, lambda index: APIClient(REMOTE_ADDR=f"192.0.2.{index}").post("/api/v1/auth/register", body).status_code
    )
    assert sorted(statuses) == [201, 409, 409, 409]
    assert Developer.objects.count() == 1
    assert audit.first_broken(Developer.objects.get().organization_id) is None


def test_one_of_many_rotations_of_a_key_wins() -> None:
    alice = factories.alice()
    secret = factories.api_key(alice.organization)
    token = authentication.dashboard_token(alice)

    def rotate(_: int) -> int:
        path = f"/api/v1/developer/api-keys/{secret[:11]}/rotate"
        return APIClient().post(path, headers={"Authorization": f"Bearer {token}"}).status_code

    assert sorted(at_once(4, rotate)) == [201, 404, 404, 404]
    assert ApiKey.objects.live().count() == 1


def test_the_same_user_is_created_once() -> None:
    secret = factories.api_key(factories.alice().organization)

    def create(_: int) -> int:
        headers = {"X-WearLink-API-Key": secret}
        return APIClient().post("/api/v1/users", {"email": "jane@example.com"}, headers=headers).status_code

    assert sorted(at_once(6, create)) == [201, 409, 409, 409, 409, 409]
    assert EndUser.objects.count() == 1


def test_an_idempotency_key_runs_once() -> None:
    secret = factories.api_key(factories.alice().organization)

    def create(_: int) -> Any:
        headers = {"X-WearLink-API-Key": secret, "Idempotency-Key": "one"}
        return APIClient().post("/api/v1/users", {"first_name": "Jane"}, headers=headers)

    answers = at_once(6, create)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert EndUser.objects.count() == 1
    assert IdempotentReply.objects.get().status == 201


def test_two_owners_cannot_both_leave() -> None:
    alice = factories.alice()
    bob = factories.bob(alice, Role.OWNER)
    clients = [factories.dashboard_client(alice), factories.dashboard_client(bob)]
    members = [alice.pk, bob.pk]
    statuses = at_once(
        2, lambda index: clients[index].delete(f"/api/v1/organization/members/{members[index]}").status_code
    )
    assert sorted(statuses) == [204, 409]


def test_parallel_entries_make_one_chain() -> None:
    alice = factories.alice()

    def write(_: int) -> None:
        for _ in range(10):
            audit.record("organization.updated", actor=audit.SYSTEM, organization=alice.organization)

    at_once(4, write)
    rows = AuditEntry.objects.filter(organization=alice.organization).order_by("sequence")
    assert [row.sequence for row in rows] == list(range(1, 41))
    assert audit.first_broken(alice.organization_id) is None


def test_many_guesses_at_once_all_count() -> None:
    alice = factories.alice()

    def guess(index: int) -> int:
        body = {"username": "alice@example.com", "password": f"guess {index}"}
        return APIClient(REMOTE_ADDR=f"192.0.2.{index}").post("/api/v1/auth/login", body).status_code

    assert at_once(12, guess) == [401] * 12
    alice.refresh_from_db()
    assert alice.is_locked()
    assert alice.failed_login_count == 10


def test_audited_writes_beside_changes_of_the_organization_never_wait_for_each_other() -> None:
    alice = factories.alice()
    token = {"Authorization": f"Bearer {authentication.dashboard_token(alice)}"}

    def act(index: int) -> list[int]:
        client, found = APIClient(), []
        for number in range(25):
            if index:
                body = {"name": f"Key {index} {number}"}
                found.append(client.post("/api/v1/developer/api-keys", body, headers=token).status_code)
            else:
                zone = ("Europe/Paris", "Asia/Tokyo")[number % 2]
                body = {"time_zone": zone}
                found.append(client.patch("/api/v1/organization", body, headers=token).status_code)
        return found

    statuses = [status for one in at_once(3, act) for status in one]
    assert set(statuses) == {200, 201}
    assert audit.first_broken(alice.organization_id) is None
