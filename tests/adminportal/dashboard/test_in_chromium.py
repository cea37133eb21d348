"""The portal in a real Chromium, at two widths in both themes, for eyes, keyboards and screen readers."""

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import Developer, EndUser
from adminportal import announcements
from healthdata.models import SleepSession, Source
from healthdata.records import DailyRecord, Record, Sample, StageRecord, WorkoutRecord
from healthdata.store import store
from tests import factories
from tests.adminportal.browsing import Complaints, sign_in
from tests.chromium import assert_fits, measure, severe_findings
from tests.healthdata.reading import HOUR, PHONE, WATCH
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
DAY_MS = 24 * HOUR


@pytest.fixture
def noon() -> int:
    """The middle of yesterday (UTC, in which Jane lives)."""
    return clock.to_ms(clock.now()) // DAY_MS * DAY_MS - DAY_MS // 2


@pytest.fixture
def jane(alice: Developer, noon: int) -> EndUser:
    """A watch that reads the heart every 5 seconds of yesterday, steps of two devices, a night, a run, and a year."""
    jane = factories.end_user(alice.organization, first_name="Jane", time_zone="UTC", external_id="j-1")
    midnight = noon - DAY_MS // 2
    records: list[Record] = [
        Sample(WATCH, "heart_rate", midnight + second * 1000, 60.0 + second // 60 % 40)
        for second in range(0, 86_400, 5)
    ]
    for hour in range(8, 20):
        records.append(Sample(WATCH, "steps", midnight + hour * HOUR, 800.0, duration=HOUR))
        records.append(Sample(PHONE, "steps", midnight + hour * HOUR, 700.0, duration=HOUR))
    records.append(StageRecord(WATCH, midnight, midnight + 3 * HOUR, "light"))
    records.append(StageRecord(WATCH, midnight + 3 * HOUR, midnight + 6 * HOUR, "deep"))
    records.append(WorkoutRecord(WATCH, "running", noon, noon + HOUR, distance_meters=10_000.0))
    for second in range(0, 3600, 10):
        moment = noon + second * 1000
        records.append(Sample(WATCH, "latitude", moment, 50.0 + second * 0.00002))
        records.append(Sample(WATCH, "longitude", moment, 4.0 + (second % 900) * 0.00003))
    today = clock.from_ms(midnight).date().toordinal()
    for back in range(365):
        day = date.fromordinal(today - back)
        records.append(DailyRecord(WATCH, "resting_heart_rate", day, 52.0 + back % 9))
        records.append(DailyRecord(WATCH, "steps", day, 8000.0 + back % 30 * 100) if back > 1 else records[0])
    store(jane.key, [records])
    return jane


def enter(context: BrowserContext, base: str, developer: Developer) -> Page:
    """Sign in at the door."""
    page = sign_in(context, f"{base}/dashboard", developer)
    expect(page.locator("h1")).to_have_text(developer.organization.name)
    return page


def workout_of(page: Page, base: str, jane: EndUser) -> str:
    """Return the address of her run."""
    page.goto(f"{base}/dashboard/end-users/{jane.id}/workouts")
    return str(page.get_by_role("link", name="Running").first.get_attribute("href"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_is_usable_by_all_and_asks_nobody_else(
    browser: Browser,
    live_server: Any,
    alice: Developer,
    root: Developer,
    jane: EndUser,
    theme: Any,
    width: int,
    noon: int,
) -> None:
    announcements.publish({"title": "Maintenance on Sunday", "severity": "warning"}, root)
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = enter(context, live_server.url, alice)
    complaints = Complaints(page, live_server.url)
    day = clock.from_ms(noon).date().isoformat()
    run = workout_of(page, live_server.url, jane)
    one = f"/dashboard/end-users/{jane.id}"
    tabs = [f"{one}?day={day}", f"{one}/days/{day}", f"{one}/workouts", run, f"{one}/nutrition", f"{one}/samples"]
    source, night = Source.objects.filter(user_key=jane.key)[0], SleepSession.objects.get(user_key=jane.key)
    tabs += [f"{one}/sources", f"{one}/sources/{source.uid}", f"{one}/connections", f"{one}/sleep?day={day}"]
    tabs += [f"{one}/sleep/{night.id}", f"{one}/scores", f"{one}/files", f"{one}/profile", f"{one}/delete"]
    lists = ["/dashboard/end-users", "/dashboard/end-users/new", "/dashboard/erasures", "/dashboard/source-order"]
    for path in ["/dashboard", *lists, *tabs]:
        page.goto(live_server.url + path)
        expect(page.locator("h1")).to_have_count(1)
        expect(page.locator("main")).to_have_count(1)
        assert page.title().endswith("· WearLink"), path
        complaints.look(path)
    context.close()
    assert complaints.severe == [], "\n".join(map(str, complaints.severe[:5]))
    assert [url for url in complaints.foreign if not url.startswith("data:")] == []
    assert complaints.console == []


def test_the_doors_are_usable_by_all(browser: Browser, live_server: Any) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    for path in ("login", "sign-up", "forgot"):
        page.goto(f"{live_server.url}/dashboard/{path}")
        assert severe_findings(page) == [], path
        assert_fits(page, path)
    page.close()


def test_a_day_of_readings_every_five_seconds_and_a_year_of_days_are_drawn_within_a_second(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, noon: int
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = enter(context, live_server.url, alice)
    day = clock.from_ms(noon).date().isoformat()
    figures = measure(page)
    page.goto(f"{live_server.url}/dashboard/end-users/{jane.id}?day={day}&days=365")
    expect(page.get_by_role("img", name=re.compile("Heart rate by Apple Watch: from 60 to 99 bpm"))).to_be_visible()
    drawn = figures()["TaskDuration"]
    assert drawn < 1, f"{drawn} s of the page's processor for the answer to be drawn"
    assert page.locator("path.wl-bar").first.get_attribute("d").count("M") > 300  # type: ignore[union-attr]
    plot = page.locator("#heart-rate .wl-pointed")
    plot.focus()
    page.keyboard.press("Home")
    expect(page.locator("#heart-rate output")).to_have_text(re.compile(r"^00:0\d · 6\d bpm"))
    page.get_by_role("link", name="1 h", exact=True).click()
    expect(page.locator("#heart-rate figcaption")).to_contain_text("720 samples")
    context.close()


def test_somebody_is_found_while_typing_and_back_shows_the_page_again(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser
) -> None:
    factories.end_user(alice.organization, first_name="Mary")
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = enter(context, live_server.url, alice)
    page.goto(f"{live_server.url}/dashboard/end-users")
    page.get_by_label("Search").press_sequentially("mar", delay=20)
    expect(page.get_by_role("link", name="Jane")).to_have_count(0)
    expect(page.get_by_role("link", name="Mary")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=mar$"))
    page.go_back()
    expect(page.locator("h1")).to_have_text("End users")
    context.close()


@pytest.mark.parametrize("how", ["keyboard", "pointer"])
def test_an_order_of_sources_is_changed_by_keyboard_and_by_pointer_with_its_preview_beside_it(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, how: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = enter(context, live_server.url, alice)
    page.goto(f"{live_server.url}/dashboard/end-users/{jane.id}/sources?metric=steps")
    names = page.locator(".dash-order-name")
    expect(names.first).to_contain_text("Apple Watch")
    if how == "keyboard":
        page.get_by_role("button", name="Move iPhone up").focus()
        page.keyboard.press("Enter")
    else:
        page.locator(".dash-order li").last.drag_to(
            page.locator(".dash-order li").first, target_position={"x": 5, "y": 2}
        )
    expect(names.first).to_contain_text("iPhone")
    expect(page.locator("#order")).to_contain_text("1 of 30 days would change.")
    expect(page.locator("#order")).to_contain_text("8,400")
    page.get_by_role("button", name="Save this order").click()
    expect(page.locator(".dash-flash")).to_contain_text("is saved")
    context.close()
    jane.refresh_from_db()
    uid = Source.objects.get(user_key=jane.key, name="iPhone").uid
    assert jane.source_priority["steps"][0] == f"source:{uid}"


def test_a_figure_leads_to_its_account(
    browser: Browser, live_server: Any, alice: Developer, jane: EndUser, noon: int
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = enter(context, live_server.url, alice)
    day = clock.from_ms(noon).date().isoformat()
    page.goto(f"{live_server.url}/dashboard/end-users/{jane.id}?day={day}")
    page.get_by_role("link", name="9,600").first.click()
    expect(page.locator("#steps h2")).to_contain_text("9,600")
    expect(page.locator("#steps .dash-lane")).to_have_count(2)
    expect(page.locator("#steps")).to_contain_text("8,400 left out")
    context.close()
