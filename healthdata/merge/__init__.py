"""One figure of a local day out of what several sources measured, without gaps and without doubles. Pure.

Sources come in the order of preference. Each covers the stretches of the day in which it measured; a lower one gives
the share of its amounts that lies where nobody above it measured. So a watch counts while it is worn, and the phone
counts what the watch on its charger did not see. A vendor's own total of a day says nothing about when, so it counts
whole or not at all. What each source gave, what was left out of it and why stays with the figure.

All times are milliseconds since the epoch, all stretches half open and within the day.
"""

from healthdata.merge.amounts import merge_amounts
from healthdata.merge.readings import Readings, mean_by_time, merge_readings, time_at_rates
from healthdata.merge.rules import VERSION, WEAR_EDGE_MS, WHOLE_DAY_MINUTES
from healthdata.merge.shares import LeftOutReason, MergedFigure, Share, SourceDay
from healthdata.merge.stretches import Amount, Stretch, condense, length, union, wear, within

__all__ = [
    "VERSION",
    "WEAR_EDGE_MS",
    "WHOLE_DAY_MINUTES",
    "Amount",
    "LeftOutReason",
    "MergedFigure",
    "Readings",
    "Share",
    "SourceDay",
    "Stretch",
    "condense",
    "length",
    "mean_by_time",
    "merge_amounts",
    "merge_readings",
    "time_at_rates",
    "union",
    "wear",
    "within",
]
