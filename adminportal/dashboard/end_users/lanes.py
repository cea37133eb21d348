"""A day as lanes, one a source: when it measured, what of that counted, and what did not. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from adminportal.kit.plots import x_of
from healthdata.merge import Amount, Share, Stretch
from healthdata.merge.stretches import gaps_in, union

COUNTED, PARTLY, LEFT_OUT = KINDS = ("counted", "partly", "left-out")
NEAR_MS: Final = 5 * 60_000  # neighbours of one kind that lie closer are drawn as one
WHOLE: Final = 0.999


@dataclass(frozen=True, slots=True)
class Lane:
    """Paths of a source's stretches by kind, over a plot 1,000 wide and 20 high; empty where there are none."""

    counted: str
    partly: str
    left_out: str

    @property
    def is_empty(self) -> bool:
        """Return whether nothing of the lane is known by time."""
        return not (self.counted or self.partly or self.left_out)


def lanes(shares: Sequence[Share], day: Stretch) -> list[Lane]:
    """Return the lanes of a figure's shares, in their order."""
    found: list[Lane] = []
    covered: list[Stretch] = []
    for share in shares:
        if share.pieces:
            found.append(_lane(of_amounts(share.pieces), day))
            continue
        counted = [free for stretch in share.spoken for free in gaps_in(stretch, covered)]
        left = [rest for stretch in share.spoken for rest in gaps_in(stretch, counted)]
        covered = union(covered, share.spoken)
        found.append(_lane({COUNTED: counted, LEFT_OUT: left}, day))
    return found


def of_amounts(pieces: Iterable[tuple[Amount, float]]) -> dict[str, list[Stretch]]:
    """Return stretches by kind: an amount counted as a whole, in part, or not at all. Amounts of nothing
    are left out.
    """
    found: dict[str, list[Stretch]] = {kind: [] for kind in KINDS}
    for amount, kept in pieces:
        if not amount.value:
            continue
        kind = COUNTED if kept >= amount.value * WHOLE else PARTLY if kept > 0 else LEFT_OUT
        known = found[kind]
        if known and amount.start - known[-1][1] <= NEAR_MS:
            known[-1] = (known[-1][0], max(known[-1][1], amount.end))
        else:
            known.append((amount.start, amount.end))
    return found


def _lane(stretches: dict[str, list[Stretch]], day: Stretch) -> Lane:
    return Lane(*(_path(stretches.get(kind, ()), day) for kind in KINDS))


def _path(stretches: Iterable[Stretch], day: Stretch) -> str:
    parts = []
    for start, end in stretches:
        left, right = x_of(start, *day), x_of(end, *day)
        parts.append(f"M{left:g} 0H{max(right, left + 1):g}V20H{left:g}Z")
    return "".join(parts)
