"""One figure of a local day out of what several sources measured, without gaps and without doubles. Pure.

Sources come in the order of preference. Each covers the stretches of the day in which it measured; a lower one gives
the share of its amounts that lies where nobody above it measured. So a watch counts while it is worn, and the phone
counts what the watch on its charger did not see. A vendor's own total of a day says nothing about when, so it counts
whole or not at all. What each source gave, what was left out of it and why stays with the figure.

All times are milliseconds since the epoch, all stretches half open and within the day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from operator import add, itemgetter, mul
from typing import Final, NamedTuple

VERSION: Final = 1  # of the rules below; a figure of another version is computed anew

MINUTE_MS: Final = 60_000
#: A pause between two amounts of one source that is no gap: phones close a record of steps when one stands still, and
#: HealthKit's records of walking lie minutes apart. Google Fit's own "bouts" close the same five minutes.
CLOSED_GAP_MS: Final = 5 * MINUTE_MS
#: A worn device that reads the heart is worn around each reading. Watches measure every five to ten minutes at rest,
#: so two readings up to a quarter of an hour apart hold together; a still wrist that counts no step is no gap.
WEAR_AROUND_MS: Final = 15 * MINUTE_MS // 2
#: How long a reading of an instant speaks for the time around it, in all. Above a resting watch's pace (Apple and
#: Garmin read every five to ten minutes), below the half hour in which somebody sits down or gets up.
READING_CAP_MS: Final = 10 * MINUTE_MS
#: An amount without a duration was still counted over some time; steps come by the minute where they come finest.
INSTANT_MS: Final = MINUTE_MS
#: A vendor's total of the day replaces stretches above it that cover less than this share of the time it was worn.
TOTAL_REPLACES_BELOW: Final = 0.5
#: A total whose wear is unknown, and which is this many times smaller than what others counted, is of a device that
#: lay in a drawer.
UNWORN_FACTOR: Final = 2.0
#: Minutes of measured time that make a whole day: ten hours of wear, the usual bound for a valid day in accelerometry
#: (Troiano et al., Med Sci Sports Exerc 40:181-188, 2008).
WHOLE_DAY_MINUTES: Final = 600

Stretch = tuple[int, int]  # [start, end)


class Amount(NamedTuple):
    """An amount counted over [start, end), or a reading that speaks for it."""

    start: int
    end: int
    value: float


class Reason(StrEnum):
    """Why something of a source was left out."""

    COVERED = "covered"  # a source that goes before it measured the same time
    CONDENSED = "condensed"  # the same source has finer records of the same time
    DAILY_TOTAL = "daily_total"  # a total of a day cannot fill a part of it, or another source's total counts whole
    NOT_WORN = "not_worn"  # its total is that of a device that was hardly worn
    EXCLUDED = "excluded"  # an order of sources leaves it out
    RANK = "rank"  # one value of a day is taken from one source, and another goes before it


@dataclass(frozen=True, slots=True)
class SourceDay:
    """What one source has for one metric of one day."""

    source_id: int
    amounts: Sequence[Amount] = ()  # in order, without overlaps: see `condense`
    worn: Sequence[Stretch] = ()  # around its readings of the heart, for what is worn; see `wear`
    total: float | None = None  # the vendor's own total of the day
    wear_minutes: float | None = None  # how long the vendor says it was worn; None: it does not say
    condensed: float = 0.0  # what `condense` left out
    named: bool = False  # an order of the end user or the organization names this source

    @property
    def covered(self) -> list[Stretch]:
        """When this source measured."""
        return union(close_gaps(self.amounts), self.worn)


@dataclass(slots=True)
class Share:
    """What one source gave to a figure, and what was left out of it."""

    source_id: int
    kept: float = 0.0
    left_out: float = 0.0
    minutes: float = 0.0  # of the day that are this source's
    is_total: bool = False  # kept as the vendor's own total
    reasons: dict[Reason, float] = field(default_factory=dict)
    pieces: list[tuple[Amount, float]] = field(default_factory=list)  # each amount, and how much of it was kept

    def leave_out(self, value: float, reason: Reason) -> None:
        """Note an amount that does not count."""
        self.left_out += value
        self.reasons[reason] = self.reasons.get(reason, 0.0) + value


@dataclass(slots=True)
class MergedFigure:
    """`value` None: nobody has any. `covered` is the time behind it; None where it is a total of unknown wear."""

    value: float | None
    shares: list[Share]
    covered: list[Stretch] | None = None
    wear_minutes: float | None = None  # of a total that counts whole
    low: float | None = None
    high: float | None = None

    @property
    def coverage_minutes(self) -> int | None:
        """Measured minutes of the day, where they are known."""
        if self.covered is not None:
            return round(length(self.covered) / MINUTE_MS)
        return None if self.wear_minutes is None else round(self.wear_minutes)


# --- Stretches of time ----------------------------------------------------------------------------------------------


def length(stretches: Iterable[Stretch]) -> int:
    """Milliseconds in all."""
    return sum(end - start for start, end in stretches)


def union(*many: Iterable[Stretch]) -> list[Stretch]:
    """All the time of all of them, in order and without overlaps."""
    found: list[Stretch] = []
    for start, end in sorted(stretch for stretches in many for stretch in stretches):
        if found and start <= found[-1][1]:
            if end > found[-1][1]:
                found[-1] = (found[-1][0], end)
        elif end > start:
            found.append((start, end))
    return found


def close_gaps(amounts: Sequence[Amount]) -> list[Stretch]:
    """When amounts (in order) were counted; short pauses between them belong to it."""
    found: list[Stretch] = []
    start = end = 0
    for amount in amounts:
        if end and amount.start - end <= CLOSED_GAP_MS:
            end = max(end, amount.end)
            continue
        if end:
            found.append((start, end))
        start, end = amount.start, amount.end
    return [*found, (start, end)] if end else found


def clip(stretches: Iterable[Stretch], day: Stretch) -> list[Stretch]:
    """What of them lies within the day."""
    return [(max(start, day[0]), min(end, day[1])) for start, end in stretches if start < day[1] and end > day[0]]


def around(moments: Sequence[int], reach: int, day: Stretch) -> list[Stretch]:
    """The time within `reach` of moments that are in order; quick for ten thousands of them."""
    if not moments:
        return []
    breaks = [at for at, (a, b) in enumerate(pairwise(moments), 1) if b - a > 2 * reach]
    firsts, lasts = [0, *breaks], [*(at - 1 for at in breaks), len(moments) - 1]
    return clip(((moments[a] - reach, moments[b] + reach) for a, b in zip(firsts, lasts, strict=True)), day)


def wear(moments: Sequence[int], day: Stretch) -> list[Stretch]:
    """When a device was worn that read the heart at these moments."""
    return around(moments, WEAR_AROUND_MS, day)


class _Cover:
    """Stretches in order, asked about in any order that mostly goes on."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        self._stretches = stretches
        self._at = 0

    def overlap(self, start: int, end: int) -> int:
        """Milliseconds of [start, end) that are covered."""
        stretches, at = self._stretches, self._at
        while at and stretches[at - 1][1] > start:
            at -= 1
        while at < len(stretches) and stretches[at][1] <= start:
            at += 1
        self._at = at
        shared = 0
        while at < len(stretches) and stretches[at][0] < end:
            shared += min(end, stretches[at][1]) - max(start, stretches[at][0])
            at += 1
        return shared


