"""The documentation in a real Chromium: at two widths in both themes, with and without script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from adminportal.docs import navigation, pages
from tests.adminportal.browsing import Complaints

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
LONGEST_AND_SHORT = ("index", "quickstart", "coverage", "events", "changelog", "platform")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_pages_are_readable_by_all_and_ask_nobody_else(
    browser: Browser, live_server: Any, width: int, theme: Any
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    complaints = Complaints(page, live_server.url)
    addresses = [pages.address_of(one) for one in navigation.entries() if one.slug in LONGEST_AND_SHORT]
    for address in [*addresses, "/docs/search?q=webhook"]:
        page.goto(live_server.url + address)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("main")).to_have_count(1)
        complaints.look(address)
    context.close()
    assert complaints.severe == [], "\n".join(map(str, complaints.severe[:5]))
    assert complaints.foreign == []
    assert complaints.console == []


def test_the_language_of_samples_is_chosen_by_keyboard_and_remembered(browser: Browser, live_server: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/quickstart")
    first = page.locator(".docs-samples").first
    first.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    expect(first.locator("pre:visible")).to_contain_text("httpx.post")
    expect(page.locator(".docs-samples").nth(1).locator("pre:visible")).to_contain_text("client.post")
    page.goto(f"{live_server.url}/docs/data")
    expect(page.locator(".docs-samples").first.locator("pre:visible")).to_contain_text("client.get")
    context.close()


def test_everything_but_memory_works_without_a_script(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/quickstart")
    first = page.locator(".docs-samples").first
    first.get_by_text("JavaScript", exact=True).click()
    expect(first.locator("pre:visible")).to_contain_text("await call")
    page.get_by_label("Search the documentation").fill("Retry-After")
    page.keyboard.press("Enter")
    expect(page.locator(".docs-results li").first).to_be_visible()
    page.locator(".docs-results a", has_text="Errors").first.click()
    expect(page.locator("h1")).to_have_text("Errors and lists")
    page.locator(".docs-next").click()
    expect(page.locator("h1")).not_to_have_text("Errors and lists")
    here = page.url
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("dark")
    expect(page).to_have_url(here)
    context.close()


def test_results_come_while_typing_and_the_theme_stays_as_chosen(browser: Browser, live_server: Any) -> None:
    context = browser.new_context(color_scheme="light")
    page = context.new_page()
    page.goto(f"{live_server.url}/docs/search")
    page.keyboard.press("/")
    page.keyboard.type("signature")
    expect(page.locator(".docs-results li").first).to_be_visible()
    expect(page.locator("[role=status]")).to_contain_text("signature")
    expect(page).to_have_url(re.compile("q=signature$"))
    with page.expect_response("**/theme"):
        page.get_by_role("group", name="Theme").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_class("dark")
    page.goto(f"{live_server.url}/docs")
    expect(page.locator("html")).to_have_class("dark")
    expect(page.locator("body")).to_have_css("background-color", "rgb(13, 18, 25)")
    context.close()
