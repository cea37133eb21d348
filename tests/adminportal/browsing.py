"""A portal's pages in Chromium: through the door, and what is held against the pages that are opened."""

from playwright.sync_api import BrowserContext, Locator, Page, expect

from accounts.models import Developer
from tests import chromium, factories


def sign_in(context: BrowserContext, door: str, developer: Developer, *, label: str = "E-mail") -> Page:
    """Give address and password at the door and pass it; what comes then is for the caller to expect."""
    page = context.new_page()
    page.goto(door)
    outside = page.url
    page.get_by_label(label).fill(developer.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).not_to_have_url(outside)
    page.wait_for_load_state()
    return page


class Complaints:
    """A page's faults: requests to other hosts, complaints in its console, and serious findings of axe."""

    def __init__(self, page: Page, base: str) -> None:
        self.foreign: list[str] = []
        self.console: list[str] = []
        self.severe: list[tuple[str, str, str]] = []
        self._page = page
        page.on("request", lambda sent: None if sent.url.startswith(base) else self.foreign.append(sent.url))
        page.on("console", lambda message: self.console.append(message.text) if message.type == "error" else None)

    def look(self, path: str, *signs: Locator) -> None:
        """Judge the page's width and have axe judge it, once it shows the signs, which the page before has not."""
        chromium.assert_fits(self._page, path, *signs)
        self.severe += [(path, *one) for one in chromium.severe_findings(self._page)]
