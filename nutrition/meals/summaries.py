"""The sums of meals by local day and by meal of the day."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db.models import F, FloatField, Q, Sum

from accounts.end_users import zones
from healthdata.days import ZoneHistory
from nutrition.foods.macros import MACROS
from nutrition.models import MealLog, MealStatus
from nutrition.models.meal import EATEN, MealLogQuerySet
from wearlink.lib import clock

_OWN: Final = Q(items__review=None)
_KCAL: Final = Sum("items__calories_kcal", filter=_OWN)
_SPREAD: Final = Sum(
    F("items__calories_kcal") * F("items__quantity_uncertainty"), filter=_OWN, output_field=FloatField()
)


@dataclass(slots=True)
class Totals:
    """Sums over meals; a macro that no item has is missing."""

    logs: int = 0
    macros: dict[str, float] = field(default_factory=dict)

    def add(self, macros: Mapping[str, float | None]) -> None:
        self.logs += 1
        for name, value in macros.items():
            if value is not None:
                self.macros[name] = self.macros.get(name, 0.0) + value

    def shown(self) -> dict[str, float | None]:
        """Return every macro, None where unknown."""
        return {name: self.macros.get(name) for name in MACROS}


@dataclass(slots=True)
class EatenDay:
    """A local day with meals."""

    total: Totals = field(default_factory=Totals)
    meals: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))


@dataclass(slots=True)
class Intake:
    """Energy of a local day's meals, and how far it may be off by what is unsure of the quantities; kcal."""

    kcal: float = 0.0
    spread: float = 0.0


def eaten(user_key: int, history: ZoneHistory, first: date, last: date) -> dict[date, EatenDay]:
    """Return the days first..last on which something was eaten, oldest first; what is pending or deleted does not
    count.
    """
    logs = _within(user_key, history, first, last).filter(status__in=EATEN)
    sums = [Sum(f"items__{name}", filter=_OWN) for name in MACROS]
    rows = (
        logs.order_by()
        .values_list("key", "detected_at", "stated_day", "meal_type")
        .annotate(**{f"sum_{name}": one for name, one in zip(MACROS, sums, strict=True)})
    )
    days: dict[date, EatenDay] = defaultdict(EatenDay)
    for _, detected_at, stated_day, meal_type, *values in rows:
        day = stated_day or history.day_of(clock.to_ms(detected_at))
        macros = dict(zip(MACROS, values, strict=True))
        days[day].total.add(macros)
        days[day].meals[meal_type].add(macros)
    return dict(sorted(days.items()))


def intake(user_key: int, history: ZoneHistory, first: date, last: date) -> dict[date, Intake]:
    """Return energy alone, for the days first..last on which something of known energy was eaten.

    The spreads of one day's items are added up: who misjudges one portion of a photo misjudges the others likewise.
    """
    logs = _within(user_key, history, first, last).filter(status__in=EATEN)
    rows = logs.order_by().values_list("key", "detected_at", "stated_day").annotate(kcal=_KCAL, spread=_SPREAD)
    days: dict[date, Intake] = defaultdict(Intake)
    for _, detected_at, stated_day, kcal, spread in rows:
        if kcal is not None:
            day = days[stated_day or history.day_of(clock.to_ms(detected_at))]
            day.kcal += kcal
            day.spread += spread
    return days


def pending(user_key: int, history: ZoneHistory, first: date, last: date) -> int:
    """Return how many meals of these days nobody has vouched for yet."""
    return _within(user_key, history, first, last).filter(status=MealStatus.PENDING).count()


def history_of(user_key: int) -> ZoneHistory:
    """Return the end user's time zones."""
    return ZoneHistory(zones.history(user_key))


def _within(user_key: int, history: ZoneHistory, first: date, last: date) -> MealLogQuerySet:
    start, end = history.span(first, last)
    return MealLog.objects.for_user(user_key).between(clock.from_ms(start), clock.from_ms(end), first, last)
