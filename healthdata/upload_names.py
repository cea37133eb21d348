"""Names that phones may use: record types, units, stages and workout types, for the schema and the catalogue."""

from typing import Final

from healthdata.catalogue import APPLE_SERIES, SDK_SERIES, SERIES, WORKOUT_TYPES
from healthdata.sleep import SPELLINGS
from healthdata.units import FACTORS, TEMPERATURE


def _types_of_series() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for table in (APPLE_SERIES, SDK_SERIES):
        for name, code in table.items():
            found.setdefault(code, []).append(name)
    return {code: sorted(names) for code, names in found.items()}


def _units_of(series: str) -> list[str]:
    """Return the names of units, spelled as they are looked up (healthdata.units.unit_key)."""
    canonical = SERIES[series].unit
    return sorted(name for name in (TEMPERATURE if canonical == "degC" else FACTORS[canonical]) if name)


TYPES_OF_SERIES: Final = _types_of_series()  # code → HealthKit identifiers and the SDKs' names
RECORD_TYPES: Final = sorted({*APPLE_SERIES, *SDK_SERIES})
UNITS_OF_SERIES: Final = {code: _units_of(code) for code in TYPES_OF_SERIES}
UNITS: Final = sorted({unit for units in UNITS_OF_SERIES.values() for unit in units})
STAGES: Final = sorted(SPELLINGS)
WORKOUTS: Final = sorted({name for kind in WORKOUT_TYPES.values() for name in (kind.code, *kind.aliases)})
