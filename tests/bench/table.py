"""The table on the terminal and the results file."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import BenchFigure, as_json, number

WIDTHS = (56, 13, 11, 21, 12)


def header() -> str:
    titles = _row("figure", "here", "target", "the peer", "CPU/request", "")
    load = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f} before the run"
    return f"{load}\n{titles}\n{'-' * (sum(WIDTHS) + 14)}"


def line(figure: BenchFigure) -> str:
    value = f"{number(figure.value)} {figure.unit}"
    cost = "" if figure.cpu_ms is None else f"{number(figure.cpu_ms)} ms"
    return _row(figure.name, value, str(figure.target or ""), figure.peer, cost, figure.verdict)


def save(directory: Path, figures: Sequence[tuple[str, BenchFigure]], *, quick: bool) -> Path:
    """Write all figures as JSON; returns the file."""
    directory.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    path = directory / f"{now:%Y%m%d-%H%M%S}.json"
    found = {
        "at": now.isoformat(timespec="seconds"),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
        "quick": quick,
        "figures": [as_json(name, figure) for name, figure in figures],
    }
    path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    return path


def _row(*cells: str) -> str:
    *padded, last = cells
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(padded, WIDTHS, strict=True)) + f"  {last}"
