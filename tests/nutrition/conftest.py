"""Two dishes that the food table knows, and who eats them."""

from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import EndUser
from nutrition.models import Food, FoodAlias
from tests import factories
from tests.nutrition import vendor

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
    """Return a curated dish under its spellings."""
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


@pytest.fixture(scope="session")
def _vendor_server() -> Iterator[vendor.VisionVendor]:
    with vendor.serving() as running:
        yield running


@pytest.fixture
def model(_vendor_server: vendor.VisionVendor, settings: Any) -> vendor.VisionVendor:
    """The vision vendor, configured, without a verifier and without sampling; it sees biryani."""
    settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL = vendor.KEY, _vendor_server.address
    settings.REVIEW_SAMPLE_PERCENT = 0
    _vendor_server.says(vendor.meal())
    _vendor_server.calls.clear()
    _vendor_server.faults.clear()
    return _vendor_server
