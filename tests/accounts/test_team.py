"""The organization, its members and invitations: who may do what."""

from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts import mail
from accounts.models import AuditEntry, Developer, Invitation, Role
from tests import factories
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db
ORGANIZATION = "/api/v1/organization"
MEMBERS = f"{ORGANIZATION}/members"
INVITATIONS = f"{ORGANIZATION}/invitations"


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


@pytest.fixture
def bob(alice: Developer) -> Developer:
    return factories.bob(alice)


def test_the_organization_shows_its_settings_and_limits(alice: Developer) -> None:
    body = factories.dashboard_client(alice).get(ORGANIZATION).json()
    assert body["name"] == "Alpha"
    assert body["time_zone"] == "UTC"
    assert body["settings"] == {}
    assert body["limits"] == {
        "requests_per_minute": 6000,
        "photos_per_day": 20,
        "end_users": 10_000,
        "webhook_endpoints": 50,
        "team_seats": 10,
    }


def test_an_owner_changes_the_organization(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    priority = {"steps": ["watch", "phone"]}
    change = {
        "name": "Beta",
        "time_zone": "Asia/Kolkata",
        "redirect_addresses": ["https://app.example.com/done", "com.example.app:/done", "http://localhost:3000/x"],
        "settings": {"source_priority": priority},
    }
    answer = client.patch(ORGANIZATION, change)
    assert answer.status_code == 200, answer.content
    for name, value in change.items():
        assert answer.json()[name] == value
    alice.organization.refresh_from_db()
    assert alice.organization.source_priority == priority
    entry = AuditEntry.objects.get(action="organization.updated")
    assert entry.data == {"changed": sorted(change)}
    client.patch(ORGANIZATION, change)
    assert AuditEntry.objects.filter(action="organization.updated").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"time_zone": "Nowhere"}, "time_zone"),
        ({"redirect_addresses": ["javascript:alert(1)"]}, "redirect_addresses.0"),
        ({"redirect_addresses": ["http://app.example.com/"]}, "redirect_addresses.0"),
        ({"redirect_addresses": ["https://user@app.example.com/"]}, "redirect_addresses.0"),
        ({"redirect_addresses": ["https://app.example.com/#x"]}, "redirect_addresses.0"),
        ({"redirect_addresses": ["/relative"]}, "redirect_addresses.0"),
        ({"redirect_addresses": "https://app.example.com"}, "redirect_addresses"),
        ({"settings": {"source_priority": []}}, "settings.source_priority"),
        ({"settings": {"source_priority": {"steps": ["wach"]}}}, "settings.source_priority.steps"),
    ],
)
def test_a_bad_change_names_the_field(alice: Developer, body: dict[str, Any], field: str) -> None:
    answer = factories.dashboard_client(alice).patch(ORGANIZATION, body)
    assert answer.status_code == 400, answer.content
    assert field in [error["field"] for error in answer.json()["errors"]]


