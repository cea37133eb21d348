"""Energy spent on local days, and for how much of each day anything was measured."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from healthdata import queries
from healthdata.queries import Figure
from healthdata.summaries.choice import Chooser, Reader

_ACTIVE: Final = "active_calories"
_BASAL: Final = "basal_calories"
_TOTAL: Final = "total_calories"


@dataclass(frozen=True, slots=True)
class EnergyDay:
    """kcal of one local day, None where unknown.

    hours: of the day that the figures speak for, 24 for a vendor's own figure of the day. A sum of intervals covers the
    distinct hours in which the source that counts has any; of active and basal energy the better covered one says how
    long the device was worn, since nobody spends active energy in every hour.
    """

    active: float | None
    basal: float | None
    total: float | None
    hours: int


def energy(reader: Reader, *, first: date, last: date) -> dict[date, EnergyDay]:
    """The local days first..last of which anything is known. At most four queries."""
    found = queries.day_figures(reader.user_key, series=(_ACTIVE, _BASAL, _TOTAL), first=first, last=last)
    by_day: dict[date, dict[str, list[Figure]]] = defaultdict(dict)
    for (series, day), figures in found.items():
        by_day[day][series] = figures
    chooser = Chooser(reader.priority)
    return {day: _energy_day(by_day[day], chooser) for day in sorted(by_day)}


def _energy_day(series: Mapping[str, list[Figure]], chooser: Chooser) -> EnergyDay:
    best = {code: chooser.best(code, figures) for code, figures in series.items()}
    values = {code: figure.value for code, figure in best.items()}
    hours = max(figure.hours for figure in best.values())
    return EnergyDay(values.get(_ACTIVE), values.get(_BASAL), values.get(_TOTAL), hours)
