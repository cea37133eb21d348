"""The seven endpoints: photos in, entries by hand, lists, corrections, deleting, days."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import EndUser
from accounts.webhooks import events
from accounts.webhooks.models import Message
from nutrition.models import MealImage, MealLog
from tests import factories
from tests.faults.calls import call, form
from tests.nutrition import photos
from tests.nutrition.calls import ROOT, enter, path, send_photo
from tests.nutrition.test_images import tells_a_place
from wearlink.lib import storage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


def listen(client: APIClient) -> None:
    """Have an endpoint take everything about meals."""
    body = {"url": "https://hooks.example.com/in", "filter_types": ["nutrition.log.*"]}
    assert client.post("/api/v1/webhooks/endpoints", body, format="json").status_code == 201


def emitted() -> list[str]:
    return list(Message.objects.order_by("key").values_list("type", flat=True))


def test_a_photo_is_kept_without_its_place_and_the_log_is_pending(client: APIClient, jane: EndUser) -> None:
    listen(client)
    answer = send_photo(client, jane, note="with friends")
    assert answer.status_code == 202, answer.content
    body = answer.json()
    assert set(body) == {"job_id", "log_id", "status"}
    assert body["status"] == "pending"
    image = MealImage.objects.get()
    assert not tells_a_place(storage.get(image.s3_key))
    assert photos.PLACE.decode() not in str(image.exif)
    assert image.exif["Make"] == "Acme"  # type: ignore[call-overload,index]
    found = client.get(path(jane, f"log/{body['log_id']}")).json()
    assert (found["status"], found["meal_type"], found["note"]) == ("pending", "lunch", "with friends")
    assert found["items"] == []
    assert found["image"] == {"format": "jpeg", "width": 240, "height": 180, "is_kept": True}
    assert emitted() == ["nutrition.log.created"]


def test_equal_photos_are_two_meals(client: APIClient, jane: EndUser) -> None:
    first, second = send_photo(client, jane).json(), send_photo(client, jane).json()
    assert first["log_id"] != second["log_id"]
    assert client.get(path(jane, "log")).json()["pagination"]["total_count"] == 2


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"<html></html>", 415, "unsupported_image"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", 415, "unsupported_image"),
        (b"", 400, "empty_image"),
        (photos.jpeg()[:3000], 400, "unreadable_image"),
        (photos.bare_png(9000, 9000), 413, "too_many_pixels"),
        (photos.jpeg().ljust(5 * 1024 * 1024 + 1, b"\0"), 413, "image_too_large"),
        (photos.jpeg().ljust(6 * 1024 * 1024, b"\0"), 413, "image_too_large"),
    ],
    ids=["HTML", "GIF", "empty", "truncated", "pixels", "a byte too long", "a megabyte too long"],
)
@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")
def test_what_is_no_photo_is_refused_and_leaves_nothing(
    client: APIClient, jane: EndUser, raw: bytes, status: int, code: str
) -> None:
    answer = send_photo(client, jane, raw)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert not MealLog.objects.exists()
    assert not MealImage.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_client_that_sends_far_too_much_still_reads_why(client: APIClient, jane: EndUser, live_server: Any) -> None:
    body, head = form("meal.jpg", photos.jpeg().ljust(12 * 1024 * 1024, b"\0"))
    key = {"X-WearLink-API-Key": factories.api_key(jane.organization)}
    answer = call(int(live_server.url.rpartition(":")[2]), "POST", path(jane, "log/image"), body, {**head, **key})
    assert (answer.status, answer.body["code"]) == (413, "image_too_large")


def test_a_form_without_a_photo_says_how_to_send_one(client: APIClient, jane: EndUser) -> None:
    answer = client.post(path(jane, "log/image"), {"meal_type": "lunch"}, format="multipart")
    assert answer.status_code == 400
    assert "multipart/form-data" in answer.json()["detail"]
    assert send_photo(client, jane, meal_type="brunch").status_code == 400
    assert client.post(path(jane, "log/image"), {}, format="json").status_code == 415


def test_a_meal_without_a_name_is_named_by_the_local_hour(client: APIClient, jane: EndUser) -> None:
    assert send_photo(client, jane, meal_type="").status_code == 202  # an empty word of a form is no word
    file = photos.png()
    for moment, meal in [("02:00", "breakfast"), ("07:30", "lunch"), ("11:00", "snack"), ("14:00", "dinner")]:
        body: dict[str, Any] = {"detected_at": f"2026-04-26T{moment}:00Z", "file": SimpleUploadedFile("meal", file)}
        answer = client.post(path(jane, "log/image"), body, format="multipart").json()
        assert MealLog.objects.get(id=answer["log_id"]).meal_type == meal


def test_a_manual_entry_takes_macros_from_the_body_and_the_rest_from_the_table(
    client: APIClient, jane: EndUser
) -> None:
    dish = {"dish_name": "Biriyani", "quantity_grams": 280, "calories_kcal": 600, "sodium_mg": 900}
    answer = enter(client, jane, dish, {"dish_name": "zzyzx", "quantity_grams": 50, "calories_kcal": 10})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert body["status"] == "manual"
    assert body["image"] is None
    first, second = body["items"]
    assert (first["calories_kcal"], first["sodium_mg"]) == (600, 900)
    assert first["protein_g"] == 16.8
    assert (first["food_db_source"], first["food_db_id"]) == ("in_curated", "in_curated:biryani")
    assert second["protein_g"] is None
    assert second["food_db_source"] is None
    assert body["total_calories_kcal"] == 610


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"dish_name": "biryani", "quantity_grams": -5}, "items.0.quantity_grams"),
        ({"dish_name": "biryani", "quantity_grams": 1e9}, "items.0.quantity_grams"),
        ({"dish_name": "biryani"}, "items.0.quantity_grams"),
        ({"dish_name": "", "quantity_grams": 5}, "items.0.dish_name"),
        ({"dish_name": "zzyzx", "quantity_grams": 5}, "items.0.calories_kcal"),
        ({"dish_name": "ghee", "quantity_grams": 10, "calories_kcal": 500}, "items.0.calories_kcal"),
        ({"dish_name": "biryani", "quantity_grams": 5, "fat_g": -1}, "items.0.fat_g"),
    ],
)
def test_a_wrong_entry_is_told_by_its_field(client: APIClient, jane: EndUser, item: dict[str, Any], field: str) -> None:
    answer = enter(client, jane, item)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["errors"]] == [field], answer.content
    assert not MealLog.objects.exists()


def test_an_unknown_meal_type_and_an_empty_meal_are_refused(client: APIClient, jane: EndUser) -> None:
    assert enter(client, jane, meal_type="brunch").json()["errors"][0]["field"] == "meal_type"
    assert enter(client, jane, items=[]).json()["errors"][0]["field"] == "items"
    assert enter(client, jane, detected_at="2026-04-26T10:00:00").json()["errors"][0]["field"] == "detected_at"


def test_lists_are_filtered_by_local_day_and_meal(client: APIClient, jane: EndUser) -> None:
    late = enter(client, jane, detected_at="2026-04-25T19:00:00Z", meal_type="dinner").json()  # the 26th in Kolkata
    noon = enter(client, jane, detected_at="2026-04-26T07:00:00Z").json()
    abroad = enter(client, jane, detected_at="2026-04-26T23:00:00-10:00").json()  # the 27th at home, the 26th there
    enter(client, jane, detected_at="2026-04-27T07:00:00Z")

    def ids(**query: Any) -> list[str]:
        found = client.get(path(jane, "log", **query)).json()
        assert found["pagination"]["total_count"] == len(found["data"])
        return [one["id"] for one in found["data"]]

    day = {"date_from": "2026-04-26", "date_to": "2026-04-26"}
    assert ids(**day) == [abroad["id"], noon["id"], late["id"]]
    assert ids(**day, meal_type="dinner") == [late["id"]]
    assert len(ids(date_from="2026-04-27")) == 1
    assert len(ids()) == 4
    seen: list[str] = []
    page = client.get(path(jane, "log", limit=1)).json()
    while page["pagination"]["has_more"]:
        assert page["pagination"]["total_count"] == 4
        seen += [one["id"] for one in page["data"]]
        page = client.get(path(jane, "log", limit=1, cursor=page["pagination"]["next_cursor"])).json()
    assert [*seen, *(one["id"] for one in page["data"])] == ids()
    for wrong in ({"limit": 201}, {"meal_type": "brunch"}, {"date_to": "2026-02-30"}, {"colour": "red"}):
        assert client.get(path(jane, "log", **wrong)).status_code == 400
    assert client.get(path(jane, "log", limit=200)).status_code == 200


def test_a_list_costs_the_same_however_long_it_is(client: APIClient, jane: EndUser) -> None:
    enter(client, jane)
    client.get(path(jane, "log"))
    with CaptureQueriesContext(connection) as few:
        client.get(path(jane, "log"))
    for _ in range(5):
        enter(client, jane)
    with CaptureQueriesContext(connection) as many:
        client.get(path(jane, "log"))
    assert len(few) == len(many) <= 6


def test_a_correction_is_told_once_for_each_field_that_changed(client: APIClient, jane: EndUser) -> None:
    listen(client)
    log = enter(client, jane, {"dish_name": "biryani", "quantity_grams": 100}).json()
    item = path(jane, f"log/{log['id']}/items/{log['items'][0]['id']}")
    body = client.patch(item, {"quantity_grams": 150, "protein_g": 20}, format="json").json()
    assert body["is_corrected"] is True
    assert (body["calories_kcal"], body["protein_g"], body["quantity_uncertainty"]) == (300, 20, 0)
    assert emitted() == ["nutrition.log.corrected"] * 2
    again = client.patch(item, {"quantity_grams": 150}, format="json")
    assert again.status_code == 200
    assert len(emitted()) == 2
    renamed = client.patch(item, {"dish_name": "raita"}, format="json").json()
    assert (renamed["food_db_id"], renamed["calories_kcal"]) == ("in_curated:raita", 90)
    unknown = client.patch(item, {"dish_name": "zzyzx stew"}, format="json").json()
    assert (unknown["food_db_id"], unknown["calories_kcal"]) == (None, 90)
    data = events_of("nutrition.log.corrected")
    assert [(one["field"], one["old"], one["new"]) for one in data[:2]] == [
        ("quantity_grams", 100, 150),
        ("protein_g", 6, 20),
    ]
    assert data[0]["log_id"] == log["id"]
    assert data[0]["user_id"] == str(jane.id)


def events_of(kind: str) -> list[dict[str, Any]]:
    return [json.loads(events.body_of(one))["data"] for one in Message.objects.filter(type=kind).order_by("key")]


@pytest.mark.parametrize("body", [{}, {"colour": "red"}, {"quantity_grams": 0}, {"id": "1"}, {"fat_g": "much"}])
def test_a_wrong_correction_changes_nothing(client: APIClient, jane: EndUser, body: dict[str, Any]) -> None:
    log = enter(client, jane).json()
    item = path(jane, f"log/{log['id']}/items/{log['items'][0]['id']}")
    assert client.patch(item, body, format="json").status_code == 400
    assert client.get(path(jane, f"log/{log['id']}")).json() == log


def test_a_deleted_meal_is_hidden_from_lists_and_counts_nowhere(client: APIClient, jane: EndUser) -> None:
    log = enter(client, jane, detected_at="2026-04-26T07:00:00Z").json()
    assert client.delete(path(jane, f"log/{log['id']}")).status_code == 204
    assert client.delete(path(jane, f"log/{log['id']}")).status_code == 204
    assert client.get(path(jane, "log")).json()["data"] == []
    assert client.get(path(jane, f"log/{log['id']}")).json()["status"] == "discarded"
    days = client.get(path(jane, "summary", date_from="2026-04-26", date_to="2026-04-26")).json()
    assert days["days"] == []
    item = path(jane, f"log/{log['id']}/items/{log['items'][0]['id']}")
    assert client.patch(item, {"quantity_grams": 10}, format="json").status_code == 409


def test_days_add_up_by_meal(client: APIClient, jane: EndUser) -> None:
    enter(client, jane, {"dish_name": "biryani", "quantity_grams": 100}, detected_at="2026-04-26T07:00:00Z")
    dinner = ({"dish_name": "biryani", "quantity_grams": 200}, {"dish_name": "raita", "quantity_grams": 100})
    enter(client, jane, *dinner, detected_at="2026-04-26T15:00:00Z", meal_type="dinner")
    enter(client, jane, detected_at="2026-04-28T15:00:00Z")
    send_photo(client, jane, detected_at="2026-04-28T15:00:00Z")
    body = client.get(path(jane, "summary", date_from="2026-04-26", date_to="2026-04-27")).json()
    assert body["user_id"] == str(jane.id)
    assert body["pending_logs"] == 0
    (day,) = body["days"]
    assert (day["date"], day["logs"], day["calories_kcal"], day["sodium_mg"]) == ("2026-04-26", 2, 660, 1400)
    assert (day["meals"]["lunch"]["calories_kcal"], day["meals"]["dinner"]["logs"]) == (200, 1)
    later = client.get(path(jane, "summary", date_from="2026-04-28", date_to="2026-04-28")).json()
    assert later["pending_logs"] == 1


def test_a_summary_covers_92_days_and_not_one_more(client: APIClient, jane: EndUser) -> None:
    most = {"date_from": "2026-01-01", "date_to": "2026-04-02"}
    assert client.get(path(jane, "summary", **most)).status_code == 200
    answer = client.get(path(jane, "summary", **most | {"date_to": "2026-04-03"}))
    assert answer.status_code == 400
    assert "92" in answer.json()["detail"]
    assert client.get(path(jane, "summary")).status_code == 400
    assert client.get(path(jane, "summary", date_from="2026-01-02", date_to="2026-01-01")).status_code == 400


def test_whose_meals_must_be_said_but_for_a_phone(client: APIClient, jane: EndUser) -> None:
    assert client.get(f"{ROOT}/log").json()["errors"][0]["field"] == "user_id"
    assert client.get(f"{ROOT}/log?user_id=nobody").status_code == 404
    phone = factories.sdk_client(jane)
    log = enter(client, jane).json()
    assert [one["id"] for one in phone.get(f"{ROOT}/log").json()["data"]] == [log["id"]]
    june = factories.end_user(jane.organization, email="june@example.com")
    other = factories.sdk_client(june)
    assert other.get(path(jane, "log")).status_code == 404
    assert other.get(f"{ROOT}/log/{log['id']}").status_code == 404
    assert client.get(path(june, f"log/{log['id']}")).status_code == 404
    assert client.get(f"{ROOT}/log/{log['id']}").status_code == 200
