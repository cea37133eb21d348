"""Storing which row counts for another, as the pure rules of healthdata.merge.sameness decide."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final, TypeVar

from healthdata.models import SleepSession, Workout
from healthdata.store.ordering import Standing

Row = TypeVar("Row", SleepSession, Workout)
FIELDS: Final = ["same_as", "is_left_out"]


def decide(rows: Sequence[Row], standing: Standing, find: Callable[[], Mapping[int, int | None]]) -> list[Row]:
    """Set which row counts for each; returns those where it differed. `find` decides by their keys, and is not called
    where there is nothing to find.
    """
    left_out = {row.key for row in rows if standing.is_left_out(row.source_id)}
    if len({row.source_id for row in rows}) < 2:  # one source alone tells nothing twice
        return point_to_stand_ins(rows, {row.key: None for row in rows}, left_out)
    return point_to_stand_ins(rows, find(), left_out)


def point_to_stand_ins(
    rows: Sequence[Row], stand_ins: Mapping[int, int | None], left_out: Collection[int]
) -> list[Row]:
    """Set FIELDS of each row; returns those where they differed.

    By key of the row that counts for it or None; `left_out` are the keys of those whose source counts for nothing.
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
