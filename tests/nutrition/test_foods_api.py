"""GET /nutrition/foods."""

from collections.abc import Callable

import pytest
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from nutrition.api.foods import EXAMPLE
from nutrition.foods.loading import load
from tests import factories

FOODS = "/api/v1/nutrition/foods"


@pytest.fixture
def client(db: None) -> APIClient:
    """Alice's server, with the food database loaded."""
    load()
    return factories.key_client(factories.alice())


def test_a_search_finds_dishes_before_usda_foods_with_macros_and_portions(client: APIClient) -> None:
    found = client.get(FOODS, {"q": "Biriyani", "limit": 30}).json()
    assert found["data"][0] == EXAMPLE
    sources = [food["food_db_source"] for food in found["data"]]
    assert sources == sorted(sources)  # in_curated before usda
    assert len({food["food_db_id"] for food in found["data"]}) == len(sources)
    western = client.get(FOODS, {"q": "white bread"}).json()["data"]
    assert western[0]["food_db_id"] == "usda:bread-white"


def test_pages_follow_each_other(
    client: APIClient, django_assert_num_queries: Callable[..., CaptureQueriesContext]
) -> None:
    whole = client.get(FOODS, {"q": "chicken", "limit": 100}).json()
    with django_assert_num_queries(1):
        first = client.get(FOODS, {"q": "chicken", "limit": 3}).json()
    second = client.get(FOODS, {"q": "chicken", "limit": 3, "page": 2}).json()
    assert first["data"] + second["data"] == whole["data"][:6]
    total = whole["pagination"]["total_count"]
    pages = -(-total // 3)
    assert first["pagination"] == {
        "page": 1, "limit": 3, "total_count": total, "total_pages": pages, "has_more": True,
    }  # fmt: skip
    beyond = client.get(FOODS, {"q": "chicken", "page": 1000}).json()
    assert beyond["data"] == []
    assert beyond["pagination"]["total_count"] == total
    assert not beyond["pagination"]["has_more"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "b"}, "q"),
        ({"q": "बिरयानी"}, "q"),
        ({"q": "x" * 81}, "q"),
        ({"q": "rice", "limit": 101}, "limit"),
        ({"q": "rice", "page": 0}, "page"),
        ({"q": "rice", "barcode": "4000417025005"}, "barcode"),
    ],
)
@pytest.mark.django_db
def test_what_cannot_be_searched_is_refused_by_name(query: dict[str, str | int], field: str) -> None:
    answer = factories.key_client(factories.alice()).get(FOODS, query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.django_db
def test_phones_and_dashboards_may_search_and_strangers_may_not() -> None:
    alice = factories.alice()
    jane = factories.end_user(alice.organization, email="jane@example.com")
    assert factories.dashboard_client(alice).get(FOODS, {"q": "rice"}).json()["data"] == []
    assert factories.sdk_client(jane).get(FOODS, {"q": "rice"}).status_code == 200
    assert APIClient().get(FOODS, {"q": "rice"}).status_code == 401
