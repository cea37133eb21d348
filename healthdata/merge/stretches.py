"""Stretches of time, and amounts over them. All times are ms since the epoch, half open."""

from collections.abc import Iterable, Sequence
from itertools import islice, pairwise
from operator import itemgetter, le
from typing import NamedTuple

from healthdata.merge.rules import CLOSED_GAP_MS, INSTANT_MS, WEAR_EDGE_MS, WEAR_GAP_MS

Stretch = tuple[int, int]  # [start, end)


class Amount(NamedTuple):
    """An amount counted over [start, end), or a reading that speaks for it."""

    start: int
    end: int
    value: float


def length(stretches: Iterable[Stretch]) -> int:
    """Return the sum of all stretches in milliseconds."""
    return sum(end - start for start, end in stretches)


def union(*many: Iterable[Stretch]) -> list[Stretch]:
    """Return all the time of all of them, in order and without overlaps."""
    found: list[Stretch] = []
    for start, end in sorted(stretch for stretches in many for stretch in stretches):
        if found and start <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        elif end > start:
            found.append((start, end))
    return found


def close_gaps(amounts: Sequence[Amount]) -> list[Stretch]:
    """Return when amounts (in order) were counted; short pauses between them belong to it."""
    found: list[Stretch] = []
    start = end = 0
    for low, high, _ in amounts:
        if end and low - end <= CLOSED_GAP_MS:
            if high > end:
                end = high
            continue
        if end:
            found.append((start, end))
        start, end = low, high
    return [*found, (start, end)] if end else found


def clip(stretches: Iterable[Stretch], day: Stretch) -> list[Stretch]:
    """Return what of them lies within the day."""
    return [(max(start, day[0]), min(end, day[1])) for start, end in stretches if start < day[1] and end > day[0]]


def around(moments: Sequence[int], gap: int, reach: int, day: Stretch) -> list[Stretch]:
    """Return the time between moments (in order) that lie up to `gap` apart, and `reach` to either side."""
    if not moments:
        return []
    breaks = [at for at, (a, b) in enumerate(pairwise(moments), 1) if b - a > gap]
    firsts, lasts = [0, *breaks], [*(at - 1 for at in breaks), len(moments) - 1]
    return clip(((moments[a] - reach, moments[b] + reach) for a, b in zip(firsts, lasts, strict=True)), day)


def wear(moments: Sequence[int], day: Stretch) -> list[Stretch]:
    """Return when a device was worn that read the heart at these moments."""
    return around(moments, WEAR_GAP_MS, WEAR_EDGE_MS, day)


class Cover:
    """Stretches in order, asked about in any order that mostly goes on."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self._at = 0

    def overlap(self, start: int, end: int) -> int:
        """Return milliseconds of [start, end) that are covered."""
        stretches, at = self._stretches, self._at
        while at and stretches[at - 1][1] > start:
            at -= 1
        while at < len(stretches) and stretches[at][1] <= start:
            at += 1
        self._at = at
        if at < len(stretches) and stretches[at][0] <= start and end <= stretches[at][1]:
            return end - start  # mostly
        shared = 0
        while at < len(stretches) and stretches[at][0] < end:
            shared += min(end, stretches[at][1]) - max(start, stretches[at][0])
            at += 1
        return shared


def gaps_in(stretch: Stretch, covered: Sequence[Stretch]) -> list[Stretch]:
    """Return the parts of a stretch that are not covered."""
    start, end = stretch
    free: list[Stretch] = []
    for low, high in covered:
        if high <= start or low >= end:
            continue
        if low > start:
            free.append((start, low))
        start = max(start, high)
    return [*free, (start, end)] if start < end else free


def within(start: int, duration: int, value: float, day: Stretch) -> Amount | None:
    """Return the part of an amount that lies in the day: its value is shared out evenly over its time."""
    end = start + (duration or INSTANT_MS)
    low, high = max(start, day[0]), min(end, day[1])
    if low >= high:
        return None
    if not duration:  # nothing to share out: it belongs to its own instant
        return Amount(start, high, value) if start >= day[0] else None
    return Amount(low, high, value * (high - low) / (end - start))


def condense(amounts: list[Amount]) -> tuple[list[Amount], float]:
    """Return one series of one source without overlaps, and how much that left out.

    Where a longer record covers the time of shorter ones, it is the sum of them that HealthKit makes of old samples;
    the finer ones count, and of the longer one what they leave free.
    """
    amounts.sort(key=itemgetter(0, 1))
    if all(map(le, map(itemgetter(1), amounts), map(itemgetter(0), islice(amounts, 1, None)))):
        return amounts, 0.0
    covered: list[Stretch] = []
    pieces: list[Amount] = []
    for amount in sorted(amounts, key=lambda one: (one.end - one.start, one.start)):
        span = amount.end - amount.start
        free = gaps_in((amount.start, amount.end), covered)
        pieces += [Amount(low, high, amount.value * (high - low) / span) for low, high in free]
        if free:
            covered = union(covered, free)
    pieces.sort(key=itemgetter(0, 1))
    return pieces, sum(one.value for one in amounts) - sum(one.value for one in pieces)
