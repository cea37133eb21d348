"""`make quick` finds the tests that are nearest to a change."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = Path(__file__).parents[1] / "scripts" / "quick.py"


@pytest.mark.parametrize(
    ("changed", "nearest"),
    [
        ("wearlink.lib.clock", "tests/wearlink/test_clock.py"),
        ("tests.wearlink.test_crypto", "tests/wearlink/test_crypto.py"),
        ("wearlink.lib.security.crypto", "tests/wearlink/test_crypto.py"),
    ],
)
def test_the_nearest_tests_come_first(changed: str, nearest: str) -> None:
    found = runpy.run_path(str(QUICK))["nearest_tests"]({changed})
    assert nearest in found[: len(found) // 3 + 1]
    assert all(Path(file).is_file() for file in found)


def test_the_tests_named_like_what_changed_are_the_first() -> None:
    assert runpy.run_path(str(QUICK))["nearest_tests"]({"wearlink.lib.clock"})[0] == "tests/wearlink/test_clock.py"


@pytest.mark.parametrize(
    ("reading", "running", "summary"),
    [
        (60, 60, "2 passed"),
        (60, 0, "2 tests farther away and those of 0 files did not run"),
        (0, 60, "0 tests farther away and those of 2 files did not run"),
    ],
)
def test_files_and_tests_for_which_there_is_no_time_are_left_out_and_told(
    tmp_path: Path, reading: int, running: int, summary: str
) -> None:
    for name in ("test_one.py", "test_two.py"):
        (tmp_path / name).write_text("def test_it() -> None:\n    pass\n")
    program = f"""import runpy, pytest
deadline = runpy.run_path({str(QUICK)!r})["Deadline"]({reading}, {running})
pytest.main(["-q", "-p", "no:django", "-p", "no:xdist", "test_one.py", "test_two.py"], plugins=[deadline])"""
    names = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, cwd=tmp_path, env=names, capture_output=True, text=True, timeout=120, check=True)
    assert summary in ended.stdout


def test_what_nobody_imports_has_no_tests() -> None:
    assert runpy.run_path(str(QUICK))["nearest_tests"]({"no.such.module"}) == []


@pytest.mark.parametrize(
    ("file", "nearest"),
    [
        ("templates/dashboard/call.html", "tests/adminportal/dashboard/test_"),
        ("templates/platform/login.html", "tests/adminportal/"),
        ("healthdata/data/series_types.csv", "tests/healthdata/test_catalogue.py"),
    ],
)
def test_a_file_that_is_no_module_counts_as_a_change_of_those_who_name_it(file: str, nearest: str) -> None:
    quick = runpy.run_path(str(QUICK))
    found = quick["nearest_tests"](quick["changed"]([file]))
    assert any(name.startswith(nearest) for name in found[:5]), found
