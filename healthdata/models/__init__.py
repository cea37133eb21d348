"""The tables of the domain. Only store.py and queries.py name the sample tables."""

from healthdata.models.changes import DataChange
from healthdata.models.events import HealthScore, SleepSession, SleepStage, Workout
from healthdata.models.figures import DayFigure, DayRevision, DueDay, HeartDay
from healthdata.models.series import DailyValue, Origin, SampleChunk, Source, Stream
from healthdata.models.summary_updates import SummaryUpdate
from healthdata.models.zones import ZoneChange, ZoneStatement

__all__ = [
    "DailyValue",
    "DataChange",
    "DayFigure",
    "DayRevision",
    "DueDay",
    "HealthScore",
    "HeartDay",
    "Origin",
    "SampleChunk",
    "SleepSession",
    "SleepStage",
    "Source",
    "Stream",
    "SummaryUpdate",
    "Workout",
    "ZoneChange",
    "ZoneStatement",
]
