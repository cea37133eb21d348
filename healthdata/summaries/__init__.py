"""Daily summaries: activity, sleep, body.

Figures of activity are merged from all sources, stretch of time by stretch (healthdata.merge), and kept
(healthdata.figures); those of sleep and body come from one source a day. Which source goes before which is
healthdata.merge.preferences' business. Days without any figure are left out.
"""

from healthdata.metrics import METRICS
from healthdata.summaries.activity_days import ActivityDay, activity
from healthdata.summaries.body_figures import AVERAGED, BODY, BodySummary, Measurement, body
from healthdata.summaries.choice import DataSource, Reader
from healthdata.summaries.energy_days import EnergyDay, energy
from healthdata.summaries.sleep_days import SleepDay, sleep

__all__ = [
    "AVERAGED",
    "BODY",
    "METRICS",
    "ActivityDay",
    "BodySummary",
    "DataSource",
    "EnergyDay",
    "Measurement",
    "Reader",
    "SleepDay",
    "activity",
    "body",
    "energy",
    "sleep",
]
