"""Deletion of meals and photos with their end user, and of photos that were kept long enough."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts import usage
from accounts.deletion import erasure, retention
from accounts.models import EndUser
from nutrition.models import MealImage, MealItem, MealLog, MealReview, RecognitionJob
from tests.nutrition.calls import enter, path, send_photo
from tests.nutrition.test_recognition import work
from wearlink.lib import clock, storage

pytestmark = pytest.mark.usefixtures("table")


@pytest.mark.django_db(transaction=True)
def test_erasing_takes_photos_rows_deleted_meals_and_queues(client: APIClient, jane: EndUser) -> None:
    send_photo(client, jane)
    deleted = send_photo(client, jane).json()["log_id"]
    client.delete(path(jane, f"log/{deleted}"))
    enter(client, jane)
    work()
    keys = [key for image in MealImage.objects.all() for key in image.object_keys]
    assert len(keys) == 3  # the deleted one has no small copy
    assert erasure.summary(jane.key)["meals"] == {"discarded": 1, "manual": 1, "pending": 1}
    assert client.delete(f"/api/v1/users/{jane.id}").status_code == 204
    assert not any(storage.exists(key) for key in keys)
    for rows in (MealLog, MealItem, MealImage, MealReview, RecognitionJob):
        assert not rows.objects.exists()
    assert usage.used(jane.organization_id, usage.IMAGE_BYTES) == 0
    assert usage.used(jane.organization_id, usage.NUTRITION_PHOTOS) == 2


@pytest.mark.django_db
def test_old_photos_go_and_those_that_somebody_waits_for_stay(client: APIClient, jane: EndUser, settings: Any) -> None:
    settings.MEAL_PHOTO_RETENTION_DAYS = 90
    waits, done, fresh = (send_photo(client, jane).json()["log_id"] for _ in range(3))
    work()
    MealReview.objects.filter(log__id__in=[done, fresh]).update(decision="approved")
    MealImage.objects.filter(log__id__in=[waits, done]).update(created_at=clock.now() - timedelta(days=91))
    gone, kept = MealImage.objects.get(log__id=done), MealImage.objects.get(log__id=waits)
    assert retention.apply("photos") == 1
    assert not any(storage.exists(key) for key in gone.object_keys)
    assert all(storage.exists(key) for key in kept.object_keys)
    shown = client.get(path(jane, f"log/{done}")).json()
    assert shown["image"] == {"format": "jpeg", "width": 240, "height": 180, "is_kept": False}
    assert MealImage.objects.exclude(s3_key="").count() == 2
    level = sum(image.size_bytes for image in MealImage.objects.exclude(s3_key=""))
    assert usage.used(jane.organization_id, usage.IMAGE_BYTES) == level
