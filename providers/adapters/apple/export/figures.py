"""The figures of a workout, wherever an export keeps them: statistics first, then totals, then metadata.

They come out under the names that the phones' SDK uses for the same figures (providers.sdk.figures).
"""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from providers.adapters.apple.export.parser import RawWorkout

_QUANTITY: Final = "HKQuantityTypeIdentifier"
_SUMS: Final = {
    "ActiveEnergyBurned": "activeEnergyBurned",
    "BasalEnergyBurned": "basalEnergyBurned",
    "StepCount": "stepCount",
    "SwimmingStrokeCount": "swimmingStrokeCount",
}
#: statistic → names of its average, maximum and minimum
_LEVELS: Final = {
    "HeartRate": ("averageHeartRate", "maxHeartRate", "minHeartRate"),
    **dict.fromkeys(("RunningSpeed", "CyclingSpeed", "WalkingSpeed"), ("averageSpeed", "maxSpeed", "")),
    **dict.fromkeys(("RunningPower", "CyclingPower"), ("averagePower", "", "")),
    "CyclingCadence": ("averageCadence", "maxCadence", ""),
}
_PARTS: Final = ("average", "maximum", "minimum")
_TOTALS: Final = {
    "duration": "duration",
    "totalDistance": "distance",
    "totalEnergyBurned": "activeEnergyBurned",
    "totalSwimmingStrokeCount": "swimmingStrokeCount",
}
_METADATA: Final = {
    "HKElevationAscended": "elevationAscended",
    "HKElevationDescended": "elevationDescended",
    "HKAverageMETs": "averageMETs",
    "HKAverageSpeed": "averageSpeed",
    "HKMaximumSpeed": "maxSpeed",
    "HKIndoorWorkout": "indoorWorkout",
    "HKSwimmingLocationType": "swimmingLocationType",
    "HKLapLength": "lapLength",
    "HKWeatherTemperature": "weatherTemperature",
    "HKWeatherHumidity": "weatherHumidity",
}
_UNSTATED: Final = {"duration": "min", "totalSwimmingStrokeCount": "count"}
_WITH_UNIT: Final = re.compile(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(.*)", re.DOTALL)


class FigureValue(msgspec.Struct, frozen=True):
    """One figure as it stands in the file; `field` is where. `adds`: one of several parts of a whole."""

    name: str
    value: str
    unit: str | None
    field: str
    adds: bool = False


def readings(raw: RawWorkout) -> Iterator[FigureValue]:
    """Yield all figures of a workout that mean something to us, the more exact of two first."""
    distance = False
    for statistic in raw.statistics:
        for reading in _statistic(statistic):
            distance = distance or reading.adds
            yield reading
    for attribute, name in _TOTALS.items():
        value = raw.attributes.get(attribute)
        if value is None or (name == "distance" and distance):
            continue
        unit = raw.attributes.get(f"{attribute}Unit") or _UNSTATED.get(attribute)
        yield FigureValue(name, value, unit, attribute)
    for key, name in _METADATA.items():
        if key in raw.metadata and (found := _WITH_UNIT.fullmatch(raw.metadata[key])):
            yield FigureValue(name, found[1], found[2].strip() or None, key)


def _statistic(statistic: dict[str, str]) -> Iterator[FigureValue]:
    kind = statistic.get("type", "").removeprefix(_QUANTITY)
    unit = statistic.get("unit")
    if kind.startswith("Distance") and "sum" in statistic:
        yield FigureValue("distance", statistic["sum"], unit, f"{kind}.sum", adds=True)
    elif kind in _SUMS and "sum" in statistic:
        yield FigureValue(_SUMS[kind], statistic["sum"], unit, f"{kind}.sum")
    else:
        for part, name in zip(_PARTS, _LEVELS.get(kind, ()), strict=False):
            if name and part in statistic:
                yield FigureValue(name, statistic[part], unit, f"{kind}.{part}")
