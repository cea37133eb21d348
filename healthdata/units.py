"""Units: from whatever a phone or vendor sends to the canonical unit of the series.

A unit is looked up once per (unit, series, provider) and gives a `Plan`; a sample then costs one cached look-up and
one multiplication. A unit outside the tables raises UnknownUnit: a number with a guessed unit is never stored.

Factors: NIST SP 811 for length, mass and volume; thermochemical calorie 4.184 J; HealthKit's own molar mass of
glucose (180.1558800000541 g/mol), so that what a phone converted comes back unchanged.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from healthdata.catalogue import SERIES
from wearlink.lib.errors import InvalidInput

GLUCOSE_G_PER_MOL: Final = 180.1558800000541
KCAL_PER_DAY_OF_A_WATT: Final = 86_400 / 4184


class UnknownUnit(InvalidInput):
    """The unit is not one of the series' dimension. `reason` is the countable code of the rejection."""

    default_code = "unknown_unit"

    def __init__(self, unit: str, series: str) -> None:
        self.unit = "".join(char for char in unit if char.isprintable())[:24]
        super().__init__(f"'{self.unit}' is not a unit of {series}, which is kept in {SERIES[series].unit}.")

    @property
    def reason(self) -> str:
        return f"unknown_unit:{self.unit}"


class Conversion(NamedTuple):
    """The conversion of one (unit, series, provider): value·scale + offset, then the magnitude rule.

    Results up to `fraction_up_to` are shares of one and multiplied by 100; results above `hundredfold_from` are
    percent times 100 and divided. The infinite defaults mean that neither rule applies.
    """

    scale: float = 1.0
    offset: float = 0.0
    fraction_up_to: float = -math.inf
    hundredfold_from: float = math.inf

    def apply(self, value: float) -> float:
        """Convert one value; nine decimals, so that 0.57 as a share is 57 and not 56.99999999999999."""
        if self is IDENTITY:
            return value
        result = value * self.scale + self.offset
        if result <= self.fraction_up_to:
            result *= 100
        elif result > self.hundredfold_from:
            result /= 100
        return round(result, 9)


IDENTITY: Final = Conversion()

Factors = Mapping[str, float]  # unit key → how many of the dimension's base unit it is

