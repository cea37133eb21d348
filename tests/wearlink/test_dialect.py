"""One dialect of API: what is not known is refused with a hint, in bodies and in queries alike."""

import gzip
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


TIMES = "start_time=2026-04-01T00:00:00Z&end_time=2026-04-02T00:00:00Z"
DAYS = "start_date=2026-04-01&end_date=2026-04-02"


@pytest.mark.parametrize(
    ("path", "field", "choices"),
    [
        (f"timeseries?{TIMES}&resolution=10min", "resolution", "5min"),
        (f"timeseries?{TIMES}&types=hart_rate", "types", "Did you mean heart_rate"),
        (f"timeseries?{TIMES}&provider=apple_watch", "provider", "apple, "),
        (f"events/workouts?{DAYS}&types=runing", "types", "Did you mean running"),
        ("health-scores?category=Sleep", "category", "sleep"),
    ],
)
def test_an_unknown_value_is_answered_with_the_choices(
    alice: Any, client: APIClient, path: str, field: str, choices: str
) -> None:
    jane = factories.end_user(alice.organization)
    answer = message(client.get(f"/api/v1/users/{jane.id}/{path}"), field)
    assert choices in answer
    assert not answer.startswith(field)  # the name stands once, before the sentence


def test_workouts_are_asked_for_by_the_names_that_uploads_may_use(alice: Any, client: APIClient) -> None:
    jane = factories.end_user(alice.organization)
    url = f"/api/v1/users/{jane.id}/events/workouts?{DAYS}"
    for query in ("types=run", "types=running,cycling", "types=Running&types=cycling", "type=running"):
        assert client.get(f"{url}&{query}").status_code == 200, query


def test_an_older_name_of_a_filter_does_what_the_new_one_does(alice: Any, client: APIClient) -> None:
    jane = factories.end_user(alice.organization)
    older = client.get(f"/api/v1/users/{jane.id}/energy_balance?date_from=2026-04-01&date_to=2026-04-02")
    assert older.status_code == 200
    assert older.json() == client.get(f"/api/v1/users/{jane.id}/energy_balance?{DAYS}").json()
    url = "/api/v1/webhooks/messages"
    assert client.get(f"{url}?since=2026-04-01T00:00:00Z&filter_types=workout.created").status_code == 200


@pytest.mark.parametrize(
    ("query", "field", "reason"),
    [
        (f"{DAYS}&date_from=2026-04-01", "date_from", "is another name of start_date; give one of them."),
        ("date_from=2026-04-05&date_to=2026-04-01", "date_to", "lies before the first day."),
        ("date_from=yesterday&date_to=2026-04-01", "date_from", "Date has wrong format"),
    ],
)
def test_faults_are_told_under_the_name_that_was_used(
    alice: Any, client: APIClient, query: str, field: str, reason: str
) -> None:
    jane = factories.end_user(alice.organization)
    assert message(client.get(f"/api/v1/users/{jane.id}/energy_balance?{query}"), field).startswith(reason)


def test_bodies_know_older_names_too(alice: Any) -> None:
    client = factories.dashboard_client(alice)
    url = "/api/v1/webhooks/endpoints"
    body = {"url": "https://app.example.com/hooks", "event_types": ["workout.*"]}
    made = client.post(url, body, format="json")
    assert made.json()["filter_types"] == ["workout.*"]
    both = client.post(url, {**body, "filter_types": []}, format="json")
    assert message(both, "event_types") == "is another name of filter_types; give one of them."


def test_long_answers_are_gzipped_for_those_who_take_it(alice: Any, client: APIClient) -> None:
    for number in range(20):
        factories.end_user(alice.organization, first_name=f"User {number}")
    plain = client.get("/api/v1/users")
    zipped = client.get("/api/v1/users", headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.8"})
    assert gzip.decompress(zipped.content) == plain.content
    assert len(zipped.content) == int(zipped["Content-Length"]) < len(plain.content) / 3
    for one in (plain, zipped):
        assert one["Cache-Control"] == "no-store"
        assert "Accept-Encoding" in one["Vary"]
    refused = client.get("/api/v1/users", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused


def test_an_etag_stands_for_the_answer_in_either_form(alice: Any, client: APIClient) -> None:
    order = ["watch", "ring", "phone", "fitness_band", "chest_strap", "scale", "strava", "garmin", "oura", "polar"]
    metrics = "steps distance active_calories total_calories basal_calories flights_climbed sleep workouts heart_rate"
    orders = dict.fromkeys(metrics.split(), order)  # so much that it is sent packed
    jane = factories.end_user(alice.organization, first_name="J" * 90, source_priority=orders)
    url = f"/api/v1/users/{jane.id}"
    plain = client.get(url)["ETag"]
    zipped = client.get(url, headers={"Accept-Encoding": "gzip"})["ETag"]
    assert zipped == f"W/{plain}"
    for tag in (plain, zipped):
        assert client.get(url, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"}).status_code == 304


def test_the_schema_says_that_bodies_take_nothing_else() -> None:
    components = APIClient().get("/api/v1/schema").json()["components"]["schemas"]
    assert components["EndUserInputRequest"]["additionalProperties"] is False
    assert "additionalProperties" not in components["SyncRequest"]
