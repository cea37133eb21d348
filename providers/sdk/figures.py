"""The named figures of a workout: which field, detail or series each one is, and in which unit it comes.

`measure` is a series of the same dimension: its units and its bounds apply. `unit` is what the wire format fixes for
the figure, used where the unit is left out.
"""

from typing import Final

import msgspec

from healthdata.units import UnknownUnit, acceptable, plan

POOL: Final = 1.0
OPEN_WATER: Final = 2.0


class WorkoutFigure(msgspec.Struct, frozen=True):
    """Exactly one of field (of WorkoutRecord), detail and series is set."""

    measure: str
    unit: str
    field: str | None = None
    detail: str | None = None
    series: str | None = None  # becomes a sample at the end of the workout


DURATION: Final = WorkoutFigure("handwashing_seconds", "s", field="duration_seconds")
_ACTIVE: Final = WorkoutFigure("active_calories", "kcal", field="calories_kcal")
#: Active and basal energy together.
TOTAL_ENERGY: Final = WorkoutFigure("total_calories", "kcal", detail="total_calories_kcal")
_GAIN: Final = WorkoutFigure("elevation_gain", "m", field="elevation_gain_meters")
_LOSS: Final = WorkoutFigure("elevation_loss", "m", field="elevation_loss_meters")
_AVERAGE_HEART_RATE: Final = WorkoutFigure("heart_rate", "bpm", field="avg_heart_rate_bpm")
_AVERAGE_SPEED: Final = WorkoutFigure("speed", "m/s", field="avg_speed_mps")
_AVERAGE_POWER: Final = WorkoutFigure("power", "W", field="average_power_watts")
_LOCATION: Final = WorkoutFigure("menstrual_flow", "enum", detail="swimming_location")
_INDOOR: Final = WorkoutFigure("menstrual_flow", "enum", detail="indoor")

#: type without case and underscores → what it is. Anything else is an unknown extra and ignored.
FIGURES: Final = {
    **dict.fromkeys(("duration", "totalduration"), DURATION),
    **dict.fromkeys(("distance", "totaldistance"), WorkoutFigure("distance_unspecified", "m", field="distance_meters")),
    "activeenergyburned": _ACTIVE,
    "basalenergyburned": WorkoutFigure("basal_calories", "kcal", field="basal_calories_kcal"),
    **dict.fromkeys(("calories", "totalcalories"), TOTAL_ENERGY),
    **dict.fromkeys(("averageheartrate", "meanheartrate"), _AVERAGE_HEART_RATE),
    "maxheartrate": WorkoutFigure("heart_rate", "bpm", field="max_heart_rate_bpm"),
    "minheartrate": WorkoutFigure("heart_rate", "bpm", field="min_heart_rate_bpm"),
    **dict.fromkeys(("elevationascended", "altitudegain"), _GAIN),
    **dict.fromkeys(("elevationdescended", "altitudeloss"), _LOSS),
    "maxaltitude": WorkoutFigure("altitude", "m", detail="max_altitude_meters"),
    "minaltitude": WorkoutFigure("altitude", "m", detail="min_altitude_meters"),
    **dict.fromkeys(("averagespeed", "meanspeed", "averagerunningspeed", "averagecyclingspeed"), _AVERAGE_SPEED),
    "maxspeed": WorkoutFigure("speed", "m/s", field="max_speed_mps"),
    "stepcount": WorkoutFigure("steps", "count", detail="step_count"),
    "swimmingstrokecount": WorkoutFigure("swimming_stroke_count", "count", detail="swimming_stroke_count"),
    **dict.fromkeys(("averagerunningpower", "averagecyclingpower", "averagepower", "meanpower"), _AVERAGE_POWER),
    "averagerunningstridelength": WorkoutFigure("running_stride_length", "m", series="running_stride_length"),
    "averageverticaloscillation": WorkoutFigure(
        "running_vertical_oscillation", "cm", series="running_vertical_oscillation"
    ),
    "averagegroundcontacttime": WorkoutFigure(
        "running_ground_contact_time", "ms", series="running_ground_contact_time"
    ),
    **dict.fromkeys(
        ("meancadence", "averagecadence"), WorkoutFigure("cadence", "spm", detail="average_cadence_per_minute")
    ),
    "maxcadence": WorkoutFigure("cadence", "spm", detail="max_cadence_per_minute"),
    "averagemets": WorkoutFigure("average_met", "kcal/kg/hr", detail="average_met"),
    "vo2max": WorkoutFigure("vo2_max", "mL/kg/min", series="vo2_max"),
    "laplength": WorkoutFigure("distance_unspecified", "m", detail="lap_length_meters"),
    "swimminglocationtype": _LOCATION,
    "indoorworkout": _INDOOR,
    "weathertemperature": WorkoutFigure("weather_temperature", "degC", detail="weather_temperature_celsius"),
    "weatherhumidity": WorkoutFigure("weather_humidity", "%", detail="weather_humidity_percent"),
}
_UNITLESS: Final = (_LOCATION, _INDOOR)  # "enum" and "bool" say how to read the number, not what it measures
_MILLISECONDS_FROM: Final = 10  # times the wall time: no workout lasts ten times as long as it lasts


def figure_of(wire_type: str) -> WorkoutFigure | None:
    """Return the figure of a wire name in any case, with or without underscores."""
    return FIGURES.get(wire_type.replace("_", "").lower())


def read(figure: WorkoutFigure, value: float, unit: str | None, provider: str, wall_ms: int) -> float | str:
    """Return the value in the figure's canonical unit, or the reason why it cannot be taken.

    Samsung's records without a session give their duration in milliseconds and say no unit.
    """
    if figure in _UNITLESS:
        return value
    if figure is DURATION and not unit and value * 1000 > _MILLISECONDS_FROM * max(wall_ms, 1):
        unit = "ms"
    try:
        converted = plan(unit or figure.unit, figure.measure, provider).apply(value)
    except UnknownUnit as error:
        return error.reason
    return acceptable(figure.measure, converted) or converted


def detail_value(figure: WorkoutFigure, value: float) -> float | str | bool | None:
    """Return how a detail is kept: figures as numbers, the two flags in words. None: it says nothing."""
    if figure is _INDOOR:
        return value != 0
    if figure is _LOCATION:
        return {POOL: "pool", OPEN_WATER: "open_water"}.get(value)
    return value
