"""Two dishes that the food table knows, and who eats them."""

import pytest
from rest_framework.test import APIClient

from accounts.models import EndUser
from nutrition.models import Food, FoodAlias
from tests import factories

BIRYANI = {
    "calories_kcal": 200.0,
    "protein_g": 6.0,
    "carbs_g": 30.0,
    "fat_g": 7.0,
    "fiber_g": 1.0,
    "sugar_g": 2.0,
    "sodium_mg": 400.0,
}
RAITA = {
    "calories_kcal": 60.0,
    "protein_g": 3.0,
    "carbs_g": 5.0,
    "fat_g": 3.0,
    "fiber_g": 0.5,
    "sugar_g": 4.0,
    "sodium_mg": 200.0,
}


def add_food(slug: str, macros: dict[str, float], *spellings: str) -> Food:
    """A curated dish under its spellings."""
    Food.objects.filter(pk=f"in_curated:{slug}").delete()
    FoodAlias.objects.filter(norm__in=[slug, *spellings]).delete()
    food = Food.objects.create(
        id=f"in_curated:{slug}",
        tier="in_curated",
        name=slug,
        category="dish",
        quality="recipe",
        source="test",
        **macros,
    )
    FoodAlias.objects.bulk_create(FoodAlias(norm=norm, food=food, tier=food.tier) for norm in {slug, *spellings})
    return food


@pytest.fixture
def table() -> None:
    """Biryani and raita."""
    add_food("biryani", BIRYANI, "biriyani")
    add_food("raita", RAITA)


@pytest.fixture
def jane(db: None) -> EndUser:
    """An end user of Alice's organization, in Kolkata."""
    return factories.end_user(factories.alice().organization, email="jane@example.com", time_zone="Asia/Kolkata")


@pytest.fixture
def client(jane: EndUser) -> APIClient:
    """Calls with a key of Jane's organization."""
    return factories.key_client(jane.organization)
