"""The pages at /admin in a real Chromium: at two widths in both themes, for eyes, keyboards and screen readers."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import AuditEntry, Developer, EndUser
from adminportal.models import SupportTicket
from adminportal.platform.navigation import NAVIGATION
from billing.models import Invoice
from tests.adminportal.browsing import Complaints, sign_in
from wearlink.demo import neighbours
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SMALLEST_PICTURE = 8_000  # bytes: a blank page has fewer


def enter(context: BrowserContext, base: str, developer: Developer) -> Page:
    """Sign in at the door."""
    page = sign_in(context, f"{base}/admin/login/", developer, label="Email")
    expect(page.locator("h1")).to_have_text("Overview")
    return page


def details(root: Developer, jane: EndUser) -> list[str]:
    """Return pages that lists lead to."""
    ticket, invoice = SupportTicket.objects.latest("created_at"), Invoice.objects.latest("paid_at")
    return [
        f"developers/{root.pk}/", f"end-users/{jane.id}/", f"end-users/{jane.id}/why/{clock.now().date()}/",
        "review/quality/", "finance/invoices/", f"finance/invoices/{invoice.pk}/", f"support/{ticket.pk}/",
        "cogs/plans/developer/",
    ]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_section_is_usable_by_all_and_asks_nobody_else(
    browser: Browser, live_server: Any, root: Developer, jane: EndUser, theme: Any, width: int, tmp_path: Path
) -> None:
    neighbours.make(root)
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = enter(context, live_server.url, root)
    complaints = Complaints(page, live_server.url)
    paths = [section.page for sections in NAVIGATION.values() for section in sections if section.page != "index"]
    for path in ["", *(f"{one}/" for one in paths), *details(root, jane)]:
        page.goto(f"{live_server.url}/admin/{path}")
        expect(page.locator("h1")).to_have_count(1)
        assert page.title().endswith("· WearLink"), path
        picture = page.screenshot(path=tmp_path / f"{path.replace('/', '_') or 'overview'}{width}{theme}.png")
        assert len(picture) > SMALLEST_PICTURE, path
        complaints.look(path)
    context.close()
    assert complaints.severe == [], "\n".join(map(str, complaints.severe[:5]))
    assert [url for url in complaints.foreign if not url.startswith("data:")] == []
    assert complaints.console == []


def test_times_turn_to_utc_at_the_press_of_a_button_and_stay_so(
    browser: Browser, live_server: Any, root: Developer
) -> None:
    root.organization.time_zone = "Asia/Kolkata"
    root.organization.save()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = enter(context, live_server.url, root)
    moment = page.locator("time").first
    here = moment.inner_text()
    page.get_by_role("button", name="Show UTC").click()
    expect(moment).to_have_text(re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d UTC$"))
    page.reload()
    expect(moment).to_have_text(re.compile("UTC$"))
    page.get_by_role("button", name="Show UTC").click()
    expect(moment).not_to_have_text(re.compile("UTC$"))
    assert "UTC" not in here
    context.close()


def test_an_administrator_locks_a_developer_by_keyboard_alone(
    browser: Browser, live_server: Any, root: Developer, alice: Developer
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = enter(context, live_server.url, root)
    page.goto(f"{live_server.url}/admin/developers/{alice.pk}/")
    opener = page.locator("summary", has_text="Lock for 7 days")
    for _ in range(60):
        page.keyboard.press("Tab")
        if opener.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".wl-lead")).to_contain_text("locked by an administrator")
    expect(page.locator("body")).to_contain_text("developer.locked")
    context.close()
    assert AuditEntry.objects.filter(action="developer.locked", target_id=str(alice.pk)).count() == 1
