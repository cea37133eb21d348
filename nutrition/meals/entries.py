"""Meals entered by hand, corrections by the end user, and deleting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction

from accounts.deletion.erasure import lock_user
from accounts.models import EndUser
from nutrition.foods.macros import MACROS
from nutrition.meals import emission, figures
from nutrition.meals.figures import DishFigures, Given
from nutrition.models import MealItem, MealLog, MealReview, MealStatus, RecognitionJob
from nutrition.models.recognition import RecognitionState
from nutrition.models.review import ReviewDecision
from wearlink.lib import clock
from wearlink.lib.errors import Conflict, FieldError, InvalidInput

MAX_ITEMS: Final = 50
CORRECTABLE: Final = ("dish_name", "quantity_grams", *MACROS)


class MealDiscarded(Conflict):
    default_code = "meal_discarded"


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of a meal, and the local date that the client's own zone offset gives, if it stated one."""

    at: datetime
    stated_day: date | None = None

    @classmethod
    def of(cls, ms: int, offset: int | None) -> "Moment":
        """Offset in minutes east of UTC. Zero states nothing: programs write Z whatever the zone."""
        at = clock.from_ms(ms)
        return cls(at, (at + timedelta(minutes=offset)).date() if offset else None)


@dataclass(frozen=True, slots=True)
class ManualDish:
    """One dish as entered; `given` has macros of the whole amount, by field name."""

    dish_name: str
    quantity_grams: float
    given: Given = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EnteredMeal:
    meal_type: str
    moment: Moment
    dishes: Sequence[ManualDish]
    note: str = ""


def add_manual(end_user: EndUser, meal: EnteredMeal) -> MealLog:
    """Store a meal entered by hand. Raises InvalidInput where energy is neither given nor known from the name."""
    looked_up = [figures.of_dish(one.dish_name, one.quantity_grams, one.given) for one in meal.dishes]
    _require_energy(meal.dishes, looked_up)
    log = MealLog(
        organization_id=end_user.organization_id,
        user_key=end_user.key,
        meal_type=meal.meal_type,
        status=MealStatus.MANUAL,
        detected_at=meal.moment.at,
        stated_day=meal.moment.stated_day,
        note=meal.note,
    )
    with transaction.atomic():
        lock_user(end_user.key)
        log.save(force_insert=True)
        MealItem.objects.bulk_create(
            MealItem(
                log=log,
                position=position,
                dish_name=dish.dish_name,
                quantity_grams=dish.quantity_grams,
                food_db_source=found.food_db_source,
                food_db_id=found.food_db_id,
                **found.macros,
            )
            for position, (dish, found) in enumerate(zip(meal.dishes, looked_up, strict=True))
        )
    return log


def _require_energy(dishes: Sequence[ManualDish], looked_up: Sequence[DishFigures]) -> None:
    faults = [
        FieldError(f"items.{index}.calories_kcal", f"needed: the food table does not know {dish.dish_name[:60]!r}.")
        for index, (dish, found) in enumerate(zip(dishes, looked_up, strict=True))
        if found.macros["calories_kcal"] is None
    ]
    if faults:
        raise InvalidInput(f"{faults[0].field}: {faults[0].message}", errors=faults)


@transaction.atomic
def correct(log_key: int, item: MealItem, changes: Mapping[str, Any]) -> MealItem:
    """Apply an end user's correction; tells one event for each field that changed. Raises MealDiscarded.

    Another name is looked up again; other grams carry the macros along; a macro that is given stays.
    """
    log = _locked(log_key)
    row = MealItem.objects.select_for_update().get(pk=item.pk)
    before = {name: getattr(row, name) for name in changes}
    revise(row, changes)
    changed = [name for name, old in before.items() if getattr(row, name) != old]
    if not changed:
        return row
    row.is_corrected = True
    row.save()
    log.updated_at = clock.now()
    log.save(update_fields=["updated_at"])
    emission.emit_corrected(log, row, {name: (before[name], getattr(row, name)) for name in changed})
    return row


def revise(item: MealItem, changes: Mapping[str, Any]) -> None:
    """Change an unsaved item as `correct` says."""
    grams_before = item.quantity_grams
    item.dish_name = changes.get("dish_name", item.dish_name)
    item.quantity_grams = changes.get("quantity_grams", item.quantity_grams)
    if "quantity_grams" in changes:
        item.quantity_uncertainty = 0
    overrides = {name: changes[name] for name in MACROS if name in changes}
    if changes.get("dish_name") and _rename(item):
        pass
    elif item.quantity_grams != grams_before and grams_before > 0:
        _scale(item, item.quantity_grams / grams_before)
    for name, value in overrides.items():
        setattr(item, name, value)


def _rename(item: MealItem) -> bool:
    """Macros of the food that the new name means; False, and no food named, where the table has none."""
    found = figures.of_dish(item.dish_name, item.quantity_grams, {})
    item.food_db_source, item.food_db_id = found.food_db_source, found.food_db_id
    if not found.food_db_id:
        return False
    for name, value in found.macros.items():
        setattr(item, name, value)
    return True


def _scale(item: MealItem, share: float) -> None:
    for name in MACROS:
        value = getattr(item, name)
        if value is not None:
            setattr(item, name, value * share)


@transaction.atomic
def discard(log_key: int) -> None:
    """Delete a meal softly: the row stays, nothing shows or counts it, and nobody works on it any more."""
    log = MealLog.objects.select_for_update().get(pk=log_key)
    if log.status == MealStatus.DISCARDED:
        return
    log.status, log.updated_at = MealStatus.DISCARDED, clock.now()
    log.save(update_fields=["status", "updated_at"])
    RecognitionJob.objects.filter(log=log).update(state=RecognitionState.ENDED, lease=None, locked_until=None)
    MealReview.objects.open().filter(log=log).update(decision=ReviewDecision.WITHDRAWN, decided_at=log.updated_at)


def _locked(log_key: int) -> MealLog:
    log = MealLog.objects.select_for_update().get(pk=log_key)
    if log.status == MealStatus.DISCARDED:
        raise MealDiscarded("The meal was deleted.")
    return log
