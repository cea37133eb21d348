"""The list of end users, making one, and the page of their connections."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import Developer, EndUser
from adminportal.dashboard import urls
from tests import factories
from tests.test_tenancy import PLACE, ids_of, url_of

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}


def test_searching_finds_by_any_part_and_answers_htmx_with_the_list_alone(
    browser_of_alice: Client, jane: EndUser, alice: Developer, text: Any
) -> None:
    factories.end_user(alice.organization, first_name="Mary", external_id="m-1")
    assert "Mary" in text(browser_of_alice.get("/dashboard/end-users"))
    found = browser_of_alice.get("/dashboard/end-users?q=jan", headers=PART)
    assert "Jane" in text(found)
    assert "Mary" not in text(found)
    assert "<html" not in text(found)
    assert "HX-Request" in found["Vary"]


def test_the_list_takes_the_same_number_of_queries_however_long_it_is(
    browser_of_alice: Client, alice: Developer, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        factories.end_user(alice.organization, first_name=f"Jane {number}")
    with django_assert_max_num_queries(10):
        answer = browser_of_alice.get("/dashboard/end-users?page=2&sort=first_name")
    assert answer.content.count(b"<tr>") == 11


def test_creating_somebody_takes_what_the_api_takes_and_says_at_the_field_what_it_does_not(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    wrong = {"email": "no address", "time_zone": "Paris"}
    answer = browser_of_alice.post("/dashboard/end-users/new", wrong)
    assert answer.status_code == 400
    assert 'id="id_email_error"' in text(answer)
    assert 'id="id_time_zone_error"' in text(answer)
    taken = browser_of_alice.post("/dashboard/end-users/new", {"email": "JANE@example.com"})
    assert "already exists" in text(taken)
    made = browser_of_alice.post("/dashboard/end-users/new", {"first_name": "Mary", "time_zone": "Asia/Kolkata"})
    mary = EndUser.objects.get(first_name="Mary")
    assert made["Location"] == f"/dashboard/end-users/{mary.id}/connections"
    assert mary.time_zone == "Asia/Kolkata"


def test_a_connect_link_opens_the_connect_page(browser_of_alice: Client, jane: EndUser) -> None:
    answer = browser_of_alice.post(f"/dashboard/end-users/{jane.id}/connect-link")
    link = answer.context["link"].url
    assert Client().get(link.partition("/connect/")[1] + link.partition("/connect/")[2]).status_code == 200


def paths(patterns: Sequence[URLPattern | URLResolver], before: str = "/dashboard") -> Iterator[str]:
    """Yield every address below some patterns."""
    for one in patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from paths(one.url_patterns, path)
        else:
            yield path


def routes() -> list[str]:
    """Return every address of the portal that names an id of a tenant."""
    return [path for path in paths(urls.urlpatterns) if set(PLACE.findall(path)) - {"provider", "slug", "day"}]


def test_no_page_is_open_to_strangers() -> None:
    ids = ids_of(factories.alice()) | {"attempt_id": "atmpt_none", "slug": "oura", "event_type": "workout.created"}
    assert len(routes()) > 50
    for path in routes():
        answers = [Client().get(url_of(path, ids)), Client().post(url_of(path, ids))]
        assert {one.status_code for one in answers} <= {302, 405}, path
        assert all(one["Location"].startswith("/dashboard/login") for one in answers if one.status_code == 302), path
