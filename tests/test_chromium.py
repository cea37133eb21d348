"""Pages in Chromium are judged in one place, which waits for them."""

from pathlib import Path

from tests import chromium

TESTS = Path(__file__).parent
JUDGEMENTS = ("import Axe", "documentElement.scrollWidth")


def test_no_test_judges_a_page_that_it_has_not_waited_for() -> None:
    waiting = {Path(chromium.__file__), Path(__file__)}
    for path in sorted({*TESTS.rglob("*.py")} - waiting):
        found = [words for words in JUDGEMENTS if words in path.read_text()]
        assert found == [], f"{path.relative_to(TESTS)}: by assert_fits and severe_findings of tests/chromium.py"
