"""Foods to choose from, by the letters typed so far."""

from dataclasses import dataclass
from typing import Final

from nutrition.foods.names import normalised
from nutrition.models import Food

# Written out: functions of the database of our own, ranked by their answers' places.
FOUND: Final = f"""
SELECT row.*, total FROM (
    SELECT food, tier, place, count(*) OVER () AS total FROM (
        SELECT DISTINCT ON (food) food, tier, place FROM (
            SELECT food, 0 AS tier, ordinality AS place
            FROM nutrition_containing_in_curated(%(query)s) WITH ORDINALITY
            UNION ALL
            SELECT food, 1, ordinality FROM nutrition_containing_usda(%(query)s) WITH ORDINALITY
        ) AS names ORDER BY food, place
    ) AS foods ORDER BY tier, place OFFSET %(offset)s LIMIT %(limit)s
) AS chosen JOIN {Food._meta.db_table} row ON row.id = chosen.food ORDER BY chosen.tier, chosen.place
"""  # noqa: S608 - the names are our own


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
    found = _found(wanted, offset, limit)
    if not found and offset:  # behind the last page: only a page with rows tells how many there are
        return FoodPage([], _total(_found(wanted, 0, 1)))
    return FoodPage(found, _total(found))


def _found(wanted: str, offset: int, limit: int) -> list[Food]:
    return list(Food.objects.raw(FOUND, {"query": wanted, "offset": offset, "limit": limit}))


def _total(found: list[Food]) -> int:
    """Return what the column beside a food's own says: how many there are on all pages."""
    total: int = vars(found[0])["total"] if found else 0
    return total
