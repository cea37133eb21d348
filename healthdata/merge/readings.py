"""Means of a day by time: heart rate."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import add, mul

from healthdata.merge.rules import MINUTE_MS, READING_CAP_MS
from healthdata.merge.shares import LeftOutReason, MergedFigure, Share
from healthdata.merge.stretches import Amount, Cover, Stretch, around, length, union


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one source in order: instants, or levels over a time where `durations` are given (0: an instant)."""

    source_id: int
    moments: Sequence[int]
    values: Sequence[float]
    durations: Sequence[int] | None = None


def cells(readings: Readings, day: Stretch) -> list[Amount]:
    """Return the time that each reading speaks for: half the way to its neighbours, at most five minutes to either
    side.
    """
    moments, half = readings.moments, READING_CAP_MS // 2
    last = len(moments) - 1
    found = []
    for at, (moment, value) in enumerate(zip(moments, readings.values, strict=True)):
        if readings.durations is not None and readings.durations[at]:
            found.append(Amount(moment, min(moment + readings.durations[at], day[1]), value))
            continue
        low = moment - (min((moment - moments[at - 1]) // 2, half) if at else half)
        high = moment + (min((moments[at + 1] - moment + 1) // 2, half) if at < last else half)
        found.append(Amount(max(low, day[0]), min(max(high, moment + 1), day[1]), value))
    return found


def merge_readings(sources: Sequence[Readings], day: Stretch) -> MergedFigure:
    """Return the mean of a day by time, with the lowest and highest reading behind it; sources in the order of
    preference.
    """
    day = widened(sources, day)
    shares: list[Share] = []
    covered: list[Stretch] = []
    total = weight = 0.0
    low, high = float("inf"), float("-inf")
    for source in sources:
        share = Share(source.source_id)
        shares.append(share)
        if not source.moments:
            continue
        if not covered and source.durations is None:
            own_total, own_weight = weighted_sum(source.moments, source.values, day)
            own_low, own_high = min(source.values), max(source.values)
            spoken_for = around(source.moments, READING_CAP_MS, READING_CAP_MS // 2, day)
        else:
            own_total, own_weight, kept = _uncovered(cells(source, day), covered)
            own_low, own_high = (min(kept), max(kept)) if kept else (low, high)
            spoken_for = union((one.start, one.end) for one in cells(source, day))
            missed = length(spoken_for) - own_weight
            if missed > 0:
                share.leave_out(missed / MINUTE_MS, LeftOutReason.COVERED)
        share.kept, share.minutes, share.spoken = own_weight / MINUTE_MS, own_weight / MINUTE_MS, spoken_for
        total, weight = total + own_total, weight + own_weight
        low, high = min(low, own_low), max(high, own_high)
        covered = union(covered, spoken_for)
    if not weight:
        return MergedFigure(None, shares, covered)
    return MergedFigure(total / weight, shares, covered, None, low, high)


def mean_by_time(readings: Readings, day: Stretch) -> float | None:
    """Return the value that `merge_readings` gives of a source alone, without what stands behind it."""
    if not readings.moments:
        return None
    day = widened([readings], day)
    if readings.durations is None:
        total, weight = weighted_sum(readings.moments, readings.values, day)
    else:
        total, weight, _ = _uncovered(cells(readings, day), [])
    return total / weight if weight else None


def widened(sources: Iterable[Readings], day: Stretch) -> Stretch:
    """Return the day with all its readings in it: on a journey one that states its own offset may be of this date and
    lie outside the day of the end user's zone.
    """
    edges = [at for one in sources if one.moments for at in (one.moments[0], one.moments[-1] + 1)]
    return min([day[0], *edges]), max([day[1], *edges])


def time_at_rates(sources: Sequence[Readings], day: Stretch) -> dict[int, float]:
    """Return whole value → how long (ms) it held, of the readings that count for the mean; sources in order of
    preference.
    """
    day = widened(sources, day)
    found: dict[int, float] = {}
    covered: list[Stretch] = []
    for source in sources:
        if not source.moments:
            continue
        if not covered and source.durations is None:
            for value, free in zip(source.values, times_of(source.moments, day), strict=True):
                rate = round(value)
                found[rate] = found.get(rate, 0.0) + free
            spoken_for = around(source.moments, READING_CAP_MS, READING_CAP_MS // 2, day)
        else:
            spoken, cover = cells(source, day), Cover(covered)
            for start, end, value in spoken:
                rate, free = round(value), float(end - start - cover.overlap(start, end))
                found[rate] = found.get(rate, 0.0) + free
            spoken_for = union((one.start, one.end) for one in spoken)
        covered = union(covered, spoken_for)
    return {rate: ms for rate, ms in found.items() if ms > 0}


def times_of(moments: Sequence[int], day: Stretch) -> list[float]:
    """Return how long (ms) each of readings that nobody else covers speaks; as `cells`, but for thousands."""
    gaps = [min(b - a, READING_CAP_MS) / 2 for a, b in pairwise(moments)]
    half = READING_CAP_MS / 2
    before, after = min(half, moments[0] - day[0]), min(half, day[1] - moments[-1])
    return list(map(add, [before, *gaps], [*gaps, after]))


def weighted_sum(moments: Sequence[int], values: Sequence[float], day: Stretch) -> tuple[float, float]:
    """Sum of value by time and the time, of readings that nobody else covers; as `cells`, but for thousands."""
    half = READING_CAP_MS / 2
    gaps = [min(b - a, READING_CAP_MS) for a, b in pairwise(moments)]
    before, after = min(half, moments[0] - day[0]), min(half, day[1] - moments[-1])
    total = sum(map(mul, gaps, map(add, values, values[1:]))) / 2 + before * values[0] + after * values[-1]
    return total, sum(gaps) + before + after


def _uncovered(spoken: Iterable[Amount], covered: Sequence[Stretch]) -> tuple[float, float, list[float]]:
    """Sum by time, time, and the values that count, of readings where nobody above has any."""
    cover = Cover(covered)
    total = weight = 0.0
    kept = []
    for start, end, value in spoken:
        free = end - start - cover.overlap(start, end)
        if free > 0:
            total += value * free
            weight += free
            kept.append(value)
    return total, weight, kept
