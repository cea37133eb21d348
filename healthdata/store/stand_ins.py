"""Writing down which row stands for another, once the pure rules of healthdata.sameness have said so."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from healthdata.models import SleepSession, Workout

Row = TypeVar("Row", SleepSession, Workout)


def point_to_stand_ins(rows: Sequence[Row], stand_ins: Mapping[int, int | None]) -> list[Row]:
    """Set `same_as` of each row, by key of the row that stands for it or None; returns those where it differed."""
    by_key = {row.key: row for row in rows}
    changed = []
    for key, stand_in in stand_ins.items():
        row = by_key[key]
        same_as = None if stand_in is None else by_key[stand_in].id
        if row.same_as != same_as:
            row.same_as = same_as
            changed.append(row)
    return changed
