"""Figures of benchmarks, their targets, and the registry of benchmarks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.bench.ground import Ground


@dataclass(frozen=True, slots=True)
class BenchTarget:
    """A bound: at most, or at least."""

    bound: float
    at_least: bool = False

    def met(self, value: float) -> bool:
        """Return whether a figure keeps it."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {number(self.bound)}"


def at_most(bound: float) -> BenchTarget:
    """Return a target that smaller values meet."""
    return BenchTarget(bound)


def at_least(bound: float) -> BenchTarget:
    """Return a target that greater values meet."""
    return BenchTarget(bound, at_least=True)


@dataclass(frozen=True, slots=True)
class BenchFigure:
    """One line of the table. `peer` is the reference in words; a figure without a target explains another.

    `cpu_ms` is what one request costs the servers in CPU, which stays true while others use the machine.
    """

    name: str
    value: float
    unit: str
    target: BenchTarget | None = None
    peer: str = ""
    cpu_ms: float | None = None

    @property
    def verdict(self) -> str:
        """ok, short, or nothing where there is no target."""
        if self.target is None:
            return ""
        return "ok" if self.target.met(self.value) else "short"


Run = Callable[["Ground"], Iterator[BenchFigure]]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A function that measures, under the name the command line knows. Smaller orders run first."""

    name: str
    run: Run
    order: int


_BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str, *, order: int = 50) -> Callable[[Run], Run]:
    """Add a function to the run."""

    def add(run: Run) -> Run:
        _BENCHMARKS[name] = Benchmark(name, run, order)
        return run

    return add


def chosen(names: Sequence[str]) -> list[Benchmark]:
    """Return those of these names, else all, in the order they run. Raises KeyError for an unknown name."""
    found = [_BENCHMARKS[name] for name in names] if names else list(_BENCHMARKS.values())
    return sorted(found, key=lambda one: (one.order, one.name))


def median(values: Sequence[float]) -> float:
    """Return the middle one; the upper of two."""
    return sorted(values)[len(values) // 2]


def number(value: float) -> str:
    """Three significant digits, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def as_json(name: str, figure: BenchFigure) -> dict[str, Any]:
    """Return one figure for the results file."""
    return {
        "benchmark": name,
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit,
        "target": str(figure.target) if figure.target else None,
        "peer": figure.peer or None,
        "cpu_ms_a_request": figure.cpu_ms,
        "verdict": figure.verdict or None,
    }
