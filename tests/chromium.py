"""A page in Chromium is judged once it stands: what tells it from the page before is said with each judgement.

A click returns before the page it leads to is there, and whoever reads then reads the page before, or none.
"""

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests import machine

SEVERE = {"serious", "critical"}
PATIENCE_MS = 30_000  # on a busy machine; what comes at once costs none of it


def stand(page: Page, *signs: Locator) -> None:
    """Wait until the page is loaded and shows the signs, which the page before has not."""
    for sign in signs:
        expect(sign).to_be_visible()
    page.wait_for_load_state()


def assert_fits(page: Page, name: str, *signs: Locator) -> None:
    """Assert that nothing of the page is wider than the screen, once it stands."""
    stand(page, *signs)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


def severe_findings(page: Page, *signs: Locator) -> list[tuple[str, str]]:
    """Return the rules of axe that the page breaks badly, each with the first place, once it stands."""
    stand(page, *signs)
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SEVERE]


def measure(page: Page) -> Callable[[], dict[str, float]]:
    """Begin to measure; the result gives Chromium's figures by name, durations in seconds of the page's processor."""
    measured = page.context.new_cdp_session(page)
    measured.send("Performance.enable", {"timeDomain": "threadTicks"})
    return lambda: {one["name"]: one["value"] for one in measured.send("Performance.getMetrics")["metrics"]}


def wait_for_copy(page: Page, words: str) -> str:
    """Return the clipboard's text once it holds the words: a button copies after its click has returned."""
    found: list[str] = []

    def is_copied() -> bool:
        found[:] = [page.evaluate("navigator.clipboard.readText()")]
        return words in found[0]

    machine.until(is_copied, lambda: found, PATIENCE_MS / 1000)
    return found[0]
