"""The bounds that `make bench BENCH=foods` prints for all spellings, on a smaller sample."""

import random

import pytest

from nutrition import foods
from nutrition.foods.loading import load
from tests.bench.foods import accuracy, strangers, strangers_accepted


@pytest.mark.django_db
def test_misspelt_dishes_are_found_and_foreign_names_are_not_taken_for_dishes() -> None:
    load()
    found = accuracy(random.Random(3), 500, edits=1)
    assert found["right"] >= 93
    assert found["wrong"] <= 1
    assert strangers_accepted(random.Random(3).sample(strangers(), 500)) <= 2
    for name, food_id in {
        "Biriyani": "in_curated:biryani",
        "tomatoes": "usda:tomatoes-raw",
        "papaya": "usda:papaya-raw",
        "White Bread": "usda:bread-white",
        "curry chicken": "in_curated:chicken_curry",
        "masaladosa": "in_curated:masala_dosa",
    }.items():
        match = foods.match(name)
        assert match is not None, name
        assert match.food_id == food_id
    for name in ("bean curry", "pasta salad", "chicken umbrella", "veg biryani with raita and papad"):
        assert foods.match(name) is None, name
