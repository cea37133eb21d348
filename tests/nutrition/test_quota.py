"""Photos a day by plan: exactly as many as the plan has, however many ask at once."""

import threading
from collections import Counter

import pytest
from django.db import connection
from rest_framework.test import APIClient

from accounts.audit import SYSTEM
from accounts.models import DailyUsage, EndUser, Organization
from billing import plans
from nutrition.models import MealImage, MealLog
from nutrition.photos import quota
from tests import factories
from tests.nutrition import photos
from tests.nutrition.calls import enter, path, send_photo
from wearlink.lib import clock, storage


def use(organization: Organization, photos: int) -> None:
    """Count so many photos as sent today."""
    today = clock.now().date()
    DailyUsage.objects.create(organization=organization, date=today, metric="nutrition_photos", slot=0, total=photos)


@pytest.mark.django_db
@pytest.mark.usefixtures("table")
def test_the_answer_beyond_the_quota_is_documented_to_the_letter(client: APIClient, jane: EndUser) -> None:
    use(jane.organization, 20)
    answer = send_photo(client, jane)
    assert answer.status_code == 429
    assert answer.json() == {
        "detail": {
            "code": "quota_exceeded",
            "message": "Daily nutrition image quota reached (20 for the hobby plan). Resets at 00:00 UTC. "
            "Manual logs are not affected.",
            "limit": 20,
            "used": 20,
            "plan": "hobby",
            "resource": "nutrition_image",
        }
    }
    assert 0 < int(answer["Retry-After"]) <= 86_400
    assert int(answer["X-RateLimit-Limit"]) > 0
    assert enter(client, jane).status_code == 201


@pytest.mark.django_db
@pytest.mark.usefixtures("table")
def test_deleted_photos_count_and_refused_ones_do_not(client: APIClient, jane: EndUser) -> None:
    use(jane.organization, 18)
    log = send_photo(client, jane).json()["log_id"]
    assert client.delete(path(jane, f"log/{log}")).status_code == 204
    assert send_photo(client, jane, b"<html>").status_code == 415
    assert send_photo(client, jane).status_code == 202
    assert send_photo(client, jane).status_code == 429
    plans.apply(jane.organization, "developer", SYSTEM)
    assert send_photo(factories.key_client(jane.organization), jane).status_code == 202


@pytest.mark.django_db
@pytest.mark.usefixtures("table")
def test_enterprise_sends_as_many_as_it_likes(client: APIClient, jane: EndUser) -> None:
    plans.apply(jane.organization, "enterprise", SYSTEM)
    use(jane.organization, 1_000_000)
    assert send_photo(factories.key_client(jane.organization), jane).status_code == 202


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_exactly_the_quota_gets_through(client: APIClient, jane: EndUser) -> None:
    use(jane.organization, 13)
    raw, statuses, lock = photos.png(), Counter[int](), threading.Lock()

    def send() -> None:
        try:
            status = send_photo(client, jane, raw).status_code
        finally:
            connection.close()
        with lock:
            statuses[status] += 1

    threads = [threading.Thread(target=send) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == {202: 7, 429: 93}
    assert MealLog.objects.count() == 7
    assert all(storage.exists(image.s3_key) for image in MealImage.objects.all())
    with pytest.raises(quota.QuotaExceeded):
        quota.check(jane.organization)
