"""Developers and end users of all tenants: finding, locking, unlocking, superusers."""

from datetime import timedelta
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer, EndUser
from tests import factories
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/admin"


def login(name: str) -> Any:
    return APIClient().post(
        "/api/v1/auth/login", {"email": f"{name}@example.com", "password": factories.PASSWORD}, format="json"
    )


def test_developers_are_found_by_text_plan_lock_and_rights(admins: APIClient, alice: Developer) -> None:
    charlie = factories.charlie()
    charlie.organization.plan = "scale"
    charlie.organization.save()
    Developer.objects.filter(pk=alice.pk).update(locked_until=clock.now() + timedelta(hours=1))

    def names(query: str) -> list[str]:
        return [one["name"] for one in admins.get(f"{ROOT}/developers?{query}").json()["data"]]

    assert names("") == ["Charlie", "Alice", "Ada", "Root"]
    assert names("q=aLiCe") == ["Alice"]
    assert names("q=gamm") == ["Charlie"]
    assert names("plan=scale") == ["Charlie"]
    assert names("locked=true") == ["Alice"]
    assert names("locked=false") == ["Charlie", "Ada", "Root"]
    assert names("superuser=true&limit=1") == ["Ada"]
    page = admins.get(f"{ROOT}/developers?limit=2&offset=3").json()
    assert [one["name"] for one in page["data"]] == ["Root"]
    assert page["pagination"] == {"total_count": 4, "has_more": False}
    assert page["data"][0]["organization"]["name"] == "Platform"


def test_a_page_of_developers_costs_as_many_queries_as_one_developer(
    admins: APIClient, django_assert_num_queries: Any
) -> None:
    for number in range(12):
        factories.developer(factories.organization(f"Tenant {number}"), f"Dev{number}")
    admins.get(f"{ROOT}/developers?limit=1")
    with django_assert_num_queries(3) as few:
        admins.get(f"{ROOT}/developers?limit=1")
    with django_assert_num_queries(len(few.captured_queries)) as many:
        shown = admins.get(f"{ROOT}/developers?limit=12").json()
    assert isinstance(many, CaptureQueriesContext)
    assert len(shown["data"]) == 12


def test_a_developer_is_shown_with_what_belongs_to_them(admins: APIClient, alice: Developer, jane: EndUser) -> None:
    client = factories.dashboard_client(alice)
    for number in range(22):
        client.post("/api/v1/developer/api-keys", {"name": f"Key {number}"}, format="json")
    shown = admins.get(f"{ROOT}/developers/{alice.id}").json()
    assert (shown["email"], shown["plan"], shown["role"]) == ("alice@example.com", "hobby", "owner")
    assert (shown["api_key_count"], shown["end_user_count"], shown["subscription"]) == (22, 1, None)
    assert [one["action"] for one in shown["audit"]] == ["api_key.created"] * 20
    assert shown["audit"][0]["id"] > shown["audit"][-1]["id"]
    assert "password" not in str(shown)
    for nobody in (jane.id, "nonsense"):
        assert admins.get(f"{ROOT}/developers/{nobody}").status_code == 404


def test_a_lock_ends_sessions_for_seven_days_and_unlocking_lets_in_again(
    admins: APIClient, admin: Developer, alice: Developer
) -> None:
    session = factories.dashboard_client(alice)
    shown = admins.post(f"{ROOT}/developers/{alice.id}/lock").json()
    assert (shown["is_locked"], shown["locked_by_admin"]) == (True, True)
    until = Developer.objects.get(pk=alice.pk).locked_until
    assert until is not None
    assert timedelta(days=7, minutes=-1) < until - clock.now() <= timedelta(days=7)
    assert session.get("/api/v1/auth/me").status_code == 401
    assert login("alice").status_code == 401
    shown = admins.post(f"{ROOT}/developers/{alice.id}/unlock").json()
    assert (shown["is_locked"], shown["failed_login_count"]) == (False, 0)
    assert login("alice").status_code == 200
    acts = AuditEntry.objects.filter(action__startswith="developer.").order_by("id")
    assert [(one.action, one.actor_id, one.target_id, one.organization_id) for one in acts] == [
        ("developer.locked", str(admin.pk), str(alice.pk), alice.organization_id),
        ("developer.unlocked", str(admin.pk), str(alice.pk), alice.organization_id),
    ]


def test_neither_oneself_nor_the_root_can_be_locked(admins: APIClient, admin: Developer, root: Developer) -> None:
    for one in (admin, root):
        refused = admins.post(f"{ROOT}/developers/{one.id}/lock")
        assert (refused.status_code, refused.json()["code"]) == (409, "not_lockable")
    assert not Developer.objects.filter(locked_until__isnull=False).exists()


def test_only_the_root_makes_and_unmakes_superusers(admins: APIClient, root: Developer, alice: Developer) -> None:
    path = f"{ROOT}/developers/{alice.id}/superuser"
    refused = admins.post(path)
    assert (refused.status_code, refused.json()["code"]) == (403, "root_admin_only")
    assert not Developer.objects.get(pk=alice.pk).is_superuser
    client = factories.dashboard_client(root)
    assert client.post(path).json()["is_superuser"] is True
    assert client.post(path, {"is_superuser": True}, format="json").json()["is_superuser"] is True
    assert client.post(path).json()["is_superuser"] is False
    kept = client.post(f"{ROOT}/developers/{root.id}/superuser")
    assert (kept.status_code, kept.json()["code"]) == (409, "root_admin")
    wrong = client.post(path, {"is_super": True}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "is_super")
    acts = AuditEntry.objects.filter(action__startswith="developer.superuser").order_by("id")
    assert [one.action.rpartition("_")[2] for one in acts] == ["granted", "withdrawn"]


def test_without_a_root_address_nobody_makes_superusers(
    admins: APIClient, root: Developer, alice: Developer, settings: Any
) -> None:
    settings.ROOT_ADMIN_EMAIL = ""
    refused = factories.dashboard_client(root).post(f"{ROOT}/developers/{alice.id}/superuser")
    assert refused.status_code == 403


def test_end_users_are_found_across_tenants(admins: APIClient, jane: EndUser) -> None:
    other = factories.end_user(factories.charlie().organization, first_name="Jane", external_id="x-9")
    found = admins.get(f"{ROOT}/end-users?q=JANE").json()
    assert [one["id"] for one in found["data"]] == [str(other.id), str(jane.id)]
    assert [one["id"] for one in admins.get(f"{ROOT}/end-users?q=x-9").json()["data"]] == [str(other.id)]
    one = admins.get(f"{ROOT}/end-users?organization_id={jane.organization_id}").json()
    assert [row["email"] for row in one["data"]] == ["jane@example.com"]


def test_an_end_user_is_shown_with_the_owners_address_and_counts(
    admins: APIClient, alice: Developer, jane: EndUser
) -> None:
    shown = admins.get(f"{ROOT}/end-users/{jane.id}").json()
    assert (shown["developer_email"], shown["organization"]["name"]) == ("alice@example.com", "Alpha")
    assert shown["data"] == {"samples": 0, "workouts": 0, "sleep_sessions": 0, "health_scores": 0}
    assert (shown["connections"], shown["last_data_at"]) == ([], None)
    assert admins.get(f"{ROOT}/end-users/{alice.id}").status_code == 404
