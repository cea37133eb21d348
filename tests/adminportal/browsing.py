"""A portal's pages in Chromium: through the door, and what is held against the pages that are opened."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

from accounts.models import Developer
from tests import factories

SEVERE = {"serious", "critical"}


def sign_in(context: BrowserContext, door: str, developer: Developer, *, label: str = "E-mail") -> Page:
    """Give address and password at the door; what comes then is for the caller to expect."""
    page = context.new_page()
    page.goto(door)
    page.get_by_label(label).fill(developer.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    return page


class Complaints:
    """A page's faults: requests to other hosts, complaints in its console, and serious findings of axe."""

    def __init__(self, page: Page, base: str) -> None:
        self.foreign: list[str] = []
        self.console: list[str] = []
        self.severe: list[tuple[str, str, str]] = []
        self._page = page
        page.on("request", lambda sent: None if sent.url.startswith(base) else self.foreign.append(sent.url))
        page.on("console", lambda told: self.console.append(told.text) if told.type == "error" else None)

    def look(self, path: str) -> None:
        """Have axe judge the page as it stands."""
        found = Axe().run(self._page).response["violations"]
        self.severe += [(path, one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in SEVERE]
