"""Energy balance: what was eaten against what was spent, a local day at a time, honest about what is missing.

Mifflin-St Jeor: Mifflin MD, St Jeor ST et al., American Journal of Clinical Nutrition 1990, 51:241-247.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from healthdata import summaries as wearables
from healthdata.days import ZoneHistory
from healthdata.summaries import EnergyDay, Reader
from nutrition.meals import summaries as meals
from nutrition.meals.summaries import Intake
from wearlink.lib import clock

WHOLE_DAY_HOURS: Final = 20  # charging and a shower are no gap
_SEX_TERM: Final = {"male": 5.0, "female": -161.0}


@dataclass(frozen=True, slots=True)
class Body:
    """The figures that a basal rate is estimated from; None where unknown."""

    sex: str | None = None
    birth_date: date | None = None
    weight_kg: float | None = None
    height_cm: float | None = None

    def basal_kcal(self, day: date) -> float | None:
        """Return the basal energy of a whole day by Mifflin-St Jeor; None unless all four figures are known."""
        term = _SEX_TERM.get(self.sex or "")
        if term is None or self.birth_date is None or self.weight_kg is None or self.height_cm is None:
            return None
        age = day.year - self.birth_date.year - ((day.month, day.day) < (self.birth_date.month, self.birth_date.day))
        return 10 * self.weight_kg + 6.25 * self.height_cm - 5 * age + term


@dataclass(frozen=True, slots=True)
class BalanceDay:
    """One local day, kcal; None where unknown. is_partial: the spent side does not cover the day."""

    day: date
    consumed: float | None
    consumed_low: float | None
    consumed_high: float | None
    active: float | None
    basal: float | None
    basal_is_estimated: bool
    burned: float | None
    is_partial: bool | None
    completeness: str

    @property
    def net(self) -> float | None:
        """Only of two known sides."""
        return None if self.consumed is None or self.burned is None else self.consumed - self.burned


def balance(reader: Reader, history: ZoneHistory, first: date, last: date, body: Body | None) -> list[BalanceDay]:
    """Return every day first..last, oldest first. body: estimate basal energy where the wearable gives none."""
    eaten = meals.intake(reader.user_key, history, first, last)
    spent = spent_by_day(reader, first, last)
    today = history.day_of(clock.now_ms())
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [_day(day, eaten.get(day), spent.get(day), body, today) for day in days]


def spent_by_day(reader: Reader, first: date, last: date) -> Mapping[date, EnergyDay]:
    """Return the wearable's side, and how many hours of each day it covers: the one place where this app
    asks for it.
    """
    return wearables.energy(reader, first=first, last=last)


def body_of(reader: Reader, history: ZoneHistory, sex: str | None, birth_date: date | None) -> Body:
    """Return the newest weight and height beside what the caller knows of the end user."""
    today = history.day_of(clock.now_ms())
    latest = wearables.body(reader, first=today, last=today).latest
    weight, height = latest.get("weight_kg"), latest.get("height_cm")
    return Body(sex, birth_date, weight.value if weight else None, height.value if height else None)


def _day(day: date, eaten: Intake | None, spent: EnergyDay | None, body: Body | None, today: date) -> BalanceDay:
    consumed = None if eaten is None else eaten.kcal
    spread = eaten.spread if eaten else 0.0
    active = spent.active if spent else None
    basal = spent.basal if spent else None
    if basal is None and spent and spent.total is not None and active is not None:
        basal = max(0.0, spent.total - active)
    estimated = basal is None and body is not None and (basal := body.basal_kcal(day)) is not None
    return BalanceDay(
        day=day,
        consumed=consumed,
        consumed_low=None if consumed is None else max(0.0, consumed - spread),
        consumed_high=None if consumed is None else consumed + spread,
        active=active,
        basal=basal,
        basal_is_estimated=estimated,
        burned=_burned(active, basal, spent),
        is_partial=None if spent is None else spent.hours < WHOLE_DAY_HOURS or day >= today,
        completeness=_completeness(consumed is not None, spent is not None),
    )


def _burned(active: float | None, basal: float | None, spent: EnergyDay | None) -> float | None:
    """Return active and basal together, else the source's own total: half a figure would claim a surplus nobody has."""
    if active is not None and basal is not None:
        return active + basal
    return spent.total if spent else None


def _completeness(has_meals: bool, has_wearable: bool) -> str:
    if has_meals:
        return "wearable_and_nutrition" if has_wearable else "nutrition_only"
    return "wearable_only" if has_wearable else "none"
