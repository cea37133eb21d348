"""The first payment: Razorpay's form on the billing page, its policy, and what comes back, against a stand-in."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, FrameLocator, Page, expect

from accounts.models import AuditEntry, Developer
from adminportal.dashboard import shell
from billing.models import Subscription
from tests import factories
from tests.adminportal.browsing import Complaints, sign_in
from tests.adminportal.dashboard.conftest import signed_in
from tests.billing.checkout_form import REFUSAL, offering, pay
from tests.billing.razorpay_server import KEY_ID, KEY_SECRET, Razorpay, serving
from wearlink.lib import clock

PAGE = "/dashboard/billing"
WIDTHS = pytest.mark.parametrize("width", [1440, 390])


def in_chromium(test: Any) -> Any:
    return pytest.mark.browser(pytest.mark.django_db(transaction=True)(test))


@pytest.fixture
def razorpay(settings: Any) -> Iterator[Razorpay]:
    """An installation that takes payments, with the vendor's form."""
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
    with serving(Razorpay(now=clock.now_ms() // 1000)) as server, offering(server) as script:
        settings.RAZORPAY_API_URL, settings.RAZORPAY_CHECKOUT_URL = server.url, script
        yield server


def waiting(browser: Client) -> str:
    """Razorpay's id of a subscription that waits for its first payment."""
    browser.post(f"{PAGE}/subscribe", {"plan": "developer"})
    return Subscription.objects.get().razorpay_id or ""


def policy(answer: Any) -> dict[str, list[str]]:
    """Return the directives of a page's policy with their sources."""
    rules = [rule.split() for rule in answer["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in rules}


@pytest.mark.django_db
def test_only_the_page_with_something_to_pay_may_reach_razorpay_and_nothing_else(
    browser_of_alice: Client, alice: Developer, razorpay: Razorpay, settings: Any
) -> None:
    assert browser_of_alice.get(PAGE)["Content-Security-Policy"] == shell.CSP
    waiting(browser_of_alice)
    settings.RAZORPAY_API_URL = "https://api.razorpay.com/v1"
    settings.RAZORPAY_CHECKOUT_URL = "https://checkout.razorpay.com/v1/checkout.js"
    page = browser_of_alice.get(PAGE)
    script, api = "https://checkout.razorpay.com", "https://api.razorpay.com"
    found = policy(page)
    strict = {name: sources for name, *sources in (rule.split() for rule in shell.CSP.split(";"))}
    assert found == strict | {
        "script-src": ["'self'", script],
        "connect-src": ["'self'", script, api],
        "frame-src": [script, api],
    }
    assert page["Cross-Origin-Opener-Policy"] == "same-origin-allow-popups"
    assert browser_of_alice.get("/dashboard/team")["Content-Security-Policy"] == shell.CSP
    bob = signed_in(factories.bob(alice)).get(PAGE)
    assert bob["Content-Security-Policy"] == shell.CSP
    assert b"checkout.razorpay.com" not in bob.content
    settings.RAZORPAY_KEY_ID = ""
    assert browser_of_alice.get(PAGE)["Content-Security-Policy"] == shell.CSP


@pytest.mark.django_db
def test_what_the_form_hands_over_is_checked_by_the_server(
    browser_of_alice: Client, razorpay: Razorpay, text: Any
) -> None:
    query = {"subscription_id": waiting(browser_of_alice), "key": KEY_ID}
    forged = browser_of_alice.post(f"{PAGE}/verify", pay(razorpay, {**query, "how": "forge"}), follow=True)
    assert "does not carry Razorpay&#x27;s signature" in text(forged)
    assert Subscription.objects.get().status == "created"
    nothing = browser_of_alice.post(f"{PAGE}/verify", {}, follow=True)
    assert "dash-flash-bad" in text(nothing)
    paid = pay(razorpay, {**query, "how": "pay"})
    assert "Paid. Your plan is active." in text(browser_of_alice.post(f"{PAGE}/verify", paid, follow=True))
    assert Subscription.objects.get().status == "active"
    assert AuditEntry.objects.filter(action="billing.checkout_verified").count() == 1


@pytest.mark.django_db
def test_a_stranger_and_a_member_verify_nothing(browser_of_alice: Client, alice: Developer, razorpay: Razorpay) -> None:
    paid = pay(razorpay, {"subscription_id": waiting(browser_of_alice), "key": KEY_ID, "how": "pay"})
    assert signed_in(factories.bob(alice)).post(f"{PAGE}/verify", paid).status_code == 403
    assert signed_in(factories.charlie()).post(f"{PAGE}/verify", paid).status_code == 404
    assert Subscription.objects.get().status == "created"


class Buyer:
    """Alice in front of the billing page, with a subscription to the Developer plan that waits."""

    def __init__(self, browser: Browser, base: str, alice: Developer, width: int, **options: Any) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page: Page = sign_in(self.context, f"{base}/dashboard/login", alice)
        expect(self.page.locator("h1")).to_be_visible()
        self.complaints = Complaints(self.page, base)
        self.page.goto(f"{base}{PAGE}")
        self.page.get_by_role("button", name="Subscribe to Developer").click()
        self.subscription = self.page.get_by_role("region", name="Subscription", exact=True)
        expect(self.subscription).to_contain_text("waits for its first payment")
        self.page.wait_for_load_state("networkidle")
        assert self.complaints.foreign == [], "nothing is asked of others before the click"
        self.state = self.page.locator("#payment-state")

    def open(self) -> FrameLocator:
        self.page.get_by_role("button", name="Pay now").click()
        return self.page.frame_locator(".razorpay-checkout-frame")


@pytest.fixture
def buyers(browser: Browser, live_server: Any, alice: Developer, razorpay: Razorpay) -> Iterator[Any]:
    """Makes the buyer of a width."""
    made: list[Buyer] = []

    def make(width: int = 1440, **options: Any) -> Buyer:
        made.append(Buyer(browser, live_server.url, alice, width, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()


@in_chromium
@WIDTHS
def test_a_plan_is_paid_in_the_form_on_the_page(buyers: Any, razorpay: Razorpay, width: int) -> None:
    buyer = buyers(width)
    buyer.complaints.look(PAGE)
    form = buyer.open()
    expect(form.get_by_role("heading", name="WearLink")).to_be_visible()
    box = buyer.page.locator(".razorpay-checkout-frame").bounding_box()
    assert (box["width"], box["height"]) == (width, 900), "the form covers the page although its styles are refused"
    form.get_by_role("button", name="Pay", exact=True).click()
    expect(buyer.page.locator(".dash-flash").first).to_contain_text("Paid. Your plan is active.")
    expect(buyer.subscription).to_contain_text("active")
    paths = [urlsplit(url).path for url in buyer.complaints.foreign]
    assert paths == ["/v1/checkout.js", "/checkout/public", "/checkout/pay"]
    assert all("style" in one for one in buyer.complaints.console), buyer.complaints.console
    assert buyer.complaints.severe == []


@in_chromium
def test_a_payment_that_fails_or_is_given_up_is_told_in_words(buyers: Any, razorpay: Razorpay) -> None:
    buyer = buyers(390)
    buyer.open().get_by_role("button", name="Close").click()
    expect(buyer.state).to_contain_text("closed without a payment")
    expect(buyer.page.get_by_role("button", name="Pay now")).to_be_focused()
    form = buyer.open()
    form.get_by_role("button", name="Pay with a bad card").click()
    expect(buyer.state).to_contain_text(f"The payment failed: {REFUSAL}.")
    form.get_by_role("button", name="Close").click()
    expect(buyer.state).to_contain_text("Try again, or with another card.")
    assert Subscription.objects.get().status == "created"
    buyer.open().get_by_role("button", name="Pay", exact=True).click()
    expect(buyer.subscription).to_contain_text("active")


@in_chromium
def test_a_forged_signature_changes_nothing(buyers: Any, razorpay: Razorpay) -> None:
    buyer = buyers()
    buyer.open().get_by_role("button", name="Pay by forgery").click()
    expect(buyer.page.locator(".dash-flash-bad")).to_contain_text("does not carry Razorpay's signature")
    assert Subscription.objects.get().status == "created"


@in_chromium
def test_where_the_form_does_not_load_the_link_leads_to_the_payment(buyers: Any, settings: Any) -> None:
    settings.RAZORPAY_CHECKOUT_URL = "http://127.0.0.1:9/v1/checkout.js"
    buyer = buyers()
    buyer.page.get_by_role("button", name="Pay now").click()
    expect(buyer.state).to_contain_text("did not load")
    link = buyer.page.get_by_role("link", name="Pay on Razorpay’s page")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("href", Subscription.objects.get().short_url)


@in_chromium
def test_without_a_script_there_is_the_link_alone(buyers: Any, razorpay: Razorpay) -> None:
    buyer = buyers(java_script_enabled=False)
    expect(buyer.page.get_by_role("button", name="Pay now")).to_have_count(0)
    expect(buyer.page.get_by_role("link", name="Pay now")).to_be_visible()
