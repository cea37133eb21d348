"""The result of a score, and the weighting of its parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

PROVIDER: Final = "wearlink"


@dataclass(frozen=True, slots=True)
class ScoreResult:
    """A whole number within [range_min, range_max] and everything needed to explain it; None with the reason."""

    category: str
    score: int | None
    algorithm: str
    version: str
    components: Mapping[str, int] = field(default_factory=dict)  # part → points; parts without inputs are absent
    missing: tuple[str, ...] = ()  # the absent parts
    confidence: float | None = None  # share of the full weight that was there, 0 to 1
    inputs: Mapping[str, float] = field(default_factory=dict)  # the figures that went in, named with their unit
    reason: str = ""  # why there is no score
    range_min: int = 0
    range_max: int = 100
    provider: str = PROVIDER


def weigh(parts: Mapping[str, int | None], weights: Mapping[str, int]) -> tuple[int, float]:
    """Weighted mean of the parts that are there (halves up), and the share of the weight they carry.

    Raises ValueError when none is there.
    """
    present = {name: value for name, value in parts.items() if value is not None}
    weight = sum(weights[name] for name in present)
    if not weight:
        raise ValueError("a score needs at least one part")
    total = sum(value * weights[name] for name, value in present.items())
    return (2 * total + weight) // (2 * weight), round(weight / sum(weights.values()), 2)


def points(value: float) -> int:
    """Return a number of points: whole (halves up), 0 to 100."""
    return min(100, max(0, int(value + 0.5)))
