"""Foods for a person to choose from, by what they typed so far."""

from typing import Final

from nutrition.foods.names import normalised
from nutrition.models import Food
from wearlink.lib.postgres import prepared

FOUND: Final = """
SELECT food FROM (
    SELECT DISTINCT ON (food) food, tier, place FROM (
        SELECT food, 0 AS tier, ordinality AS place FROM nutrition_containing_in_curated(%(query)s) WITH ORDINALITY
        UNION ALL
        SELECT food, 1, ordinality FROM nutrition_containing_usda(%(query)s) WITH ORDINALITY
    ) AS names ORDER BY food, place
) AS foods ORDER BY tier, place LIMIT %(limit)s
"""


def search(query: str, limit: int) -> list[Food]:
    """At most `limit` foods with a name like the query, curated ones first, names that begin with it before others."""
    wanted = normalised(query)
    if not wanted:
        return []
    with prepared() as cursor:
        cursor.execute(FOUND, {"query": wanted, "limit": limit})
        ids = [food_id for (food_id,) in cursor.fetchall()]
    foods = Food.objects.in_bulk(ids)
    return [foods[food_id] for food_id in ids]