def test_the_plan_is_not_the_owners_to_change(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    answer = client.patch(ORGANIZATION, {"plan": "scale", "limits": {}})
    assert [one["field"] for one in answer.json()["errors"]] == ["plan", "limits"]
    assert client.get(ORGANIZATION).json()["plan"] == "hobby"


def test_members_see_but_do_not_manage(alice: Developer, bob: Developer) -> None:
    client = factories.dashboard_client(bob)
    assert client.get(ORGANIZATION).status_code == 200
    assert len(client.get(MEMBERS).json()["data"]) == 2
    assert client.patch(ORGANIZATION, {"name": "Mine"}).status_code == 403
    assert client.patch(f"{MEMBERS}/{alice.pk}", {"role": "member"}).status_code == 403
    assert client.patch(f"{MEMBERS}/{bob.pk}", {"role": "owner"}).status_code == 403
    assert client.delete(f"{MEMBERS}/{alice.pk}").status_code == 403
    assert client.get(INVITATIONS).status_code == 403
    assert client.post(INVITATIONS, {"email": "dora@example.com"}).status_code == 403


def test_the_organization_is_managed_from_the_dashboard_only(alice: Developer) -> None:
    client = factories.key_client(alice)
    assert client.get(ORGANIZATION).status_code == 401
    assert client.get(MEMBERS).status_code == 401


def test_an_owner_changes_roles_and_only_the_platform_makes_reviewers(alice: Developer, bob: Developer) -> None:
    client = factories.dashboard_client(alice)
    for member in (alice, bob):
        assert client.patch(f"{MEMBERS}/{member.pk}", {"is_reviewer": True}).status_code == 403
    assert not Developer.objects.filter(is_reviewer=True).exists()
    Developer.objects.filter(pk=alice.pk).update(is_superuser=True)
    body = client.patch(f"{MEMBERS}/{bob.pk}", {"role": "admin", "is_reviewer": True}).json()
    assert (body["role"], body["is_reviewer"]) == ("admin", True)
    entry = AuditEntry.objects.get(action="member.updated")
    assert entry.data["before"] == {"role": "member", "is_reviewer": False}
    assert client.patch(f"{MEMBERS}/{bob.pk}", {"role": "king"}).status_code == 400


def test_admins_do_not_make_or_unmake_owners(alice: Developer, bob: Developer) -> None:
    Developer.objects.filter(pk=bob.pk).update(role=Role.ADMIN)
    client = factories.dashboard_client(bob)
    assert client.patch(f"{MEMBERS}/{alice.pk}", {"role": "member"}).status_code == 403
    assert client.patch(f"{MEMBERS}/{bob.pk}", {"role": "owner"}).status_code == 403
    assert client.delete(f"{MEMBERS}/{alice.pk}").status_code == 403
    assert client.post(INVITATIONS, {"email": "dora@example.com", "role": "owner"}).status_code == 403
    assert client.post(INVITATIONS, {"email": "dora@example.com", "role": "admin"}).status_code == 201


def test_the_last_owner_cannot_leave_or_step_down(alice: Developer, bob: Developer) -> None:
    client = factories.dashboard_client(alice)
    assert client.delete(f"{MEMBERS}/{alice.pk}").status_code == 409
    assert client.patch(f"{MEMBERS}/{alice.pk}", {"role": "admin"}).status_code == 409
    client.patch(f"{MEMBERS}/{bob.pk}", {"role": "owner"})
    assert client.delete(f"{MEMBERS}/{alice.pk}").status_code == 204
    assert client.get(ORGANIZATION).status_code == 401


def test_a_removed_member_is_out_at_once_and_the_keys_stay(alice: Developer, bob: Developer) -> None:
    theirs = factories.dashboard_client(bob)
    assert theirs.get(ORGANIZATION).status_code == 200
    assert factories.dashboard_client(alice).delete(f"{MEMBERS}/{bob.pk}").status_code == 204
    assert theirs.get(ORGANIZATION).status_code == 401


def test_a_member_may_leave(alice: Developer, bob: Developer) -> None:
    assert factories.dashboard_client(bob).delete(f"{MEMBERS}/{bob.pk}").status_code == 204
    assert not Developer.objects.filter(pk=bob.pk).exists()


def test_charlie_finds_nobody_of_alices(alice: Developer, bob: Developer) -> None:
    client = factories.dashboard_client(factories.charlie())
    invitation = factories.dashboard_client(alice).post(INVITATIONS, {"email": "dora@example.com"}).json()
    assert client.patch(f"{MEMBERS}/{bob.pk}", {"role": "admin"}).status_code == 404
    assert client.delete(f"{MEMBERS}/{bob.pk}").status_code == 404
    assert client.delete(f"{INVITATIONS}/{invitation['id']}").status_code == 404
    assert client.get(INVITATIONS).json()["data"] == []
    assert client.delete(f"{INVITATIONS}/{uuid4()}").status_code == 404


def accept(token: str, **values: str) -> Any:
    body = {"token": token, "name": "Dora", "password": PASSWORD, **values}
    return APIClient().post(f"{INVITATIONS}/accept", body)


def test_an_invitation_is_accepted_once(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    made = client.post(INVITATIONS, {"email": "Dora@example.com", "role": "admin"}).json()
    token = mail.invitation_token(Invitation.objects.get(pk=made["id"]))
    answer = accept(token)
    assert answer.status_code == 201, answer.content
    assert answer.json()["role"] == "admin"
    assert answer.json()["email_verified"] is True
    assert answer.json()["organization"]["name"] == "Alpha"
    assert accept(token).status_code == 400
    assert client.get(INVITATIONS).json()["data"] == []


def test_a_withdrawn_invitation_cannot_be_accepted(alice: Developer) -> None:
    client = factories.dashboard_client(alice)
    made = client.post(INVITATIONS, {"email": "dora@example.com"}).json()
    token = mail.invitation_token(Invitation.objects.get(pk=made["id"]))
    assert client.delete(f"{INVITATIONS}/{made['id']}").status_code == 204
    assert accept(token).status_code == 400
    assert client.delete(f"{INVITATIONS}/{made['id']}").status_code == 404


def test_a_weak_password_leaves_the_invitation_open(alice: Developer) -> None:
    made = factories.dashboard_client(alice).post(INVITATIONS, {"email": "dora@example.com"}).json()
    token = mail.invitation_token(Invitation.objects.get(pk=made["id"]))
    assert accept(token, password="short").status_code == 400
    assert accept(token).status_code == 201


def test_nobody_is_invited_twice_or_with_an_account(alice: Developer, bob: Developer) -> None:
    client = factories.dashboard_client(alice)
    assert client.post(INVITATIONS, {"email": "dora@example.com"}).status_code == 201
    assert client.post(INVITATIONS, {"email": "Dora@example.com"}).status_code == 409
    assert client.post(INVITATIONS, {"email": "bob@example.com"}).status_code == 409


@pytest.mark.parametrize(
    "name", ["Alpha\nSign in at once", "Suspended: https://evil.example", "www.evil.example", "a@b"]
)
def test_a_name_that_stands_in_our_mails_is_one_line_without_addresses(name: str) -> None:
    client = factories.dashboard_client(factories.alice())
    answer = client.patch("/api/v1/organization", {"name": name})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "name"
    body = {"email": "dora@example.com", "password": factories.PASSWORD, "organization_name": name}
    assert APIClient().post("/api/v1/auth/register", body).status_code == 400


def test_one_stranger_is_not_mailed_again_and_again() -> None:
    client = factories.dashboard_client(factories.alice())
    statuses = []
    for _ in range(5):
        made = client.post("/api/v1/organization/invitations", {"email": "dana@example.com", "role": "member"})
        statuses.append(made.status_code)
        if made.status_code == 201:
            client.delete(f"/api/v1/organization/invitations/{made.json()['id']}")
    assert statuses == [201, 201, 201, 429, 429]
