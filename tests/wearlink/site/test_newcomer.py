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

from providers.simulator import server as simulator
from providers.simulator.world import settings_at
from tests.chromium import assert_fits, stand
from tests.wearlink.installation import RunningInstallation, alive, log_of, start, until

pytestmark = [pytest.mark.slow, pytest.mark.browser]
MAX_CLICKS = 19
PASSWORD = "copper lantern on the windowsill"
SOON_MS = 60_000


@pytest.fixture(scope="module")
def installation() -> Iterator[RunningInstallation]:
    """`make run` on a fresh directory, with the simulated vendors beside it and without the demo, which nobody sees."""
    directory = Path(tempfile.mkdtemp(prefix="wearlink-newcomer-"))
    with simulator.running() as world:
        running = start(directory / "data", "--no-demo", **settings_at(world.url))
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


def mailed_links(running: RunningInstallation) -> list[str]:
    """Return the links of the mails so far, which the embedded run shows in its terminal."""
    return re.findall(r"http://\S+/verify-email\?token=[\w.\-]+", log_of(running.data).read_text())


def mailed_link(running: RunningInstallation, *, before: int) -> str:
    """Return the link of the next mail after so many."""
    found: list[str] = []

    def has_come() -> bool:
        found[:] = mailed_links(running)
        return len(found) > before

    until(has_come, lambda: "no mail came")
    return found[-1]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_newcomer_has_data_on_screen_in_under_twenty_clicks(
    browser: Browser, installation: RunningInstallation, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page, clicks, mails = context.new_page(), Clicks(), len(mailed_links(installation))
    page.goto(f"http://127.0.0.1:{installation.port}/")
    clicks.on(page, "Developer portal", role="link")
    clicks.on(page, "Create an account", role="link")
    stand(page, page.get_by_label("Organization"))
    page.get_by_label("E-mail").fill(f"dana-{width}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Organization").fill(f"Delta {width}")
    clicks.on(page, "Create the account")
    expect(page.locator("code").filter(has_text="sk-")).to_be_visible()
    clicks.on(page, "I have stored it", role="link")
    expect(page.locator("body")).to_contain_text("0 of 5 done")

    page.goto(mailed_link(installation, before=mails))
    clicks.on(page, "Confirm my address")
    expect(page.locator("h1")).to_have_text("Your e-mail address is confirmed")
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
    clicks.on(page, "Day before", role="link")  # a whole day, whatever the hour is
    expect(page).to_have_url(re.compile(r"\?day="))
    expect(page.get_by_role("img", name=re.compile("Heart rate by"))).to_be_visible()
    for name in ("Steps", "Resting heart rate", "Sleep"):
        card = page.locator(".wl-stat", has=page.get_by_text(name, exact=True))
        expect(card.locator(".wl-stat-figure")).to_have_text(re.compile(r"\d"))
    assert_fits(page, "a day")
    clicks.on(page, "Home", role="link")
    expect(page.locator("body")).to_contain_text("3 of 5 done")
    context.close()
    assert clicks.count <= MAX_CLICKS
