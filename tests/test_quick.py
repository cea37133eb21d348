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
