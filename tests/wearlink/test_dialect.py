"""One dialect of API: what is not known is refused with a hint, in bodies and in queries alike."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Any:
    return factories.alice()


@pytest.fixture
def client(alice: Any) -> APIClient:
    return factories.key_client(alice.organization)


def message(answer: Any, field: str) -> str:
    assert answer.status_code == 400, answer.content
    return next(one["message"] for one in answer.json()["errors"] if one["field"] == field)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("timezone", "time_zone"),
        ("timeZone", "time_zone"),
        ("external_ids", "external_id"),
        ("firstname", "first_name"),
    ],
)
def test_a_misspelt_field_is_refused_with_the_nearest_name(client: APIClient, misspelt: str, meant: str) -> None:
    answer = client.post("/api/v1/users", {"email": "bob@example.com", misspelt: "Europe/Paris"}, format="json")
    assert message(answer, misspelt) == f"unknown field. Did you mean {meant}?"


def test_a_field_like_no_other_is_refused_with_all_names(client: APIClient) -> None:
    answer = client.post("/api/v1/users", {"colour": "red"}, format="json")
    assert message(answer, "colour").startswith("unknown field. Accepted: ")


def test_a_field_that_nobody_can_change_is_not_dropped_silently(alice: Any) -> None:
    answer = factories.dashboard_client(alice).patch("/api/v1/organization", {"plan": "scale"}, format="json")
    assert message(answer, "plan") == "cannot be changed."


def test_a_nested_misspelt_field_is_named_with_its_place(alice: Any) -> None:
    body = {"settings": {"source_prioritty": {}}}
    answer = factories.dashboard_client(alice).patch("/api/v1/organization", body, format="json")
    assert message(answer, "settings.source_prioritty") == "unknown field. Did you mean source_priority?"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/v1/auth/register", {"email": "e@example.com", "password": "x" * 14, "first_name": "E"}),
        ("post", "/api/v1/users/{jane}/token", {"expires_in": 60}),
        ("post", "/api/v1/users/{jane}/connect-link", {"provider": "oura"}),
        ("patch", "/api/v1/organization", {"redirect_uris": ["https://app.example.com/"]}),
        ("post", "/api/v1/developer/api-keys", {"name": "x", "scopes": []}),
        ("patch", "/api/v1/users/{jane}", {"nickname": "J"}),
    ],
)
def test_no_call_drops_a_field(alice: Any, method: str, path: str, body: dict[str, Any]) -> None:
    jane = factories.end_user(alice.organization)
    strangers = {"first_name", "expires_in", "provider", "redirect_uris", "scopes", "nickname"}
    stranger = next(name for name in body if name in strangers)
    needs_key = path.startswith("/api/v1/users")
    caller = factories.key_client(alice.organization) if needs_key else factories.dashboard_client(alice)
    answer = getattr(caller, method)(path.format(jane=jane.id), body, format="json")
    assert message(answer, stranger).startswith("unknown field.")


def test_a_misspelt_parameter_is_refused_with_the_nearest_name(client: APIClient) -> None:
    assert message(client.get("/api/v1/users?serach=x"), "serach") == "unknown query parameter. Did you mean search?"


def test_lists_are_given_by_commas_or_by_repeating(alice: Any, client: APIClient) -> None:
    jane = factories.end_user(alice.organization)
    url = f"/api/v1/users/{jane.id}/timeseries?start_time=2026-04-01T00:00:00Z&end_time=2026-04-02T00:00:00Z"
    by_comma = client.get(f"{url}&types=heart_rate,steps")
    assert by_comma.json() == client.get(f"{url}&types=heart_rate&types=steps").json()
    assert message(client.get(f"{url}&limit=1&limit=2"), "limit") == "given more than once."


@pytest.mark.parametrize(("query", "field"), [("resolution=10min", "resolution")])
def test_an_unknown_value_is_answered_with_the_choices(alice: Any, client: APIClient, query: str, field: str) -> None:
    jane = factories.end_user(alice.organization)
    url = f"/api/v1/users/{jane.id}/timeseries?start_time=2026-04-01T00:00:00Z&end_time=2026-04-02T00:00:00Z"
    assert "5min" in message(client.get(f"{url}&{query}"), field)


def test_the_schema_says_that_bodies_take_nothing_else() -> None:
    components = APIClient().get("/api/v1/schema").json()["components"]["schemas"]
    assert components["EndUserInputRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in components["SyncRequest"]
