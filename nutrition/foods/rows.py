"""The files in nutrition/data/: one food a line."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nutrition.foods.macros import MACROS, Macros
from nutrition.foods.names import normalised
from nutrition.models.food import Tier

DATA: Final = Path(__file__).resolve().parents[1] / "data"
FILES: Final = {Tier.CURATED: DATA / "curated.csv", Tier.USDA: DATA / "usda.csv"}
DIGITS: Final = {name: 2 if name.endswith("_g") else 1 for name in MACROS}


@dataclass(frozen=True, slots=True)
class Portion:
    """A usual amount; source is `usda` or `assumed`."""

    label: str
    grams: float
    source: str


@dataclass(frozen=True, slots=True)
class FoodRow:
    """A food as in the files; per_100g is None for dishes known by name only."""

    id: str
    name: str
    category: str
    per_100g: Macros | None
    portions: tuple[Portion, ...]
    quality: str
    source: str
    spellings: tuple[str, ...]  # normalised, the name's own first


COLUMNS: Final = ("id", "name", "category", *MACROS, "portions", "quality", "source", "spellings")


def read(tier: Tier) -> Iterator[FoodRow]:
    """Yield the foods of a tier."""
    with FILES[tier].open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            yield FoodRow(
                id=line["id"],
                name=line["name"],
                category=line["category"],
                per_100g=_macros(line),
                portions=portions(line["portions"]),
                quality=line["quality"],
                source=line["source"],
                spellings=tuple(line["spellings"].split(";")) if line["spellings"] else (),
            )


def write(path: Path, rows: Iterable[FoodRow]) -> None:
    """Write the file of a tier, in the order of the ids."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in sorted(rows, key=lambda row: row.id):
            stated = "; ".join(f"{one.label} {one.grams:g} {one.source}" for one in row.portions)
            macros = _texts(row.per_100g)
            spellings = ";".join(row.spellings)
            writer.writerow([row.id, row.name, row.category, *macros, stated, row.quality, row.source, spellings])


def portions(text: str) -> tuple[Portion, ...]:
    """Return `small 27 usda; large 52 usda` as portions."""
    found = []
    for part in filter(None, text.split("; ")):
        label, grams, source = part.rsplit(" ", 2)
        found.append(Portion(label, float(grams), source))
    return tuple(found)


def spellings_of(name: str, others: Iterable[str]) -> tuple[str, ...]:
    """Return the name and the others as they are compared, each once."""
    return tuple(dict.fromkeys(filter(None, map(normalised, (name, *others)))))


def rounded(macros: Macros) -> Macros:
    """Return it as the files have it: grams to two digits, kcal and mg to one."""
    values: dict[str, Any] = {}
    for name, digits in DIGITS.items():
        value = getattr(macros, name)
        values[name] = None if value is None else round(value, digits)
    return Macros(**values)


def _macros(line: dict[str, str]) -> Macros | None:
    values: list[Any] = [float(line[name]) if line[name] else None for name in MACROS]
    return None if values[0] is None else Macros(*values)


def _texts(macros: Macros | None) -> list[str]:
    if macros is None:
        return [""] * len(MACROS)
    values = (getattr(rounded(macros), name) for name in MACROS)
    return ["" if value is None else f"{value:g}" for value in values]
