"""The catalogue: every series and workout code WearLink knows, loaded once from data/*.csv into frozen tables.

The CSV files are the single place where a code is defined; what a series is called, its unit, how it is averaged,
which webhook group it belongs to and the phones' names for it are all in its row. Nothing here touches a database.
"""

import csv
import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from wearlink.lib.errors import InvalidInput

OTHER: Final = "other"  # the workout code for whatever the catalogue does not know


class Aggregation(StrEnum):
    """The way in which readings of one source are aggregated over a stretch of time."""

    MEAN = "mean"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    LAST = "last"
    ENERGY_MEAN = "energy_mean"  # sound levels: 10·log10(mean(10^(L/10)))


class SeriesKind(StrEnum):
    """The extent of one value: an instant, an interval, a day."""

    SAMPLE = "sample"  # an instant
    INTERVAL = "interval"  # an amount or level over [start, end)
    DAILY = "daily"  # one value a local day
    UMBRELLA = "umbrella"  # a name for several series; never stored


class SameStart(StrEnum):
    """The meaning of a second value of one source at the same start."""

    REPLACE = "replace"  # the newer reading corrects the older
    KEEP = "keep"  # two foods of one meal: both count


@dataclass(frozen=True, slots=True)
class Series:
    """One row of series_types.csv. `group` is the webhook group without `.created` (empty for umbrellas)."""

    code: str
    unit: str
    aggregation: Aggregation
    kind: SeriesKind
    category: str
    group: str
    same_start: SameStart
    sensitive: bool  # reproductive health, alcohol, sexual activity: opt-in where others are opt-out
    description: str
    members: tuple[str, ...]  # the series that an umbrella comprises

    @property
    def is_umbrella(self) -> bool:
        return self.kind is SeriesKind.UMBRELLA

    @property
    def is_additive(self) -> bool:
        return self.aggregation is Aggregation.SUM


@dataclass(frozen=True, slots=True)
class WorkoutType:
    code: str
    has_distance_and_pace: bool
    apple: str  # HKWorkoutActivityType name it belongs to
    aliases: tuple[str, ...]


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).parent / "data" / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _series(row: Mapping[str, str]) -> Series:
    return Series(
        code=row["code"],
        unit=row["unit"],
        aggregation=Aggregation(row["aggregation"]),
        kind=SeriesKind(row["kind"]),
        category=row["category"],
        group=row["group"],
        same_start=SameStart(row["same_start"] or SameStart.REPLACE),
        sensitive=row["sensitive"] == "yes",
        description=row["description"],
        members=tuple(row["members"].split()),
    )


def _sdk_names(row: Mapping[str, str]) -> Iterable[str]:
    """Yield all upper-case wire names of one series: shared vocabulary, record class, bare record, Google Fit data
    type.
    """
    yield from row["sdk"].split()
    if record := row["health_connect"].upper():
        yield record
        yield record.removesuffix("RECORD")
    if row["google_fit"]:
        yield row["google_fit"].upper()


_SERIES_ROWS = _rows("series_types.csv")
_WORKOUT_ROWS = _rows("workout_types.csv")

SERIES: Final[Mapping[str, Series]] = MappingProxyType({row["code"]: _series(row) for row in _SERIES_ROWS})

#: HealthKit type identifier → series code
APPLE_SERIES: Final[Mapping[str, str]] = MappingProxyType(
    {identifier: row["code"] for row in _SERIES_ROWS for identifier in row["apple"].split()}
)

#: upper-case type string of a Samsung or Google sync → series code
SDK_SERIES: Final[Mapping[str, str]] = MappingProxyType(
    {name: row["code"] for row in _SERIES_ROWS for name in _sdk_names(row)}
)

WORKOUT_TYPES: Final[Mapping[str, WorkoutType]] = MappingProxyType(
    {
        row["code"]: WorkoutType(
            code=row["code"],
            has_distance_and_pace=row["has_distance_and_pace"] == "yes",
            apple=row["apple"],
            aliases=tuple(row["aliases"].split()),
        )
        for row in _WORKOUT_ROWS
    }
)


