"""Pages on which a developer does what the API does, in a real Chromium: meals, tokens, links, changes, listeners."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Developer, EndUser, SecondFactorDevice
from accounts.sign_in import second_factor
from healthdata.models import Source
from healthdata.records import Sample
from healthdata.store import store
from nutrition.models import MealLog
from tests import factories
from tests.adminportal.browsing import Complaints, sign_in
from tests.chromium import stand
from tests.healthdata.reading import HOUR, PHONE, WATCH
from tests.nutrition import photos
from tests.nutrition.conftest import BIRYANI, RAITA, add_food
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SCREENS = [(1440, "light"), (390, "dark")]


@pytest.fixture
def jane(alice: Developer, settings: Any, tmp_path: Path) -> EndUser:
    """A watch and a phone that count the same walk differently, and two dishes that the food table knows."""
    settings.OBJECTS_DIR = tmp_path / "objects"
    add_food("biryani", BIRYANI, "biriyani")
    add_food("raita", RAITA)
    jane = factories.end_user(alice.organization, first_name="Jane", time_zone="UTC")
    noon = clock.to_ms(clock.now().replace(hour=12, minute=0)) - 48 * HOUR
    walk = [(WATCH, 600.0), (PHONE, 500.0)]
    store(jane.key, [[Sample(source, "steps", noon, value, duration=HOUR) for source, value in walk]])
    return jane


def entered(browser: Browser, base: str, developer: Developer, width: int, theme: Any) -> tuple[BrowserContext, Page]:
    """Return a page behind the door."""
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = sign_in(context, f"{base}/dashboard/login", developer)
    expect(page.locator("h1")).to_be_visible()
    return context, page


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_a_meal_is_logged_corrected_and_deleted(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, width: int, theme: Any
) -> None:
    context, page = entered(browser, live_server.url, alice, width, theme)
    complaints = Complaints(page, live_server.url)
    page.goto(f"{live_server.url}/dashboard/end-users/{jane.id}/nutrition")
    page.get_by_role("link", name="Log a meal").click()
    page.get_by_label("Look a food up").fill("biryani")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Add biryani").click()
    expect(page.get_by_label("Dish", exact=True).first).to_have_value("biryani")
    complaints.look("meal-new")
    page.get_by_label("Meal").select_option("dinner")
    page.get_by_role("button", name="Log the meal").click()
    expect(page.get_by_role("status").first).to_contain_text("The meal is logged")
    complaints.look("meal")
    page.get_by_role("link", name="Correct biryani").click()
    page.get_by_label("Grams").fill("50")
    complaints.look("meal-item", page.get_by_role("heading", name="Correct “biryani”"))
    page.get_by_role("button", name="Save the correction").click()
    expect(page.locator("main")).to_contain_text("100 kcal")
    page.get_by_role("button", name="Delete the meal…").click()
    page.get_by_role("button", name="Delete meal", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("counts nowhere")
    page.get_by_role("link", name="Log by photo").click()
    photo = {"name": "meal.jpg", "mimeType": "image/jpeg", "buffer": photos.jpeg()}
    page.get_by_label("Photo").set_input_files(files=[photo])  # type: ignore[list-item]
    complaints.look("meal-photo", page.get_by_role("heading", name="Log a meal by photo"))
    page.get_by_role("button", name="Send the photo").click()
    stand(page, page.get_by_role("img", name="Photo of the"))
    context.close()
    assert complaints.severe == []
    assert complaints.foreign == []
    assert complaints.console == []
    assert sorted(MealLog.objects.values_list("status", flat=True)) == ["discarded", "pending"]


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_tokens_links_changes_and_listeners_are_made_and_read(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, width: int, theme: Any
) -> None:
    context, page = entered(browser, live_server.url, alice, width, theme)
    complaints = Complaints(page, live_server.url)
    one, base = f"{live_server.url}/dashboard/end-users/{jane.id}", f"{live_server.url}/dashboard"
    page.goto(f"{one}/phone")
    page.get_by_role("button", name="Issue a token").click()
    expect(page.locator("#secret-text")).to_contain_text("eyJ")
    complaints.look("phone")
    page.goto(f"{one}/files")
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator("#upload-curl")).to_contain_text("curl -T export.zip")
    complaints.look("files")
    page.get_by_role("button", name="It has arrived").click()
    expect(page.get_by_role("status").first).to_contain_text("No file has arrived")
    page.goto(f"{base}/changes")
    page.get_by_role("link", name="Jane").first.click()
    expect(page.locator("h1")).to_have_text("Jane")
    expect(page.locator("main")).to_contain_text("steps")
    complaints.look("changes")
    page.goto(f"{base}/webhooks/listeners")
    page.get_by_label("Only these events").fill("workout.*")
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_role("status").first).to_contain_text("waits for")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("main")).to_contain_text("webhook-signature")
    complaints.look("listeners")
    page.goto(f"{base}/webhooks/event-types")
    page.get_by_label("Search").fill("workout created")
    page.get_by_role("button", name="Search").click()
    complaints.look("event-types", page.get_by_role("link", name="Clear"))
    page.get_by_role("link", name="workout.created").click()
    complaints.look("event-type", page.get_by_role("heading", name="JSON Schema of its data"))
    watch = Source.objects.get(user_key=jane.key, name="Apple Watch")
    page.goto(f"{one}/sources/{watch.uid}")
    page.get_by_label("Hide it").check()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("region", name="Figures that would change")).to_contain_text("600")
    complaints.look("source")
    page.get_by_role("button", name="Yes, save this").click()
    expect(page.get_by_role("status").first).to_contain_text("was changed")
    context.close()
    assert complaints.severe == []
    assert complaints.foreign == []
    assert complaints.console == []


@pytest.mark.parametrize(("width", "theme"), SCREENS)
def test_a_second_factor_is_set_up_and_asked_for_at_the_door(
    browser: Browser, live_server: Any, alice: Developer, width: int, theme: Any
) -> None:
    context, page = entered(browser, live_server.url, alice, width, theme)
    complaints = Complaints(page, live_server.url)
    page.goto(f"{live_server.url}/dashboard/second-factor")
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    complaints.look("setting up")
    device = SecondFactorDevice.objects.get(user=alice)
    page.get_by_label("Code", exact=True).fill(factories.code_of(device))
    page.get_by_label("Your password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator("main code")).to_have_count(10)
    complaints.look("recovery codes")
    recovery = page.locator("main code").first.inner_text()
    page.goto(f"{live_server.url}/logout")
    page.get_by_role("button", name="Sign out").click()
    for code in (factories.code_of(device, 1), recovery):
        page.get_by_label("E-mail").fill(alice.email)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Code", exact=True)).to_be_focused()
        complaints.look("code")
        page.get_by_label("Code", exact=True).fill(code)
        page.keyboard.press("Enter")
        expect(page.locator(".dash-org")).to_have_text("Alpha")
        page.goto(f"{live_server.url}/logout")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("E-mail")).to_be_visible()
    context.close()
    assert complaints.severe == []
    assert [url for url in complaints.foreign if not url.startswith("data:")] == []
    assert complaints.console == []
    assert second_factor.find(alice).confirmed
