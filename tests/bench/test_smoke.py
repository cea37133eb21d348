"""Every benchmark runs from end to end at tiny sizes and yields figures."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_every_benchmark_yields_positive_figures(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bench", "--quick", "--results", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert ended.returncode == 0, ended.stderr[-3000:]
    (path,) = tmp_path.glob("*.json")
    figures = json.loads(path.read_text())["figures"]
    measured = [figure for figure in figures if figure["target"]]
    assert len(measured) >= 20
    assert all(figure["value"] > 0 for figure in measured), figures
    assert all(figure["name"] in ended.stdout for figure in figures)
