"""Amounts over intervals, readings, and figures of days: tables, and one loop for each shape."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from healthdata.records import DailyValue, Record, Rejected, Sample, SourceInfo
from healthdata.units import acceptable
from providers.adapters.google_health.collections import DataType
from providers.adapters.google_health.normalise.fields import (
    GooglePoint,
    day,
    instant,
    interval,
    measure,
    number,
    points,
)
from providers.contract import Context
from providers.contract.json_items import JsonItem


class Figure(msgspec.Struct, frozen=True):
    """A field and what it becomes. box: the object it stands in, where that is not the value itself."""

    field: str
    series: str
    factor: float = 1.0
    box: str = ""


KILO, TENTH = 0.001, 0.1
INTERVALS: Final[dict[str, tuple[Figure, ...]]] = {
    "steps": (Figure("count", "steps"),),
    "distance": (Figure("millimeters", "distance_unspecified", KILO),),
    "floors": (Figure("count", "flights_climbed"),),
    "altitude": (Figure("gainMillimeters", "elevation_gain", KILO),),
    "active-energy-burned": (Figure("kcal", "active_calories"),),
    "basal-energy-burned": (Figure("kcal", "basal_calories"),),
    "active-zone-minutes": (Figure("activeZoneMinutes", "active_zone_minutes"),),
}
SAMPLES: Final[dict[str, tuple[Figure, ...]]] = {
    "heart-rate": (Figure("beatsPerMinute", "heart_rate"),),
    "heart-rate-variability": (
        Figure("rootMeanSquareOfSuccessiveDifferencesMilliseconds", "heart_rate_variability_rmssd"),
        Figure("standardDeviationMilliseconds", "heart_rate_variability_sdnn"),
        Figure("highFrequencyPower", "heart_rate_variability_hf_power", box="metadata"),
        Figure("lowFrequencyPower", "heart_rate_variability_lf_power", box="metadata"),
    ),
    "oxygen-saturation": (Figure("percentage", "spo2"),),
    "respiratory-rate-sleep-summary": (Figure("breathsPerMinute", "respiratory_rate", box="fullSleepStats"),),
    "core-body-temperature": (Figure("temperatureCelsius", "body_temperature"), Figure("celsius", "body_temperature")),
    "vo2-max": (Figure("vo2Max", "vo2_max"),),
    "run-vo2-max": (Figure("runVo2Max", "vo2_max"),),
    "weight": (Figure("weightGrams", "weight", KILO),),
    "height": (Figure("heightMillimeters", "height", TENTH),),
    "body-fat": (Figure("percentage", "body_fat_percentage"),),
    "blood-glucose": (Figure("bloodGlucoseMilligramsPerDeciliter", "blood_glucose"),),
}
DAILY: Final[dict[str, tuple[Figure, ...]]] = {
    "daily-resting-heart-rate": (Figure("beatsPerMinute", "resting_heart_rate"),),
    "daily-heart-rate-variability": (
        Figure("averageHeartRateVariabilityMilliseconds", "heart_rate_variability_rmssd"),
        Figure("deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds", "heart_rate_variability_deep_rmssd"),
    ),
    "daily-oxygen-saturation": (Figure("averagePercentage", "spo2"),),
    "daily-respiratory-rate": (Figure("breathsPerMinute", "respiratory_rate"),),
    "daily-sleep-temperature-derivations": (Figure("nightlyTemperatureCelsius", "skin_temperature"),),
    "daily-vo2-max": (Figure("vo2Max", "vo2_max"),),
}
DEVIATION: Final = "skin_temperature_deviation"
SERIES: Final = tuple(
    dict.fromkeys(
        [
            *(figure.series for table in (INTERVALS, SAMPLES, DAILY) for row in table.values() for figure in row),
            DEVIATION,
        ]
    )
)  # fmt: skip
Found = Iterator[Record | Rejected]


def intervals(rows: list[Any], one: DataType, context: Context) -> Found:
    """Amounts; a value of nothing says that nothing was done."""
    return _read(rows, one, context, _interval)


def samples(rows: list[Any], one: DataType, context: Context) -> Found:
    return _read(rows, one, context, _sample)


def daily(rows: list[Any], one: DataType, context: Context) -> Found:
    """Nightly and daily figures, named by their day."""
    return _read(rows, one, context, _daily)


def _read(
    rows: list[Any], one: DataType, context: Context, reading: Callable[[GooglePoint, DataType], Iterator[Record]]
) -> Found:
    for point in points(rows, one, context):
        if isinstance(point, Rejected):
            yield point
        else:
            yield from reading(point, one)


def figures_of(item: JsonItem, table: tuple[Figure, ...]) -> Iterator[tuple[str, float]]:
    told: set[str] = set()
    for figure in table:
        box = item.nested(figure.box) if figure.box else item
        value = None if box is None else measure(box, figure.field, figure.series, figure.factor)
        if value is not None and figure.series not in told:
            told.add(figure.series)
            yield figure.series, value


def _interval(point: GooglePoint, one: DataType) -> Iterator[Record]:
    found = interval(point.value)
    if found is None:
        return
    start, end, zone = found
    for series, value in figures_of(point.value, INTERVALS[one.path]):
        yield Sample(point.source, series, start, value, end - start, zone)


def _sample(point: GooglePoint, one: DataType) -> Iterator[Record]:
    found = instant(point.value)
    if found is None:
        return
    for series, value in figures_of(point.value, SAMPLES[one.path]):
        name = f"{one.kind}-{point.id}" if point.id else None
        yield Sample(point.source, series, found[0], value, None, found[1], name)


def _daily(point: GooglePoint, one: DataType) -> Iterator[Record]:
    on = day(point.value)
    if on is None:
        return
    name = f"{one.kind}-{on}"
    for series, value in figures_of(point.value, DAILY[one.path]):
        yield DailyValue(point.source, series, on, value, external_id=name)
    if one.path == "daily-sleep-temperature-derivations":
        nightly, baseline = (number(point.value, f"{name}TemperatureCelsius") for name in ("nightly", "baseline"))
        if nightly is not None and baseline is not None:
            yield from _deviation(point.source, nightly - baseline, on, name)


def _deviation(source: SourceInfo, value: float, on: Any, name: str) -> Iterator[DailyValue]:
    rounded = round(value, 3)
    if acceptable(DEVIATION, rounded) is None:
        yield DailyValue(source, DEVIATION, on, rounded, external_id=name)


def series_of(one: DataType) -> tuple[str, ...]:
    """What a type's points become, where they are samples."""
    table = INTERVALS.get(one.path) or SAMPLES.get(one.path) or ()
    return tuple(figure.series for figure in table)
