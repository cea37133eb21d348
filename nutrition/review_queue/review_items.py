"""A reviewer's changes to a meal: dishes by search or by name, grams, macros; each act with before and after."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import Developer
from nutrition.foods import FoodMatch, Macros
from nutrition.foods.macros import MACROS
from nutrition.meals import entries, figures
from nutrition.models import Food, MealItem
from nutrition.review_queue import review
from nutrition.review_queue.review import Held
from wearlink.lib.errors import InvalidInput, NotFound

_AUDITED = ("dish_name", "quantity_grams", "food_db_id", *MACROS)


@transaction.atomic
def change(reviewer: Developer, log_id: uuid.UUID, item_id: uuid.UUID, changes: Mapping[str, Any]) -> MealItem:
    """Change a dish; food_db_id takes name and macros of that food. Raises NotFound, ReviewHeld, InvalidInput."""
    held = review.hold(reviewer, log_id)
    item = _item(held, item_id)
    before = _facts(item)
    _apply(item, changes)
    after = _facts(item)
    changed = [name for name in _AUDITED if before[name] != after[name]]
    if not changed:
        return item
    item.is_corrected = True
    item.save()
    _count(held, [name for name in changed if name in changes or name == "food_db_id"])
    held.record("item_changed", item_id=str(item.id), before=_only(before, changed), after=_only(after, changed))
    return item


@transaction.atomic
def add(reviewer: Developer, log_id: uuid.UUID, dish: Mapping[str, Any]) -> MealItem:
    """Add a dish of grams and a name or a food. Raises NotFound, ReviewHeld, InvalidInput."""
    held = review.hold(reviewer, log_id)
    last = held.items.aggregate(last=Max("position"))["last"]
    item = MealItem(
        log=held.log,
        review=held.review if held.review.is_blind else None,
        position=0 if last is None else last + 1,
        dish_name="",
        quantity_grams=dish["quantity_grams"],
        is_corrected=True,
    )
    _apply(item, dish)
    if item.calories_kcal is None:
        raise InvalidInput.on("calories_kcal", "needed: the food table does not know this dish.")
    item.save(force_insert=True)
    _count(held, ["items_added"])
    held.record("item_added", item_id=str(item.id), after=_facts(item))
    return item


@transaction.atomic
def remove(reviewer: Developer, log_id: uuid.UUID, item_id: uuid.UUID) -> None:
    """Take a dish away. Raises NotFound, ReviewHeld."""
    held = review.hold(reviewer, log_id)
    item = _item(held, item_id)
    _count(held, ["items_removed"])
    held.record("item_removed", item_id=str(item.id), before=_facts(item))
    item.delete()


def _item(held: Held, item_id: uuid.UUID) -> MealItem:
    item = held.items.filter(id=item_id).first()
    if item is None:
        raise NotFound("Item not found")
    return item


def _apply(item: MealItem, changes: Mapping[str, Any]) -> None:
    """Apply changes. A food goes before a name; explicit macros go before both."""
    rest = {name: value for name, value in changes.items() if name != "food_db_id"}
    entries.revise(item, rest)
    if "food_db_id" not in changes:
        return
    food = _food(changes["food_db_id"])
    item.dish_name = changes.get("dish_name", food.name)[:120]
    given = {name: changes.get(name) for name in MACROS}
    found = figures.of_food(food, item.quantity_grams, given)
    item.food_db_source, item.food_db_id = found.food_db_source, found.food_db_id
    for name, value in found.macros.items():
        setattr(item, name, value)


def _food(food_id: str) -> FoodMatch:
    row = Food.objects.filter(pk=food_id).first()
    if row is None:
        raise InvalidInput.on("food_db_id", "no food of the table has this id.")
    macros = None if row.calories_kcal is None else Macros(*(getattr(row, name) for name in MACROS))
    return FoodMatch(row.id, row.name, row.tier, 1.0, row.name, macros)


def _count(held: Held, fields: list[str]) -> None:
    """Count, for the quality figures, how often which field of a model's answer was wrong."""
    for name in fields:
        held.review.corrected[name] = held.review.corrected.get(name, 0) + 1
    held.review.save(update_fields=["corrected"])


def _facts(item: MealItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _AUDITED}


def _only(facts: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    return {name: facts[name] for name in names}
