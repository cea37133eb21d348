"""Meals in the portal: entered by hand and by photo, corrected, deleted; foods looked up; nobody else's."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Developer, EndUser
from nutrition.models import MealLog, MealStatus, RecognitionJob
from tests import factories
from tests.nutrition import photos
from tests.nutrition.conftest import BIRYANI, RAITA, add_food

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def table(db: None) -> None:
    """Two dishes that the food table knows."""
    add_food("biryani", BIRYANI, "biriyani")
    add_food("raita", RAITA)


def page_of(user: EndUser) -> str:
    return f"/dashboard/end-users/{user.id}/nutrition"


def values_in(shown: str) -> dict[str, str]:
    """Return what stands in the fields of a form."""
    return dict(re.findall(r'name="(dish_name|\w+_(?:g|kcal|mg|grams))" value="([^"]*)"', shown))


def meal_of(alice: Developer, user: EndUser, **dish: Any) -> dict[str, Any]:
    """Return a lunch logged by the API."""
    body = {"meal_type": "lunch", "items": [{"dish_name": "biryani", "quantity_grams": 200, **dish}]}
    answer = factories.key_client(alice).post(f"/api/v1/nutrition/log/manual?user_id={user.id}", body, format="json")
    assert answer.status_code == 201
    made: dict[str, Any] = answer.json()
    return made


def test_foods_are_found_as_the_api_finds_them(browser_of_alice: Client, alice: Developer, text: Any) -> None:
    shown = browser_of_alice.get("/dashboard/foods?q=biryani")
    answer = factories.key_client(alice).get("/api/v1/nutrition/foods?q=biryani&limit=20").json()
    assert [one["food_db_id"] for one in shown.context["rows"]] == [one["food_db_id"] for one in answer["data"]]
    assert "in_curated:biryani" in text(shown)
    assert "No food has a name" in text(browser_of_alice.get("/dashboard/foods?q=zzxqv"))
    short = browser_of_alice.get("/dashboard/foods?q=b")
    assert short.status_code == 400
    assert "At least 2 letters" in text(short)


def test_a_meal_is_logged_from_the_food_table_without_a_script(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    page = f"{page_of(jane)}/new"
    assert "Log a meal by hand" in text(browser_of_alice.get(page))
    written = {"items.1.dish_name": "raita", "items.1.quantity_grams": "90", "meal_type": "dinner", "note": "at home"}
    found = browser_of_alice.post(page, {**written, "q": "biryani", "act": "find"})
    assert found.status_code == 200
    assert 'value="add:in_curated:biryani"' in text(found)
    assert 'value="raita"' in text(found)
    added = text(browser_of_alice.post(page, {**written, "act": "add:in_curated:biryani"}))
    assert 'value="raita"' in added
    assert 'name="items.1.dish_name" value="biryani"' in added
    more = text(browser_of_alice.post(page, {**written, "act": "more"}))
    assert 'id="field-items.1.dish_name"' in more
    assert not MealLog.objects.exists()
    sent = {**written, "items.4.dish_name": "Biryani", "items.4.quantity_grams": "280", "act": "save", "once": "o-1",
            "detected_at": "2026-04-15T20:30"}  # fmt: skip
    shown = text(browser_of_alice.post(page, sent, follow=True))
    assert "The meal is logged and counts." in shown
    assert "in_curated:biryani" in shown
    log = MealLog.objects.get()
    assert (log.meal_type, log.note, log.items.count()) == ("dinner", "at home", 2)
    assert log.detected_at.isoformat() == "2026-04-15T20:30:00+00:00"
    assert "logged already" in text(browser_of_alice.post(page, sent, follow=True))
    assert MealLog.objects.count() == 1


def test_what_is_wrong_with_a_dish_stands_at_its_field(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    sent = {"meal_type": "lunch", "items.0.dish_name": "biryani", "items.0.quantity_grams": "0",
            "items.1.dish_name": "raita", "items.1.quantity_grams": "many", "act": "save"}  # fmt: skip
    refused = browser_of_alice.post(f"{page_of(jane)}/new", sent)
    assert refused.status_code == 400
    faults = re.findall(r'id="error-([\w.]+)"', text(refused))
    assert faults == ["items.0.quantity_grams", "items.1.quantity_grams"]
    unknown = {"meal_type": "lunch", "items.0.dish_name": "zzxqv", "items.0.quantity_grams": "10", "act": "save"}
    assert 'id="error-items.0.calories_kcal"' in text(browser_of_alice.post(f"{page_of(jane)}/new", unknown))
    empty = browser_of_alice.post(f"{page_of(jane)}/new", {"meal_type": "lunch", "act": "save"})
    assert empty.status_code == 400
    assert not MealLog.objects.exists()


def test_a_dish_is_corrected_and_only_what_was_changed_is_told(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    meal = meal_of(alice, jane)
    item = meal["items"][0]
    page = f"{page_of(jane)}/{meal['id']}/items/{item['id']}"
    form = browser_of_alice.get(page)
    now = values_in(text(form))
    assert now["quantity_grams"] == "200"
    shown = text(browser_of_alice.post(page, {**now, "quantity_grams": "100"}, follow=True))
    assert "The dish is corrected." in shown
    row = MealLog.objects.get().items.get()
    assert row.is_corrected
    assert row.calories_kcal == pytest.approx(item["calories_kcal"] / 2)
    same = browser_of_alice.post(page, values_in(text(browser_of_alice.get(page))))
    assert "Nothing to change" in text(same)
    refused = browser_of_alice.post(page, {**now, "quantity_grams": "-1"})
    assert 'id="error-quantity_grams"' in text(refused)


def test_a_meal_is_deleted_after_a_question(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    meal = meal_of(alice, jane)
    page = f"{page_of(jane)}/{meal['id']}"
    item = f"{page}/items/{meal['items'][0]['id']}"
    values = values_in(text(browser_of_alice.get(item)))
    assert f'href="{page}"' in text(browser_of_alice.get(page_of(jane)))
    assert 'aria-labelledby="ask-delete-meal-title" open>' in text(browser_of_alice.get(f"{page}?confirm=delete-meal"))
    assert "counts nowhere" in text(browser_of_alice.post(f"{page}/delete", follow=True))
    assert MealLog.objects.get().status == MealStatus.DISCARDED
    gone = text(browser_of_alice.get(page))
    assert "discarded" in gone
    assert "Correct<" not in gone
    late = browser_of_alice.post(item, {**values, "quantity_grams": "5"})
    assert "The meal was deleted." in text(late)


def test_a_photo_is_kept_without_its_metadata_and_waits_to_be_recognised(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    page = f"{page_of(jane)}/photo"
    missing = browser_of_alice.post(page, {"meal_type": ""})
    assert missing.status_code == 400
    assert 'id="error-file"' in text(missing)
    file = SimpleUploadedFile("meal.jpg", photos.jpeg(), content_type="image/jpeg")
    sent = {"file": file, "meal_type": "lunch", "once": "p-1", "note": "canteen"}
    shown = text(browser_of_alice.post(page, sent, follow=True))
    assert "is being recognised" in shown
    assert "/api/v1/nutrition/photos/" in shown
    job = RecognitionJob.objects.select_related("log").get()
    assert (job.log.meal_type, job.log.status, job.log.note) == ("lunch", "pending", "canteen")
    junk = SimpleUploadedFile("meal.jpg", b"no photo at all", content_type="image/jpeg")
    assert browser_of_alice.post(page, {"file": junk}).status_code == 400


def test_a_plan_without_photos_left_says_so(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    jane.organization.photos_per_day = 0
    jane.organization.save(update_fields=["photos_per_day"])
    file = SimpleUploadedFile("meal.jpg", photos.jpeg(), content_type="image/jpeg")
    refused = browser_of_alice.post(f"{page_of(jane)}/photo", {"file": file})
    assert "Daily nutrition image quota reached" in text(refused)


def test_another_tenants_meals_are_not_there(browser_of_alice: Client, jane: EndUser) -> None:
    charlie = factories.charlie()
    max_ = factories.end_user(charlie.organization)
    meal = meal_of(charlie, max_)
    item = meal["items"][0]["id"]
    for page in (f"{page_of(max_)}/new", f"{page_of(max_)}/{meal['id']}", f"{page_of(jane)}/{meal['id']}",
                 f"{page_of(jane)}/{meal['id']}/items/{item}", f"{page_of(max_)}/photo"):  # fmt: skip
        assert browser_of_alice.get(page).status_code == 404
    assert browser_of_alice.post(f"{page_of(jane)}/{meal['id']}/delete").status_code == 404
    assert MealLog.objects.get().status == MealStatus.MANUAL
