"""The installation's own pages in a real Chromium, where forms are sent as browsers send them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts import audit, mail
from accounts.models import EndUser, Role
from accounts.organization import team
from providers.simulator import server
from tests import factories
from tests.chromium import assert_fits, severe_findings
from wearlink.demo import credentials_file
from wearlink.demo.credentials_file import DemoCredentials, FileLogin

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "copper lantern on the windowsill"


@pytest.fixture
def jane(settings: Any, tmp_path: Path, live_server: Any) -> EndUser:
    """The demo's end user, and what `make run` hands out about the demo."""
    settings.EMBEDDED, settings.DATA, settings.BASE_URL = True, tmp_path, live_server.url
    jane = factories.end_user(factories.alice().organization, first_name="Jane", time_zone="Europe/Berlin")
    who = FileLogin("demo@example.com", "demo-password")
    credentials_file.write(tmp_path, DemoCredentials(live_server.url, "sk-demo-key", who, who, [str(jane.id)]))
    return jane


@pytest.fixture(
    params=[(390, "light"), (390, "dark"), (1440, "light"), (1440, "dark")], ids=lambda it: f"{it[0]}-{it[1]}"
)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, theme = request.param
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    yield context.new_page()
    context.close()


def assert_fit_to_be_seen(page: Page, *signs: Locator) -> None:
    """Assert no severe finding of axe, nothing wider than the screen, one heading and one main part."""
    assert_fits(page, page.url, *signs)
    assert severe_findings(page) == [], page.url
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("main")).to_have_count(1)


def test_every_page_is_fit_to_be_seen(page: Page, live_server: Any, jane: EndUser) -> None:
    for path in (
        "/",
        "/try/week",
        "/nowhere",
        "/verify-email?token=x",
        "/reset-password?token=x",
        "/invitation?token=x",
        "/contact",
    ):
        page.goto(live_server.url + path)
        assert_fit_to_be_seen(page)


def test_the_button_on_the_front_page_opens_the_connect_page(page: Page, live_server: Any, jane: EndUser) -> None:
    page.goto(live_server.url)
    page.get_by_role("button", name="Open the connect page").click()
    expect(page.locator("h1")).to_have_text("Connect your devices")


def test_a_mailed_link_confirms_an_address_by_its_button_and_not_by_being_opened(
    page: Page, live_server: Any, jane: EndUser
) -> None:
    alice = jane.organization.developers.get()
    alice.email_verified_at = None
    alice.save()
    page.goto(f"{live_server.url}/verify-email?token={mail.verification_token(alice)}")
    alice.refresh_from_db()
    assert alice.email_verified_at is None
    page.get_by_role("button", name="Confirm my address").click()
    expect(page.locator("h1")).to_have_text("Your e-mail address is confirmed")
    alice.refresh_from_db()
    assert alice.email_verified_at is not None


def test_a_mailed_link_sets_a_new_password(page: Page, live_server: Any, jane: EndUser) -> None:
    alice = jane.organization.developers.get()
    page.goto(f"{live_server.url}/reset-password?token={mail.reset_token(alice)}")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Set the password").click()
    assert_fit_to_be_seen(page, page.locator(".site-fault"))
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    expect(page.locator("h1")).to_have_text("Your new password is set")
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_an_invited_person_joins_and_signs_in(page: Page, live_server: Any, jane: EndUser) -> None:
    alice = jane.organization.developers.get()
    invitation = team.invite(alice, email="dana@example.com", role=Role.MEMBER, actor=audit.developer(alice))
    page.goto(f"{live_server.url}/invitation?token={mail.invitation_token(invitation)}")
    expect(page.locator("h1")).to_have_text(f"Join {jane.organization.name}")
    assert_fit_to_be_seen(page)
    page.get_by_label("Your name").fill("Dana")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create my account").click()
    expect(page.locator("h1")).to_have_text(f"Welcome to {jane.organization.name}")
    assert_fit_to_be_seen(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill("dana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{live_server.url}/dashboard")
    expect(page.locator(".dash-org")).to_have_text(jane.organization.name)


def test_the_simulated_vendors_page_says_in_words_what_is_read_and_who_asks(page: Page) -> None:
    with server.running() as world:
        for slug, scope in (("oura", "daily heartrate"), ("strava", "read,activity:read_all"), ("garmin", "")):
            back = "http://127.0.0.1:8000/v1/providers/x/callback"
            page.goto(f"{world.url}/{slug}/oauth/authorize?client_id=x&redirect_uri={back}&scope={scope}")
            assert_fit_to_be_seen(page)
            expect(page.locator("h1")).to_contain_text("WearLink asks to read your")
            expect(page.locator("main")).to_contain_text("127.0.0.1:8000")
            assert all(" " in words or words.istitle() for words in page.locator("li").all_inner_texts())
