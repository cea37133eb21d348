"""The review workbench in a real Chromium, by keyboard alone: how many keys an ordinary meal takes, and how long."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from accounts.models import AuditEntry, Developer, EndUser
from nutrition.meals.entries import Moment
from nutrition.models import MealItem, MealLog, MealReview
from nutrition.models.review import ReviewReason
from nutrition.photos.receiving import Snapshot, receive
from tests import factories, machine
from tests.adminportal.browsing import sign_in
from tests.chromium import severe_findings
from tests.nutrition import photos
from tests.nutrition.conftest import BIRYANI, RAITA, add_food
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MAX_KEYS, MAX_MS = 8, 100


def meal(jane: EndUser, meal_type: str, grams: float = 280) -> MealLog:
    """Return a photo of biryani of which a model was not sure."""
    log = receive(jane, Snapshot(photos.jpeg(), meal_type, Moment(clock.now()))).log
    MealItem.objects.create(
        log=log, dish_name="biryani", quantity_grams=grams, food_db_source="in_curated",
        food_db_id="in_curated:biryani",
        **{name: round(value * grams / 100, 1) for name, value in BIRYANI.items()},
    )  # fmt: skip
    MealReview.objects.filter(log=log).update(reason=ReviewReason.LOW_CONFIDENCE, items_of_model=1)
    return log


@pytest.fixture
def logs(jane: EndUser) -> list[MealLog]:
    add_food("biryani", BIRYANI)
    add_food("raita", RAITA)
    return [meal(jane, meal_type) for meal_type in ("breakfast", "lunch", "dinner")]


@pytest.fixture
def rita(db: None) -> Developer:
    return factories.developer(factories.organization("Reviews"), "Rita", is_reviewer=True)


@pytest.fixture
def page(browser: Browser, live_server: Any, rita: Developer, logs: list[MealLog]) -> Iterator[Page]:
    """Rita at the workbench; how long each key took to be answered stands in window.answers (ms)."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(
        """window.answers = []; let began = 0;
        addEventListener("keydown", () => { began = performance.now(); }, true);
        addEventListener("keydown", () => requestAnimationFrame(() => answers.push(performance.now() - began)));"""
    )
    page = sign_in(context, f"{live_server.url}/admin/login/", rita, label="Email")
    expect(page.locator("h1")).to_have_text("Nutrition review")
    expect(shown(page).locator("[data-holder]")).to_contain_text("yours")
    expect(page.locator("article")).to_have_count(2)  # the next one is loaded ahead
    page.wait_for_load_state("networkidle")  # with its photo
    yield page
    send_now(page)
    context.close()
    wait_for_the_server()


def shown(page: Page) -> Any:
    return page.locator("article:not([hidden])")


def press(page: Page, *keys: str) -> int:
    for key in keys:
        page.keyboard.press(key)
    return len(keys)


def assert_answered_at_once(page: Page) -> None:
    slowest = page.evaluate("Math.max(...answers)")
    assert machine.within(slowest / 1000, MAX_MS / 1000), f"{slowest} ms"


def send_now(page: Page) -> None:
    """Leaving the page sends what waits."""
    page.goto("about:blank")


def wait_for_the_server() -> None:
    """Decisions are sent as the page is left: emptying the tables must not meet the one that takes them in."""
    quiet = 0
    for _ in range(100):
        time.sleep(0.05)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
            )
            quiet = 0 if cursor.fetchone()[0] else quiet + 1
        if quiet == 5:
            return
    raise AssertionError("the server is still busy")


def decided(log: MealLog) -> str:
    return MealReview.objects.get(log=log).decision


def wait_for(page: Page, log: MealLog, decision: str) -> None:
    for _ in range(300):
        if decided(log) == decision:
            return
        page.wait_for_timeout(100)
    assert decided(log) == decision


def test_an_ordinary_meal_takes_at_most_eight_keys_each_answered_at_once(page: Page, logs: list[MealLog]) -> None:
    first = shown(page).get_attribute("data-log")
    keys = press(page, "e", "Tab", "2", "5", "0", "Control+Enter")
    assert keys <= MAX_KEYS
    expect(shown(page)).to_have_attribute("data-log", str(logs[1].id))
    assert first == str(logs[0].id)
    assert shown(page).locator("img").evaluate("photo => photo.complete && photo.naturalWidth > 0")
    assert press(page, "a") == 1
    expect(shown(page)).to_have_attribute("data-log", str(logs[2].id))
    assert_answered_at_once(page)
    expect(page.locator("[data-undo-words]")).to_have_text("Approved: Lunch")
    assert {decided(log) for log in logs} == {"open"}
    send_now(page)
    wait_for(page, logs[0], "approved")
    wait_for(page, logs[1], "approved")
    item = MealItem.objects.get(log=logs[0])
    assert (item.quantity_grams, item.calories_kcal) == (250, 500)
    acts = AuditEntry.objects.filter(target_id=str(logs[0].id), action__startswith="meal_review.").order_by("id")
    assert [one.action.split(".")[1] for one in acts][-2:] == ["item_changed", "approved"]


def test_a_decision_can_be_taken_back_for_ten_seconds(page: Page, logs: list[MealLog]) -> None:
    press(page, "r", "4")
    expect(page.locator("[data-undo-words]")).to_have_text("Rejected: Breakfast")
    press(page, "z")
    expect(page.locator("[data-undo]")).to_be_hidden()
    expect(shown(page)).to_have_attribute("data-log", str(logs[0].id))
    press(page, "a")
    send_now(page)
    wait_for(page, logs[0], "approved")


