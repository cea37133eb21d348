"""hydration-log and nutrition-log: what was drunk and eaten, each entry whole, so that an edit replaces it."""

from collections.abc import Iterator
from typing import Any, Final

from healthdata.catalogue import SERIES as CATALOGUE
from healthdata.records import Record, Rejected, Sample
from healthdata.units import acceptable
from providers.adapters.google_health.collections import GoogleDataType
from providers.adapters.google_health.normalise.fields import GooglePoint, interval, measure, number, points
from providers.contract import Context, Retraction
from providers.contract.json_items import JsonItem

HYDRATION: Final = "hydration"
ENERGY: Final = "dietary_energy_consumed"
PARTS: Final = {"totalCarbohydrate": "dietary_carbohydrates", "totalFat": "dietary_fat_total"}
NUTRIENTS: Final = {
    "BIOTIN": "dietary_biotin",
    "CAFFEINE": "dietary_caffeine",
    "CALCIUM": "dietary_calcium",
    "CARBOHYDRATES": "dietary_carbohydrates",
    "CHLORIDE": "dietary_chloride",
    "CHOLESTEROL": "dietary_cholesterol",
    "CHROMIUM": "dietary_chromium",
    "COPPER": "dietary_copper",
    "DIETARY_FIBER": "dietary_fiber",
    "FOLATE": "dietary_folate",
    "IODINE": "dietary_iodine",
    "IRON": "dietary_iron",
    "MAGNESIUM": "dietary_magnesium",
    "MANGANESE": "dietary_manganese",
    "MOLYBDENUM": "dietary_molybdenum",
    "MONOUNSATURATED_FAT": "dietary_fat_monounsaturated",
    "NIACIN": "dietary_niacin",
    "PANTOTHENIC_ACID": "dietary_pantothenic_acid",
    "PHOSPHORUS": "dietary_phosphorus",
    "POLYUNSATURATED_FAT": "dietary_fat_polyunsaturated",
    "POTASSIUM": "dietary_potassium",
    "PROTEIN": "dietary_protein",
    "RIBOFLAVIN": "dietary_riboflavin",
    "SATURATED_FAT": "dietary_fat_saturated",
    "SELENIUM": "dietary_selenium",
    "SODIUM": "dietary_sodium",
    "SUGAR": "dietary_sugar",
    "THIAMIN": "dietary_thiamin",
    "VITAMIN_A": "dietary_vitamin_a",
    "VITAMIN_B12": "dietary_vitamin_b12",
    "VITAMIN_B6": "dietary_vitamin_b6",
    "VITAMIN_C": "dietary_vitamin_c",
    "VITAMIN_D": "dietary_vitamin_d",
    "VITAMIN_E": "dietary_vitamin_e",
    "VITAMIN_K": "dietary_vitamin_k",
    "ZINC": "dietary_zinc",
}
NOT_KEPT: Final = frozenset({"FOLIC_ACID", "TRANS_FAT", "UNSATURATED_FAT", "NUTRIENT_UNSPECIFIED"})  # no series
OF_A_GRAM: Final = {"g": 1.0, "mg": 1e3, "ug": 1e6}
SERIES: Final = (HYDRATION, ENERGY, *PARTS.values(), *dict.fromkeys(NUTRIENTS.values()))


def read(rows: list[Any], one: GoogleDataType, context: Context) -> Iterator[Record | Rejected | Retraction]:
    reading = _drunk if one.path == "hydration-log" else _eaten
    for point in points(rows, one, context):
        if isinstance(point, Rejected):
            yield point
            continue
        found = interval(point.value)
        if found is None:
            continue
        name = f"{one.kind}-{point.id}" if point.id else None
        if name is not None:
            yield Retraction(name)
        start, end, zone = found
        for series, value in dict(reading(point)).items():
            part = None if name is None else f"{name}#{series}"
            yield Sample(point.source, series, start, value, max(end - start, 0), zone, part)


def _drunk(point: GooglePoint) -> Iterator[tuple[str, float]]:
    box = point.value.nested("amountConsumed")
    amount = None if box is None else measure(box, "milliliters", HYDRATION)
    if amount:
        yield HYDRATION, amount


def _eaten(point: GooglePoint) -> Iterator[tuple[str, float]]:
    """Google weighs all nutrients in grams."""
    item = point.value
    for index, row in enumerate(item.array("nutrients")):
        if isinstance(row, dict):
            part = JsonItem(row, f"{item.collection}.nutrients", index, item.context, item.refused)
            yield from _nutrient(part)
    for field, series in PARTS.items():
        box = item.nested(field)
        grams = None if box is None else measure(box, "grams", series)
        if grams is not None:
            yield series, grams
    box = item.nested("energy")
    energy = None if box is None else measure(box, "kcal", ENERGY)
    if energy is not None:
        yield ENERGY, energy


def _nutrient(part: JsonItem) -> Iterator[tuple[str, float]]:
    name = part.text("nutrient") or ""
    series = NUTRIENTS.get(name)
    if series is None:
        if name not in NOT_KEPT:
            part.refuse("nutrient", "unknown_type" if name else "missing_field")
        return
    box = part.nested("quantity")
    grams = None if box is None else number(box, "grams")
    if grams is None:
        return
    value = round(grams * OF_A_GRAM[CATALOGUE[series].unit], 9)
    if reason := acceptable(series, value):
        part.refuse("quantity", reason)
    else:
        yield series, value
