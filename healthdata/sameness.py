"""Which recordings of several sources are one: a night on the watch and on the mat, a run on the watch and in a cloud.

Pure functions over intervals. Recordings of one source are never the same as each other: what one device tells apart
is apart, and the parts of a night that it cut in two add up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

#: Two sleeps are one if they share so much of the shorter: a bed is entered before and left after the sleep in it.
OVERLAP: Final = 0.8
#: … or begin so close to each other: a watch that dies at midnight saw the beginning of the same night.
SAME_START_MS: Final = 10 * 60_000
#: What saw less than half of the sleep that another saw does not stand for it, however well it tells the stages.
ENOUGH: Final = 0.5


@dataclass(frozen=True, slots=True)
class Recording:
    """One sleep as one source tells it. `rank`: the source's place in the order of sources, lower is better."""

    key: int
    source_id: int
    start_ms: int
    end_ms: int
    asleep_s: int | None  # None: nothing but time in bed is known
    has_stages: bool
    rank: tuple[int, ...]
    is_excluded: bool = False  # by the order of sources, or hidden

    def shared_ms(self, other: "Recording") -> int:
        """Time that both cover; negative: the time between them."""
        return min(self.end_ms, other.end_ms) - max(self.start_ms, other.start_ms)


def same_sleeps(recordings: Iterable[Recording]) -> dict[int, int | None]:
    """Key of each recording → key of the one that stands for it; None: it stands for itself."""
    found: dict[int, int | None] = {}
    for group in _groups(recordings, _one_sleep):
        rest: list[Recording] = group
        while rest:
            rest = _settle(rest, found)
    return found


def _one_sleep(one: Recording, other: Recording) -> bool:
    if one.source_id == other.source_id:
        return False
    shorter = min(one.end_ms - one.start_ms, other.end_ms - other.start_ms)
    if shorter > 0 and one.shared_ms(other) >= OVERLAP * shorter:
        return True
    return abs(one.start_ms - other.start_ms) <= SAME_START_MS


def _settle(group: list[Recording], found: dict[int, int | None]) -> list[Recording]:
    """Let the best source's recordings stand for those they overlap; returns what they do not touch."""
    best = _best_source(group)
    stand = [one for one in group if one.source_id == best]
    found.update(dict.fromkeys((one.key for one in stand), None))
    rest = []
    for one in group:
        if one.source_id == best:
            continue
        nearest = max(stand, key=lambda other: (one.shared_ms(other), -other.start_ms, -other.key))
        if one.shared_ms(nearest) > 0 or _one_sleep(one, nearest):
            found[one.key] = nearest.key
        else:
            rest.append(one)
    return rest


def _best_source(group: Sequence[Recording]) -> int:
    """Who saw enough of the sleep, then who tells stages, then the order of sources, then the longer sleep."""
    by_source: dict[int, list[Recording]] = {}
    for one in group:
        by_source.setdefault(one.source_id, []).append(one)
    asleep = {source: sum(one.asleep_s or 0 for one in mine) for source, mine in by_source.items()}
    longest = max(asleep.values())

    def order(source: int) -> tuple[object, ...]:
        mine = by_source[source]
        staged = any(one.has_stages for one in mine)
        lying = sum(one.end_ms - one.start_ms for one in mine)
        too_little = asleep[source] < ENOUGH * longest
        return mine[0].is_excluded, too_little, not staged, mine[0].rank, -asleep[source], -lying, source

    return min(by_source, key=order)


def _groups(recordings: Iterable[Recording], is_same: Callable[[Recording, Recording], bool]) -> list[list[Recording]]:
    """The connected components of `is_same`, which holds only for recordings that overlap or start close together."""
    group_of: dict[int, list[Recording]] = {}
    open_ones: list[Recording] = []
    for one in sorted(recordings, key=lambda one: (one.start_ms, one.key)):
        group_of[one.key] = [one]
        reach = one.start_ms - SAME_START_MS
        open_ones = [other for other in open_ones if other.end_ms > reach or other.start_ms >= reach]
        for other in open_ones:
            mine, theirs = group_of[one.key], group_of[other.key]
            if mine is not theirs and is_same(one, other):
                theirs += mine
                group_of.update(dict.fromkeys((member.key for member in mine), theirs))
        open_ones.append(one)
    return list({id(group): group for group in group_of.values()}.values())
