"""Team, billing, providers and the life of an end user in a real Chromium; and what works there without a script."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from accounts.exports import jobs as export_jobs
from accounts.models import ApiKey, Developer, EndUser, Erasure, Invitation
from billing.models import Subscription
from providers.imports import jobs as import_jobs
from providers.models import ImportJob, ProviderApp
from tests import factories
from tests.adminportal.browsing import Complaints, sign_in
from tests.billing.delivering import deliver
from tests.billing.razorpay_server import KEY_ID, KEY_SECRET, WEBHOOK_SECRET, Razorpay, serving
from tests.chromium import assert_fits, stand
from tests.providers import exports
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
WIDTHS = pytest.mark.parametrize("width", [1440, 390])
VENDORS_PAGE = (
    "<title>Pay</title><h1>WearLink Developer</h1><form action='https://rzp.io/paid'><button>Pay</button></form>"
)


@pytest.fixture(autouse=True)
def objects(settings: Any, tmp_path: Path) -> Path:
    """An object store of this test alone."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    return tmp_path / "objects"


@pytest.fixture
def razorpay(settings: Any) -> Iterator[Razorpay]:
    """An installation that takes payments."""
    settings.RAZORPAY_KEY_ID, settings.RAZORPAY_KEY_SECRET = KEY_ID, KEY_SECRET
    settings.RAZORPAY_WEBHOOK_SECRET, settings.RAZORPAY_WEBHOOK_SECRET_PREVIOUS = WEBHOOK_SECRET, ""
    with serving(Razorpay(now=clock.now_ms() // 1000)) as server:
        settings.RAZORPAY_API_URL = server.url
        yield server


def enter(browser: Browser, base: str, developer: Developer, width: int, **options: Any) -> tuple[BrowserContext, Page]:
    """Return a browser that is signed in."""
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = sign_in(context, f"{base}/dashboard/login", developer)
    expect(page.locator("h1")).to_be_visible()
    return context, page


@WIDTHS
def test_a_team_mate_is_invited_promoted_and_removed(
    browser: Browser, live_server: Any, alice: Developer, width: int
) -> None:
    bob = factories.bob(alice)
    context, page = enter(browser, live_server.url, alice, width)
    page.goto(f"{live_server.url}/dashboard/team")
    page.get_by_label("E-mail address").fill("dana@example.com")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_role("region", name="Open invitations", exact=True)).to_contain_text("dana@example.com")
    page.get_by_label(f"Role of {bob.email}", exact=True).select_option("admin")
    page.get_by_role("button", name=f"Change the role of {bob.email}").click()
    expect(page.locator(".dash-flash")).to_contain_text(f"{bob.email} is now admin.")
    stand(page)
    page.get_by_role("row", name=bob.email).get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove member").click()
    expect(page.locator(".dash-flash")).to_contain_text("The member was removed")
    context.close()
    assert not Developer.objects.filter(pk=bob.pk).exists()
    assert Invitation.objects.get().email == "dana@example.com"


@WIDTHS
def test_a_plan_is_bought_on_the_vendors_page_and_cancelled(
    browser: Browser, live_server: Any, alice: Developer, razorpay: Razorpay, width: int
) -> None:
    context, page = enter(browser, live_server.url, alice, width)
    complaints = Complaints(page, live_server.url)

    def vendor(route: Route) -> None:
        route.fulfill(body="Thank you" if "paid" in route.request.url else VENDORS_PAGE, content_type="text/html")

    page.goto(f"{live_server.url}/dashboard/billing")
    page.get_by_role("button", name="Subscribe to Developer").click()
    expect(page.get_by_role("region", name="Subscription")).to_contain_text("waits for its first payment")
    assert complaints.foreign == []
    assert complaints.console == []
    context.route("https://rzp.io/**", vendor)
    page.get_by_role("link", name="Pay on Razorpay’s page").click()
    page.get_by_role("button", name="Pay", exact=True).click()
    expect(page.locator("body")).to_contain_text("Thank you")
    name = Subscription.objects.get().razorpay_id or ""
    razorpay.authorise(name)
    razorpay.charge(name)
    for event in razorpay.events[:]:
        deliver(event, razorpay.next("evt"))
    page.goto(f"{live_server.url}/dashboard/billing")
    expect(page.get_by_role("region", name="Subscription", exact=True)).to_contain_text("active")
    expect(page.get_by_role("article").filter(has_text="your plan")).to_contain_text("Developer")
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").first.click()
    assert download.value.suggested_filename.endswith(".pdf")
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel subscription").click()
    expect(page.get_by_role("region", name="Subscription", exact=True)).to_contain_text("with the paid cycle")
    context.close()


@WIDTHS
def test_a_vendors_app_is_entered_its_addresses_copied_and_it_is_removed(
    browser: Browser, live_server: Any, alice: Developer, width: int
) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    context, page = enter(browser, live_server.url, alice, width, permissions=allowed)
    page.goto(f"{live_server.url}/dashboard/providers")
    page.get_by_role("link", name="Oura", exact=True).click()
    page.get_by_label("Client id").fill("alpha-client")
    page.get_by_label("Client secret").fill("a secret of the vendor’s")
    page.get_by_role("button", name="Save credentials").click()
    stand(page, page.locator(".dash-flash").first)
    page.get_by_role("button", name="Copy the callback address").click()
    expect(page.get_by_role("button", name="Copy the callback address")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.endswith("/v1/providers/oura/callback")
    assert ProviderApp.objects.get().client_id == "alpha-client"
    page.get_by_role("button", name="Remove…").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove credentials").click()
    expect(page.get_by_role("button", name="Remove…")).to_have_count(0)
    context.close()
    assert not ProviderApp.objects.exists()


@WIDTHS
def test_an_archive_is_made_and_a_file_is_read_while_the_page_follows(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, width: int
) -> None:
    context, page = enter(browser, live_server.url, alice, width)
    page.goto(f"{live_server.url}/dashboard/end-users/{jane.id}/files")
    page.get_by_role("button", name="Make the export").click()
    expect(page.get_by_role("region", name="Exports, scrolls sideways")).to_contain_text("queued")
    assert export_jobs.run_next()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download", exact=True).click(timeout=15_000)
    assert download.value.suggested_filename == "wearlink-export.zip"
    content = exports.export(exports.heart_rates(30))
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "export.xml", "mimeType": "text/xml", "buffer": content}
    )
    page.get_by_role("button", name="Import the file").click()
    region = page.get_by_role("region", name="Imports, scrolls sideways")
    expect(region).to_contain_text("queued")
    import_jobs.run(ImportJob.objects.get().job_id)
    expect(region).to_contain_text("100 %", timeout=15_000)
    assert_fits(page, "files")
    context.close()


@WIDTHS
def test_an_end_user_is_deleted_and_a_key_revoked_without_a_script(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, width: int
) -> None:
    factories.api_key(alice.organization, "Old server")
    context, page = enter(browser, live_server.url, alice, width, java_script_enabled=False)
    page.goto(f"{live_server.url}/dashboard/end-users/{jane.id}/profile")
    page.get_by_role("link", name="Delete Jane…").click()
    page.get_by_label("Type “Jane” to confirm").fill("Jane")
    page.get_by_role("button", name="Delete Jane").click()
    expect(page.locator("h1")).to_have_text("Deleted end user")
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    page.goto(f"{live_server.url}/dashboard/credentials")
    page.get_by_role("button", name="Revoke…").click()
    expect(page).to_have_url(re.compile(r"\?confirm=delete-"))
    page.get_by_role("button", name="Revoke key").click()
    expect(page.locator(".dash-flash").first).to_contain_text("was revoked")
    context.close()
    assert Erasure.objects.count() == 1
    assert not ApiKey.objects.live().exists()
