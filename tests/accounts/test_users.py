"""End users over the API: the documented calls, listing, searching, conflicts, zones, erasing."""

from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.deletion import erasure
from accounts.end_users import zones
from accounts.models import AuditEntry, Developer, EndUser, UserZone
from tests import factories

pytestmark = pytest.mark.django_db
USERS = "/api/v1/users"


@pytest.fixture
def alice() -> Developer:
    return factories.alice()


@pytest.fixture
def client(alice: Developer) -> APIClient:
    return factories.key_client(alice)


def test_the_documented_call_creates_a_user(client: APIClient) -> None:
    answer = client.post(USERS, {"first_name": "Jane", "last_name": "Doe", "email": "jane@example.com"})
    assert answer.status_code == 201
    body = answer.json()
    assert body["first_name"] == "Jane"
    assert body["last_name"] == "Doe"
    assert body["email"] == "jane@example.com"
    assert body["time_zone"] == "UTC"
    assert body["external_id"] is None
    assert body["created_at"].endswith("Z")
    (warning,) = body.pop("warnings")
    assert (warning["code"], warning["field"]) == ("time_zone_missing", "time_zone")
    assert client.get(f"{USERS}/{body['id']}").json() == body


def test_nobody_is_warned_who_told_the_time_zone(client: APIClient) -> None:
    assert client.post(USERS, {"time_zone": "Asia/Kolkata"}).json()["warnings"] == []


def test_nothing_is_required(client: APIClient) -> None:
    assert client.post(USERS, {}).status_code == 201
    assert client.post(USERS, {"email": "", "first_name": None}).json()["email"] is None


def test_a_users_first_zone_holds_since_the_epoch(client: APIClient, alice: Developer) -> None:
    user = client.post(USERS, {"time_zone": "Asia/Kolkata"}).json()
    row = EndUser.objects.for_organization(alice.organization).get(id=user["id"])
    assert zones.history(row.pk) == ((0, "Asia/Kolkata"),)


def test_a_change_of_zone_adds_to_the_history(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization, time_zone="UTC", zone_known=True)
    answer = client.patch(f"{USERS}/{row.id}", {"time_zone": "Europe/Paris"})
    assert answer.json()["time_zone"] == "Europe/Paris"
    client.patch(f"{USERS}/{row.id}", {"time_zone": "Europe/Paris"})
    (first, second) = zones.history(row.pk)
    assert first == (0, "UTC")
    assert second[0] > 0
    assert second[1] == "Europe/Paris"


def test_the_first_zone_that_is_told_holds_since_ever(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization)
    assert client.patch(f"{USERS}/{row.id}", {"time_zone": "Europe/Paris"}).json()["zone_known"] is True
    assert zones.history(row.pk) == ((0, "Europe/Paris"),)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"first_name": {"a": 1}}, "first_name"),
        ({"external_id": "a\0b"}, "external_id"),
        ({"source_priority": {"steps": "watch"}}, "source_priority.steps"),
        ({"source_priority": {"steps": []}}, "source_priority.steps"),
        ({"source_priority": {"steps": ["watch", "watch"]}}, "source_priority.steps"),
        ({"source_priority": 3}, "source_priority"),
        ([], ""),
    ],
)
def test_bad_input_names_the_field(client: APIClient, body: Any, field: str) -> None:
    answer = client.post(USERS, body)
    assert answer.status_code == 400, answer.content
    assert field in [error["field"] for error in answer.json()["errors"]]
    assert answer.json()["detail"]


