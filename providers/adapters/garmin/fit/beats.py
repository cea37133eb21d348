"""Intervals between heart beats (HRV messages) → samples, each at the end of its interval."""

from collections.abc import Iterator
from typing import Final

from healthdata.records import Sample
from healthdata.units import BOUNDS
from providers.adapters.garmin.fit.decode import FitFile
from providers.adapters.garmin.fit.sessions import FitActivity
from providers.adapters.garmin.normalise.source import GARMIN
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST

BEAT: Final = "rr_interval"
SERIES: Final = (BEAT,)


def read(found: FitFile, activity: FitActivity, context: Context) -> Iterator[Sample]:
    """Yield the intervals between beats in milliseconds, as they were written."""
    (low, high), latest = BOUNDS[BEAT], context.received + AHEAD
    for at, interval in zip(found.beats.instants, found.beats.values, strict=True):
        if low <= interval <= high and EARLIEST <= at <= latest:
            yield Sample(GARMIN, BEAT, at, interval, None, activity.zone)
