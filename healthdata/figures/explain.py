"""The explanation of a day's figures: every source in order, its part, what was left out of it, and why.

Computed from the samples as they are, by the same code as the figures themselves; the numbers add up by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from accounts.end_users import zones as user_zones
from healthdata.days import ZoneHistory
from healthdata.figures.compute import compute
from healthdata.figures.load import Inputs, load
from healthdata.merge import VERSION, LeftOutReason, MergedFigure, Share
from healthdata.merge.preferences import Priority
from healthdata.metrics import METRIC_OF_FIELD, Metric

SENTENCES: Final[Mapping[LeftOutReason, str]] = {
    LeftOutReason.COVERED: "A source that goes before it measured the same time.",
    LeftOutReason.CONDENSED: "The same source has finer records of the same time.",
    LeftOutReason.DAILY_TOTAL: (
        "A total of a day counts whole or not at all, and another source's figures speak for this day."
    ),
    LeftOutReason.NOT_WORN: "It was worn for too little of the time that others measured.",
    LeftOutReason.EXCLUDED: "An order of sources leaves it out.",
    LeftOutReason.SUM_OF_PARTS: "The total is active plus basal energy, which are both known.",
    LeftOutReason.HIDDEN: "The source is hidden.",
    LeftOutReason.RANK: "One value of a day is taken from one source, and another goes before it.",
}


@dataclass(frozen=True, slots=True)
class ExplainedFigure:
    """A figure with its account; `value` None where everything was left out."""

    metric: Metric
    figure: MergedFigure
    version: int
    min_coverage: int

    @property
    def is_shown(self) -> bool:
        """Return whether the summary shows the figure: an order may ask for more covered time."""
        minutes = self.figure.coverage_minutes
        return self.figure.value is not None and (minutes is None or minutes >= self.min_coverage)


@dataclass(frozen=True, slots=True)
class ExplainedDay:
    """The accounts of one day by field name, and the instants (ms) between which its samples lie."""

    day: date
    start: int
    end: int
    figures: Mapping[str, ExplainedFigure]


def explain(user_key: int, priority: Priority, *, first: date, last: date) -> dict[date, ExplainedDay]:
    """Return the accounts of the days first..last."""
    zones = ZoneHistory(user_zones.history(user_key))
    inputs = load(user_key, first, last, zones, hidden=True)
    days = [date.fromordinal(ordinal) for ordinal in range(first.toordinal(), last.toordinal() + 1)]
    return {day: explain_day(inputs, day, priority) for day in days}


def explain_day(inputs: Inputs, day: date, priority: Priority) -> ExplainedDay:
    figures = {}
    for field, figure in compute(inputs, day, priority).items():
        metric = METRIC_OF_FIELD[field]
        if any(is_anything(share) for share in figure.shares):
            figures[field] = ExplainedFigure(metric, figure, VERSION, priority.min_coverage(metric.name))
    return ExplainedDay(day, *inputs.zones.bounds(day), figures)


def is_anything(share: Share) -> bool:
    """Return whether a source had anything for the figure."""
    return bool(share.kept or share.left_out or share.is_total or share.pieces)


def series_of(metric: Metric) -> Iterable[str]:
    """Return the series whose samples are behind a metric."""
    return dict.fromkeys(code for way in metric.ways for code in way.series)
