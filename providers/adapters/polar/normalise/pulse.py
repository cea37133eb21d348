"""heart_rate: a day of readings on the wearer's clock, every five minutes or down to seconds. Workouts are left out
by Polar; the end user's zone is the only one known.
"""

from collections.abc import Iterator
from datetime import date
from typing import Final

from healthdata.records import Record, Sample
from healthdata.units import BOUNDS
from providers.adapters.polar.normalise.source import POLAR, clock_ms, on_the_wearers_clock
from providers.contract.bounds import AHEAD
from providers.contract.json_items import DAY_MS, JsonItem

SERIES: Final = ("heart_rate",)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def read(item: JsonItem) -> Iterator[Record]:
    """Yield the readings; one of 0 is a sensor without contact, and passed over."""
    day = item.day("date")
    if day is None:
        return
    (low, high), midnight = BOUNDS["heart_rate"], (day.toordinal() - EPOCH_DAY) * DAY_MS
    latest, refused = item.context.received + AHEAD, False
    for row in item.array("heart_rate_samples"):
        bpm = row.get("heart_rate") if isinstance(row, dict) else None
        at = clock_ms(str(row.get("sample_time"))) if isinstance(row, dict) else None
        if bpm == 0:
            continue
        if (
            at is None
            or not isinstance(bpm, int | float)
            or isinstance(bpm, bool)
            or not low <= bpm <= high
            or midnight + at > latest
        ):
            refused = True
            continue
        yield Sample(POLAR, "heart_rate", on_the_wearers_clock(item, midnight + at), float(bpm))
    if refused:
        item.refuse("heart_rate_samples", "out_of_range")
