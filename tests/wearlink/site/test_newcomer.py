"""A stranger with a browser: from the front page to their first data, with nothing but what stands on the pages."""

import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.wearlink.installation import Running, alive, log_of, start, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
MOST_CLICKS = 19
PASSWORD = "copper lantern on the windowsill"
SOON_MS = 60_000


@pytest.fixture
def installation() -> Iterator[Running]:
    """`make run` on a fresh directory, with the simulated vendors beside it."""
    directory = Path(tempfile.mkdtemp(prefix="wearlink-newcomer-"))
    running = start(directory / "data")
    running.ready()
    yield running
    running.stop()
    for pid in alive(directory / "data"):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(directory)


class Clicks:
    """Counts what a person clicks; what they type is not counted."""

    def __init__(self) -> None:
        self.count = 0

    def on(self, page: Page, name: str, *, role: str = "button") -> None:
        """Click what is called so."""
        self.count += 1
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


def mailed_link(running: Running) -> str:
    """The link of the mail, which the embedded run shows in its terminal."""
    found: list[str] = []

    def has_come() -> bool:
        found[:] = re.findall(r"http://\S+/verify-email\?token=[\w.\-]+", log_of(running.data).read_text())
        return bool(found)

    until(has_come, lambda: "no mail came")
    return found[-1]


def test_a_newcomer_has_data_on_screen_in_under_twenty_clicks(browser: Browser, installation: Running) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page, clicks = context.new_page(), Clicks()
    page.goto(f"http://127.0.0.1:{installation.port}/")
    clicks.on(page, "Developer portal", role="link")
    clicks.on(page, "Create an account", role="link")
    page.get_by_label("E-mail").fill("dana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Organization").fill("Delta")
    clicks.on(page, "Create the account")
    expect(page.locator("code").filter(has_text="sk-")).to_be_visible()
    clicks.on(page, "I have stored it", role="link")
    expect(page.locator("body")).to_contain_text("0 of 5 done")

    page.goto(mailed_link(installation))
    clicks.on(page, "Confirm my address")
    page.goto(f"http://127.0.0.1:{installation.port}/dashboard")

    clicks.on(page, "End users", role="link")
    clicks.on(page, "New end user", role="link")
    page.get_by_label("First name").fill("Jane")
    clicks.on(page, "Create the end user")
    clicks.on(page, "Make a connect link")
    with context.expect_page() as opened:
        clicks.on(page, "Open the connect page", role="link")
    there = opened.value
    clicks.on(there, "Connect Oura", role="link")
    clicks.on(there, "Allow")
    clicks.on(there, "Connect Oura")
    expect(there.get_by_role("link", name="Disconnect Oura")).to_be_visible(timeout=SOON_MS)
    there.close()

    expect(page.get_by_role("region", name="Sync runs", exact=True)).to_contain_text("done", timeout=SOON_MS)
    clicks.on(page, "Overview", role="link")
    expect(page.get_by_role("img", name=re.compile("Heart rate by"))).to_be_visible()
    assert page.locator(".wl-stat-figure", has_text=re.compile(r"\d")).count() >= 1
    clicks.on(page, "Home", role="link")
    expect(page.locator("body")).to_contain_text("3 of 5 done")
    context.close()
    assert clicks.count <= MOST_CLICKS
