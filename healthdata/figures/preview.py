"""A preview of the figures that another order, or another state of a source, would change. Nothing is written."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures.compute import compute
from healthdata.figures.keep import BLOCK_DAYS, DIGITS
from healthdata.figures.load import load
from healthdata.merge import MergedFigure
from healthdata.merge.preferences import Priority
from healthdata.metrics import METRIC_OF_FIELD
from healthdata.models import Source
from wearlink.lib import clock

PREVIEW_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class PreviewedFigure:
    """One figure that would change; None: not shown."""

    day: date
    metric: str
    now: float | None
    then: float | None


def preview(user_key: int, current: Priority, proposed: Priority) -> tuple[date, date, list[PreviewedFigure]]:
    """Return the first and last of the days considered, and what another order would change, oldest day first."""
    return _compared(user_key, current, proposed, None)


def preview_source(user_key: int, priority: Priority, changed: Source) -> tuple[date, date, list[PreviewedFigure]]:
    """Return the same for a source that is hidden, merged, or neither any more: `changed`, unsaved, in place of what
    is.
    """
    return _compared(user_key, priority, priority, changed)


def _compared(
    user_key: int, current: Priority, proposed: Priority, changed: Source | None
) -> tuple[date, date, list[PreviewedFigure]]:
    zones = ZoneHistory(user_zones.history(user_key))
    last = zones.day_of(clock.now_ms())
    first = last - timedelta(days=PREVIEW_DAYS - 1)
    found: list[PreviewedFigure] = []
    for start in range(0, PREVIEW_DAYS, BLOCK_DAYS):
        days = [first + timedelta(days=at) for at in range(start, min(start + BLOCK_DAYS, PREVIEW_DAYS))]
        inputs = load(user_key, days[0], days[-1], zones)
        altered = load(user_key, days[0], days[-1], zones, instead=changed) if changed else inputs
        for day in days:
            before, after = compute(inputs, day, current), compute(altered, day, proposed)
            for metric in METRIC_OF_FIELD:
                now = figure_of(before.get(metric), metric, current)
                then = figure_of(after.get(metric), metric, proposed)
                if now != then:
                    found.append(PreviewedFigure(day, metric, now, then))
    return first, last, found


def figure_of(figure: MergedFigure | None, metric: str, priority: Priority) -> float | None:
    """Return the value as the summary would show it."""
    if figure is None or figure.value is None:
        return None
    minutes = figure.coverage_minutes
    if minutes is not None and minutes < priority.min_coverage(METRIC_OF_FIELD[metric].name):
        return None
    return round(figure.value, DIGITS)
