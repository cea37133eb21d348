"""Brings the tables of foods up to the files in nutrition/data/."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from nutrition.foods import rows
from nutrition.foods.macros import MACROS
from nutrition.foods.rows import FoodRow
from nutrition.models import FoodAlias
from nutrition.models.food import Tier

FOODS: Final = "nutrition_food"
ALIASES: Final = "nutrition_foodalias"
FOOD_COLUMNS: Final = ("id", "tier", "name", "category", *MACROS, "portions", "quality", "source")
ALIAS_COLUMNS: Final = ("norm", "food_id", "tier")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Rows that were written; all zero where the tables were up to date."""

    foods: int
    aliases: int
    removed_aliases: int


@transaction.atomic
def load() -> Loaded:
    """Write what differs from the files. A food that has left them keeps its row, since meals name it, but no spelling.

    One at a time: a second call waits, then finds nothing to do.
    """
    foods, aliases = _lines()
    # Written out: `COPY` into temporary tables, `LOCK TABLE`.
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {FOODS}, {ALIASES} IN SHARE ROW EXCLUSIVE MODE")
        written = _upsert(cursor, FOODS, FOOD_COLUMNS, foods)
        named = _upsert(cursor, ALIASES, ALIAS_COLUMNS, aliases)
        cursor.execute(
            f"DELETE FROM {ALIASES} AS old WHERE NOT EXISTS (SELECT FROM new_{ALIASES} WHERE norm = old.norm)"  # noqa: S608 - our own names
        )
        removed = cursor.rowcount
        cursor.execute(f"DROP TABLE new_{FOODS}, new_{ALIASES}")
    if written or named or removed:
        _settle()
    return Loaded(written, named, removed)


def _lines() -> tuple[list[Sequence[Any]], list[Sequence[Any]]]:
    """Return rows of both tables; a spelling that both tiers have is the curated food's."""
    foods: list[Sequence[Any]] = []
    aliases: dict[str, Sequence[Any]] = {}
    for tier in Tier:
        for row in rows.read(tier):
            foods.append(list(_columns(tier, row)))
            for spelling in row.spellings:
                aliases.setdefault(spelling, (spelling, row.id, tier.value))
    return foods, list(aliases.values())


def _columns(tier: Tier, row: FoodRow) -> Iterator[Any]:
    yield from (row.id, tier.value, row.name, row.category)
    yield from (None if row.per_100g is None else getattr(row.per_100g, name) for name in MACROS)
    yield json.dumps([asdict(portion) for portion in row.portions])
    yield from (row.quality, row.source)


def _upsert(cursor: CursorWrapper, table: str, columns: Sequence[str], lines: list[Sequence[Any]]) -> int:
    """Copies the lines beside the table, and from there what is new or different; leaves them in new_<table>."""
    names = ", ".join(columns)
    key, *others = columns
    new = ", ".join(f"EXCLUDED.{name}" for name in others)
    cursor.execute(f"CREATE TEMP TABLE new_{table} (LIKE {table})")
    with cursor.copy(f"COPY new_{table} ({names}) FROM STDIN") as copy:
        for line in lines:
            copy.write_row(line)
    old = ", ".join(f"{table}.{name}" for name in others)
    cursor.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM new_{table} "  # noqa: S608 - our own names
        f"ON CONFLICT ({key}) DO UPDATE SET ({', '.join(others)}) = ROW ({new}) WHERE ({old}) IS DISTINCT FROM ({new})"
    )
    return cursor.rowcount


def _settle() -> None:
    """Do at once what autovacuum would do later: gather statistics, and empty the index's list of pending entries,
    which every match would read from end to end.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {FOODS}, {ALIASES}")
        for index in FoodAlias._meta.indexes:
            cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index.name])
