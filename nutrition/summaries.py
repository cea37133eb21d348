"""What was eaten a local day, and at which meal."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from django.db.models import F, FloatField, Sum

from accounts import zones
from healthdata.days import ZoneHistory
from nutrition.foods.macros import MACROS
from nutrition.models import MealItem, MealLog, MealStatus
from nutrition.models.meal import EATEN, MealLogQuerySet
from wearlink.lib import clock

_WIDTH: Final = F("calories_kcal") * F("quantity_uncertainty")


@dataclass(slots=True)
class Totals:
    """Sums over meals; a macro that no item has is missing. `spread` is how far calories may be off, in kcal."""

    logs: int = 0
    macros: dict[str, float] = field(default_factory=dict)
    spread: float = 0.0

    def add(self, macros: Mapping[str, float | None], spread: float) -> None:
        self.logs += 1
        self.spread += spread
        for name, value in macros.items():
            if value is not None:
                self.macros[name] = self.macros.get(name, 0.0) + value

    def shown(self) -> dict[str, float | None]:
        """Every macro, None where unknown."""
        return {name: self.macros.get(name) for name in MACROS}


@dataclass(slots=True)
class EatenDay:
    """A local day with meals."""

    total: Totals = field(default_factory=Totals)
    meals: dict[str, Totals] = field(default_factory=lambda: defaultdict(Totals))


def eaten(user_key: int, history: ZoneHistory, first: date, last: date) -> dict[date, EatenDay]:
    """The days first..last on which something was eaten, oldest first; what is pending or deleted does not count.

    The spreads of one day's items are added up: who misjudges one portion of a photo misjudges the others likewise.
    """
    rows = (
        MealItem.objects.own()
        .filter(log__in=_within(user_key, history, first, last).filter(status__in=EATEN))
        .values_list("log_id", "log__detected_at", "log__stated_day", "log__meal_type")
        .annotate(*(Sum(name) for name in MACROS), spread=Sum(_WIDTH, output_field=FloatField(), default=0.0))
    )
    days: dict[date, EatenDay] = defaultdict(EatenDay)
    for _, detected_at, stated_day, meal_type, *sums, spread in rows:
        day = stated_day or history.day_of(clock.to_ms(detected_at))
        macros = dict(zip(MACROS, sums, strict=True))
        for totals in (days[day].total, days[day].meals[meal_type]):
            totals.add(macros, spread)
    return dict(sorted(days.items()))


def pending(user_key: int, history: ZoneHistory, first: date, last: date) -> int:
    """How many meals of these days nobody has vouched for yet."""
    return _within(user_key, history, first, last).filter(status=MealStatus.PENDING).count()


def history_of(user_key: int) -> ZoneHistory:
    """Where the end user lived when."""
    return ZoneHistory(zones.history(user_key))


def _within(user_key: int, history: ZoneHistory, first: date, last: date) -> MealLogQuerySet:
    start, end = history.span(first, last)
    return MealLog.objects.for_user(user_key).between(clock.from_ms(start), clock.from_ms(end), first, last)
