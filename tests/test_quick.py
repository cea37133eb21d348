"""`make quick` finds the tests that are nearest to a change."""

import runpy
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
