"""The share of each source in a figure: what it has, what counts, and what was left out of it and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from healthdata.merge.rules import MINUTE_MS
from healthdata.merge.stretches import Amount, Stretch, close_gaps, length, union


class LeftOutReason(StrEnum):
    """The reason why data of a source was left out."""

    COVERED = "covered"  # a source that goes before it measured the same time
    CONDENSED = "condensed"  # the same source has finer records of the same time
    DAILY_TOTAL = "daily_total"  # a total of a day cannot fill a part of it, or another source's total counts whole
    NOT_WORN = "not_worn"  # a total of a device that its maker says was worn for too little of the time others measured
    EXCLUDED = "excluded"  # an order of sources leaves it out
    SUM_OF_PARTS = "sum_of_parts"  # its own total, where active and basal energy are known and make the total
    HIDDEN = "hidden"  # somebody hid the source
    RANK = "rank"  # one value of a day is taken from one source, and another goes before it


@dataclass(frozen=True, slots=True)
class SourceDay:
    """One source's data for one metric of one day."""

    source_id: int
    amounts: Sequence[Amount] = ()  # in order, without overlaps: see `condense`
    worn: Sequence[Stretch] = ()  # around its readings of the heart, for what is worn; see `wear`
    total: float | None = None  # the vendor's own total of the day
    wear_minutes: float | None = None  # how long the vendor says it was worn; None: it does not say
    condensed: float = 0.0  # what `condense` left out
    named: bool = False  # an order of the end user or the organization names this source
    is_device: bool = True  # a device that measures; not typed values, nor an app that names none

    @property
    def covered(self) -> list[Stretch]:
        return union(close_gaps(self.amounts), self.worn)


@dataclass(slots=True)
class Share:
    """One source's share in a figure, and what was left out of it."""

    source_id: int
    kept: float = 0.0
    left_out: float = 0.0
    minutes: float = 0.0  # of the day that are this source's
    is_total: bool = False  # kept as the vendor's own total
    reasons: dict[LeftOutReason, float] = field(default_factory=dict)
    pieces: list[tuple[Amount, float]] = field(default_factory=list)  # each amount, and how much of it was kept
    spoken: Sequence[Stretch] = ()  # of readings: the time they speak for

    def leave_out(self, value: float, reason: LeftOutReason) -> None:
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
