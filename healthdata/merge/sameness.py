"""Recordings of one event by several sources: a night on the watch and on the mat, a run on the watch and in a cloud.

Pure functions over intervals. Recordings of one source are never the same as each other: what one device tells apart
is apart, and the parts of a night that it cut in two add up.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

#: Two sleeps are one if they share so much of the shorter: a bed is entered before and left after the sleep in it.
OVERLAP: Final = 0.8
#: … or begin so close to each other: a watch that dies at midnight saw the beginning of the same night.
SAME_START_MS: Final = 10 * 60_000
#: A source that saw less than half of the sleep of another cannot count for it, even if it has the stages.
ENOUGH: Final = 0.5


#: Two workouts are one if they begin within this time, share OVERLAP of the longer and are of one sport …
SAME_WORKOUT_MS: Final = 5 * 60_000
#: … or if a vendor says so. A name that is shorter than this may occur in any text.
NAME_LETTERS: Final = 6


class Account(Protocol):
    """One thing that happened, as one source tells it."""

    @property
    def key(self) -> int: ...
    @property
    def start_ms(self) -> int: ...
    @property
    def end_ms(self) -> int: ...


AnyAccount = TypeVar("AnyAccount", bound=Account)


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
    """Return the key of each recording → key of the one that counts for it; None: it counts itself."""
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
    """Let the best source's recordings count for those they overlap; returns what they do not touch."""
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
    """Return sort keys: who saw enough of the sleep, then who tells stages, then the order of sources, then the longer
    sleep.
    """
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


@dataclass(frozen=True, slots=True)
class Exercise:
    """One workout as one source tells it.

    sport: the family that vendors' types of one sport share, None where the type says nothing. name: the source's own
    id of it; copy_of: what the source says it was made from. figures: how many it knows.
    """

    key: int
    source_id: int
    start_ms: int
    end_ms: int
    sport: str | None
    name: str
    copy_of: str
    rank: tuple[int, ...]
    figures: int
    is_excluded: bool = False


def same_workouts(exercises: Iterable[Exercise]) -> dict[int, int | None]:
    """Return the key of each workout → key of the one that counts for it; None: it counts itself."""
    found: dict[int, int | None] = {}
    for group in _groups(exercises, _one_workout):
        rest: list[Exercise] = group
        while rest:
            best = min(rest, key=_best_workout)
            found[best.key] = None
            same = [one for one in rest if _one_workout(one, best)]
            found.update(dict.fromkeys((one.key for one in same), best.key))
            rest = [one for one in rest if one is not best and one not in same]
    return found


def _best_workout(one: Exercise) -> tuple[object, ...]:
    return one.is_excluded, one.rank, -one.figures, one.start_ms - one.end_ms, one.start_ms, one.key


def _one_workout(one: Exercise, other: Exercise) -> bool:
    if one.source_id == other.source_id:
        return False
    if _is_copy(one, other) or _is_copy(other, one):
        return True
    if one.sport is not None and other.sport is not None and one.sport != other.sport:
        return False
    shared = min(one.end_ms, other.end_ms) - max(one.start_ms, other.start_ms)
    longer = max(one.end_ms - one.start_ms, other.end_ms - other.start_ms)
    return abs(one.start_ms - other.start_ms) <= SAME_WORKOUT_MS and shared > 0 and shared >= OVERLAP * longer


def _is_copy(one: Exercise, of: Exercise) -> bool:
    """Return whether a vendor names the other's id as where it has its own from: `garmin_ping_123456` of 123456."""
    return len(of.name) >= NAME_LETTERS and of.name in one.copy_of


def _groups(
    recordings: Iterable[AnyAccount], is_same: Callable[[AnyAccount, AnyAccount], bool]
) -> list[list[AnyAccount]]:
    """Return the connected components of `is_same`, which holds only for what overlaps or starts close together."""
    group_of: dict[int, list[AnyAccount]] = {}
    open_ones: list[AnyAccount] = []
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
