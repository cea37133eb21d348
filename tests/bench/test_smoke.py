"""Every benchmark runs from end to end at tiny sizes and yields figures, all of a process on one ground."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import machine
from tests.bench.__main__ import discovered
from wearlink.lib.work import child

HERE = Path(__file__).parent
BENCHMARKS = [one.name for one in discovered()]
PATIENCE = 240.0  # seconds for one benchmark
COST = "cost of ingest"
DECORATED = re.compile(r'^@benchmark\("(\w+)"', re.MULTILINE)


@dataclass(slots=True)
class Bench:
    """The command, asked for one benchmark after the other, in the order in which they suit each other."""

    results: Path
    _process: "subprocess.Popen[str] | None" = None
    _asked: list[str] = field(default_factory=list)

    def figures_of(self, name: str) -> list[dict[str, Any]]:
        """Run one at tiny sizes. After a later one, or one that failed, the ground is a new one."""
        process = self._process
        if process is None or process.poll() is not None or self._ran_later_than(name):
            self.close()
            process = self._process = self._start()
        self._asked.append(name)
        process.stdin.write(f"{name}\n")
        process.stdin.flush()
        machine.until(lambda: self._saved(name) or process.poll() is not None, self.output, PATIENCE, 0.05)
        assert self._saved(name), self.output()
        figures: list[dict[str, Any]] = json.loads(Path(self._saved(name)[0]).read_text())["figures"]
        return figures

    def output(self) -> str:
        """Return all that it printed since it was started."""
        return self._log.read_text()

    def close(self) -> None:
        """Have it stop its servers."""
        if self._process is not None:
            self._process.stdin.close()
            self._process.wait(machine.slowness() * 60)
        self._process = None
        self._asked.clear()

    def _ran_later_than(self, name: str) -> bool:
        return any(BENCHMARKS.index(one) >= BENCHMARKS.index(name) for one in self._asked)

    def _saved(self, name: str) -> list[str]:
        return re.findall(rf"^{re.escape(str(self.results / name))}/.+\.json$", self.output(), re.MULTILINE)

    @property
    def _log(self) -> Path:
        return self.results / "said.log"

    def _start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.bench", "--quick", "--asked", "--results", str(self.results)]
        with self._log.open("w") as log:
            return subprocess.Popen(
                command,
                cwd=HERE.parents[1],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
                preexec_fn=lambda: child.die_with_parent(signal.SIGTERM),
            )


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    found = Bench(tmp_path_factory.mktemp("bench"))
    yield found
    found.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.sequence(place)) for place, name in enumerate(BENCHMARKS)]
)
def test_a_benchmark_yields_positive_figures(bench: Bench, name: str) -> None:
    figures = bench.figures_of(name)
    measured = [figure for figure in figures if figure["target"]]
    assert measured
    # A cost is a difference, less than the noise at these sizes.
    assert all(figure["value"] > 0 or COST in figure["name"] for figure in measured), figures
    assert {figure["benchmark"] for figure in figures} == {name}
    assert all(figure["name"] in bench.output() for figure in figures)


def test_no_benchmark_is_left_out() -> None:
    written = [name for path in HERE.glob("*.py") for name in DECORATED.findall(path.read_text())]
    assert sorted(written) == sorted(BENCHMARKS)
