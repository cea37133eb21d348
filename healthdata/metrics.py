"""The figures of a day's activity, and the series that each of them is made of."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Way:
    """Series whose sum is the figure; with `all_needed`, only where a source has every one of them."""

    series: tuple[str, ...]
    all_needed: bool = True


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of a day. `name` is what orders of sources call it; of `ways`, a source's first that works counts."""

    field: str
    name: str
    ways: tuple[Way, ...]
    digits: int = 0

    @property
    def is_plain(self) -> bool:
        return len(self.ways) == 1 and len(self.ways[0].series) == 1


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


def _plain(field_name: str, series: str, digits: int = 0) -> Metric:
    return Metric(field_name, series, (Way((series,)),), digits)


METRICS: Final = (
    _plain("steps", "steps"),
    _plain("active_calories_kcal", "active_calories", 1),
    _plain("basal_calories_kcal", "basal_calories", 1),
    Metric(
        "total_calories_kcal",
        "total_calories",
        (Way(("total_calories",)), Way(("active_calories", "basal_calories"))),
        1,
    ),
    Metric("distance_meters", "distance", (Way(("distance_unspecified",)), Way(_DISTANCES, all_needed=False)), 1),
    _plain("flights_climbed", "flights_climbed"),
    _plain("elevation_gain_meters", "elevation_gain", 1),
    Metric("active_minutes", "active_time", (Way(("active_time",)), Way(("exercise_time",)))),
    _plain("sedentary_minutes", "sedentary_time"),
    _plain("avg_heart_rate_bpm", "heart_rate", 1),
    _plain("min_heart_rate_bpm", "lowest_heart_rate", 1),
    _plain("max_heart_rate_bpm", "maximum_heart_rate", 1),
    _plain("resting_heart_rate_bpm", "resting_heart_rate", 1),
)
ACTIVITY_SERIES: Final = tuple(dict.fromkeys(code for metric in METRICS for way in metric.ways for code in way.series))
