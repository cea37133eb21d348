"""Webhooks and settings in a real Chromium: at two widths and themes, and the flows that need a script or a dialog."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import ApiKey, Developer
from accounts.webhooks.models import Endpoint, Message
from tests import factories
from tests.adminportal.browsing import Complaints, sign_in
from tests.chromium import assert_fits, stand
from tests.webhooks import making
from tests.webhooks.receiver import Customer, CustomerReply, customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PATHS = (
    "webhooks", "webhooks/new", "credentials", "providers", "providers/oura", "team", "organization", "billing",
    "audit", "webhooks/messages",
)  # fmt: skip


@pytest.fixture
def receiver() -> Iterator[Customer]:
    """Alpha's own server, which fails once."""
    with customer() as one:
        one.replies["/in"] = [CustomerReply(500, body=b"out of order"), CustomerReply(200, body=b"thank you")]
        yield one


@pytest.fixture
def endpoint(alice: Developer, receiver: Customer) -> Endpoint:
    """An endpoint with a failed and a delivered attempt."""
    made = making.endpoint(alice.organization, f"{receiver.url}/in", description="Staging")
    for kind in ("connection.created", "workout.created"):
        making.emit(alice.organization, kind)
        making.deliver()
    return made


def enter(context: BrowserContext, base: str, developer: Developer) -> Page:
    """Sign in at the door."""
    page = sign_in(context, f"{base}/dashboard/login", developer)
    expect(page.locator("h1")).to_be_visible()
    return page


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_usable_by_all_and_asks_nobody_else(
    browser: Browser, live_server: Any, alice: Developer, endpoint: Endpoint, width: int, theme: Any
) -> None:
    factories.api_key(alice.organization, "Production server")
    factories.bob(alice)
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = enter(context, live_server.url, alice)
    complaints = Complaints(page, live_server.url)
    message = f"webhooks/messages/{Message.objects.all()[0].id}"
    for path in (*PATHS, f"webhooks/{endpoint.id}", f"webhooks/{endpoint.id}/secret", message):
        page.goto(f"{live_server.url}/dashboard/{path}")
        expect(page.locator("h1")).to_have_count(1)
        assert_fits(page, path)
        for summary in page.locator("details.wl-api > summary").all()[:1]:
            summary.click()
        complaints.look(path)
    context.close()
    assert complaints.severe == [], "\n".join(map(str, complaints.severe[:5]))
    assert [url for url in complaints.foreign if not url.startswith("data:")] == []
    assert complaints.console == []


@pytest.mark.parametrize("width", [1440, 390])
def test_an_endpoint_is_made_with_the_picker_and_its_log_opens(
    browser: Browser, live_server: Any, alice: Developer, receiver: Customer, width: int
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = enter(context, live_server.url, alice)
    page.goto(f"{live_server.url}/dashboard/webhooks")
    page.get_by_role("link", name="Add your first endpoint").click()
    stand(page, page.get_by_role("heading", name="New endpoint"))
    page.get_by_label("Address").fill(f"{receiver.url}/in")
    page.get_by_text("Only those I choose").click()
    page.get_by_label("Search events").fill("workout.created")
    expect(page.locator("#picker-count")).to_have_text("1 event fits")
    page.locator("label[data-search]:visible").first.click()
    page.get_by_role("button", name="Create endpoint").click()
    expect(page.locator(".wl-secret code")).to_contain_text("whsec_")
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_role("status").first).to_contain_text("A test event is on its way")
    making.deliver()
    page.reload()
    page.locator(".wl-attempt > summary").first.click()
    expect(page.locator(".wl-exchange").first).to_contain_text("out of order")
    page.get_by_label("Status").select_option("succeeded")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#log")).to_contain_text("No attempt fits these filters.")
    context.close()
    assert Endpoint.objects.get().filter_types == ["workout.created"]


def test_a_key_is_revoked_through_a_dialog_by_keyboard_alone(
    browser: Browser, live_server: Any, alice: Developer
) -> None:
    factories.api_key(alice.organization, "Old server")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = enter(context, live_server.url, alice)
    page.goto(f"{live_server.url}/dashboard/credentials")
    opener = page.get_by_role("button", name="Revoke…")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Revoke the key “Old server”?")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert ApiKey.objects.live().count() == 1
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("was revoked. Audit entry #")
    context.close()
    assert not ApiKey.objects.live().exists()


def test_a_call_is_copied_in_the_chosen_language(browser: Browser, live_server: Any, alice: Developer) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    context = browser.new_context(viewport={"width": 1440, "height": 900}, permissions=allowed)
    page = enter(context, live_server.url, alice)
    page.goto(f"{live_server.url}/dashboard/webhooks/new")
    page.locator(".wl-api > summary").click()
    page.get_by_text("Python", exact=True).click()
    page.get_by_role("button", name="Copy the Python text").click()
    expect(page.locator(".wl-lang:visible .wl-copy")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()")
    context.close()
    assert text.startswith("import os")
    assert "requests.post(" in text
