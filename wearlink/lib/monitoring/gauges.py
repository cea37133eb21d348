"""Figures that apps show under /metrics; they register them in their AppConfig.ready().

A figure is a function of no arguments that gives a number, or numbers by one label's value, at the moment of the
scrape. It must be cheap.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Reading = float | Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """One figure; ``label`` names the label of readings that are mappings."""

    name: str
    help: str
    read: Callable[[], Reading]
    label: str


_gauges: dict[str, Gauge] = {}


def register(name: str, help: str, read: Callable[[], Reading], *, label: str = "") -> None:
    """Add a figure, or replace the one of that name. Names follow Prometheus: ``wearlink_payloads_due``."""
    _gauges[name] = Gauge(name, help, read, label)


def read(name: str) -> Reading | None:
    """Return one figure now; None where nobody registered it."""
    gauge = _gauges.get(name)
    return None if gauge is None else gauge.read()


def registered() -> tuple[Gauge, ...]:
    return tuple(_gauges[name] for name in sorted(_gauges))
