"""Macros of an amount of a dish: what was given goes before what the food table knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nutrition import foods
from nutrition.foods import FoodMatch
from nutrition.foods.macros import MACROS

MAX_GRAMS: Final = 5000.0  # of one dish
MAX_KCAL_PER_GRAM: Final = 9.2  # pure fat
Given = Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class DishFigures:
    """Macros by field name, and the food behind them; both texts are empty where the table gave none of them."""

    macros: Mapping[str, float | None]
    food_db_source: str = ""
    food_db_id: str = ""


def of_dish(name: str, grams: float, given: Given) -> DishFigures:
    """Return the macros of so many grams; calories_kcal is None where neither the client nor the table knows."""
    return of_food(foods.match(name), grams, given)


def of_food(food: FoodMatch | None, grams: float, given: Given) -> DishFigures:
    """Return the same for a food that was found already."""
    known = dict.fromkeys(MACROS, None) | {name: value for name, value in given.items() if value is not None}
    if food is None or food.per_100g is None or all(known[name] is not None for name in MACROS):
        return DishFigures(known)
    table = food.per_100g.of(grams)
    macros = {name: getattr(table, name) if known[name] is None else known[name] for name in MACROS}
    return DishFigures(macros, food.tier, food.food_id)
