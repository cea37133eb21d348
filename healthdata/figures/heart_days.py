"""The time at each heart rate on a day, kept so that strain can be computed again without reading samples."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from healthdata.days import ZoneHistory
from healthdata.figures.compute import heart_rates
from healthdata.figures.keep import blocks
from healthdata.figures.load import HEART_RATE, load
from healthdata.merge.preferences import Priority
from healthdata.models import HeartDay
from healthdata.scores.strain import peak

PLAUSIBLE: Final = range(25, 251)  # bpm; what lies beyond is no heart


def refresh(user_key: int, days: Sequence[date], priority: Priority, zones: ZoneHistory) -> None:
    """Bring the rows of these days in line with the readings."""
    for block in blocks(days):
        inputs = load(user_key, block[0], block[-1], zones, series=(HEART_RATE,))
        rows = []
        for day in block:
            found = {rate: ms for rate, ms in heart_rates(inputs, day, priority).items() if rate in PLAUSIBLE}
            if found:
                rows.append(row_of(user_key, day, found))
        silent = set(block) - {row.day for row in rows}
        HeartDay.objects.filter(user_key=user_key, day__in=silent).delete()
        HeartDay.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["user_key", "day"],
            update_fields=["lowest", "times", "peak"],
        )


def row_of(user_key: int, day: date, found: Mapping[int, float]) -> HeartDay:
    """Return a day's rates as they are kept."""
    lowest, highest = min(found), max(found)
    times = [round(found.get(rate, 0)) for rate in range(lowest, highest + 1)]
    return HeartDay(user_key=user_key, day=day, lowest=lowest, times=times, peak=peak(found))
