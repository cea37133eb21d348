"""The figures of a day's activity, and the series that each of them is made of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


@dataclass(frozen=True, slots=True)
class Way:
    """Series that add up to the figure: whichever of them a source has."""

    series: tuple[str, ...]


class Rule(StrEnum):
    """The rule by which a figure is made of the sources' data."""

    SUM = "sum"  # amounts, stretch by stretch
    MEAN = "mean"  # readings, by time
    LOWEST = "lowest"  # of the readings behind the mean, else one source's own value
    HIGHEST = "highest"
    ONE = "one"  # one source's value of the day
    ENERGY = "energy"  # active and basal energy, else what sources count as total


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a day. `name` is what orders of sources call it.

    The first of `ways` of which anybody has something holds for all sources, so that a figure means one thing.
    """

    field: str
    name: str
    ways: tuple[Way, ...]
    digits: int = 0
    rule: Rule = Rule.SUM


_DISTANCES: Final = (
    "distance_walking_running",
    "distance_cycling",
    "distance_swimming",
    "distance_wheelchair",
    "distance_downhill_snow_sports",
    "distance_cross_country_skiing",
    "distance_paddle_sports",
    "distance_rowing",
    "distance_skating_sports",
)


def _plain(field_name: str, series: str, digits: int = 0, rule: Rule = Rule.SUM) -> Metric:
    return Metric(field_name, series, (Way((series,)),), digits, rule)


#: Rules by which sources share the time of a figure, not its value.
TIMED: Final = frozenset({Rule.MEAN, Rule.LOWEST, Rule.HIGHEST})

METRICS: Final = (
    _plain("steps", "steps"),
    _plain("active_calories_kcal", "active_calories", 1),
    _plain("basal_calories_kcal", "basal_calories", 1),
    _plain("total_calories_kcal", "total_calories", 1, Rule.ENERGY),
    Metric("distance_meters", "distance", (Way(("distance_unspecified", *_DISTANCES)),), 1),
    _plain("flights_climbed", "flights_climbed"),
    _plain("elevation_gain_meters", "elevation_gain", 1),
    # Brisk movement, the minutes that guidelines count; where nobody tells these, all time that is not sedentary.
    Metric(
        "active_minutes",
        "active_time",
        (Way(("exercise_time", "moderate_activity_time", "vigorous_activity_time")), Way(("active_time",))),
    ),
    _plain("sedentary_minutes", "sedentary_time"),
    _plain("avg_heart_rate_bpm", "heart_rate", 1, Rule.MEAN),
    _plain("min_heart_rate_bpm", "lowest_heart_rate", 1, Rule.LOWEST),
    _plain("max_heart_rate_bpm", "maximum_heart_rate", 1, Rule.HIGHEST),
    _plain("resting_heart_rate_bpm", "resting_heart_rate", 1, Rule.ONE),
)
ACTIVITY_SERIES: Final = tuple(dict.fromkeys(code for metric in METRICS for way in metric.ways for code in way.series))
METRIC_OF_FIELD: Final = {metric.field: metric for metric in METRICS}
#: What orders of sources may name.
METRIC_NAMES: Final = frozenset(metric.name for metric in METRICS)