def expand(codes: Iterable[str]) -> tuple[str, ...]:
    """Replace umbrella names by the series they comprise; order kept, doubles dropped.

    Raises InvalidInput on field `types` for a code the catalogue does not have.
    """
    wanted: dict[str, None] = {}
    for code in codes:
        series = SERIES.get(code)
        if series is None:
            raise InvalidInput.on("types", _unknown(code))
        wanted.update(dict.fromkeys(series.members or (code,)))
    return tuple(wanted)


def workout_code(name: str) -> str:
    """Return the code of a workout type by its code or alias. Raises InvalidInput on field `types`."""
    code = _NAMES.get(_snake(name[:MAX_NAME_LENGTH]))
    if code is None:
        near = difflib.get_close_matches(_snake(name[:64]), _NAMES, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise InvalidInput.on(
            "types", f"unknown workout type '{name[:64]}'.{hint} GET /api/v1/meta/workout-types lists all of them."
        )
    return code


def _unknown(code: str) -> str:
    near = difflib.get_close_matches(code[:64].lower(), SERIES, n=3)
    hint = f" Did you mean {', '.join(near)}?" if near else ""
    return f"unknown series type '{code[:64]}'.{hint} GET /api/v1/meta/series-types lists all of them."


_NAMES: Final = {alias: row["code"] for row in _WORKOUT_ROWS for alias in (row["code"], *row["aliases"].split())}
_APPLE_DEFAULTS: Final = [row for row in _WORKOUT_ROWS if row["apple_default"] == "yes"]
_APPLE_NAMES: Final = {row["apple"].lower(): row["code"] for row in _APPLE_DEFAULTS}
_APPLE_NUMBERS: Final = {row["apple_number"]: row["code"] for row in _APPLE_DEFAULTS}
_SAMSUNG_NUMBERS: Final = {row["samsung_number"]: row["code"] for row in _WORKOUT_ROWS if row["samsung_number"]}
_HEALTH_CONNECT: Final = {
    row["health_connect"].removeprefix("EXERCISE_TYPE_").lower(): row["code"]
    for row in _WORKOUT_ROWS
    if row["health_connect"]
}
# Numbers mean something different to each vendor. Google has two numberings that contradict each other (Jetpack and
# platform), so its numbers are never taken at their word.
MAX_NAME_LENGTH: Final = 128  # characters; a longer name is none, and is not remembered
_NUMBERS: Final[Mapping[str, Mapping[str, str]]] = {"apple": _APPLE_NUMBERS, "samsung": _SAMSUNG_NUMBERS}


def workout_type(raw: str, provider: str) -> tuple[str, bool]:
    """Return the workout code of a wire name, and whether it was known; unknown ones are `other`.

    Takes snake_case, UPPER_CASE, camelCase and spaced names, aliases, EXERCISE_TYPE_* constants,
    HKWorkoutActivityType names, and a vendor's own numbers as text (HealthKit's for apple, Samsung's for samsung).
    """
    return _workout_type(raw, provider) if len(raw) <= MAX_NAME_LENGTH else (OTHER, False)


@lru_cache(maxsize=4096)
def _workout_type(raw: str, provider: str) -> tuple[str, bool]:
    text = raw.strip()
    if text.isdecimal():
        code = _NUMBERS.get(provider, {}).get(text)
    elif text.upper().startswith("EXERCISE_TYPE_"):
        code = _HEALTH_CONNECT.get(text[len("EXERCISE_TYPE_") :].lower())
    else:
        code = _APPLE_NAMES.get(text.lower()) or _named(_snake(text), provider)
    return (code, True) if code else (OTHER, False)


def _named(name: str, provider: str) -> str | None:
    # Health Connect's "stair climbing" is the flight of stairs, HealthKit's is the machine: Google's word goes first.
    if provider == "google" and name in _HEALTH_CONNECT:
        return _HEALTH_CONNECT[name]
    return _NAMES.get(name) or _HEALTH_CONNECT.get(name)


def _snake(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", spaced.lower()).strip("_")
