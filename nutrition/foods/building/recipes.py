"""Macros of dishes from recipes of USDA foods.

A recipe lists grams as they go into the pot: `potato 80, oil 7, salt 1.2`. Two words are no foods: `water` is what
stays in the dish (negative where milk is boiled down), `uptake` the frying oil, in percent of the finished weight.
What an ingredient weighs once cooked is its cooked_share. A template holds what dishes of a kind have in common; a
recipe adds to it, or takes away with a negative amount. Another dish's id means that dish as it is eaten.
ingredients.csv fills what USDA did not measure from its nearest kin, and gives sodium where the kind that USDA has is
salted and ours is not (queso fresco replaces paneer, whose figures there count all the lactose of the milk).
"""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from nutrition.foods.macros import Macros
from nutrition.foods.names import normalised
from nutrition.foods.rows import FoodRow

WATER, UPTAKE, FRYING_OIL, NO_TEMPLATE = "water", "uptake", "oil", "-"
NEGLIGIBLE: Final = 0.05  # share of the raw weight below which an unknown nutrient counts as none


@dataclass(frozen=True, slots=True)
class Ingredient:
    """Its macros per 100 g raw, and what 1 g of it weighs in the finished dish."""

    per_100g: Macros
    cooked_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """Grams of each ingredient, those of the template included."""

    template: str
    grams: Mapping[str, float]

    @property
    def is_own(self) -> bool:
        """Written for this dish, not a variation of a template."""
        return self.template == NO_TEMPLATE


@dataclass(frozen=True, slots=True)
class Dish:
    """A cooked dish, computed from its recipe."""

    per_100g: Macros
    raw_grams: float
    finished_grams: float
    oil_uptake_grams: float


class RecipeError(Exception):
    """The recipe files contradict themselves or name what does not exist."""


class Kitchen:
    """The ingredients, templates and recipes of a directory."""

    def __init__(self, directory: Path, foods: Mapping[str, FoodRow], served: Mapping[str, Macros]) -> None:
        """foods: USDA's by their normalised names; served: dishes whose macros are USDA's, by id."""
        self.directory = directory
        self.ingredients = _ingredients(directory / "ingredients.csv", foods)
        self.served = {slug: Ingredient(macros) for slug, macros in served.items()}

    @cached_property
    def recipes(self) -> dict[str, Recipe]:
        """Recipes by the dish's id."""
        templates = {name: amounts(text) for name, text, _ in _lines(self.directory / "templates.txt")}
        recipes: dict[str, Recipe] = {}
        for name, template, text in _lines(self.directory / "recipes.txt"):
            base = {} if template == NO_TEMPLATE else templates[template]
            grams: Counter[str] = Counter()
            for part in (base, amounts(text)):
                for ingredient, amount in part.items():
                    grams[ingredient] += amount  # type: ignore[assignment]
            recipes[name.replace(" ", "_")] = Recipe(template, grams)
        return recipes

    def cook(self, slug: str) -> Dish:
        """Return the dish of a recipe."""
        recipe = self.recipes[slug]
        parts = {name: amount for name, amount in recipe.grams.items() if name not in {WATER, UPTAKE} and amount}
        if min(parts.values()) < 0:
            raise RecipeError(f"{slug} takes away more than its template has: {parts}")
        finished = recipe.grams.get(WATER, 0.0)
        for name, amount in parts.items():
            finished += amount * self._ingredient(name).cooked_share
        uptake = recipe.grams.get(UPTAKE, 0.0) / 100
        absorbed = finished * uptake / (1 - uptake)
        if absorbed:
            parts[FRYING_OIL] = parts.get(FRYING_OIL, 0.0) + absorbed
        finished += absorbed
        return Dish(self._macros(parts, finished), sum(recipe.grams[name] for name in parts), finished, absorbed)

    def _ingredient(self, name: str) -> Ingredient:
        if name in self.ingredients:
            return self.ingredients[name]
        if name not in self.served:
            if name not in self.recipes:
                raise RecipeError(f"{name} is neither an ingredient nor a dish.")
            self.served[name] = Ingredient(self.cook(name).per_100g)
        return self.served[name]

    def _macros(self, parts: Mapping[str, float], finished: float) -> Macros:
        raw = sum(parts.values())

        def total(nutrient: str) -> float | None:
            found = 0.0
            for name, amount in parts.items():
                value = getattr(self._ingredient(name).per_100g, nutrient)
                if value is None and amount > NEGLIGIBLE * raw:
                    return None
                found += (value or 0.0) * amount
            return found / finished

        return Macros(
            calories_kcal=total("calories_kcal") or 0.0,
            protein_g=total("protein_g") or 0.0,
            carbs_g=total("carbs_g") or 0.0,
            fat_g=total("fat_g") or 0.0,
            fiber_g=total("fiber_g"),
            sugar_g=total("sugar_g"),
            sodium_mg=total("sodium_mg"),
        )


def amounts(text: str) -> dict[str, float]:
    """Return `potato 80, oil 7` as a table."""
    found: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, amount = part.rsplit(" ", 1)
        if name in found:
            raise RecipeError(f"{name} stands twice in: {text}")
        found[name] = float(amount)
    return found


def _lines(path: Path) -> list[tuple[str, str, str]]:
    """Return lines of three columns between bars."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            first, second, third = (column.strip() for column in line.split("|"))
            found.append((first, second, third))
    return found


def _ingredients(path: Path, foods: Mapping[str, FoodRow]) -> dict[str, Ingredient]:
    found = {WATER: Ingredient(Macros(0, 0, 0, 0, 0, 0, 0))}
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            macros = foods[normalised(line["usda_name"])].per_100g
            if macros is None:
                raise RecipeError(f"{line['usda_name']} has no macros.")
            filled = Macros(
                macros.calories_kcal,
                macros.protein_g,
                macros.carbs_g,
                macros.fat_g,
                _known(macros.fiber_g, line["fiber_if_unknown"]),
                _known(macros.sugar_g, line["sugar_if_unknown"]),
                float(line["sodium_instead"]) if line["sodium_instead"] else macros.sodium_mg,
            )
            found[line["ingredient"]] = Ingredient(filled, float(line["cooked_share"]))
    return found


def _known(value: float | None, otherwise: str) -> float | None:
    return float(otherwise) if value is None and otherwise else value
