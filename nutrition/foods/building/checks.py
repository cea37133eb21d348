"""Faults of a row: energy that its nutrients do not add up to, more than 100 g of nutrients, odd amounts."""

from collections.abc import Iterator
from typing import Final

from nutrition.foods.macros import Macros
from nutrition.foods.rows import FoodRow

ATWATER_TOLERANCE: Final = 0.15
ATWATER_MIN: Final = 6.0  # kcal per 100 g within which drinks and broths may differ
MAX_FAT: Final = 30.0  # g per 100 g, of dishes that are not among these categories
RICH: Final = {"Sweets", "Snacks and chaat", "Sides and chutneys"}
MAX_SODIUM: Final = 2000.0  # mg per 100 g, of what is eaten by the plate
SALTY: Final = {"Sides and chutneys"}
PORTION: Final = (3.0, 700.0)


def atwater(macros: Macros) -> float:
    """Return energy by Atwater's general factors: 4, 4 and 9 kcal/g, fibre at 2."""
    fiber = macros.fiber_g or 0.0
    return 4 * macros.protein_g + 4 * (macros.carbs_g - fiber) + 2 * fiber + 9 * macros.fat_g


def fits_atwater(macros: Macros) -> bool:
    """Return whether stated and computed energy agree within 15 %, fibre counted or not."""
    allowed = max(ATWATER_TOLERANCE * macros.calories_kcal, ATWATER_MIN)
    full = atwater(macros) + 2 * (macros.fiber_g or 0.0)
    return min(abs(atwater(macros) - macros.calories_kcal), abs(full - macros.calories_kcal)) <= allowed


def faults(row: FoodRow) -> Iterator[str]:
    """Sentences about a curated dish; none where all is well."""
    least, most = PORTION
    if not row.portions or not all(least <= portion.grams <= most for portion in row.portions):
        yield f"{row.id}: a portion of 3 to 700 g is missing"
    macros = row.per_100g
    if macros is None:
        return
    if not fits_atwater(macros):
        yield f"{row.id}: {macros.calories_kcal:.0f} kcal stated, {atwater(macros):.0f} by Atwater"
    if macros.protein_g + macros.carbs_g + macros.fat_g > 100.5:
        yield f"{row.id}: more than 100 g of nutrients in 100 g"
    if macros.fat_g > MAX_FAT and row.category not in RICH:
        yield f"{row.id}: {macros.fat_g:.0f} g of fat"
    if (macros.sodium_mg or 0.0) > MAX_SODIUM and row.category not in SALTY:
        yield f"{row.id}: {macros.sodium_mg:.0f} mg of sodium"
    parts = (macros.fiber_g or 0.0) + (macros.sugar_g or 0.0)
    if parts > macros.carbs_g * 1.1 + 0.5:
        yield f"{row.id}: fibre and sugar exceed carbohydrate"
