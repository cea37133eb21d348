"""The review queue: who may enter, one holder a meal, every act audited, one event, and what it says of the model."""

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import AuditEntry, Developer, EndUser
from nutrition.models import MealItem, MealLog, MealReview
from tests import factories
from tests.nutrition.calls import path, send_photo
from tests.nutrition.test_images import tells_a_place
from tests.nutrition.test_meals import emitted, listen
from tests.nutrition.test_recognition import recognised, work
from tests.nutrition.vendor import VisionVendor, dish, meal
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]
ROOT = "/api/v1/admin/nutrition/review"


def reviewer(name: str, **flags: bool) -> Developer:
    """Make a developer of the platform's own organization."""
    home = factories.organization(f"Platform of {name}")
    return factories.developer(home, name, **flags or {"is_reviewer": True})


@pytest.fixture
def rita(db: None) -> APIClient:
    """A reviewer."""
    return factories.dashboard_client(reviewer("Rita"))


@pytest.fixture
def waiting(client: APIClient, jane: EndUser) -> str:
    """A photo that waits for a person: no model is configured."""
    return str(send_photo(client, jane).json()["log_id"])


def queue(client: APIClient, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{ROOT}/queue", query).json()["data"]
    return found


def actions() -> list[str]:
    rows = AuditEntry.objects.filter(action__startswith="meal_review.").order_by("id")
    return [action.removeprefix("meal_review.") for action in rows.values_list("action", flat=True)]


def test_to_whoever_may_not_review_there_is_no_queue(client: APIClient, jane: EndUser, waiting: str) -> None:
    alice = Developer.objects.get(email="alice@example.com")
    for stranger in (client, factories.dashboard_client(alice), factories.sdk_client(jane)):
        for rest in ("queue", "quality", waiting):
            assert stranger.get(f"{ROOT}/{rest}").status_code == 404
        for rest in ("claim", "bulk", f"{waiting}/approve", f"{waiting}/reject", f"{waiting}/items"):
            assert stranger.post(f"{ROOT}/{rest}", {}, format="json").status_code == 404
    assert APIClient().get(f"{ROOT}/queue").status_code == 404
    root = factories.dashboard_client(reviewer("Root", is_superuser=True))
    assert [one["log_id"] for one in queue(root)] == [waiting]


def test_a_photo_without_a_model_is_finished_by_a_reviewer(
    client: APIClient, jane: EndUser, rita: APIClient, waiting: str
) -> None:
    listen(client)
    work()
    (entry,) = queue(rita)
    assert (entry["log_id"], entry["reason"], entry["claimed_by"]) == (waiting, "vision_not_configured", None)
    body = rita.get(f"{ROOT}/{waiting}").json()
    assert body["exif"]["Make"] == "Acme"
    shown = APIClient().get(body["image_url"].removeprefix("http://127.0.0.1:8000"))
    assert shown["Content-Type"] == "image/jpeg"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert not tells_a_place(shown.content)
    early = rita.post(f"{ROOT}/{waiting}/approve")
    assert (early.status_code, early.json()["code"]) == (422, "incomplete_meal")
    added = rita.post(f"{ROOT}/{waiting}/items", {"dish_name": "Biriyani", "quantity_grams": 250}, format="json")
    assert (added.status_code, added.json()["calories_kcal"]) == (201, 500)
    assert rita.post(f"{ROOT}/{waiting}/approve").status_code == 200
    assert queue(rita) == []
    found = client.get(path(jane, f"log/{waiting}")).json()
    assert (found["status"], found["human_reviewed"], found["total_calories_kcal"]) == ("recognized", True, 500)
    assert emitted() == ["nutrition.log.recognized"]
    again = rita.post(f"{ROOT}/{waiting}/approve")
    assert (again.status_code, again.json()["code"]) == (409, "review_decided")
    assert emitted() == ["nutrition.log.recognized"]
    assert actions() == ["viewed", "item_added", "approved"]


def test_links_to_photos_run_out_and_cannot_be_made_up(rita: APIClient, waiting: str, monkeypatch: Any) -> None:
    url = rita.get(f"{ROOT}/{waiting}").json()["image_url"].removeprefix("http://127.0.0.1:8000")
    anybody = APIClient()
    assert anybody.get(url).status_code == 200
    assert anybody.get(url[:-1] + ("a" if url[-1] != "a" else "b")).status_code == 404
    now = clock.now().timestamp()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 601)
    assert anybody.get(url).status_code == 404


