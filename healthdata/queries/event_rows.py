"""Workouts, sleep sessions and scores as lists show them, read without the ORM.

Building the statement and thirty pairs of models costs the ORM three times what the database takes; lists are what
dashboards ask for all day (`make bench`, lists). The fields are those of the models, instants in ms, and a row names
its source itself.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar

import orjson

from wearlink.lib.postgres import prepared


class WorkoutRow(NamedTuple):
    """A workout without what lists leave out."""

    key: int
    id: str
    day: date
    start_ms: int
    end_ms: int
    zone: int | None
    same_as: str | None
    is_left_out: bool
    type: str
    duration_seconds: float | None
    distance_meters: float | None
    calories_kcal: float | None
    basal_calories_kcal: float | None
    avg_heart_rate_bpm: float | None
    max_heart_rate_bpm: float | None
    min_heart_rate_bpm: float | None
    elevation_gain_meters: float | None
    elevation_loss_meters: float | None
    avg_speed_mps: float | None
    max_speed_mps: float | None
    average_power_watts: float | None
    provider: str
    device: str | None

    @property
    def source(self) -> "WorkoutRow":
        """The row itself: it has provider and device."""
        return self


class SleepRow(NamedTuple):
    """A night or nap without its stages."""

    key: int
    id: str
    day: date
    start_ms: int
    end_ms: int
    zone: int | None
    same_as: str | None
    is_left_out: bool
    is_nap: bool
    duration_seconds: int
    sleep_seconds: int | None
    awake_seconds: int | None
    light_seconds: int | None
    deep_seconds: int | None
    rem_seconds: int | None
    unstaged_seconds: int | None
    efficiency_percent: float | None
    avg_heart_rate_bpm: float | None
    avg_hrv_sdnn_ms: float | None
    avg_hrv_rmssd_ms: float | None
    avg_respiratory_rate: float | None
    avg_spo2_percent: float | None
    provider: str
    device: str | None

    @property
    def source(self) -> "SleepRow":
        """The row itself: it has provider and device."""
        return self


class ScoreRow(NamedTuple):
    id: str
    day: date
    category: str
    score: float | None
    range_min: float
    range_max: float
    provider: str
    algorithm: str
    algorithm_version: str
    confidence: float | None
    reason: str
    components: dict[str, float | None]
    missing: list[str]
    inputs: dict[str, float]


Row = TypeVar("Row", WorkoutRow, SleepRow)

_SPELT: Final = {
    "id": "e.id::text",
    "same_as": "e.same_as::text",
    "start_ms": "floor(extract(epoch FROM e.start) * 1000)::bigint",
    "end_ms": 'floor(extract(epoch FROM e."end") * 1000)::bigint',
    "provider": "s.provider",
    "device": "coalesce(nullif(s.label, ''), nullif(s.name, ''), nullif(s.model, ''), s.apps[1])",  # Source.device
}
_WHERE: Final = """
    FROM {table} e JOIN healthdata_source s ON s.user_key = e.user_key AND s.id = e.source_id
    WHERE e.user_key = %(user)s AND e.day BETWEEN %(first)s::date AND %(last)s::date
      AND (%(provider)s::text IS NULL OR s.provider = %(provider)s::text)
      AND (%(primary)s::boolean IS NULL OR (e.same_as IS NULL AND NOT e.is_left_out) = %(primary)s::boolean)
"""
_OF_TYPE: Final = " AND (%(types)s::text[] IS NULL OR e.type = ANY(%(types)s::text[]))"
_BEYOND: Final = """
      AND (%(start)s::timestamptz IS NULL
           OR (e.day, e.start, e.key) > (%(first)s::date, %(start)s::timestamptz, %(key)s::bigint))
    ORDER BY e.day, e.start, e.key LIMIT %(limit)s
"""


def _columns(row: type[WorkoutRow | SleepRow]) -> str:
    return ", ".join(_SPELT.get(name, f"e.{name}") for name in row._fields)


_FROM: Final = {
    WorkoutRow: _WHERE.format(table="healthdata_workout") + _OF_TYPE,
    SleepRow: _WHERE.format(table="healthdata_sleepsession"),
}
_SELECT: Final = {row: f"SELECT {_columns(row)} {source} {_BEYOND}" for row, source in _FROM.items()}
_COUNT: Final = {row: f"SELECT count(*) {source}" for row, source in _FROM.items()}
_OF_SCORES: Final = """
    FROM healthdata_healthscore e WHERE e.user_key = %(user)s AND NOT e.superseded
      AND (%(first)s::date IS NULL OR e.day >= %(first)s::date)
      AND (%(last)s::date IS NULL OR e.day <= %(last)s::date)
      AND (%(category)s::text IS NULL OR e.category = %(category)s::text)
      AND (%(provider)s::text IS NULL OR e.provider = %(provider)s::text)
"""
# All are counted only where the page is full; where it is not, its end is the end of the list.
_SCORES: Final = f"""
    SELECT page.*, CASE WHEN count(*) OVER () = %(limit)s THEN (SELECT count(*) {_OF_SCORES}) END
    FROM (
        SELECT e.id::text, e.day, e.category, e.score, e.range_min, e.range_max, e.provider, e.algorithm,
               e.algorithm_version, e.confidence, e.reason, e.components::text, e.missing::text, e.inputs::text
        {_OF_SCORES}
        ORDER BY e.day DESC, e.key DESC OFFSET %(offset)s LIMIT %(limit)s
    ) page
"""  # noqa: S608 - the names are our own
_COUNT_SCORES: Final = f"SELECT count(*) {_OF_SCORES}"


def select(row: type[Row], parameters: Mapping[str, Any]) -> list[Row]:
    """Return rows of local dates first..last in order, after (first, start, key) where `start` is not None."""
    with prepared() as cursor:
        cursor.execute(_SELECT[row], parameters)
        return [row(*values) for values in cursor.fetchall()]


def count(row: type[Row], parameters: Mapping[str, Any]) -> int:
    """Return how many rows there are of these local dates."""
    with prepared() as cursor:
        cursor.execute(_COUNT[row], parameters)
        return int(cursor.fetchone()[0])


def scores(parameters: Mapping[str, Any]) -> tuple[list[ScoreRow], int]:
    """Return scores, newest first, and how many there are in all; any filter may be None.

    One statement, and another for a page that lies behind the last one.
    """
    with prepared() as cursor:
        cursor.execute(_SCORES, parameters)
        found = cursor.fetchall()
        if found or not parameters["offset"]:
            counted = found[0][-1] if found else None
            total = parameters["offset"] + len(found) if counted is None else counted
        else:
            cursor.execute(_COUNT_SCORES, parameters)
            (total,) = cursor.fetchone()
    return [ScoreRow._make((*row[:-4], *map(orjson.loads, row[-4:-1]))) for row in found], total