def test_a_meal_is_rejected_for_one_of_five_reasons_by_two_keys(page: Page, logs: list[MealLog]) -> None:
    press(page, "r")
    expect(page.get_by_role("dialog", name="Reject because")).to_be_visible()
    press(page, "a", "Escape", "j", "k")  # a letter decides nothing while a reason is asked for
    expect(page.locator("[data-undo]")).to_be_hidden()
    for log, keys in zip(logs, (["r", "1"], ["r", "ArrowDown", "Enter"], ["r", "5"]), strict=True):
        expect(shown(page)).to_have_attribute("data-log", str(log.id))
        press(page, *keys)
    assert_answered_at_once(page)
    send_now(page)
    for log, reason in zip(logs, ("no_food", "unreadable", "other"), strict=True):
        wait_for(page, log, "rejected")
        assert MealReview.objects.get(log=log).rejection_reason == reason
        (entry,) = AuditEntry.objects.filter(target_id=str(log.id), action="meal_review.rejected")
        assert entry.data["reason"] == reason


def test_a_meal_that_is_loaded_and_not_held_is_audited_as_viewed(page: Page, logs: list[MealLog]) -> None:
    press(page, "j")
    expect(shown(page).locator("[data-holder]")).to_contain_text("yours")
    acts = {str(log.id): [] for log in logs}
    for action, target in AuditEntry.objects.filter(action__startswith="meal_review.").values_list(
        "action", "target_id"
    ):
        acts[target].append(action.removeprefix("meal_review."))
    assert [sorted(acts[str(log.id)]) for log in logs[:2]] == [["claimed", "viewed"], ["claimed", "viewed"]]
    assert acts[str(logs[2].id)] in ([], ["viewed"])  # may be loaded ahead by now


def test_a_decision_is_sent_after_ten_seconds(page: Page, logs: list[MealLog]) -> None:
    press(page, "r", "4")
    expect(page.locator("[data-undo]")).to_be_hidden()
    wait_for(page, logs[0], "rejected")
    expect(page.locator("[data-waiting]")).to_have_text("2")


def test_a_dish_is_found_as_one_types_and_chosen_by_arrows(page: Page, logs: list[MealLog]) -> None:
    press(page, "/")
    page.keyboard.type("rai")
    expect(page.locator("#wl-foods li")).to_contain_text(["raita · 60 kcal in 100 g"])
    press(page, "ArrowDown", "Enter")
    expect(shown(page).locator("h2", has_text="Dishes")).to_contain_text("168 kcal")
    item = MealItem.objects.get(log=logs[0])
    assert (item.dish_name, item.food_db_id, item.calories_kcal) == ("raita", "in_curated:raita", 168)


def test_dishes_are_added_weighed_and_removed_by_keyboard(page: Page, logs: list[MealLog]) -> None:
    press(page, "n")
    page.keyboard.type("raita")
    expect(page.locator("#wl-foods li").first).to_be_visible()
    press(page, "ArrowDown", "Enter")
    page.keyboard.type("90")
    press(page, "Enter")
    expect(shown(page).locator("[data-item]")).to_have_count(2)
    assert MealItem.objects.get(log=logs[0], dish_name="raita").calories_kcal == 54
    page.keyboard.press("Escape")
    press(page, "+")
    expect(shown(page).locator("h2", has_text="Dishes")).to_contain_text("634 kcal")  # 290 g of biryani
    press(page, "Delete")
    expect(shown(page).locator("[data-item]")).to_have_count(1)
    assert MealItem.objects.get(log=logs[0]).dish_name == "raita"


def test_letters_in_a_field_and_letters_switched_off_decide_nothing(page: Page, logs: list[MealLog]) -> None:
    press(page, "e")
    page.keyboard.type("ararjjx")
    press(page, "Escape")
    assert shown(page).locator("[name=dish_name]").first.input_value() == "biryani"
    page.get_by_label("Letters act").uncheck()
    page.locator("h1").click()
    press(page, "a", "r", "j")
    expect(shown(page)).to_have_attribute("data-log", str(logs[0].id))
    expect(page.locator("[data-undo]")).to_be_hidden()


def test_many_are_decided_at_once(page: Page, logs: list[MealLog]) -> None:
    press(page, "Shift+X")
    expect(page.locator("[data-bulk-words]")).to_have_text("3 selected")
    press(page, "Shift+A")
    expect(page.locator("[data-undo-words]")).to_have_text("Approved: 3 meals")
    expect(page.locator("[data-end]")).to_be_visible()
    send_now(page)
    for log in logs:
        wait_for(page, log, "approved")


def test_a_meal_that_another_holds_cannot_be_decided(page: Page, rita: Developer, logs: list[MealLog]) -> None:
    other = factories.developer(rita.organization, "Sam", is_reviewer=True)
    later = clock.from_ms(clock.now_ms() + 60_000)
    MealReview.objects.filter(log=logs[1]).update(claimed_by=other, claimed_until=later)
    press(page, "j")
    expect(shown(page).locator("[data-error]")).to_contain_text("Another reviewer has this meal")
    expect(shown(page).get_by_role("button", name="Approve")).to_be_disabled()
    press(page, "a")
    expect(page.locator("[data-undo]")).to_be_hidden()


def test_a_meal_without_dishes_says_what_is_missing(page: Page, logs: list[MealLog]) -> None:
    press(page, "Delete")
    expect(shown(page).locator("[data-item]")).to_have_count(0)
    press(page, "a")
    expect(shown(page).locator("[data-error]")).to_contain_text("needs a dish")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_workbench_has_no_serious_finding(page: Page, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    press(page, "/")
    page.keyboard.type("bir")
    assert severe_findings(page, page.locator("#wl-foods li").first) == []
