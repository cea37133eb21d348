"""The food that a name means: its exact spelling, else the curated one nearest to it, else the USDA one, else none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nutrition.foods import nearness
from nutrition.foods.macros import MACROS, Macros
from nutrition.foods.names import normalised
from wearlink.lib.postgres import prepared

EDIT_COST: Final = 0.04  # similarity that one differing letter takes away
FOOD: Final = f"food.id, food.name, food.tier, {', '.join(f'food.{name}' for name in MACROS)}"
# Written out: `make bench`, foods: match.
EXACT: Final = f"""SELECT alias.norm, 1.0::real, {FOOD}
FROM nutrition_foodalias AS alias JOIN nutrition_food AS food ON food.id = alias.food_id
WHERE alias.norm = %s::varchar"""  # noqa: S608 (constants)
NEAREST: Final = {
    tier: f"""SELECT near.name, near.similarity, {FOOD}
FROM nutrition_nearest_{tier}(%s::text) AS near JOIN nutrition_food AS food ON food.id = near.food
ORDER BY near.similarity DESC, length(near.name), near.name"""  # noqa: S608 (constants)
    for tier in ("in_curated", "usda")
}

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class FoodMatch:
    """The food that a name means. per_100g is None for dishes that are known by name only.

    food_id and tier are what meal items show as `food_db_id` and `food_db_source`. score: 1 for an exact spelling,
    else the trigram similarity of the name and `spelling`.
    """

    food_id: str
    name: str
    tier: str
    score: float
    spelling: str
    per_100g: Macros | None


def match(name: str) -> FoodMatch | None:
    """Return the food, or None where no spelling is near enough to be trusted."""
    wanted = normalised(name)
    if not wanted:
        return None
    found = exact(wanted) or nearest_curated(wanted) or nearest_usda(wanted)
    return _match(found) if found else None


def exact(wanted: str) -> Row | None:
    """Return the food with this very spelling, in either tier: papaya is a fruit before it is nearly paya."""
    rows = _rows(EXACT, wanted)
    return rows[0] if rows else None


def nearest_curated(wanted: str) -> Row | None:
    """Return the curated spelling near enough that has the most trigrams in common less its edits."""
    best, best_rank = None, 0.0
    for row in _rows(NEAREST["in_curated"], wanted):
        edits = nearness.edits(wanted, row[0])
        if edits is None:
            continue
        rank = row[1] - EDIT_COST * edits
        if best is None or rank > best_rank:
            best, best_rank = row, rank
    return best


def nearest_usda(wanted: str) -> Row | None:
    """Return the likeliest of USDA's spellings that has every word of the name; it may have more, as qualifiers."""
    words = wanted.split()
    for row in _rows(NEAREST["usda"], wanted):
        if nearness.covers(words, row[0].split()):
            return row
    return None


def _rows(statement: str, wanted: str) -> list[Row]:
    with prepared() as cursor:
        cursor.execute(statement, [wanted])
        return cursor.fetchall()


def _match(row: Row) -> FoodMatch:
    spelling, score, food_id, name, tier, *macros = row
    per_100g = None if macros[0] is None else Macros(*macros)
    return FoodMatch(food_id, name, tier, score, spelling, per_100g)
