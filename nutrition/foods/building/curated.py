"""Indian and South-Asian dishes: USDA's figures where it has the dish, else those of a recipe, else the name alone."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from nutrition.foods.building.recipes import Dish, Kitchen
from nutrition.foods.macros import Macros
from nutrition.foods.names import normalised
from nutrition.foods.rows import DATA, FoodRow, portions, spellings_of
from nutrition.models.food import Quality, Tier

SOURCES: Final = DATA / "sources"


def dishes(directory: Path = SOURCES) -> list[dict[str, str]]:
    with (directory / "dishes.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def names(directory: Path = SOURCES) -> frozenset[str]:
    """Return every spelling, as it is compared."""
    found: set[str] = set()
    for line in dishes(directory):
        found.update(_spellings(line))
    return frozenset(found)


def everyday(directory: Path = SOURCES) -> dict[str, str]:
    """Return what people call some of USDA's foods, by the spelling."""
    with (directory / "everyday.csv").open(encoding="utf-8", newline="") as lines:
        return {normalised(line["spelling"]): line["usda_name"] for line in csv.DictReader(lines)}


def build(foods: Mapping[str, FoodRow], directory: Path = SOURCES) -> list[FoodRow]:
    """Return the dishes; foods: USDA's by their normalised names."""
    lines = dishes(directory)
    served = {line["id"]: _macros_of(foods[normalised(line["usda_name"])]) for line in lines if line["usda_name"]}
    kitchen = Kitchen(directory, foods, served)
    return [_food(line, foods, kitchen) for line in lines]


def _macros_of(food: FoodRow) -> Macros:
    if food.per_100g is None:
        raise ValueError(f"{food.name} has no macros.")
    return food.per_100g


def _spellings(line: Mapping[str, str]) -> tuple[str, ...]:
    return spellings_of(line["name"], line["spellings"].split(";"))


def _food(line: Mapping[str, str], foods: Mapping[str, FoodRow], kitchen: Kitchen) -> FoodRow:
    macros, quality, source = _figures(line, foods, kitchen)
    return FoodRow(
        id=f"{Tier.CURATED}:{line['id']}",
        name=line["name"].capitalize(),
        category=line["category"],
        per_100g=macros,
        portions=portions(line["portions"]),
        quality=quality,
        source=source,
        spellings=_spellings(line),
    )


def _figures(
    line: Mapping[str, str], foods: Mapping[str, FoodRow], kitchen: Kitchen
) -> tuple[Macros | None, Quality, str]:
    if line["usda_name"]:
        food = foods[normalised(line["usda_name"])]
        return food.per_100g, Quality(food.quality), f"USDA {food.source}: {food.name}"
    if line["id"] not in kitchen.recipes:
        return None, Quality.NAME_ONLY, "no recipe yet"
    dish, recipe = kitchen.cook(line["id"]), kitchen.recipes[line["id"]]
    if recipe.is_own:
        return dish.per_100g, Quality.RECIPE, f"own recipe of USDA foods; {_yield(dish)}"
    return dish.per_100g, Quality.ESTIMATE, f"own recipe of USDA foods, template {recipe.template}; {_yield(dish)}"


def _yield(dish: Dish) -> str:
    share = dish.finished_grams / dish.raw_grams
    return f"yield {share:.2f}, oil uptake {100 * dish.oil_uptake_grams / dish.finished_grams:.0f} %"
