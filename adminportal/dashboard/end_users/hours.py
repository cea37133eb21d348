"""A day's steps hour by hour, as they count: what sources gave to the figure, spread over the time they gave it for."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from adminportal.dashboard.end_users.curves import clock_label
from adminportal.kit import charts
from adminportal.kit.charts import BarChart
from healthdata.figures.compute import DayComputation, summed
from healthdata.figures.load import Inputs
from healthdata.merge import Amount
from healthdata.merge.preferences import Priority
from healthdata.metrics import METRIC_OF_FIELD
from healthdata.models.series import HOUR_MS

STEPS: Final = "steps"


def steps_by_hour(inputs: Inputs, priority: Priority, day: date) -> BarChart | None:
    """Return None where nothing of the day is known by the hour."""
    history = inputs.zones
    figure = summed(DayComputation(inputs, day, priority, history.bounds(day), {}, {}), METRIC_OF_FIELD[STEPS])
    pieces = [piece for share in figure.shares for piece in share.pieces]
    start, end = history.bounds(day)
    found = by_hour(pieces, start, end)
    if not any(value is not None for value in found):
        return None
    rows = [(clock_label(history, start + place * HOUR_MS), value) for place, value in enumerate(found)]
    return charts.bars("Steps by the hour", "steps an hour, as they count", rows)


def by_hour(pieces: Iterable[tuple[Amount, float]], start: int, end: int) -> list[float | None]:
    """Return what is kept of amounts by the hours of [start, end), each spread evenly over its time. None: nothing
    came.
    """
    found: list[float | None] = [None] * (-(-(end - start) // HOUR_MS))
    for amount, kept in pieces:
        first, last = max(amount.start, start), min(max(amount.end, amount.start + 1), end)
        for place in range(max((first - start) // HOUR_MS, 0), min((last - 1 - start) // HOUR_MS + 1, len(found))):
            begins, ends = start + place * HOUR_MS, start + (place + 1) * HOUR_MS
            part = min(last, ends) - max(first, begins)
            found[place] = (found[place] or 0.0) + kept * part / max(amount.end - amount.start, 1)
    return [None if value is None else round(value, 1) for value in found]
