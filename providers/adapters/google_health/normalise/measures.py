"""Amounts over intervals, readings, and figures of days: tables, and one loop for each shape."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from healthdata.records import DailyRecord, Record, Rejected, Sample, SourceInfo
from healthdata.units import acceptable
from providers.adapters.google_health.collections import GoogleDataType
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


class GoogleFigure(msgspec.Struct, frozen=True):
    """A field and its series. box: the object around it, where that is not the value itself."""

    field: str
    series: str
    factor: float = 1.0
    box: str = ""


KILO, TENTH = 0.001, 0.1
INTERVALS: Final[dict[str, tuple[GoogleFigure, ...]]] = {
    "steps": (GoogleFigure("count", "steps"),),
    "distance": (GoogleFigure("millimeters", "distance_unspecified", KILO),),
    "floors": (GoogleFigure("count", "flights_climbed"),),
    "altitude": (GoogleFigure("gainMillimeters", "elevation_gain", KILO),),
    "active-energy-burned": (GoogleFigure("kcal", "active_calories"),),
    "basal-energy-burned": (GoogleFigure("kcal", "basal_calories"),),
    "active-zone-minutes": (GoogleFigure("activeZoneMinutes", "active_zone_minutes"),),
}
SAMPLES: Final[dict[str, tuple[GoogleFigure, ...]]] = {
    "heart-rate": (GoogleFigure("beatsPerMinute", "heart_rate"),),
    "heart-rate-variability": (
        GoogleFigure("rootMeanSquareOfSuccessiveDifferencesMilliseconds", "heart_rate_variability_rmssd"),
        GoogleFigure("standardDeviationMilliseconds", "heart_rate_variability_sdnn"),
        GoogleFigure("highFrequencyPower", "heart_rate_variability_hf_power", box="metadata"),
        GoogleFigure("lowFrequencyPower", "heart_rate_variability_lf_power", box="metadata"),
    ),
    "oxygen-saturation": (GoogleFigure("percentage", "spo2"),),
    "respiratory-rate-sleep-summary": (GoogleFigure("breathsPerMinute", "respiratory_rate", box="fullSleepStats"),),
    "core-body-temperature": (
        GoogleFigure("temperatureCelsius", "body_temperature"),
        GoogleFigure("celsius", "body_temperature"),
    ),
    "vo2-max": (GoogleFigure("vo2Max", "vo2_max"),),
    "run-vo2-max": (GoogleFigure("runVo2Max", "vo2_max"),),
    "weight": (GoogleFigure("weightGrams", "weight", KILO),),
    "height": (GoogleFigure("heightMillimeters", "height", TENTH),),
    "body-fat": (GoogleFigure("percentage", "body_fat_percentage"),),
    "blood-glucose": (GoogleFigure("bloodGlucoseMilligramsPerDeciliter", "blood_glucose"),),
}
DAILY: Final[dict[str, tuple[GoogleFigure, ...]]] = {
    "daily-resting-heart-rate": (GoogleFigure("beatsPerMinute", "resting_heart_rate"),),
    "daily-heart-rate-variability": (
        GoogleFigure("averageHeartRateVariabilityMilliseconds", "heart_rate_variability_rmssd"),
        GoogleFigure("deepSleepRootMeanSquareOfSuccessiveDifferencesMilliseconds", "heart_rate_variability_deep_rmssd"),
    ),
    "daily-oxygen-saturation": (GoogleFigure("averagePercentage", "spo2"),),
    "daily-respiratory-rate": (GoogleFigure("breathsPerMinute", "respiratory_rate"),),
    "daily-sleep-temperature-derivations": (GoogleFigure("nightlyTemperatureCelsius", "skin_temperature"),),
    "daily-vo2-max": (GoogleFigure("vo2Max", "vo2_max"),),
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


def intervals(rows: list[Any], one: GoogleDataType, context: Context) -> Found:
    """Return amounts; a value of nothing says that nothing was done."""
    return _read(rows, one, context, _interval)


def samples(rows: list[Any], one: GoogleDataType, context: Context) -> Found:
    return _read(rows, one, context, _sample)


def daily(rows: list[Any], one: GoogleDataType, context: Context) -> Found:
    """Nightly and daily figures, named by their day."""
    return _read(rows, one, context, _daily)


def _read(
    rows: list[Any],
    one: GoogleDataType,
    context: Context,
    reading: Callable[[GooglePoint, GoogleDataType], Iterator[Record]],
) -> Found:
    for point in points(rows, one, context):
        if isinstance(point, Rejected):
            yield point
        else:
            yield from reading(point, one)


def figures_of(item: JsonItem, table: tuple[GoogleFigure, ...]) -> Iterator[tuple[str, float]]:
    names: set[str] = set()
    for figure in table:
        box = item.nested(figure.box) if figure.box else item
        value = None if box is None else measure(box, figure.field, figure.series, figure.factor)
        if value is not None and figure.series not in names:
            names.add(figure.series)
            yield figure.series, value


def _interval(point: GooglePoint, one: GoogleDataType) -> Iterator[Record]:
    found = interval(point.value)
    if found is None:
        return
    start, end, zone = found
    for series, value in figures_of(point.value, INTERVALS[one.path]):
        yield Sample(point.source, series, start, value, end - start, zone)


def _sample(point: GooglePoint, one: GoogleDataType) -> Iterator[Record]:
    found = instant(point.value)
    if found is None:
        return
    for series, value in figures_of(point.value, SAMPLES[one.path]):
        name = f"{one.kind}-{point.id}" if point.id else None
        yield Sample(point.source, series, found[0], value, None, found[1], name)


def _daily(point: GooglePoint, one: GoogleDataType) -> Iterator[Record]:
    on = day(point.value)
    if on is None:
        return
    name = f"{one.kind}-{on}"
    for series, value in figures_of(point.value, DAILY[one.path]):
        yield DailyRecord(point.source, series, on, value, external_id=name)
    if one.path == "daily-sleep-temperature-derivations":
        nightly, baseline = (number(point.value, f"{name}TemperatureCelsius") for name in ("nightly", "baseline"))
        if nightly is not None and baseline is not None:
            yield from _deviation(point.source, nightly - baseline, on, name)


def _deviation(source: SourceInfo, value: float, on: Any, name: str) -> Iterator[DailyRecord]:
    rounded = round(value, 3)
    if acceptable(DEVIATION, rounded) is None:
        yield DailyRecord(source, DEVIATION, on, rounded, external_id=name)


def series_of(one: GoogleDataType) -> tuple[str, ...]:
    """Return what a type's points become, where they are samples."""
    table = INTERVALS.get(one.path) or SAMPLES.get(one.path) or ()
    return tuple(figure.series for figure in table)
