"""Stored stages that their source has since sent otherwise: a night that was sent again replaces its former version.

Phones send no id that would tell a new version of a night from more of it. But nobody sleeps deep and light at once:
where a stage contradicts a stored one of the same source, the night was revised. Stages that merely are missing may
come with another batch, so they prove nothing by themselves.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from healthdata.sleep import GAP_MS

DETAILED: Final = frozenset({"deep", "rem", "light"})
SAME_BEGINNING_MS: Final = 30 * 60_000  # a new version begins about where the former did …
MIN_SHARE: Final = 0.5  # … and tells at least so much of its time; less is a correction of a part


class StatedStage(NamedTuple):
    start: int
    end: int
    stage: str


def superseded(stored: Collection[StatedStage], sent: Collection[StatedStage]) -> set[StatedStage]:
    """Return the stored stages of one source that a batch of its stages replaces."""
    known = set(stored)
    left = sorted(known.difference(sent))
    fresh = sorted(set(sent) - known)
    if not left or not fresh:
        return set()
    gone: set[StatedStage] = set()
    former = list(_blocks(sorted(known)))
    for block in _blocks(sorted(sent)):
        start, end = block[0].start, max(row.end for row in block)
        near = [row for row in left if row.start < end and row.end > start]
        if not any(_contradict(row, other) for row in block if row not in known for other in near):
            continue
        gone.update(near)
        for night in former:
            first, last = night[0].start, max(row.end for row in night)
            again = abs(start - first) <= SAME_BEGINNING_MS and end - start >= MIN_SHARE * (last - first)
            if again:
                gone.update(row for row in night if row not in sent)
    return gone


def _contradict(one: StatedStage, other: StatedStage) -> bool:
    both = one.stage in DETAILED and other.stage in DETAILED
    return both and one.start < other.end and other.start < one.end


def _blocks(rows: Sequence[StatedStage]) -> Iterator[list[StatedStage]]:
    """Yield rows that make one session, as healthdata.sleep groups them."""
    block: list[StatedStage] = []
    end = 0
    for row in rows:
        if block and row.start - end > GAP_MS:
            yield block
            block, end = [], 0
        block.append(row)
        end = max(end, row.end)
    if block:
        yield block
