"""Bars and lines as plain numbers that a template draws as SVG: no script, no library, legible at any width.

Positions are shares of the plot: x and width in per cent, y in the 200 units of the drawing's height.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import floor, log10
from typing import Final

HEIGHT: Final = 200
TICKS: Final = 4
MAX_BARS: Final = 120  # more are a path: a page of a thousand rectangles takes its time


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `words` say what it shows."""

    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line with its label."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars from zero. `rows` are the same figures for the table beneath, `summary` for those who do not see it."""

    title: str
    unit: str
    bars: list[Bar]
    ticks: list[Tick]
    first: str
    last: str
    rows: list[tuple[str, float | None]]
    summary: str
    path: str = ""  # all bars in one, where they are too many to be pointed at


def bars(title: str, unit: str, rows: Sequence[tuple[str, float | None]]) -> BarChart:
    """Return a bar for each (label, value), values not negative; None, where nothing is known, leaves
    its place free.
    """
    values = [value for _, value in rows if value is not None]
    top = ceiling(max(values, default=0))
    slot = 100 / len(rows) if rows else 100
    drawn = []
    for number, (label, value) in enumerate(rows):
        if value is None:
            continue
        height = HEIGHT * value / top
        drawn.append(
            Bar(round(slot * (number + 0.15), 3), round(HEIGHT - height, 2), round(slot * 0.7, 3), round(height, 2),
                f"{label}: {value:,g} {unit}")
        )  # fmt: skip
    ticks = [Tick(round(HEIGHT * (1 - part / TICKS), 2), f"{top * part / TICKS:,g}") for part in range(TICKS + 1)]
    summary = f"{title}: from {min(values):,g} to {max(values):,g} {unit}" if values else f"{title}: no data"
    path = ""
    if len(drawn) > MAX_BARS:
        path = "".join(f"M{one.x:g} {HEIGHT}V{one.y:g}h{one.width:g}V{HEIGHT}Z" for one in drawn)
    ends = (rows[0][0], rows[-1][0]) if rows else ("", "")
    return BarChart(title, unit, [] if path else drawn, ticks, *ends, list(rows), summary, path)


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a plot in the unit square, in per cent from the upper left; `words` say what it shows."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class ReliabilityChart:
    """A chart of promised against actual shares; a dot on the diagonal kept its promise."""

    dots: list[Dot]
    path: str
    summary: str


def reliability(bins: Sequence[tuple[float, float | None, int]]) -> ReliabilityChart:
    """Return a dot for each (promised share, share that came true, cases); bins without cases have none."""
    dots = [
        Dot(round(100 * promised, 1), round(100 * (1 - share), 1), f"{promised:.2f}: {share:.2f} of {cases:,}")
        for promised, share, cases in bins
        if share is not None
    ]
    path = " ".join(f"{'L' if number else 'M'}{dot.x} {dot.y}" for number, dot in enumerate(dots))
    described = "; ".join(dot.words for dot in dots) or "no data"
    return ReliabilityChart(dots, path, f"Confidence against the share that stood: {described}")


def day_label(day: date | str) -> str:
    """Return ``14 Nov``, of a date or its ISO form."""
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{found.day} {found:%b}"


def ceiling(value: float) -> float:
    """Return the next of 4, 8, 20, 40, 80, 200 … so that four steps of the grid are round numbers; 4 for nothing."""
    if value <= TICKS:
        return TICKS
    power = 10 ** floor(log10(value / TICKS))
    return next(TICKS * step * power for step in (1, 2, 5, 10) if TICKS * step * power >= value)
