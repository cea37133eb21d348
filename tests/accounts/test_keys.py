"""API keys: the documented calls, both spellings in paths, revoking at once, and who may."""

from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from accounts import keys
from accounts.models import ApiKey, AuditEntry, Developer, Role
from tests import factories
from wearlink.lib import clock, valkey
from wearlink.lib.valkey.remembered import Remembered

pytestmark = pytest.mark.django_db
KEYS = "/api/v1/developer/api-keys"
USERS = "/api/v1/users"


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


@pytest.fixture
def dashboard(alice: Developer) -> APIClient:
    return factories.dashboard_client(alice)


def works(whole: str) -> bool:
    return APIClient().get(USERS, headers={"X-WearLink-API-Key": whole}).status_code == 200


def test_a_key_is_taken_as_a_bearer_token_as_well(alice: Developer, dashboard: APIClient) -> None:
    whole = factories.api_key(alice.organization)
    client = APIClient(headers={"Authorization": f"Bearer {whole}"})
    assert client.get(USERS).status_code == 200
    refused = client.get(KEYS).json()["detail"]  # no word about tokens that are not valid
    assert refused == "This endpoint needs a dashboard token (Authorization: Bearer …)."
    wrong = APIClient(headers={"Authorization": f"Bearer {whole[:-1]}_"}).get(USERS)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "invalid_api_key")


def test_the_documented_call_creates_a_key_and_shows_it_once(dashboard: APIClient) -> None:
    answer = dashboard.post(KEYS, {"name": "Production server"})
    assert answer.status_code == 201
    body = answer.json()
    assert set(body) == {"id", "name", "created_at"}
    assert keys.SHAPE.fullmatch(body["id"])
    assert works(body["id"])
    listed = dashboard.get(KEYS).json()
    assert [row["id"] for row in listed["data"]] == [body["id"][:11]]
    assert body["id"] not in str(listed)
    assert body["id"][11:43] not in str(list(ApiKey.objects.values()))


