"""Writing down which row stands for another, once the pure rules of healthdata.sources.sameness have said so."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, TypeVar

from healthdata.models import SleepSession, Workout

Row = TypeVar("Row", SleepSession, Workout)
FIELDS: Final = ["same_as", "is_left_out"]


def point_to_stand_ins(
    rows: Sequence[Row], stand_ins: Mapping[int, int | None], left_out: Collection[int]
) -> list[Row]:
    """Set FIELDS of each row; returns those where they differed.

    By key of the row that stands for it or None; `left_out` are the keys of those whose source counts for nothing.
    """
    by_key = {row.key: row for row in rows}
    changed = []
    for key, stand_in in stand_ins.items():
        row = by_key[key]
        values = None if stand_in is None else by_key[stand_in].id, key in left_out
        if (row.same_as, row.is_left_out) != values:
            row.same_as, row.is_left_out = values
            changed.append(row)
    return changed