_SCALAR: Final[Factors] = dict.fromkeys(("", "count", "score", "index", "enum", "points", "appleeffortscore"), 1.0)
_RATE: Final[Factors] = {
    **dict.fromkeys(("count/min", "bpm", "breaths/min", "beats/min", "rpm", "spm", "steps/min", "1/min", "/min"), 1.0),
    **dict.fromkeys(("count/s", "hz", "1/s"), 60.0),
}
_TIME: Final[Factors] = {
    "ms": 0.001,
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("hr", "h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
}
_LENGTH: Final[Factors] = {
    "m": 1.0,
    "km": 1000.0,
    "cm": 0.01,
    "mm": 0.001,
    "mi": 1609.344,
    "yd": 0.9144,
    "ft": 0.3048,
    "in": 0.0254,
}
_SPEED: Final[Factors] = {
    "m/s": 1.0,
    **dict.fromkeys(("km/hr", "km/h", "kph"), 1 / 3.6),
    **dict.fromkeys(("mi/hr", "mi/h", "mph"), 0.44704),
    "ft/s": 0.3048,
}
_ENERGY: Final[Factors] = {"kcal": 1.0, "cal": 0.001, "kj": 1 / 4.184, "j": 0.001 / 4.184}
_ENERGY_A_DAY: Final[Factors] = {
    **dict.fromkeys(("kcal/day", "kcal/d", "kcal"), 1.0),  # a metabolic rate stated in kcal alone is a day's
    **dict.fromkeys(("kj/day", "kj/d"), 1 / 4.184),
    "w": KCAL_PER_DAY_OF_A_WATT,
}
_EFFORT: Final[Factors] = dict.fromkeys(
    ("met", "mets", "kcal/hr*kg", "kcal/kg*hr", "kcal/kg/hr", "kcal/h*kg", "kcal/kg*h", "kcal/kg/h"), 1.0
)
_MASS: Final[Factors] = {
    "kg": 1.0,
    "g": 1e-3,
    "mg": 1e-6,
    **dict.fromkeys(("ug", "mcg"), 1e-9),
    **dict.fromkeys(("lb", "lbs"), 0.45359237),
    "st": 6.35029318,
    "oz": 0.028349523125,
}
_PRESSURE: Final[Factors] = {"mmhg": 1.0, "cmaq": 0.73556, "kpa": 7.50062}
_GLUCOSE: Final[Factors] = {"mg/dl": 1.0, "mg/l": 0.1, "g/l": 100.0, "mmol/l": GLUCOSE_G_PER_MOL / 10}
_VO2: Final[Factors] = dict.fromkeys(("ml/min*kg", "ml/kg*min", "ml/kg/min", "ml/min/kg"), 1.0)
_VOLUME: Final[Factors] = {
    "ml": 1.0,
    "cl": 10.0,
    "dl": 100.0,
    "l": 1000.0,
    "fl_oz_us": 29.5735295625,
    "fl_oz_imp": 28.4130625,
    "cup_us": 236.5882365,
    "cup_imp": 284.130625,
    "pt_us": 473.176473,
    "pt_imp": 568.26125,
}
_CONDUCTANCE: Final[Factors] = {**dict.fromkeys(("us", "mcs"), 1.0), "ms": 1e3, "s": 1e6}

#: canonical unit → the units of its dimension
FACTORS: Final[Mapping[str, Factors]] = {
    **dict.fromkeys(("count", "score", "index", "enum"), _SCALAR),
    **dict.fromkeys(("bpm", "breaths/min", "rpm", "spm"), _RATE),
    **dict.fromkeys(("ms", "s", "min"), _TIME),
    **dict.fromkeys(("m", "cm"), _LENGTH),
    **dict.fromkeys(("kg", "g", "mg", "ug"), _MASS),
    **dict.fromkeys(("L", "mL"), _VOLUME),
    "m/s": _SPEED,
    "kcal": _ENERGY,
    "kcal/day": _ENERGY_A_DAY,
    "MET": _EFFORT,
    "mmHg": _PRESSURE,
    "mg/dL": _GLUCOSE,
    "mL/kg/min": _VO2,
    "uS": _CONDUCTANCE,
    "ms2": dict.fromkeys(("ms2", "ms^2"), 1.0),
    "years": dict.fromkeys(("years", "year", "yr", "y"), 1.0),
    "deg": dict.fromkeys(("deg", "°", "degree", "degrees"), 1.0),
    "count/h": dict.fromkeys(("count/h", "count/hr", "events/h", "events/hr", "1/h"), 1.0),
    "L/min": {"l/min": 1.0, "l/s": 60.0},
    "W": {"w": 1.0, "kw": 1000.0},
    "IU": dict.fromkeys(("iu", "u"), 1.0),
    "dBASPL": dict.fromkeys(("dbaspl", "dbhl", "dba", "db"), 1.0),
    "kg/m2": dict.fromkeys(("kg/m2", "kg/m^2", "count", ""), 1.0),  # HealthKit calls BMI a count
    "%": {"%": 1.0, "percent": 1.0, "fraction": 100.0},
}
TEMPERATURE: Final[Mapping[str, Conversion]] = {
    **dict.fromkeys(("degc", "°c", "c"), IDENTITY),
    **dict.fromkeys(("degf", "°f", "f"), Conversion(1 / 1.8, -32 / 1.8)),
    "k": Conversion(1.0, -273.15),
}
_TEMPERATURE_DIFFERENCES: Final = frozenset({"skin_temperature_deviation", "skin_temperature_trend_deviation"})

# A saturation or a body fat of 1.5 % is not found in the living, so a value that small is a share of one, whoever
# sends it: HealthKit means shares, but third parties write whole percents into it, and its own SDK multiplies.
_FRACTION_BY_SIZE: Final = frozenset({"spo2", "body_fat_percentage"})
# For these small percentages are real, so only HealthKit's "%" is a share.
_FRACTION_FROM_APPLE: Final = frozenset(
    {
        "walking_asymmetry_percentage",
        "walking_double_support_percentage",
        "walking_steadiness",
        "peripheral_perfusion_index",
        "atrial_fibrillation_burden",
        "blood_alcohol_content",
    }
)
#: The only possible unit of a rate, share, pressure or score that is sent without one.
_ONLY_UNIT: Final = frozenset({"bpm", "breaths/min", "rpm", "spm", "%", "mmHg", "W"})
#: What Samsung and Google syncs mean by a type that comes without its unit.
_SDK_UNITS: Final[Mapping[str, str]] = {
    "blood_glucose": "mmol/L",
    "height": "m",
    **{
        series: SERIES[series].unit
        for series in [
            "heart_rate_variability_rmssd",
            "body_temperature",
            "weight",
            "lean_body_mass",
            "body_fat_mass",
            "skeletal_muscle_mass",
            "basal_metabolic_rate",
            "active_calories",
            "total_calories",
            "distance_unspecified",
            "hydration",
            "vo2_max",
            "speed",
        ]
    },
}
_MOLAR: Final = re.compile(r"mmol<(\d{1,5}(?:\.\d{1,20})?)>/l", re.ASCII)


MAX_UNIT_LENGTH: Final = 64  # characters; a longer one is none, and is not remembered


def convert(value: float, unit: str | None, series: str, provider: str = "") -> float:
    """Return the value in the canonical unit of the series. Raises UnknownUnit."""
    return plan(unit, series, provider).apply(value)


def plan(unit: str | None, series: str, provider: str = "") -> Conversion:
    """Return how values of this unit become values of the series' canonical unit; for loops. Raises UnknownUnit.

    A missing unit is taken where the series can have only one (counts, rates, shares) and where the wire format
    fixes it (samsung, google); elsewhere it is unknown.
    """
    if unit is not None and len(unit) > MAX_UNIT_LENGTH:
        raise UnknownUnit(unit, series)
    return _plan(unit, series, provider)


@lru_cache(maxsize=8192)
def _plan(unit: str | None, series: str, provider: str) -> Conversion:
    key = unit_key(unit or _implied(series, provider))
    canonical = SERIES[series].unit
    if canonical == "degC":
        found = _temperature(key, series)
    elif canonical == "%":
        found = _share(key, series, provider)
    else:
        found = _factor(key, canonical)
    if found is None:
        raise UnknownUnit(unit or "", series)
    return IDENTITY if found == IDENTITY else found


def unit_key(unit: str) -> str:
    """Return the spelling under which a unit is looked up: one width, no spaces or parentheses, lower
    case but for Cal.
    """
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", unit[:64])).translate(_SPELLING)
    # Capital C is the dietary calorie, a kilocalorie; lower-case cal is a thousandth of it.
    return re.sub(r"(?<![A-Za-z])Cal(?![A-Za-z])", "kcal", text).lower()


_SPELLING: Final = str.maketrans({"·": "*", "⋅": "*", "\N{GREEK SMALL LETTER MU}": "u", "(": None, ")": None})


def _implied(series: str, provider: str) -> str:
    unit = SERIES[series].unit
    if unit in _ONLY_UNIT:
        return unit
    return _SDK_UNITS.get(series, "") if provider in ("samsung", "google") else ""


def _factor(key: str, canonical: str) -> Conversion | None:
    factors = FACTORS[canonical]
    if canonical == "mg/dL" and (molar := _MOLAR.fullmatch(key)):
        return Conversion(float(molar[1]) / 10)
    if key not in factors:
        return None
    return Conversion(factors[key] / factors[unit_key(canonical)])


def _temperature(key: str, series: str) -> Conversion | None:
    found = TEMPERATURE.get(key)
    if found and series in _TEMPERATURE_DIFFERENCES:
        return Conversion(found.scale)  # a difference of degrees has no zero point to shift
    return found


def _share(key: str, series: str, provider: str) -> Conversion | None:
    if key not in FACTORS["%"]:
        return None
    if key == "fraction" or (provider == "apple" and series in _FRACTION_FROM_APPLE):
        return Conversion(100.0)
    if series in _FRACTION_BY_SIZE:
        return Conversion(fraction_up_to=1.5)
    if series == "weather_humidity":  # 0.66 %, 66 % and 6600 % have all been seen for the same weather
        return Conversion(fraction_up_to=1.0, hundredfold_from=100.0)
    return IDENTITY


class Take(Enum):
    """The way to a value of a category sample, which has a label instead of a quantity and no unit."""

    DURATION = "duration"  # its length, in the series' unit
    ONCE = "once"  # it happened: 1
    STOOD = "stood"  # HealthKit's stand hour: 0 stood, 1 idle
    CODE = "code"  # the category's own number


CATEGORY_SERIES: Final[Mapping[str, Take]] = {
    **dict.fromkeys(("mindful_minutes", "handwashing_seconds", "toothbrushing_seconds"), Take.DURATION),
    **{code: Take.ONCE for code in SERIES if code.endswith("_event")},
    **dict.fromkeys(("intermenstrual_bleeding", "sexual_activity"), Take.ONCE),
    **dict.fromkeys(("menstrual_flow", "ovulation_test_result", "cervical_mucus_quality"), Take.CODE),
    "stand_hours": Take.STOOD,
}


def category_value(series: str, raw: float | None, duration_ms: int) -> float | None:
    """Return the value of a sample of CATEGORY_SERIES that came without a unit; None when it says nothing.

    `raw` is the category's number as sent. An idle stand hour is 0 hours stood.
    """
    take = CATEGORY_SERIES[series]
    if take is Take.DURATION:
        return duration_ms / 1000 / _TIME[SERIES[series].unit]
    if take is Take.ONCE:
        return 1.0
    if raw is None:
        return None
    return raw if take is Take.CODE else float(raw == 0)


Bounds = tuple[float, float]

# Limits are those of physics and record books, widened: they stop broken units and sensors, not unusual people.
# An instant without a heart beat or oxygen is a sensor without contact, hence the lower bounds of 1.
_UNIT_BOUNDS: Final[Mapping[str, Bounds]] = {
    "%": (0, 100),
    "IU": (0, 1_000),
    "L": (0, 20),
    "L/min": (0, 2_000),
    "MET": (0, 100),
    "W": (0, 5_000),
    "bpm": (1, 500),
    "breaths/min": (0, 200),
    "cm": (0, 1_000),
    "count": (0, 1_000_000),
    "count/h": (0, 1_000),
    "dBASPL": (-30, 250),
    "deg": (-180, 180),
    "degC": (0, 60),
    "enum": (0, 100),
    "g": (0, 10_000),
    "index": (0, 50),
    "kcal": (0, 100_000),
    "kcal/day": (0, 50_000),
    "kg": (0, 700),
    "kg/m2": (1, 300),
    "m": (0, 1_000_000),
    "m/s": (0, 400),
    "mL": (0, 50_000),
    "mL/kg/min": (0, 200),
    "mg": (0, 1_000_000),
    "mg/dL": (0, 3_000),
    "min": (0, 31 * 1440),
    "mmHg": (0, 500),
    "ms": (0, 60_000),
    "ms2": (0, 10_000_000),
    "rpm": (0, 1_000),
    "s": (0, 31 * 86_400),
    "score": (0, 10_000),
    "spm": (0, 1_000),
    "uS": (0, 100_000),
    "ug": (0, 10_000_000),
    "years": (0, 200),
}
_SERIES_BOUNDS: Final[Mapping[str, Bounds]] = {
    "heart_rate_recovery_one_minute": (-200, 300),
    "spo2": (1, 100),
    "blood_alcohol_content": (0, 10),
    "skin_temperature_deviation": (-30, 30),
    "skin_temperature_trend_deviation": (-30, 30),
    "weather_temperature": (-100, 100),
    "air_temperature": (-100, 100),
    "water_temperature": (-10, 100),
    "weight": (0.2, 700),
    "height": (10, 300),
    "altitude": (-1_000, 50_000),
    "underwater_depth": (-10, 12_000),
    "grade": (-500, 500),
    "latitude": (-90, 90),
    "ans_charge": (-100, 100),
    "heart_rate_variability_sdnn": (0, 5_000),
    "heart_rate_variability_rmssd": (0, 5_000),
}
#: series → lowest and highest value that is stored
BOUNDS: Final[Mapping[str, Bounds]] = {
    code: _SERIES_BOUNDS.get(code) or _UNIT_BOUNDS[series.unit]
    for code, series in SERIES.items()
    if not series.is_umbrella
}


def acceptable(series: str, value: float) -> str | None:
    """Return None for a value that may be stored, else why not: not_finite, negative or out_of_range."""
    low, high = BOUNDS[series]
    if low <= value <= high:
        return None
    if not math.isfinite(value):
        return "not_finite"
    return "negative" if value < 0 <= low else "out_of_range"
