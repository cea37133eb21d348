"""An end user's usual value: mean and spread of their own earlier days.

A normal range belongs to one individual, not to all: Quer et al. 2020, doi:10.1371/journal.pone.0227709, for the
resting heart rate. Sixty days are what Altini's writings on HRV call the normal range. A week is the least that we
call usual; Plews et al. 2014, doi:10.1123/ijspp.2013-0455, ask for three valid days of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Final

BASELINE_DAYS: Final = 60  # before the day itself
DAYS_NEEDED: Final = 7
USUAL_POINTS: Final = 50
POINTS_A_DEVIATION: Final = 25  # so that two deviations to either side are the whole scale


@dataclass(frozen=True, slots=True)
class Baseline:
    """Mean and sample standard deviation of earlier days."""

    mean: float
    spread: float
    days: int

    def deviation(self, value: float) -> float:
        """Return how many standard deviations a value lies above the mean."""
        return (value - self.mean) / self.spread


def baseline(values: Sequence[float], *, least_spread: float) -> Baseline | None:
    """Return the baseline of earlier days' values; None of fewer than DAYS_NEEDED.

    `least_spread` replaces a smaller one: where every day is the same, a rounding error is no deviation.
    """
    if len(values) < DAYS_NEEDED:
        return None
    return Baseline(fmean(values), max(stdev(values), least_spread), len(values))
