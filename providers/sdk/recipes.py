"""Recipes that turn a record of one (type, unit) into a value of a series; made once, then looked up per record."""

from collections.abc import Callable
from typing import Final

import msgspec

from healthdata.catalogue import SERIES, SameStart, SeriesKind
from healthdata.units import BOUNDS, CATEGORY_SERIES, IDENTITY, UnknownUnit, plan
from providers.sdk.dialect import Dialect

_REMEMBER: Final = 4096
#: Daily figures of a night: they belong to the day of waking, as the night does. Two nights may begin on one date.
_NIGHTLY: Final = frozenset(
    {
        "sleeping_wrist_temperature",
        "sleeping_heart_rate_average",
        "breathing_disturbances",
        "breathing_disturbance_index",
    }
)


class SeriesRecipe(msgspec.Struct, frozen=True, gc=False):
    """`plain`: one Sample whose value is the number sent, converted. The others take a longer way."""

    series: str
    low: float
    high: float
    convert: Callable[[float], float] | None = None  # None: the number as it is
    plain: bool = True
    interval: bool = False
    daily: bool = False
    nightly: bool = False
    category: bool = False
    keep: bool = False  # two records of one instant both count


class UnknownType(LookupError):
    """No series takes records of this type."""


class Recipes(dict[tuple[str, str | None], SeriesRecipe]):
    """(type, unit) → Recipe. Raises UnknownType or UnknownUnit."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__()
        self._dialect = dialect

    def __missing__(self, key: tuple[str, str | None]) -> SeriesRecipe:
        recipe = self._make(*key)
        if len(self) >= _REMEMBER:
            self.clear()
        self[key] = recipe
        return recipe

    def _make(self, wire_type: str, unit: str | None) -> SeriesRecipe:
        series = self._dialect.series_of(wire_type)
        if series is None:
            raise UnknownType(wire_type)
        category = series in CATEGORY_SERIES and not unit
        conversion = IDENTITY if category else plan(unit, series, self._dialect.provider)
        kind = SERIES[series].kind
        low, high = BOUNDS[series]
        return SeriesRecipe(
            series=series,
            low=low,
            high=high,
            convert=None if conversion is IDENTITY else conversion.apply,
            plain=not category and kind is not SeriesKind.DAILY,
            interval=kind is SeriesKind.INTERVAL,
            daily=kind is SeriesKind.DAILY,
            nightly=series in _NIGHTLY,
            category=category,
            keep=SERIES[series].same_start is SameStart.KEEP,
        )


__all__ = ["Recipes", "SeriesRecipe", "UnknownType", "UnknownUnit"]
