"""Lengths of a pool: strokes, and SWOLF (strokes plus seconds), over the time that each took."""

from collections.abc import Iterator
from typing import Final

from healthdata.records import Sample
from healthdata.units import BOUNDS
from providers.adapters.garmin.fit.decode import LENGTH, FitFile, Scaled
from providers.adapters.garmin.fit.sessions import FitActivity
from providers.adapters.garmin.normalise.source import GARMIN
from providers.contract import Context
from providers.contract.bounds import AHEAD, EARLIEST

STROKES: Final = "swimming_stroke_count"
SWOLF: Final = "swolf"
SERIES: Final = (STROKES, SWOLF)
ACTIVE: Final = 1
MAX_DURATION_MS: Final = 3_600_000


def read(found: FitFile, activity: FitActivity, context: Context) -> Iterator[Sample]:
    """Yield those that were swum; rests at the wall are lengths too, and have no strokes."""
    latest = context.received + AHEAD
    for message in found.messages.get(LENGTH, ()):
        length = Scaled(LENGTH, message)
        start, seconds, strokes = length.at("start_time"), length.get("total_elapsed_time"), length.get("total_strokes")
        if message.get("length_type") != ACTIVE or start is None or not seconds or not strokes:
            continue
        lasts = round(seconds * 1000)
        for series, value in ((STROKES, strokes), (SWOLF, strokes + round(seconds))):
            low, high = BOUNDS[series]
            if low <= value <= high and EARLIEST <= start <= latest and lasts <= MAX_DURATION_MS:
                yield Sample(GARMIN, series, start, float(value), lasts, activity.zone)
