"""Curves, bands, nights and routes as plain numbers that a template draws as SVG. Pure: numbers in, paths out.

A plot is 1,000 units wide and 200 high, stretched by the template; ticks along it are at shares of its width.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor, log10
from statistics import median
from typing import Final

from adminportal.kit.charts import HEIGHT, Tick

WIDTH: Final = 1000
MAX_TICKS: Final = 5
GAP_FACTOR: Final = 3  # a pause longer than so many usual intervals is a gap, and breaks the line

Point = tuple[float, float]  # x and value, both in the data's own units


@dataclass(frozen=True, slots=True)
class Mark:
    """A label below the plot; x in per cent of the width, anchor start, middle or end."""

    x: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Span:
    """A shaded part of the plot, such as a workout; x and width in the plot's units."""

    x: float
    width: float
    words: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot as a template draws it. `rows`: the same figures for the table beneath; `readings`: a pointer's read-out:
    (x of the plot, words). `note` says how the curve came about; `summary` is for those who do not see it.
    """

    name: str
    title: str
    unit: str
    note: str
    summary: str
    ticks: list[Tick]
    marks: list[Mark]
    line: str = ""
    band: str = ""
    mean: str = ""
    dots: list[Point] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    rows: list[tuple[str, str]] = field(default_factory=list)
    readings: list[tuple[float, str]] = field(default_factory=list)

    @property
    def readings_id(self) -> str:
        """The id of the block that holds them."""
        return f"{self.name}-readings"


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale that maps values to the plot's height, with its grid lines."""

    low: float
    high: float
    step: float

    @classmethod
    def around(cls, values: Iterable[float], *, from_zero: bool = False) -> "Scale":
        """Round numbers around all values; three to five grid lines."""
        known = list(values)
        low, high = (min(known), max(known)) if known else (0.0, 1.0)
        low = min(low, 0.0) if from_zero else low
        spread = (high - low) or abs(high) * 0.1 or 1.0
        power = 10.0 ** floor(log10(spread / 3))
        step = next(power * one for one in (1, 2, 5, 10) if spread / (power * one) <= MAX_TICKS - 1)
        return cls(floor(low / step) * step, max(ceil(high / step) * step, floor(low / step) * step + step), step)

    def y(self, value: float) -> float:
        """Return a value's distance from the top."""
        return round(HEIGHT * (self.high - value) / (self.high - self.low), 1)

    def ticks(self, format_value: Callable[[float], str] | None = None) -> list[Tick]:
        """Return the grid, top first; `format_value` formats a value, else plain numbers."""
        number = round((self.high - self.low) / self.step)
        values = [self.high - self.step * place for place in range(number + 1)]
        if format_value is not None:
            return [Tick(self.y(value), format_value(value)) for value in values]
        digits = 0 if self.step >= 1 else ceil(-log10(self.step))
        return [Tick(self.y(value), f"{value:,.{digits}f}") for value in values]


def x_of(value: float, first: float, last: float) -> float:
    """Return the distance of a point of the range from the left."""
    return round(WIDTH * (value - first) / ((last - first) or 1), 1)


def line_path(points: Sequence[Point], *, gap: float) -> str:
    """Return a path through points of the plot. A step longer than `gap` in x lifts the pen; a lone
    point is a stroke.
    """
    parts: list[str] = []
    for at, (x, y) in enumerate(points):
        begins = at == 0 or x - points[at - 1][0] > gap
        ends = at + 1 == len(points) or points[at + 1][0] - x > gap
        parts.append(f"{'M' if begins else 'L'}{x:g} {y:g}")
        if begins and ends:
            parts.append("h.1")
    return "".join(parts)


def band_path(points: Sequence[tuple[float, float, float]], *, gap: float) -> str:
    """Return the area between a lower and an upper curve, as (x, upper y, lower y), broken as the line is."""
    parts = []
    for run in runs_of(points, gap):
        forth = "L".join(f"{x:g} {top:g}" for x, top, _ in run)
        back = "L".join(f"{x:g} {low:g}" for x, _, low in reversed(run))
        parts.append(f"M{forth}L{back}Z")
    return "".join(parts)


def runs_of(points: Sequence[tuple[float, float, float]], gap: float) -> list[list[tuple[float, float, float]]]:
    found: list[list[tuple[float, float, float]]] = []
    for point in points:
        if found and point[0] - found[-1][-1][0] <= gap:
            found[-1].append(point)
        else:
            found.append([point])
    return found


def usual_step(places: Sequence[float]) -> float:
    """Return how far apart neighbours mostly are; 0 of fewer than two."""
    return median([b - a for a, b in pairwise(places)]) if len(places) > 1 else 0.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Values that share a place on the screen."""

    x: float  # the middle of its first and last value, in the data's own units
    low: float
    middle: float
    high: float


def buckets(points: Sequence[Point], first: float, last: float, number: int) -> list[Bucket]:
    """Return points, in order, by `number` equal parts of the range; lowest and highest are kept, so no
    spike is lost.
    """
    return buckets_of([x for x, _ in points], [value for _, value in points], first, last, number)


def buckets_of(
    places: Sequence[float], values: Sequence[float], first: float, last: float, number: int
) -> list[Bucket]:
    """Return the same of columns. Ends of parts are looked up: a day by the second takes a hundredth of a second."""
    width = (last - first) / number
    found, start = [], 0
    while start < len(places):
        part = int((places[start] - first) / width)
        stop = max(bisect_left(places, first + (part + 1) * width, start), start + 1)
        inside = sorted(values[start:stop])
        middle = (places[start] + places[stop - 1]) / 2
        found.append(Bucket(middle, inside[0], _median(inside), inside[-1]))
        start = stop
    return found


def _median(ordered: Sequence[float]) -> float:
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def rolling_mean(points: Sequence[Point], days: float) -> list[Point]:
    """Return at each point the mean of those of the last `days` units of x."""
    found = []
    start = 0
    for at, (x, _) in enumerate(points):
        while points[start][0] <= x - days:
            start += 1
        inside = [value for _, value in points[start : at + 1]]
        found.append((x, sum(inside) / len(inside)))
    return found
