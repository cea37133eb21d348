"""The dishes of a meal as rows of a form: ``items.0.dish_name`` and so on, as faults of the API name them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from adminportal.dashboard.submissions import FormField, ShownField, SubmittedForm
from nutrition.foods.macros import MACROS
from nutrition.meals.entries import MAX_ITEMS

ROWS: Final = 2  # that an empty form has
USUAL: Final = ("dish_name", "quantity_grams", "calories_kcal")
COLUMNS: Final = ("dish_name", "quantity_grams", *MACROS)
NAME: Final = re.compile(r"items\.(\d{1,3})\.(\w+)")
LABELS: Final = {
    "dish_name": "Dish",
    "quantity_grams": "Grams",
    "calories_kcal": "kcal",
    "protein_g": "Protein, g",
    "carbs_g": "Carbohydrates, g",
    "fat_g": "Fat, g",
    "fiber_g": "Fibre, g",
    "sugar_g": "Sugars, g",
    "sodium_mg": "Sodium, mg",
}


@dataclass(frozen=True, slots=True)
class DishRow:
    """A dish as the form draws it: what is always seen, and the macros that are folded away."""

    number: int
    usual: list[ShownField]
    more: list[ShownField]

    @property
    def is_open(self) -> bool:
        return any(one.value or one.error for one in self.more)


def fields(rows: int) -> list[FormField]:
    """Return those of so many dishes."""
    return [
        FormField(f"items.{row}.{name}", LABELS[name], "text" if name == "dish_name" else "number",
                  required=name in ("dish_name", "quantity_grams"))
        for row in range(rows)
        for name in COLUMNS
    ]  # fmt: skip


def compacted(posted: QueryDict) -> tuple[QueryDict, int]:
    """Return what was posted with its dishes renumbered, empty rows left out; and how many dishes there are."""
    found: dict[int, dict[str, str]] = {}
    kept = QueryDict(mutable=True)
    for name, value in posted.items():
        match = NAME.fullmatch(name)
        if match is None:
            kept[name] = str(value)
        elif match[2] in COLUMNS and str(value).strip():
            found.setdefault(int(match[1]), {})[match[2]] = str(value).strip()
    rows = [found[number] for number in sorted(found)][:MAX_ITEMS]
    for number, row in enumerate(rows):
        for name, value in row.items():
            kept[f"items.{number}.{name}"] = value
    return kept, len(rows)


def drawn(posted: QueryDict) -> int:
    """Return how many dishes the form had, empty ones included."""
    return len({match[1] for name in posted if (match := NAME.fullmatch(name))})


def add(entered: QueryDict, number: int, food: Mapping[str, Any]) -> None:
    """Enter a food of the table as the dish of that number, with its usual portion."""
    portions = food["portions"]
    entered[f"items.{number}.dish_name"] = food["name"]
    entered[f"items.{number}.quantity_grams"] = f"{portions[0]['grams'] if portions else 100:g}"


def entered_in(form: SubmittedForm, rows: int) -> list[dict[str, str]]:
    """Return the dishes as a body of the API has them: what was left empty is left out."""
    found = []
    for row in range(rows):
        values = {name: form.text(f"items.{row}.{name}") for name in COLUMNS}
        found.append({name: value for name, value in values.items() if value})
    return found


def rows_of(form: SubmittedForm, rows: int) -> list[DishRow]:
    """Return the form's dishes for the template."""
    shown = {one.field.name: one for one in form.shown}
    return [
        DishRow(
            row + 1,
            [shown[f"items.{row}.{name}"] for name in USUAL],
            [shown[f"items.{row}.{name}"] for name in COLUMNS if name not in USUAL],
        )
        for row in range(rows)
    ]