def test_two_reviewers_never_hold_one_meal(client: APIClient, jane: EndUser, rita: APIClient, waiting: str) -> None:
    rolf = factories.dashboard_client(reviewer("Rolf"))
    assert rita.post(f"{ROOT}/{waiting}/claim").json()["claimed_by"] is not None
    for call in ("claim", "approve", "reject", "release"):
        answer = rolf.post(f"{ROOT}/{waiting}/{call}")
        assert (answer.status_code, answer.json()["code"]) == (409, "review_claimed")
    assert rolf.post(f"{ROOT}/claim").json()["review"] is None
    assert rita.post(f"{ROOT}/{waiting}/claim").status_code == 200  # once more is fine
    assert rita.post(f"{ROOT}/{waiting}/release").json()["claimed_by"] is None
    assert rolf.post(f"{ROOT}/claim").json()["review"]["log_id"] == waiting
    MealReview.objects.update(claimed_until=clock.now() - timedelta(seconds=1))
    assert rita.post(f"{ROOT}/{waiting}/claim").status_code == 200  # he fell asleep


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_reviewers_who_ask_at_once_get_different_meals(client: APIClient, jane: EndUser) -> None:
    for _ in range(6):
        send_photo(client, jane)
    people = [factories.dashboard_client(reviewer(f"Rita{number}")) for number in range(6)]
    got: list[str] = []

    def ask(who: APIClient) -> None:
        try:
            got.append(who.post(f"{ROOT}/claim").json()["review"]["log_id"])
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=[who]) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 6


def test_every_change_is_audited_with_before_and_after(
    client: APIClient, jane: EndUser, rita: APIClient, model: VisionVendor
) -> None:
    model.says(meal(dish(), dish("raita", 100, 60), confidence=0.5))
    log = recognised(client, jane)
    first, second = log["items"]
    item = f"{ROOT}/{log['id']}/items"
    changed = rita.patch(f"{item}/{first['id']}", {"quantity_grams": 140}, format="json").json()
    assert (changed["calories_kcal"], changed["is_corrected"]) == (280, True)
    by_food = rita.patch(f"{item}/{first['id']}", {"food_db_id": "in_curated:raita"}, format="json").json()
    assert (by_food["dish_name"], by_food["calories_kcal"]) == ("raita", 84)
    assert rita.delete(f"{item}/{second['id']}").status_code == 204
    entry = AuditEntry.objects.filter(action="meal_review.item_changed").order_by("id").first()
    assert entry is not None
    assert entry.organization_id == jane.organization_id
    assert (entry.data["before"]["quantity_grams"], entry.data["after"]["quantity_grams"]) == (280, 140)
    removed = AuditEntry.objects.get(action="meal_review.item_removed")
    assert removed.data["before"]["dish_name"] == "raita"
    assert rita.post(f"{ROOT}/{log['id']}/approve").status_code == 200
    review = MealReview.objects.get()
    assert review.agreed is False
    assert review.corrected["items_removed"] == 1
    assert actions() == ["item_changed", "item_changed", "item_removed", "approved"]


@pytest.mark.parametrize(
    "body", [{}, {"colour": 1}, {"quantity_grams": -1}, {"food_db_id": "nothing"}, {"quantity_grams": 1, "fat_g": -2}]
)
def test_a_wrong_change_changes_nothing(
    client: APIClient, jane: EndUser, rita: APIClient, model: VisionVendor, body: dict[str, Any]
) -> None:
    model.says(meal(confidence=0.5))
    log = recognised(client, jane)
    item = f"{ROOT}/{log['id']}/items/{log['items'][0]['id']}"
    assert rita.patch(item, body, format="json").status_code == 400
    assert client.get(path(jane, f"log/{log['id']}")).json() == log
    assert rita.patch(f"{ROOT}/{log['id']}/items/{uuid4()}", {"fat_g": 1}, format="json").status_code == 404


def test_a_rejected_meal_is_discarded_and_told_to_nobody(
    client: APIClient, jane: EndUser, rita: APIClient, waiting: str
) -> None:
    listen(client)
    refused = rita.post(f"{ROOT}/{waiting}/reject", {"reason": "ugly"}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "reason")
    shown = rita.post(f"{ROOT}/{waiting}/reject", {"reason": "private"}, format="json").json()
    assert (shown["decision"], shown["rejection_reason"]) == ("rejected", "private")
    assert rita.get(f"{ROOT}/quality").json()["rejections"] == {"private": 1}
    assert client.get(path(jane, "log")).json()["data"] == []
    work()
    assert MealLog.objects.get().status == "discarded"
    assert emitted() == []
    assert actions() == ["rejected"]


