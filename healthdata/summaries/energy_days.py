"""Energy spent on local days, and for how much of each day anything was measured."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from healthdata.summaries.activity_days import ActivityDay, ActivityFigure, activity
from healthdata.summaries.choice import Reader

_PARTS: Final = ("active_calories_kcal", "basal_calories_kcal", "total_calories_kcal")
_DAY_HOURS: Final = 24


@dataclass(frozen=True, slots=True)
class EnergyDay:
    """kcal of one local day, None where unknown; the same figures as the activity summary's.

    hours: of the day that the figures speak for, 24 for a vendor's own figure of the day. Of active and basal energy
    the better covered one says how long the device was worn, since nobody spends active energy in every hour.
    """

    active: float | None
    basal: float | None
    total: float | None
    hours: int


def energy(reader: Reader, *, first: date, last: date) -> dict[date, EnergyDay]:
    """Return the local days first..last of which anything is known."""
    days = activity(reader, first=first, last=last)
    return {one.day: _energy_day(one) for one in days if any(name in one.figures for name in _PARTS)}


def _energy_day(day: ActivityDay) -> EnergyDay:
    hours = max(_hours(day.figures[name]) for name in _PARTS if name in day.figures)
    active, basal, total = map(day.value_of, _PARTS)
    return EnergyDay(active, basal, total, hours)


def _hours(figure: ActivityFigure) -> int:
    return _DAY_HOURS if figure.coverage_minutes is None else round(figure.coverage_minutes / 60)
