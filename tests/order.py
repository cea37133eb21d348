"""The order of a run's tests: long ones first, so that no worker is left alone with one at the end.

xdist's worksteal gives each worker an equal stretch of the list, and later takes from the end of a stretch what an idle
worker can do. So each stretch begins with long tests. Those that break servers of an installation and wait for them to
come back (tests/faults) all go to one worker: they hardly need a processor, and share the installation. The other long
ones (marked `slow` or `fault`) keep the processors busy meanwhile. The rest stays in its random order, and so does the
inside of each file.
"""

from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, Protocol, TypeVar


class OrderMark(Protocol):
    """A marker with what was given to it."""

    @property
    def args(self) -> tuple[Any, ...]: ...


class Placed(Protocol):
    """The attributes of a test that decide its place."""

    @property
    def path(self) -> Path: ...

    def get_closest_marker(self, name: str) -> OrderMark | None: ...


SHARED = "faults"  # the folder of tests that share an installation
T = TypeVar("T", bound=Placed)


def longest_first(items: Sequence[T], workers: int) -> list[T]:
    """Order the same tests as it suits so many workers; for a single one, leave them as they are."""
    if workers < 2:
        return list(items)
    long = {item.path for item in items if item.get_closest_marker("slow") or item.get_closest_marker("fault")}
    waiting = {path for path in long if path.parent.name == SHARED}
    stretches: list[list[T]] = [[] for _ in range(workers)]
    turns = cycle(stretches[1:])
    stretch_of = dict.fromkeys(waiting, stretches[0])
    rest: list[T] = []
    for item in items:
        if item.path in long and item.path not in stretch_of:
            stretch_of[item.path] = next(turns)
        stretch_of.get(item.path, rest).append(item)
    return _filled(stretches, rest, len(items))


def in_sequence(items: Sequence[T]) -> list[T]:
    """Put those marked `sequence` in the order of its numbers, file by file, where such tests stand; no other moves."""
    ordered, numbers = list(items), dict[int, tuple[str, int]]()
    for place, item in enumerate(items):
        if mark := item.get_closest_marker("sequence"):
            numbers[place] = str(item.path), mark.args[0]
    for place, taken_from in zip(numbers, sorted(numbers, key=numbers.__getitem__), strict=True):
        ordered[place] = items[taken_from]
    return ordered


def _filled(stretches: list[list[T]], rest: list[T], total: int) -> list[T]:
    """Put the stretches one behind the other, each made up from the rest to the length that the scheduler gives it."""
    ordered: list[T] = []
    for number, stretch in enumerate(stretches):
        size = (total - len(ordered)) // (len(stretches) - number)
        wanted = max(size - len(stretch), 0)
        ordered += stretch + rest[:wanted]
        rest = rest[wanted:]
    return ordered + rest
