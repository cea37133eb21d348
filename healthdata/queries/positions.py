"""Positions in the order of a query: by time, then stream, then ordinal and place in the chunk."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from healthdata.queries.streams import StreamRef

Position = tuple[int, int, int, int]  # instant (ms), stream id, ordinal of the value, place in its chunk
Item = tuple[Position, StreamRef, float, int | None, int | None]  # … value, duration (ms), zone (minutes)


class Grid(NamedTuple):
    """Buckets of `step` ms that begin `shift` ms after the epoch's: local hours where clocks differ by a half."""

    step: int
    shift: int = 0

    def edge(self, ms: int) -> int:
        """Return where the bucket of an instant begins."""
        return ms - (ms - self.shift) % self.step


@dataclass(frozen=True, slots=True)
class Range:
    """[start, end] in ms, and after a position if there is one."""

    user_key: int
    refs: Sequence[StreamRef]
    start: int
    end: int
    after: Position | None

    @property
    def begin(self) -> int:
        """The first instant that may still have something."""
        return self.after[0] if self.after else self.start

    def holds(self, position: Position) -> bool:
        return self.start <= position[0] <= self.end and (self.after is None or position > self.after)


def parse(after: list[int] | None) -> Position | None:
    """Return the position within a page's `next`."""
    return (after[0], after[1], after[2], after[3]) if after else None