def test_many_are_decided_in_one_call_and_each_by_itself(client: APIClient, jane: EndUser, rita: APIClient) -> None:
    ids = [send_photo(client, jane).json()["log_id"] for _ in range(3)]
    rita.post(f"{ROOT}/{ids[0]}/items", {"dish_name": "biryani", "quantity_grams": 100}, format="json")
    body = {"action": "approve", "log_ids": [*ids, str(uuid4())]}
    answer = rita.post(f"{ROOT}/bulk", body, format="json").json()
    assert (answer["succeeded"], answer["failed"]) == (1, 3)
    assert [one["error"] for one in answer["results"]] == [None, "incomplete_meal", "incomplete_meal", "not_found"]
    many = {"action": "reject", "log_ids": [str(uuid4()) for _ in range(201)]}
    assert rita.post(f"{ROOT}/bulk", many, format="json").status_code == 400
    rest = rita.post(f"{ROOT}/bulk", {"action": "reject", "log_ids": ids[1:]}, format="json").json()
    assert rest["succeeded"] == 2
    assert queue(rita) == []


def sampled(client: APIClient, jane: EndUser, model: VisionVendor, settings: Any) -> dict[str, Any]:
    """Return an accepted meal that is read a second time."""
    settings.REVIEW_SAMPLE_PERCENT = 100
    model.says(meal(confidence=0.97))
    return recognised(client, jane)


def test_a_second_reading_sees_nothing_of_the_first(
    client: APIClient, jane: EndUser, rita: APIClient, model: VisionVendor, settings: Any
) -> None:
    log = sampled(client, jane, model, settings)
    (entry,) = queue(rita, reason="sample")
    body = rita.get(f"{ROOT}/{log['id']}").json()
    for seen in (entry, body, body["meal"]):
        assert (seen["confidence_score"], seen["vision_model"], seen["status"]) == (None, None, "pending")
    assert body["meal"]["items"] == []
    own = log["items"][0]["id"]
    assert rita.patch(f"{ROOT}/{log['id']}/items/{own}", {"fat_g": 1}, format="json").status_code == 404
    rita.post(f"{ROOT}/{log['id']}/items", {"dish_name": "Biriyani", "quantity_grams": 300}, format="json")
    assert client.get(path(jane, f"log/{log['id']}")).json() == log  # the customer sees nothing of it either
    listen(client)
    assert rita.post(f"{ROOT}/{log['id']}/approve").status_code == 200
    found = client.get(path(jane, f"log/{log['id']}")).json()
    assert found["items"] == log["items"]
    assert MealItem.objects.count() == 1
    assert emitted() == []
    assert MealReview.objects.get().agreed is True


def test_a_second_reading_that_differs_takes_the_first_ones_place(
    client: APIClient, jane: EndUser, rita: APIClient, model: VisionVendor, settings: Any
) -> None:
    log = sampled(client, jane, model, settings)
    listen(client)
    rita.post(f"{ROOT}/{log['id']}/items", {"dish_name": "raita", "quantity_grams": 300}, format="json")
    rita.post(f"{ROOT}/{log['id']}/approve")
    found = client.get(path(jane, f"log/{log['id']}")).json()
    assert [item["dish_name"] for item in found["items"]] == ["raita"]
    assert (found["status"], found["human_reviewed"]) == ("recognized", True)
    assert emitted() == ["nutrition.log.corrected"]


def test_the_quality_figures_follow_from_what_reviewers_found(
    client: APIClient, jane: EndUser, rita: APIClient, model: VisionVendor, settings: Any
) -> None:
    log = sampled(client, jane, model, settings)
    rita.post(f"{ROOT}/{log['id']}/items", {"dish_name": "biryani", "quantity_grams": 280}, format="json")
    rita.post(f"{ROOT}/{log['id']}/approve")
    for confidence, grams in ((0.5, 100), (0.55, 280)):
        model.says(meal(confidence=confidence))
        doubtful = recognised(client, jane)
        rita.patch(
            f"{ROOT}/{doubtful['id']}/items/{doubtful['items'][0]['id']}", {"quantity_grams": grams}, format="json"
        )
        rita.post(f"{ROOT}/{doubtful['id']}/approve")
    model.says(meal(confidence=0.1))
    recognised(client, jane)
    found = rita.get(f"{ROOT}/quality").json()
    assert found["agreement"] == {"sampled": 1, "agreed": 1, "share": 1.0}
    assert (found["reviewed"], found["open"]) == (3, 1)
    assert found["calibration"][0] == {"from": 0.0, "to": 0.6, "logs": 2, "stood": 1, "share": 0.5}
    assert found["calibration"][-1]["logs"] == 1
    assert found["corrections"] == {"quantity_grams": {"items": 1, "rate": 0.5}}
    assert found["median_handling_seconds"] >= 0
    assert rita.get(f"{ROOT}/quality?days=0").status_code == 400
