"""The food that a name means."""

import pytest

from nutrition import foods
from nutrition.foods import Macros
from nutrition.foods.names import normalised
from nutrition.models import Food, FoodAlias


def food(food_id: str, *spellings: str, **values: object) -> Food:
    """Return a food of 100 kcal and its spellings."""
    tier, _, slug = food_id.partition(":")
    macros = {"calories_kcal": 100.0, "protein_g": 4.0, "carbs_g": 12.0, "fat_g": 4.0} | values
    row = Food.objects.create(id=food_id, tier=tier, name=slug, category="test", quality="recipe", source="", **macros)
    for spelling in spellings:
        FoodAlias.objects.create(norm=spelling, food=row, tier=tier)
    return row


@pytest.fixture
def table(db: None) -> None:
    food("in_curated:biryani", "biryani", "biriyani", fiber_g=1.1)
    food("in_curated:roti", "roti", "chapati")
    food("in_curated:kheer", "kheer", "payasam")
    food("in_curated:ker-sangri", "ker sangri", calories_kcal=None, protein_g=None, carbs_g=None, fat_g=None)
    food("usda:tomatoes-raw", "tomatoes raw", "tomato")


@pytest.mark.parametrize(
    ("name", "food_id"),
    [
        ("Biryani", "in_curated:biryani"),
        ("  BIRIYÀNI! ", "in_curated:biryani"),
        ("biryanni", "in_curated:biryani"),
        ("chapatti", "in_curated:roti"),
        ("tomato", "usda:tomatoes-raw"),
        ("Tomatoes, raw", "usda:tomatoes-raw"),
        ("tomatos raw", "usda:tomatoes-raw"),
    ],
)
@pytest.mark.usefixtures("table")
def test_a_name_means_the_food_with_the_nearest_spelling(name: str, food_id: str) -> None:
    found = foods.match(name)
    assert found is not None
    assert found.food_id == food_id


@pytest.mark.parametrize("name", ["", "!!!", "बिरयानी", "cheeseburger", "keema", "x" * 5000])
@pytest.mark.usefixtures("table")
def test_a_name_far_from_every_spelling_means_nothing(name: str) -> None:
    assert foods.match(name) is None


@pytest.mark.usefixtures("table")
def test_a_match_tells_the_macros_of_100_grams_and_of_a_portion() -> None:
    found = foods.match("biryani")
    assert found is not None
    assert found.per_100g == Macros(100, 4, 12, 4, 1.1, None, None)
    assert (found.tier, found.score) == ("in_curated", 1.0)
    assert found.per_100g.of(250) == Macros(250, 10, 30, 10, pytest.approx(2.75), None, None)


@pytest.mark.usefixtures("table")
def test_a_dish_known_by_name_only_has_no_macros() -> None:
    found = foods.match("ker sangri")
    assert found is not None
    assert found.per_100g is None


@pytest.mark.usefixtures("table")
def test_a_search_lists_curated_foods_first_and_each_once() -> None:
    food("usda:biryani-with-meat", "biryani with meat")
    assert [one.id for one in foods.search("biry", 10)] == ["in_curated:biryani", "usda:biryani-with-meat"]
    assert [one.id for one in foods.search("biry", 1)] == ["in_curated:biryani"]
    assert foods.search("§", 10) == []


def test_names_are_compared_without_case_accents_and_signs() -> None:
    assert normalised("  Crème  Brûlée (w/ Berries & Nuts) ") == "creme brulee w berries and nuts"
