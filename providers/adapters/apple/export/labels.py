"""HealthKit's labels of category values and their numbers, which the SDK sends instead.

Source: Apple's HealthKit reference, HKCategoryValue… enumerations.
"""

from collections.abc import Mapping
from typing import Final

_PREFIX: Final = "HKCategoryValue"

CATEGORY_NUMBERS: Final[Mapping[str, float]] = {
    "NotApplicable": 0,
    "AppleStandHourStood": 0,
    "AppleStandHourIdle": 1,
    **{
        f"{kind}{name}": number
        for kind in ("MenstrualFlow", "VaginalBleeding")
        for number, name in enumerate(("Unspecified", "Light", "Medium", "Heavy", "None"), 1)
    },
    **{
        f"OvulationTestResult{name}": number
        for name, number in {
            "Negative": 1,
            "LuteinizingHormoneSurge": 2,
            "Positive": 2,
            "Indeterminate": 3,
            "EstrogenSurge": 4,
        }.items()
    },
    **{
        f"CervicalMucusQuality{name}": number
        for number, name in enumerate(("Dry", "Sticky", "Creamy", "Watery", "EggWhite"), 1)
    },
}


def category_number(text: str) -> float | None:
    """Return the number of a label, or the number itself as old exports write it; None for a label nobody knows."""
    if text.isdecimal() and len(text) < 4:
        return float(text)
    return CATEGORY_NUMBERS.get(text.removeprefix(_PREFIX))
