"""The errors of figures against the truth, beside two simpler rules that others use."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from healthdata.records import DailyRecord, Record, Sample
from tests.healthdata.world.devices import FIELDS, PHONE, RING, WATCH, records
from tests.healthdata.world.life import Life

CLOSE: Final = 0.03
ORDER: Final = (WATCH.key, RING.key, PHONE.key)

Figures = Mapping[date, Mapping[str, float]]  # day → field → value


@dataclass(frozen=True, slots=True)
class Distribution:
    """Relative errors of one field over the days, as shares of the truth."""

    errors: Sequence[float]

    @property
    def close(self) -> float:
        """The share of days within 3 %."""
        return sum(abs(error) <= CLOSE for error in self.errors) / len(self.errors)

    def at(self, share: float) -> float:
        """Return a quantile of the errors' sizes."""
        ordered = sorted(map(abs, self.errors))
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    @property
    def largest(self) -> float:
        """The furthest above the truth: 1 would be doubled."""
        return max(self.errors)


def reported(life: Life, *, seed: int = 2) -> list[tuple[date, list[Record]]]:
    """Return what the devices sent of each day."""
    dice = random.Random(seed)
    return [(day.day, records(day, dice)) for day in life.days]


def distribution(life: Life, figures: Figures, field: str) -> Distribution:
    """Return the errors of a field over all days that were lived."""
    errors = []
    for day in life.days:
        truth = day.truth[field]
        errors.append((figures.get(day.day, {}).get(field, 0.0) - truth) / truth)
    return Distribution(errors)


def add_all(sent: Sequence[tuple[date, list[Record]]]) -> Figures:
    return {day: {field: sum(by_source(found, field).values()) for field in FIELDS} for day, found in sent}


def best_source_wins(sent: Sequence[tuple[date, list[Record]]]) -> Figures:
    """Return one source a day, by rank."""

    def best(found: list[Record], field: str) -> float:
        values = by_source(found, field)
        ranked = sorted(values, key=lambda key: ORDER.index(key) if key in ORDER else len(ORDER))
        return values[ranked[0]] if ranked else 0.0

    return {day: {field: best(found, field) for field in FIELDS} for day, found in sent}


def by_source(found: Sequence[Record], field: str) -> dict[str, float]:
    """Return what each source says of a field."""
    series = (FIELDS[field], "distance_unspecified") if field == "distance_meters" else (FIELDS[field],)
    values: dict[str, float] = defaultdict(float)
    for record in found:
        if isinstance(record, Sample | DailyRecord) and record.series in series:
            values[record.source.key] += record.value
    return dict(values)


SIMPLER: Final[Mapping[str, Callable[[Sequence[tuple[date, list[Record]]]], Figures]]] = {
    "add all": add_all,
    "best source wins": best_source_wins,
}
