"""Daily summaries: activity, sleep, body. Every figure of a day comes from one source, which is named beside it.

Which source: the cascade of healthdata.days (the end user's order, else the organization's, else ring and watch before
phone), then the source that covers more hours. Figures are never added up over sources, as a phone and a watch count
the same steps. Days without any figure are left out.
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
