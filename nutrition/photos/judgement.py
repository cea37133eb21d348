"""The rules by which a model's answer counts without a reviewer, apart from all storage and calling.

1. Confidence: from 0.80 on with a verifier configured, from 0.85 on without one. Between 0.60 and 0.80 the verifier
   decides; below 0.60 a reviewer does, whatever the verifier says.
2. The verifier agrees when both see the same set of dishes (by the food each name means, else by the name) and the
   energy of both differs by at most 25 % of the larger. It sees the photo, and nothing of the first answer.
3. Confidence is the model's word, and a text in the picture can dictate it. So, whatever it says, items that make 90 %
   of the energy must have their macros from the food table, and the energy must be possible for the grams and within
   a factor of three of the model's own guess.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nutrition import foods
from nutrition.foods.macros import MACROS
from nutrition.foods.names import normalised
from nutrition.meals import figures
from nutrition.meals.figures import DishFigures
from nutrition.models.review import ReviewReason
from nutrition.photos.vision import SeenDish, SeenMeal

ACCEPT_WITH_VERIFIER: Final = 0.80
ACCEPT_ALONE: Final = 0.85
ALWAYS_REVIEW: Final = 0.60
_KCAL_APART: Final = 0.25
_FROM_TABLE: Final = 0.90
_GUESS_APART: Final = 3.0
#: Of one photo's grams, by the studies in this field rather than by hope.
QUANTITY_UNCERTAINTY: Final = 0.30


@dataclass(frozen=True, slots=True)
class JudgedDish:
    """A dish with its macros: the table's where the name is known, the model's guesses elsewhere."""

    seen: SeenDish
    figures: DishFigures
    meaning: str  # the food's id, else the name as it is compared

    @property
    def kcal(self) -> float:
        return self.figures.macros["calories_kcal"] or 0.0


def dishes(meal: SeenMeal) -> list[JudgedDish]:
    """Return what the dishes of an answer mean. A query or two a dish."""
    return [_judged(one) for one in meal.items]


def _judged(seen: SeenDish) -> JudgedDish:
    food = foods.match(seen.dish_name)
    if food is not None and food.per_100g is not None:
        return JudgedDish(seen, figures.of_food(food, seen.quantity_grams, {}), food.food_id)
    meaning = food.food_id if food is not None else normalised(seen.dish_name)
    return JudgedDish(seen, DishFigures(_guesses(seen)), meaning)


def _guesses(seen: SeenDish) -> Mapping[str, float | None]:
    return {name: getattr(seen, name) for name in MACROS}


def needs_verifier(meal: SeenMeal) -> bool:
    """Return whether a second opinion could change anything."""
    return meal.is_food and bool(meal.items) and ALWAYS_REVIEW <= meal.confidence < ACCEPT_WITH_VERIFIER


def doubt(meal: SeenMeal, judged: Sequence[JudgedDish], *, has_verifier: bool, agreed: bool | None) -> str | None:
    """Return why a reviewer must look at it; None: it may count. agreed: the verifier's word, None where it was not
    asked.
    """
    if not meal.is_food or not judged:
        return ReviewReason.NO_FOOD
    if meal.confidence < ALWAYS_REVIEW:
        return ReviewReason.LOW_CONFIDENCE
    if meal.confidence < (ACCEPT_WITH_VERIFIER if has_verifier else ACCEPT_ALONE):
        if not has_verifier:
            return ReviewReason.LOW_CONFIDENCE
        if not agreed:
            return ReviewReason.VERIFIER_DISAGREED
    if not _is_plausible(judged):
        return ReviewReason.IMPLAUSIBLE
    return None if _table_share(judged) >= _FROM_TABLE else ReviewReason.NO_TABLE_MATCH


def agree(first: Sequence[JudgedDish], second: Sequence[JudgedDish]) -> bool:
    """Return whether two readings of one photo say the same (rule 2)."""
    if {one.meaning for one in first} != {one.meaning for one in second}:
        return False
    energies = sorted((sum(one.kcal for one in first), sum(one.kcal for one in second)))
    return energies[1] - energies[0] <= _KCAL_APART * energies[1]


def _table_share(judged: Sequence[JudgedDish]) -> float:
    total = sum(one.kcal for one in judged)
    known = sum(one.kcal for one in judged if one.figures.food_db_id)
    if not total:  # water and black coffee have none: then every name must be known
        return 1.0 if all(one.figures.food_db_id for one in judged) else 0.0
    return known / total


def _is_plausible(judged: Sequence[JudgedDish]) -> bool:
    if any(one.kcal > one.seen.quantity_grams * figures.MAX_KCAL_PER_GRAM for one in judged):
        return False
    total, guess = sum(one.kcal for one in judged), sum(one.seen.calories_kcal for one in judged)
    return guess < 50 or total < 50 or 1 / _GUESS_APART <= total / guess <= _GUESS_APART
