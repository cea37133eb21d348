"""Room: what a plan has none for is refused, and what is there stays."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Developer, EndUser, Organization
from tests import factories

pytestmark = pytest.mark.django_db


def give(organization: Organization, **limits: int | None) -> None:
    Organization.objects.filter(pk=organization.pk).update(**limits)
    organization.refresh_from_db()


@pytest.mark.parametrize("limit", [0, 2, 10])
def test_end_users_are_limited(alice: Developer, limit: int) -> None:
    give(alice.organization, max_end_users=limit)
    client = factories.key_client(alice)
    answers = [client.post("/api/v1/users", {}, format="json") for _ in range(limit + 2)]
    assert [answer.status_code for answer in answers] == [201] * limit + [409, 409]
    assert answers[-1].json()["code"] == "plan_limit_reached"
    assert "hobby plan" in answers[-1].json()["detail"]


def test_an_end_user_who_goes_makes_room(alice: Developer) -> None:
    give(alice.organization, max_end_users=1)
    client = factories.key_client(alice)
    made = client.post("/api/v1/users", {}, format="json").json()["id"]
    assert client.post("/api/v1/users", {}, format="json").status_code == 409
    client.delete(f"/api/v1/users/{made}")
    assert client.post("/api/v1/users", {}, format="json").status_code == 201


def test_a_plan_without_limits_refuses_nobody(alice: Developer, django_assert_num_queries: Any) -> None:
    give(alice.organization, max_end_users=None)
    with django_assert_num_queries(1):
        factories.end_user(alice.organization)
    assert EndUser.objects.filter(organization=alice.organization).count() == 1


def test_counting_is_remembered_while_there_is_room(alice: Developer, django_assert_num_queries: Any) -> None:
    factories.end_user(alice.organization)
    with django_assert_num_queries(5):
        for _ in range(5):
            factories.end_user(alice.organization)
    assert EndUser.objects.filter(organization=alice.organization).count() == 6


def test_endpoints_are_limited(alice: Developer) -> None:
    give(alice.organization, max_webhook_endpoints=1)
    client = factories.key_client(alice)
    url = {"url": "https://hooks.example.com/in"}
    assert client.post("/api/v1/webhooks/endpoints", url, format="json").status_code == 201
    answer = client.post("/api/v1/webhooks/endpoints", url, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_endpoints")


def test_seats_are_members_and_open_invitations(alice: Developer, owner: APIClient) -> None:
    give(alice.organization, max_team_seats=3)
    factories.bob(alice)
    url = "/api/v1/organization/invitations"
    first = owner.post(url, {"email": "dana@example.com"}, format="json")
    assert first.status_code == 201
    answer = owner.post(url, {"email": "erin@example.com"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan_limit_reached")
    owner.delete(f"{url}/{first.json()['id']}")
    assert owner.post(url, {"email": "erin@example.com"}, format="json").status_code == 201


def test_a_smaller_plan_takes_nothing_away(alice: Developer, owner: APIClient) -> None:
    for _ in range(3):
        factories.end_user(alice.organization)
    give(alice.organization, max_end_users=1)
    assert owner.get("/api/v1/users").json()["pagination"]["total_count"] == 3
    used = owner.get("/api/v1/billing/usage").json()["resources"][1]
    assert (used["used"], used["limit"], used["remaining"]) == (3, 1, 0)
