"""Foods to choose from, by the letters typed so far."""

from dataclasses import dataclass
from typing import Final

from nutrition.foods.names import normalised
from nutrition.models import Food
from wearlink.lib.postgres import prepared

# Written out: functions of the database of our own, ranked by their answers' places.
FOUND: Final = """
SELECT food FROM (
    SELECT DISTINCT ON (food) food, tier, place FROM (
        SELECT food, 0 AS tier, ordinality AS place FROM nutrition_containing_in_curated(%(query)s) WITH ORDINALITY
        UNION ALL
        SELECT food, 1, ordinality FROM nutrition_containing_usda(%(query)s) WITH ORDINALITY
    ) AS names ORDER BY food, place
) AS foods ORDER BY tier, place
"""


@dataclass(frozen=True, slots=True)
class FoodPage:
    """Some of the foods found, and how many there are."""

    rows: list[Food]
    total: int


def search(query: str, limit: int) -> list[Food]:
    """Return at most `limit` foods with a name like the query, curated ones first, names that begin with it before
    others.
    """
    return page(query, offset=0, limit=limit).rows


def page(query: str, *, offset: int, limit: int) -> FoodPage:
    """Return a part of the foods found. The search ends at 200 names of either tier, the likeliest:
    refine it beyond.
    """
    wanted = normalised(query)
    if not wanted:
        return FoodPage([], 0)
    with prepared() as cursor:
        cursor.execute(FOUND, {"query": wanted})
        ids = [food_id for (food_id,) in cursor.fetchall()]
    chosen = ids[offset : offset + limit]
    foods = Food.objects.in_bulk(chosen)
    return FoodPage([foods[food_id] for food_id in chosen], len(ids))