def gaps_in(stretch: Stretch, covered: Sequence[Stretch]) -> list[Stretch]:
    """The parts of a stretch that are not covered."""
    start, end = stretch
    free: list[Stretch] = []
    for low, high in covered:
        if high <= start or low >= end:
            continue
        if low > start:
            free.append((start, low))
        start = max(start, high)
    return [*free, (start, end)] if start < end else free


# --- One source -----------------------------------------------------------------------------------------------------


def within(start: int, duration: int, value: float, day: Stretch) -> Amount | None:
    """The part of an amount that lies in the day: its value is shared out evenly over its time."""
    end = start + (duration or INSTANT_MS)
    low, high = max(start, day[0]), min(end, day[1])
    if low >= high:
        return None
    if not duration:  # nothing to share out: it belongs where it stands
        return Amount(start, high, value) if start >= day[0] else None
    return Amount(low, high, value * (high - low) / (end - start))


def condense(amounts: list[Amount]) -> tuple[list[Amount], float]:
    """One series of one source without overlaps, and how much that left out.

    Where a longer record covers the time of shorter ones, it is the sum of them that HealthKit makes of old samples;
    the finer ones count, and of the longer one what they leave free.
    """
    amounts.sort(key=itemgetter(0, 1))
    if all(a.end <= b.start for a, b in pairwise(amounts)):
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


# --- Amounts --------------------------------------------------------------------------------------------------------


def merge_amounts(sources: Sequence[SourceDay], day: Stretch) -> MergedFigure:
    """The sum of a day; `sources` in the order of preference, those left out by an order not among them."""
    figure = _merge(sources, day)
    whole = next((share for share in figure.shares if share.is_total), None)
    if whole is None or figure.wear_minutes is not None:
        return figure
    others = _merge([_without_total(source) for source in sources], day)
    if (others.value or 0.0) < UNWORN_FACTOR * max(figure.value or 0.0, 1.0):
        return figure
    for source in sources:
        if source.total is not None:
            share = next(one for one in others.shares if one.source_id == source.source_id)
            share.leave_out(source.total, Reason.NOT_WORN)
    return others


def _without_total(source: SourceDay) -> SourceDay:
    return SourceDay(source.source_id, source.amounts, source.worn, None, None, source.condensed, source.named)


