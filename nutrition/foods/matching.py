"""Which food a name means: its exact spelling, else the curated one nearest to it, else the USDA one, else none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from rapidfuzz.distance import Levenshtein

from nutrition.foods.macros import MACROS, Macros
from nutrition.foods.names import normalised
from wearlink.lib.postgres import prepared

EDITS_ALLOWED: Final = 0.25  # letters that may differ, as a share of the name's letters
EDIT_COST: Final = 0.04  # similarity that one differing letter takes away
FOOD: Final = f"food.id, food.name, food.tier, {', '.join(f'food.{name}' for name in MACROS)}"
EXACT: Final = f"""SELECT alias.norm, 1.0::real, {FOOD}
FROM nutrition_foodalias AS alias JOIN nutrition_food AS food ON food.id = alias.food_id
WHERE alias.norm = %s::varchar"""  # noqa: S608 (constants)
NEAREST: Final = {
    tier: f"""SELECT near.name, near.similarity, {FOOD}
FROM nutrition_nearest_{tier}(%s::text) AS near JOIN nutrition_food AS food ON food.id = near.food"""  # noqa: S608 (constants)
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
    """The food, or None where no spelling is near enough to be trusted."""
    wanted = normalised(name)
    if not wanted:
        return None
    found = _exact(wanted) or _curated(wanted) or _usda(wanted)
    return _match(found) if found else None


def _exact(wanted: str) -> Row | None:
    rows = _rows(EXACT, wanted)
    return rows[0] if rows else None


def _curated(wanted: str) -> Row | None:
    """The candidate with the best similarity less its edits, if its edits are few."""
    best, best_rank = None, 0.0
    for row in _rows(NEAREST["in_curated"], wanted):
        edits = Levenshtein.distance(wanted, row[0])
        rank = row[1] - EDIT_COST * edits
        if edits <= EDITS_ALLOWED * len(wanted) and (best is None or rank > best_rank):
            best, best_rank = row, rank
    return best


def _usda(wanted: str) -> Row | None:
    rows = _rows(NEAREST["usda"], wanted)
    return max(rows, key=lambda row: row[1]) if rows else None


def _rows(statement: str, wanted: str) -> list[Row]:
    with prepared() as cursor:
        cursor.execute(statement, [wanted])
        return cursor.fetchall()


def _match(row: Row) -> FoodMatch:
    spelling, score, food_id, name, tier, *macros = row
    per_100g = None if macros[0] is None else Macros(*macros)
    return FoodMatch(food_id, name, tier, score, spelling, per_100g)
