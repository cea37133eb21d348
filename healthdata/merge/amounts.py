"""Sums of a day: steps, energy, distance."""

from bisect import bisect_left
from collections.abc import Sequence
from operator import itemgetter
from typing import Final

from healthdata.merge.rules import INSTANT_MS, MINUTE_MS, TOTAL_REPLACES_BELOW
from healthdata.merge.shares import LeftOutReason, MergedFigure, Share, SourceDay
from healthdata.merge.stretches import Amount, Cover, Stretch, length, union

NOTHING: Final = MergedFigure(None, [])


class Counted:
    """The amounts counted so far from sources of higher rank, with their times."""

    def __init__(self) -> None:
        self._pieces: list[tuple[int, int, float]] = []
        self._longest = 0

    def add(self, share: Share) -> None:
        """Take in what a source gave."""
        given = [(amount.start, amount.end, value) for amount, value in share.pieces if value]
        self._longest = max([self._longest, *(end - start for start, end, _ in given)])
        self._pieces = sorted([*self._pieces, *given])

    def within(self, start: int, end: int) -> float:
        """Return the sum over [start, end), amounts shared out by time."""
        total = 0.0
        # No piece that begins before this can reach into the stretch.
        for at in range(bisect_left(self._pieces, (start - self._longest,)), len(self._pieces)):
            low, high, value = self._pieces[at]
            if low >= end:
                break
            if high > start:
                total += value * (min(high, end) - max(low, start)) / (high - low)
        return total


def merge_amounts(sources: Sequence[SourceDay], day: Stretch) -> MergedFigure:
    """Return the sum of a day; `sources` in the order of preference, those left out by an order not among them."""
    if all(source.total is None for source in sources):
        return _merge(sources, day, NOTHING)
    # Twice: what devices saw stretch by stretch is the measure by which the totals of days are judged.
    measured = [_without_total(source) for source in sources if source.is_device]
    return _merge(sources, day, _merge(measured, day, NOTHING))


def _without_total(source: SourceDay) -> SourceDay:
    return SourceDay(source.source_id, source.amounts, source.worn, None, None, source.condensed, source.named)


def _merge(sources: Sequence[SourceDay], day: Stretch, seen: MergedFigure) -> MergedFigure:
    """Return the figure; `seen`: what devices give stretch by stretch, totals of days aside."""
    shares: list[Share] = []
    covered: list[Stretch] = []
    counted = Counted()
    whole: SourceDay | None = None  # whose total counts
    is_named = False  # an order names one of those that have given something
    for source in sources:
        share = Share(source.source_id)
        if source.condensed:
            share.leave_out(source.condensed, LeftOutReason.CONDENSED)
        shares_above, own = shares[:], source.covered
        shares.append(share)
        is_open = source.total is not None and whole is None
        if is_open and not _outdone(source, shares_above, covered, day, is_named=is_named, seen=seen.value or 0.0):
            # A total has in it what its neighbours saw as well, so they give nothing beside it.
            for above in shares_above:
                _drop(above, LeftOutReason.DAILY_TOTAL)
            share.kept, share.is_total, whole = source.total or 0.0, True, source
            covered = own or [day]
        else:
            if source.total is not None:
                share.leave_out(
                    source.total, LeftOutReason.NOT_WORN if _hardly_worn(source, seen) else LeftOutReason.DAILY_TOTAL
                )
            _fill(share, source.amounts, covered, counted)
            counted.add(share)
            covered = union(covered, own)
        is_named = is_named or (source.named and bool(share.kept))
        share.minutes = length(covered) / MINUTE_MS - sum(one.minutes for one in shares[:-1])
    if not any(source.amounts or source.total is not None for source in sources):
        return MergedFigure(None, shares, covered)
    # A total without stretches covers the day for those below, but nobody knows when it was measured.
    unknown = whole is not None and not whole.covered
    return MergedFigure(
        value=sum(share.kept for share in shares),
        shares=shares,
        covered=None if unknown else covered,
        wear_minutes=whole.wear_minutes if whole is not None else None,
    )


def _hardly_worn(source: SourceDay, seen: MergedFigure) -> bool:
    """Return whether its maker counts less than half of the time that others measured."""
    worn = source.wear_minutes
    return worn is not None and worn * MINUTE_MS < TOTAL_REPLACES_BELOW * length(seen.covered or ())


def _outdone(
    source: SourceDay,
    above: Sequence[Share],
    covered: Sequence[Stretch],
    day: Stretch,
    *,
    is_named: bool,
    seen: float,
) -> bool:
    """Return whether the stretches above say enough of the day for a total to be left out.

    What was seen stretch by stretch was not counted twice, so a smaller total of the day has missed some of it.
    """
    is_smaller = source.total is not None and source.total <= seen
    if is_smaller and not source.named and not source.amounts:
        return True
    if not any(share.kept or share.pieces for share in above):
        return False
    worn_ms = (day[1] - day[0]) if source.wear_minutes is None else source.wear_minutes * MINUTE_MS
    return is_named or is_smaller or length(covered) >= TOTAL_REPLACES_BELOW * worn_ms


def _drop(share: Share, reason: LeftOutReason) -> None:
    """Take back what a source gave."""
    if share.kept:
        share.leave_out(share.kept, reason)
    share.kept = share.minutes = 0.0
    share.pieces = [(amount, 0.0) for amount, _ in share.pieces]


def _fill(share: Share, amounts: Sequence[Amount], covered: Sequence[Stretch], above: Counted) -> None:
    """Give a source's amounts as far as nobody above covers them.

    By the share of its time that is free, and never more than is left of it when what was counted above is taken off:
    a phone that is silent has seen nobody walk, so an hour of an app that copies it leaves nothing to fill.
    """
    if not covered:
        share.pieces = [(amount, amount.value) for amount in amounts]
        share.kept += sum(map(itemgetter(2), amounts))
        return
    cover = Cover(covered)
    kept = left = 0.0
    for amount in amounts:
        span = amount.end - amount.start
        value = amount.value * (span - cover.overlap(amount.start, amount.end)) / span
        if value and span > INSTANT_MS:
            value = min(value, max(0.0, amount.value - above.within(amount.start, amount.end)))
        share.pieces.append((amount, value))
        kept += value
        left += amount.value - value
    share.kept += kept
    if left:
        share.leave_out(left, LeftOutReason.COVERED)