@pytest.mark.parametrize("length", [11, 49])
def test_rotating_replaces_the_key_at_once(
    dashboard: APIClient, length: int, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    old = dashboard.post(KEYS, {"name": "Server"}).json()["id"]
    assert works(old)
    with django_capture_on_commit_callbacks(execute=True):
        answer = dashboard.post(f"{KEYS}/{old[:length]}/rotate")
    assert answer.status_code == 201
    assert answer.json()["name"] == "Server"
    assert works(answer.json()["id"])
    assert not works(old)
    assert dashboard.post(f"{KEYS}/{old[:length]}/rotate").status_code == 404


@pytest.mark.parametrize("length", [11, 49])
def test_a_deleted_key_is_dead_at_once(
    dashboard: APIClient, length: int, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    old = dashboard.post(KEYS, {"name": "Server"}).json()["id"]
    assert works(old)
    with django_capture_on_commit_callbacks(execute=True):
        assert dashboard.delete(f"{KEYS}/{old[:length]}").status_code == 204
    assert not works(old)
    assert dashboard.get(KEYS).json()["data"] == []
    assert dashboard.delete(f"{KEYS}/{old[:length]}").status_code == 404


def test_a_reader_that_was_under_way_cannot_revive_a_revoked_key(
    alice: Developer,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    minted, read = keys.mint(organization=alice.organization, name="Server"), keys._read

    def slow_read(whole: str, public_id: str, digest: str) -> ApiKey | None:
        row = read(whole, public_id, digest)
        with django_capture_on_commit_callbacks(execute=True):
            keys.delete(organization=alice.organization, public_id=minted.row.public_id, actor=keys.audit.SYSTEM)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(keys, "_read", slow_read)
        assert keys.find(minted.secret) is not None
    assert keys.find(minted.secret) is None


def test_a_key_revoked_by_another_process_is_dead_at_once(alice: Developer) -> None:
    minted = keys.mint(organization=alice.organization, name="Server")
    assert works(minted.secret)
    ApiKey.objects.filter(pk=minted.row.pk).update(revoked_at=clock.now())
    Remembered[ApiKey]("key", keys.REMEMBERED_SECONDS).forget([minted.row.digest])  # as the other process does
    assert not works(minted.secret)


def test_a_revocation_that_valkey_lost_is_not_undone(alice: Developer) -> None:
    minted = keys.mint(organization=alice.organization, name="Server")
    assert works(minted.secret)
    ApiKey.objects.filter(pk=minted.row.pk).update(revoked_at=clock.now())
    for line in valkey._lines.by_location.values():  # what a server that starts again does to every connection
        line.disconnect()
    assert not works(minted.secret)


@pytest.mark.parametrize("path", ["sk-", "sk-short", "a1b2c3d4", "sk-a1b2c3d4x", "sk-a1b2c3d4"])
def test_an_id_that_is_none_is_404(dashboard: APIClient, path: str) -> None:
    assert dashboard.delete(f"{KEYS}/{path}").status_code == 404


def test_made_up_keys_are_refused_without_a_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert not works("sk-your-api-key-here")
        assert not works("sk-" + "a" * 46)


def test_a_right_checksum_does_not_make_a_key(alice: Developer) -> None:
    minted = keys.mint(organization=alice.organization, name="Server")
    forged = minted.secret[:11] + "0" * 32
    assert not works(forged + keys._checksum(forged))


def test_a_known_key_costs_no_query(alice: Developer, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    secret = factories.api_key(alice.organization)
    assert keys.find(secret) is not None
    with django_assert_num_queries(0):
        found = keys.find(secret)
    assert found is not None
    assert found.organization.name == "Alpha"


def test_use_is_noted_at_most_once_a_minute(alice: Developer) -> None:
    minted = keys.mint(organization=alice.organization, name="Server")
    keys.find(minted.secret)
    minted.row.refresh_from_db()
    first = minted.row.last_used_at
    assert first is not None
    keys._live.clear()
    keys.find(minted.secret)
    minted.row.refresh_from_db()
    assert minted.row.last_used_at == first
    ApiKey.objects.update(last_used_at=clock.now() - timedelta(minutes=2))
    keys._live.clear()
    keys.find(minted.secret)
    minted.row.refresh_from_db()
    assert minted.row.last_used_at > first


def test_members_list_keys_but_do_not_manage_them(alice: Developer) -> None:
    bob = factories.dashboard_client(factories.bob(alice))
    secret = factories.api_key(alice.organization)
    assert bob.get(KEYS).status_code == 200
    assert bob.post(KEYS, {"name": "Mine"}).status_code == 403
    assert bob.post(f"{KEYS}/{secret[:11]}/rotate").status_code == 403
    assert bob.delete(f"{KEYS}/{secret[:11]}").status_code == 403
    assert works(secret)


def test_charlie_cannot_touch_alices_keys(alice: Developer) -> None:
    secret = factories.api_key(alice.organization)
    charlie = factories.dashboard_client(factories.charlie())
    assert charlie.post(f"{KEYS}/{secret}/rotate").status_code == 404
    assert charlie.delete(f"{KEYS}/{secret}").status_code == 404
    assert works(secret)


def test_keys_are_managed_from_the_dashboard_only(alice: Developer) -> None:
    answer = factories.key_client(alice).get(KEYS)
    assert answer.status_code == 401
    assert "dashboard" in answer.json()["detail"]


def test_a_list_takes_two_queries_and_a_third_where_its_page_is_full(
    alice: Developer, dashboard: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        factories.api_key(alice.organization)
    with django_assert_num_queries(2):
        assert len(dashboard.get(KEYS).json()["data"]) == 5
    with django_assert_num_queries(3):
        assert len(dashboard.get(f"{KEYS}?limit=5").json()["data"]) == 5


def test_what_happens_to_keys_is_audited_by_their_beginning(alice: Developer) -> None:
    admin = factories.dashboard_client(factories.bob(alice, Role.ADMIN))
    first = admin.post(KEYS, {"name": "Server"}).json()["id"]
    second = admin.post(f"{KEYS}/{first}/rotate").json()["id"]
    admin.delete(f"{KEYS}/{second}")
    found = list(AuditEntry.objects.values_list("action", "target_id", "data"))
    assert found == [
        ("api_key.created", first[:11], {}),
        ("api_key.rotated", second[:11], {"replaces": first[:11]}),
        ("api_key.deleted", second[:11], {}),
    ]


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 121}, {"name": None}])
def test_a_key_needs_a_name(dashboard: APIClient, body: dict[str, object]) -> None:
    answer = dashboard.post(KEYS, body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "name"


def test_keys_have_the_documented_shape(alice: Developer) -> None:
    assert len(keys.mint(organization=alice.organization, name="x").secret) == 49


def test_a_key_survives_a_change_of_the_pepper_and_then_needs_the_old_one_no_more(settings: Any) -> None:
    alice = factories.alice()
    old, whole = settings.API_KEY_PEPPER, factories.api_key(alice.organization)
    settings.API_KEY_PEPPER = "another pepper"
    assert keys.find(whole) is None
    settings.API_KEY_PEPPER = f"another pepper, {old}"
    assert keys.find(whole) is not None
    settings.API_KEY_PEPPER = "another pepper"
    keys._live.clear()
    assert keys.find(whole) is not None
