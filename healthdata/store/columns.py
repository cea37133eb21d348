"""A chunk's samples as parallel lists, and how newcomers are merged into it. Pure.

Identity inside a chunk is the offset, and a newer value replaces the older one. For series whose catalogue row
says `same_start = keep` it is offset and value together, so that two foods of one meal both stay. A row that states no
zone does not take away the one that is known.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, repeat
from operator import itemgetter, le, lt

from healthdata import records

NO_ZONE = records.NO_ZONE  # means "stated none" where the rows of one chunk state different zones

Row = tuple[int, float, int, int]  # offset ms, value, duration ms (0: an instant), zone minutes or NO_ZONE
Identity = int | tuple[int, float]


@dataclass(slots=True)
class Columns:
    """Rows in receipt order (from_lists) or sorted by offset (all others)."""

    offsets: list[int]
    vals: list[float]
    durations: list[int] | None  # None: all are instants
    zones: list[int] | int  # an int: the same for all

    def __len__(self) -> int:
        return len(self.offsets)

    def rows(self) -> Iterator[Row]:
        durations = repeat(0) if self.durations is None else self.durations
        zones = repeat(self.zones) if isinstance(self.zones, int) else self.zones
        return zip(self.offsets, self.vals, durations, zones)  # noqa: B905 - repeat() never ends

    def part(self, first: int, last: int, shift: int = 0) -> "Columns":
        """Return rows [first, last) with offsets made smaller by shift."""
        offsets = self.offsets[first:last]
        return Columns(
            offsets=[offset - shift for offset in offsets] if shift else offsets,
            vals=self.vals[first:last],
            durations=None if self.durations is None else instants(self.durations[first:last]),
            zones=self.zones if isinstance(self.zones, int) else uniform(self.zones[first:last]),
        )


@dataclass(slots=True)
class Merged:
    """The outcome of a merge; `changed` holds the rows that were inserted or changed."""

    columns: Columns
    inserted: int
    updated: int
    unchanged: int
    changed: Columns | None


def instants(durations: list[int]) -> list[int] | None:
    return durations if any(durations) else None


def uniform(zones: list[int]) -> list[int] | int:
    return zones[0] if zones and zones.count(zones[0]) == len(zones) else zones


def from_rows(rows: Sequence[Row]) -> Columns:
    """Return columns of rows that are sorted already."""
    if not rows:
        return Columns([], [], None, NO_ZONE)
    offsets, vals, durations, zones = (list(column) for column in zip(*rows, strict=True))
    return Columns(offsets, vals, instants(durations), uniform(zones))


def is_sorted(numbers: list[int]) -> bool:
    return all(map(le, numbers, islice(numbers, 1, None)))


def strictly_increasing(numbers: list[int]) -> bool:
    return all(map(lt, numbers, islice(numbers, 1, None)))


def in_order(columns: Columns) -> Columns:
    """Sort by offset; rows of one offset keep their order of receipt."""
    if is_sorted(columns.offsets):
        return columns
    return from_rows(sorted(columns.rows(), key=itemgetter(0)))


def merge(old: Columns | None, new: Columns, *, keep: bool) -> Merged:
    """Put the rows of `new` (sorted, perhaps with repeats) into those of `old`."""
    # The first three ways are those of nearly all data (a new chunk, the same batch again, what comes after what is
    # there) and compare whole lists; only what is left is looked at row by row.
    fresh = strictly_increasing(new.offsets)
    if fresh and (old is None or not old.offsets):
        return Merged(new, len(new), 0, 0, new)
    if fresh and old is not None:
        if new.offsets == old.offsets and same(old, new):
            return Merged(old, 0, 0, len(new), None)
        if new.offsets[0] > old.offsets[-1]:
            return Merged(append(old, new), len(new), 0, 0, new)
    return row_by_row(old, new, keep=keep)


def same(old: Columns, new: Columns) -> bool:
    return old.vals == new.vals and old.durations == new.durations and old.zones == new.zones


def append(old: Columns, new: Columns) -> Columns:
    """Join the two; `new` begins after `old` ends."""
    if old.durations is None and new.durations is None:
        durations = None
    else:
        durations = (old.durations or [0] * len(old)) + (new.durations or [0] * len(new))
    zones = old.zones if old.zones == new.zones and isinstance(old.zones, int) else spread(old) + spread(new)
    return Columns(old.offsets + new.offsets, old.vals + new.vals, durations, zones)


def spread(columns: Columns) -> list[int]:
    return [columns.zones] * len(columns) if isinstance(columns.zones, int) else columns.zones


def row_by_row(old: Columns | None, new: Columns, *, keep: bool) -> Merged:
    known: dict[Identity, Row] = index(old.rows(), keep=keep) if old is not None else {}
    inserted = updated = unchanged = 0
    changed: dict[Identity, Row] = {}
    for row in new.rows():
        identity: Identity = (row[0], row[1]) if keep else row[0]
        before = known.get(identity)
        # a row without a zone does not delete a known one
        if before is not None and row[3] == NO_ZONE:
            row = (*row[:3], before[3])
        if before == row:
            unchanged += 1
            continue
        if before is None:
            inserted += 1
        else:
            updated += 1
        known[identity] = changed[identity] = row
    if not changed and old is not None:
        return Merged(old, 0, 0, unchanged, None)
    return Merged(from_rows(sorted(known.values())), inserted, updated, unchanged, from_rows(sorted(changed.values())))


def index(rows: Iterable[Row], *, keep: bool) -> dict[Identity, Row]:
    return {(row[0], row[1]): row for row in rows} if keep else {row[0]: row for row in rows}


def without(columns: Columns, drop: "Iterable[tuple[int, float | None]]") -> tuple[Columns, int]:
    """Take out rows given as (offset, value); a value of None takes every row of that offset. Say how many went."""
    exact = set(drop)
    stay = [row for row in columns.rows() if (row[0], row[1]) not in exact and (row[0], None) not in exact]
    gone = len(columns) - len(stay)
    return (from_rows(stay), gone) if gone else (columns, 0)


def without_range(columns: Columns, first: int, last: int) -> tuple[Columns, int]:
    """Take out rows with first <= offset < last. Say how many went."""
    stay = [row for row in columns.rows() if not first <= row[0] < last]
    gone = len(columns) - len(stay)
    return (from_rows(stay), gone) if gone else (columns, 0)