def _merge(sources: Sequence[SourceDay], day: Stretch) -> MergedFigure:
    shares: list[Share] = []
    covered: list[Stretch] = []
    whole: SourceDay | None = None  # whose total counts
    is_named = False  # an order names one of those that have given something
    for source in sources:
        share = Share(source.source_id)
        if source.condensed:
            share.leave_out(source.condensed, Reason.CONDENSED)
        shares_above, own = shares[:], source.covered
        shares.append(share)
        if source.total is not None and whole is None and not _outdone(source, shares_above, covered, is_named, day):
            for above in shares_above:
                _drop(above, Reason.DAILY_TOTAL)
            share.kept, share.is_total, whole = source.total, True, source
            covered = own or [day]
        else:
            if source.total is not None:
                share.leave_out(source.total, Reason.DAILY_TOTAL)
            _fill(share, source.amounts, covered)
            covered = union(covered, own)
        is_named = is_named or (source.named and bool(share.kept))
        share.minutes = length(covered) / MINUTE_MS - sum(one.minutes for one in shares[:-1])
    if not any(source.amounts or source.total is not None for source in sources):
        return MergedFigure(None, shares, covered)
    unknown = whole is not None and not whole.covered
    return MergedFigure(
        value=sum(share.kept for share in shares),
        shares=shares,
        covered=None if unknown else covered,
        wear_minutes=whole.wear_minutes if whole is not None else None,
    )


def _outdone(
    source: SourceDay, above: Sequence[Share], covered: Sequence[Stretch], is_named: bool, day: Stretch
) -> bool:
    """Whether the stretches above say enough of the day for a total to be left out."""
    if not any(share.kept or share.pieces for share in above):
        return False
    worn_ms = (day[1] - day[0]) if source.wear_minutes is None else source.wear_minutes * MINUTE_MS
    return is_named or length(covered) >= TOTAL_REPLACES_BELOW * worn_ms


def _drop(share: Share, reason: Reason) -> None:
    """Take back what a source gave."""
    if share.kept:
        share.leave_out(share.kept, reason)
    share.kept = share.minutes = 0.0
    share.pieces = [(amount, 0.0) for amount, _ in share.pieces]


def _fill(share: Share, amounts: Sequence[Amount], covered: Sequence[Stretch]) -> None:
    """Give a source's amounts as far as nobody above covers them."""
    if not covered:
        share.pieces = [(amount, amount.value) for amount in amounts]
        share.kept += sum(map(itemgetter(2), amounts))
        return
    cover = _Cover(covered)
    kept = left = 0.0
    for amount in amounts:
        span = amount.end - amount.start
        value = amount.value * (span - cover.overlap(amount.start, amount.end)) / span
        share.pieces.append((amount, value))
        kept += value
        left += amount.value - value
    share.kept += kept
    if left:
        share.leave_out(left, Reason.COVERED)


# --- Readings -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of one source in order: instants, or levels over a time where `durations` are given (0: an instant)."""

    source_id: int
    moments: Sequence[int]
    values: Sequence[float]
    durations: Sequence[int] | None = None


def cells(readings: Readings, day: Stretch) -> list[Amount]:
    """The time that each reading speaks for: half the way to its neighbours, at most five minutes to either side."""
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
    """The mean of a day by time, with the lowest and highest reading behind it; sources in the order of preference."""
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
            spoken_for = around(source.moments, READING_CAP_MS // 2, day)
        else:
            own_total, own_weight, kept = _uncovered(cells(source, day), covered)
            own_low, own_high = (min(kept), max(kept)) if kept else (low, high)
            spoken_for = union((one.start, one.end) for one in cells(source, day))
            missed = length(spoken_for) - own_weight
            if missed > 0:
                share.leave_out(missed / MINUTE_MS, Reason.COVERED)
        share.kept, share.minutes = own_weight / MINUTE_MS, own_weight / MINUTE_MS
        total, weight = total + own_total, weight + own_weight
        low, high = min(low, own_low), max(high, own_high)
        covered = union(covered, spoken_for)
    if not weight:
        return MergedFigure(None, shares, covered)
    return MergedFigure(total / weight, shares, covered, None, low, high)


def weighted_sum(moments: Sequence[int], values: Sequence[float], day: Stretch) -> tuple[float, float]:
    """Sum of value by time and the time, of readings that nobody else covers; as `cells`, but for thousands."""
    half = READING_CAP_MS / 2
    gaps = [min(b - a, READING_CAP_MS) for a, b in pairwise(moments)]
    before, after = min(half, moments[0] - day[0]), min(half, day[1] - moments[-1])
    total = sum(map(mul, gaps, map(add, values, values[1:]))) / 2 + before * values[0] + after * values[-1]
    return total, sum(gaps) + before + after


def _uncovered(spoken: Iterable[Amount], covered: Sequence[Stretch]) -> tuple[float, float, list[float]]:
    """Sum by time, time, and the values that count, of readings where nobody above has any."""
    cover = _Cover(covered)
    total = weight = 0.0
    kept = []
    for start, end, value in spoken:
        free = end - start - cover.overlap(start, end)
        if free > 0:
            total += value * free
            weight += free
            kept.append(value)
    return total, weight, kept