@pytest.mark.parametrize("text", ['{"first_name": NaN}', '{"first_name": "Jane"', "[1,", '"\\ud800"', "\xff"])
def test_what_is_not_json_is_refused_with_its_position(client: APIClient, text: str) -> None:
    answer = client.post(USERS, text.encode("latin-1"), content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_json"
    assert "position" in answer.json()["detail"]


def test_another_content_type_is_415(client: APIClient) -> None:
    assert client.post(USERS, "x", content_type="text/plain").status_code == 415


@pytest.mark.parametrize("field", ["email", "external_id"])
def test_a_second_user_of_the_same_name_is_a_conflict(client: APIClient, alice: Developer, field: str) -> None:
    values = {"email": "Jane@example.com", "external_id": "jane"}
    assert client.post(USERS, {field: values[field]}).status_code == 201
    again = values[field].upper() if field == "email" else values[field]
    answer = client.post(USERS, {field: again})
    assert answer.status_code == 409
    assert field in answer.json()["detail"]
    assert answer.json()["existing_id"] == client.get(USERS, {field: again}).json()["data"][0]["id"]
    other = factories.end_user(alice.organization)
    assert client.patch(f"{USERS}/{other.id}", {field: again}).status_code == 409
    assert factories.key_client(factories.charlie()).post(USERS, {field: again}).status_code == 201


def test_a_user_may_be_patched_with_what_it_has(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization, email="jane@example.com")
    answer = client.patch(f"{USERS}/{row.id}", {"email": "jane@example.com", "last_name": "Roe"})
    assert answer.status_code == 200
    assert answer.json()["last_name"] == "Roe"
    assert client.patch(f"{USERS}/{row.id}", {"email": None}).json()["email"] is None


def test_a_list_takes_two_queries(
    client: APIClient, alice: Developer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        factories.end_user(alice.organization, first_name=f"User {number}")
    client.get(USERS)
    with django_assert_num_queries(2):
        body = client.get(USERS, {"page": 2, "limit": 20}).json()
    assert len(body["data"]) == 10
    assert body["pagination"] == {"page": 2, "limit": 20, "total_count": 30, "total_pages": 2, "has_more": False}


def test_creating_a_user_takes_one_query(
    client: APIClient, alice: Developer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.post(USERS, {})  # counts how much room the plan leaves, for a while
    with django_assert_num_queries(1):
        assert client.post(USERS, {"email": "jane@example.com"}).status_code == 201


@pytest.mark.parametrize("sort_by", ["created_at", "-created_at", "first_name", "-first_name", "email", "-external_id"])
def test_pages_hold_every_user_once(client: APIClient, alice: Developer, sort_by: str) -> None:
    for number in range(23):
        name = None if number % 5 == 0 else f"{'abc'[number % 3]}{number % 4}"
        email = f"user{number}@example.com" if number % 2 else None
        factories.end_user(alice.organization, first_name=name, email=email)
    pages = [client.get(USERS, {"page": page, "limit": 5, "sort_by": sort_by}).json() for page in range(1, 7)]
    ids = [user["id"] for page in pages for user in page["data"]]
    whole = [user["id"] for user in client.get(USERS, {"limit": 100, "sort_by": sort_by}).json()["data"]]
    assert len(set(ids)) == 23
    assert ids == whole
    assert [page["pagination"]["has_more"] for page in pages] == [True] * 4 + [False, False]


def test_names_sort_without_regard_to_case(client: APIClient, alice: Developer) -> None:
    for name in ("bob", "Alice", "Charlie"):
        factories.end_user(alice.organization, first_name=name)
    names = [user["first_name"] for user in client.get(USERS, {"sort_by": "first_name"}).json()["data"]]
    assert names == ["Alice", "bob", "Charlie"]


@pytest.mark.parametrize("text", ["jane", "DOE", "ne@exam", "Jane Do", "cust-7", "j"])
def test_search_finds_parts_of_names_mail_and_external_id(client: APIClient, alice: Developer, text: str) -> None:
    row = factories.end_user(
        alice.organization, first_name="Jane", last_name="Doe", email="jane@example.com", external_id="cust-77"
    )
    factories.end_user(alice.organization, first_name="Max", email="max@host.example.com")
    factories.end_user(factories.charlie().organization, first_name="Jane", last_name="Doe")
    found = client.get(USERS, {"search": text}).json()["data"]
    assert [user["id"] for user in found] == [str(row.id)]


def test_a_user_is_found_by_the_whole_of_an_email_or_an_external_id(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization, email="Jane@example.com", external_id="cust-7")
    factories.end_user(alice.organization, email="jane@example.com.example.com", external_id="cust-77")
    factories.end_user(factories.charlie().organization, email="jane@example.com", external_id="cust-7")
    for query in ({"email": "jane@EXAMPLE.com"}, {"external_id": "cust-7"}):
        assert [user["id"] for user in client.get(USERS, query).json()["data"]] == [str(row.id)]
    assert client.get(USERS, {"email": ""}).status_code == 400  # rather than everybody
    for query in ({"email": "jane@example"}, {"external_id": "CUST-7"}, {"email": row.email, "external_id": "x"}):
        assert client.get(USERS, query).json()["data"] == []


@pytest.mark.parametrize("text", ["%", "_", "\\", "'"])
def test_search_takes_signs_literally(client: APIClient, alice: Developer, text: str) -> None:
    factories.end_user(alice.organization, first_name="Jane")
    row = factories.end_user(alice.organization, external_id=f"cust{text}7")
    for search in (text, f"T{text}7"):
        assert [user["id"] for user in client.get(USERS, {"search": search}).json()["data"]] == [str(row.id)]
    assert client.get(USERS, {"search": f"c{text}7"}).json()["data"] == []


@pytest.mark.parametrize("text", ["Zoë", "ZOË", "zoë ång", "Ångström", "ÅNG"])
def test_search_knows_accents_in_either_case(client: APIClient, alice: Developer, text: str) -> None:
    row = factories.end_user(alice.organization, first_name="Zoë", last_name="Ångström")
    factories.end_user(alice.organization, first_name="Zoe", last_name="Angstrom")
    assert [user["id"] for user in client.get(USERS, {"search": text}).json()["data"]] == [str(row.id)]


@pytest.mark.parametrize(("users", "queries"), [(0, 1), (2, 1), (3, 2), (4, 2)])
def test_a_first_page_that_is_not_full_is_not_counted(
    client: APIClient,
    alice: Developer,
    django_assert_num_queries: DjangoAssertNumQueries,
    users: int,
    queries: int,
) -> None:
    client.get(f"{USERS}?limit=1")  # looks the key up
    for number in range(users):
        factories.end_user(alice.organization, email=f"jane{number}@example.com")
    factories.end_user(alice.organization, first_name="Max")
    factories.end_user(factories.charlie().organization, first_name="Jane")
    with django_assert_num_queries(queries):
        answer = client.get(USERS, {"search": "JANE", "limit": 3}).json()
    assert len(answer["data"]) == min(users, 3)
    assert answer["pagination"]["total_count"] == users
    assert answer["pagination"]["has_more"] == (users > 3)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("page=0", "page"),
        ("sort_by=password", "sort_by"),
        ("page=1&page=2", "page"),
        ("serach=jane", "serach"),
    ],
)
def test_wrong_and_unknown_parameters_are_named(client: APIClient, query: str, field: str) -> None:
    answer = client.get(f"{USERS}?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_unknown_parameters_are_refused_where_none_are_taken(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization)
    assert client.get(f"{USERS}/{row.id}?expand=all").status_code == 400


def test_charlie_finds_nothing_of_alices(alice: Developer) -> None:
    row = factories.end_user(alice.organization, first_name="Jane")
    for client in (factories.key_client(charlie := factories.charlie()), factories.dashboard_client(charlie)):
        assert client.get(f"{USERS}/{row.id}").status_code == 404
        assert client.patch(f"{USERS}/{row.id}", {"first_name": "X"}).status_code == 404
        assert client.delete(f"{USERS}/{row.id}").status_code == 404
        assert client.post(f"{USERS}/{row.id}/token").status_code == 404
        assert client.get(USERS).json()["data"] == []
    row.refresh_from_db()
    assert row.first_name == "Jane"


def test_a_user_that_does_not_exist_is_404(client: APIClient) -> None:
    assert client.get(f"{USERS}/{uuid4()}").status_code == 404
    assert client.get(f"{USERS}/not-an-id").status_code == 404


def test_deleting_erases_every_registered_part(
    client: APIClient, alice: Developer, monkeypatch: pytest.MonkeyPatch
) -> None:
    erased: list[int] = []
    part = erasure.ErasurePart("test", lambda user: erased.append(user.key) or {"test.Row": 1})
    monkeypatch.setitem(erasure._PARTS, "test", part)
    row = factories.end_user(alice.organization, email="jane@example.com")
    answer = client.delete(f"{USERS}/{row.id}")
    assert answer.status_code == 204
    assert answer.content == b""
    assert erased == [row.pk]
    assert not UserZone.objects.filter(user_key=row.pk).exists()
    assert client.get(f"{USERS}/{row.id}").status_code == 404
    assert client.delete(f"{USERS}/{row.id}").status_code == 404
    entry = AuditEntry.objects.get(action="end_user.erased")
    assert entry.target_id == str(row.id)
    assert entry.data["rows"]["test.Row"] == 1
    assert "jane" not in str(entry.data)


def test_the_sdk_token_has_the_documented_shape(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization)
    body = client.post(f"{USERS}/{row.id}/token").json()
    assert set(body) == {"access_token", "token_type", "expires_in"}
    assert body["token_type"] == "bearer"
    assert body["expires_in"] == 3600


def test_a_current_copy_is_answered_by_304(client: APIClient, alice: Developer) -> None:
    row = factories.end_user(alice.organization)
    etag = client.get(f"{USERS}/{row.id}")["ETag"]
    answer = client.get(f"{USERS}/{row.id}", headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer.content == b""
    client.patch(f"{USERS}/{row.id}", {"first_name": "Jane"})
    assert client.get(f"{USERS}/{row.id}", headers={"If-None-Match": etag}).status_code == 200
