"""The connect page in a real Chromium: without script, at two widths, in both themes, under its real policies."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import EndUser
from providers.models import Connection
from tests import factories
from tests.chromium import assert_fits, severe_findings
from tests.providers.connecting import work
from tests.providers.vendor import Vendor
from wearlink.lib import clock

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
SIZES = {"phone": (390, 844), "desktop": (1440, 900), "narrow": (320, 640)}
BACK = "https://app.example.com/done"


@pytest.fixture
def link(vendor: Vendor, jane: EndUser, live_server: Any, settings: Any) -> str:
    """A connect link of Jane's."""
    settings.BASE_URL = live_server.url
    organization = jane.organization
    organization.name = "StrideFit"
    organization.redirect_addresses = [BACK]
    organization.privacy_url = "https://app.example.com/privacy"
    organization.save()
    answer = factories.key_client(organization).post(
        f"/api/v1/users/{jane.id}/connect-link", {"redirect_uri": BACK}, format="json"
    )
    url: str = answer.json()["url"]
    return url


def context_of(browser: Browser, size: str, theme: Any, *, script: bool = False) -> BrowserContext:
    width, height = SIZES[size]
    return browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=theme, java_script_enabled=script
    )


def picture(page: Page, name: str) -> None:
    """Take a picture for people to look at, where SCREENSHOTS names a directory."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def assert_fit_to_be_seen(page: Page, name: str) -> None:
    """Assert no serious finding of axe, nothing wider than the screen, one heading, targets for fingers."""
    assert_fits(page, name)
    assert severe_findings(page) == [], name
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)
    heights = page.evaluate("[...document.querySelectorAll('.wl-button')].map(one => one.offsetHeight)")
    assert min(heights, default=44) >= 44


def say(context: BrowserContext, link: str, what: str) -> None:
    """Show a message on the next page, as a sign-in at a vendor would."""
    context.add_cookies([{"name": "wl-once", "value": what, "url": link}])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_every_state_of_the_page_is_fit_to_be_seen(
    browser: Browser, link: str, vendor: Vendor, jane: EndUser, size: str, theme: str
) -> None:
    states = {
        "none": None,
        "active": {"status": "active", "last_sync_at": clock.now()},
        "expired": {"status": "expired", "reason": "refresh_failed"},
        "trouble": {"status": "error", "reason": "sync_failing"},
    }
    context = context_of(browser, size, theme, script=True)
    page = context.new_page()
    for state, values in states.items():
        Connection.objects.all().delete()
        if values is not None:
            Connection.objects.create(
                user_key=jane.key, organization_id=jane.organization_id, provider="acme", account="user-1", **values
            )
        page.goto(link)
        assert_fit_to_be_seen(page, f"{state} {size} {theme}")
        picture(page, f"connect_{state}_{size}_{theme}")
    say(context, link, "acme.access_denied")
    for path, name in (("", "refused"), ("/disconnect/acme", "disconnect"), ("/disconnect/none", "unknown")):
        page.goto(link + path)
        assert_fit_to_be_seen(page, f"{name} {size} {theme}")
        picture(page, f"connect_{name}_{size}_{theme}")
    page.goto(link[:-4] + "AAAA")
    assert_fit_to_be_seen(page, f"expired link {size} {theme}")
    picture(page, f"connect_badlink_{size}_{theme}")
    context.close()


def test_a_person_connects_and_disconnects_without_script(
    browser: Browser, link: str, vendor: Vendor, jane: EndUser
) -> None:
    vendor.days["user-1"] = [{"id": "d1", "day": clock.now().date().isoformat(), "steps": 5}]
    page = context_of(browser, "phone", "light").new_page()
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url))
    page.goto(link)
    page.get_by_role("link", name="Connect Acme Ring").click()
    page.get_by_role("link", name="Allow").click()
    expect(page.get_by_role("heading")).to_have_text("Give your Acme Ring data to StrideFit?")
    page.get_by_role("button", name="Connect Acme Ring").click()
    expect(page.get_by_role("status")).to_contain_text("Acme Ring is connected.")
    row = Connection.objects.get(user_key=jane.key)
    work(row)
    page.goto(page.url.partition("?")[0])
    expect(page.locator(".wl-item")).to_contain_text("synced just now")
    expect(page.get_by_role("link", name="Return to StrideFit")).to_have_attribute("href", BACK)
    page.get_by_role("link", name="Disconnect Acme Ring").click()
    page.get_by_role("button", name="Disconnect Acme Ring").click()
    expect(page.get_by_role("status")).to_contain_text("Acme Ring is disconnected.")
    row.refresh_from_db()
    assert (row.status, row.reason) == ("revoked", "user_disconnected")
    assert all("127.0.0.1" in url or "localhost" in url for url in foreign)


def test_ones_own_refusal_is_no_alarm_and_is_said_once(
    browser: Browser, link: str, vendor: Vendor, jane: EndUser
) -> None:
    page = context_of(browser, "phone", "dark").new_page()
    page.goto(link)
    page.get_by_role("link", name="Connect Acme Ring").click()
    page.get_by_role("link", name="Deny").click()
    notice = page.get_by_role("status")
    expect(notice).to_contain_text("You did not allow the connection")
    expect(notice).not_to_contain_text("Code")
    page.reload()
    expect(page.get_by_role("status")).to_have_count(0)
    assert not Connection.objects.exists()


def test_the_keyboard_reaches_everything(browser: Browser, link: str) -> None:
    page = context_of(browser, "desktop", "light", script=True).new_page()
    page.goto(link)
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText"))
    assert [text.replace("\n", " ").strip() for text in reached] == [
        *("Skip to the content", "Connect Acme Ring", "Return to StrideFit", "What is read, and who gets it"),
        "Privacy at StrideFit",
    ]


def test_no_policy_is_violated(browser: Browser, link: str) -> None:
    page = context_of(browser, "phone", "light", script=True).new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    answer = page.goto(link)
    assert answer is not None
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert complaints == []


@pytest.mark.parametrize("size", ["phone", "narrow"])
def test_text_twice_as_large_fits_and_breaks_no_word(browser: Browser, link: str, jane: EndUser, size: str) -> None:
    Connection.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider="acme", account="user-1", status="active"
    )
    page = context_of(browser, size, "light", script=True).new_page()
    page.goto(link)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert_fits(page, size)
    lines = "[...document.querySelectorAll('.wl-item .wl-button, .wl-item h2')].map(one => one.offsetHeight)"
    assert max(page.evaluate(lines)) < 100  # one line of 40 to 52 pixels, with the button's padding
    picture(page, f"connect_large_{size}")


def test_the_page_waits_for_first_data_by_itself_and_without_script(
    browser: Browser, link: str, vendor: Vendor, jane: EndUser
) -> None:
    row = Connection.objects.create(
        user_key=jane.key, organization_id=jane.organization_id, provider="acme", account="user-1", status="active"
    )
    page = context_of(browser, "phone", "light").new_page()
    page.goto(link)
    expect(page.locator(".wl-item")).to_contain_text("first data is on its way")
    Connection.objects.filter(pk=row.pk).update(last_sync_at=clock.now())
    expect(page.locator(".wl-item")).to_contain_text("synced just now", timeout=30_000)
