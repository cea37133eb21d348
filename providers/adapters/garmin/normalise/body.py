"""bodyComps and bloodPressures: measurements of a moment."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.records import Record, Rejected, Sample
from providers.adapters.garmin.normalise.source import GARMIN, TYPED_IN, instant
from providers.contract import Context
from providers.contract.json_items import items

KILO: Final = 1 / 1000
#: field → (series, factor); two of them were seen under another name as well
COMPOSITION: Final = {
    "weightInGrams": ("weight", KILO),
    "muscleMassInGrams": ("muscle_mass", KILO),
    "boneMassInGrams": ("bone_mass", KILO),
    "bodyFatInPercent": ("body_fat_percentage", 1.0),
    "percentFat": ("body_fat_percentage", 1.0),
    "bodyWaterInPercent": ("body_water_percentage", 1.0),
    "bodyMassIndex": ("body_mass_index", 1.0),
    "bmi": ("body_mass_index", 1.0),
}
PRESSURE: Final = {
    "systolic": ("blood_pressure_systolic", 1.0),
    "diastolic": ("blood_pressure_diastolic", 1.0),
    "pulse": ("heart_rate", 1.0),
}
TABLES: Final = {"bodyComps": COMPOSITION, "bloodPressures": PRESSURE}
SERIES: Final = tuple(series for table in TABLES.values() for series, _ in table.values())
BY_HAND: Final = "MANUAL"


def read(rows: list[Any], collection: str, context: Context) -> Iterator[Record | Rejected]:
    """Yield what was measured; what somebody typed in comes from a source of its own. 0 is no measurement."""
    for item in items(rows, collection, context):
        if isinstance(item, Rejected):
            yield item
            continue
        at = instant(item, "measurementTimeInSeconds", "measurementTimeOffsetInSeconds")
        source = TYPED_IN if item.text("sourceType") == BY_HAND else GARMIN
        for field, (series, factor) in TABLES[collection].items() if at is not None else ():
            if item.fields.get(field) == 0:
                continue
            value = item.measure(field, series, factor)
            if value is not None and at is not None:
                yield Sample(source, series, at[0], value, None, at[1])
        yield from item.refused
