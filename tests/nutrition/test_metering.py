"""A small world in which the counters are what the documentation counts, and the plan what the photo quota says."""

from typing import Any

import pytest
from django.db.models import Sum
from rest_framework.test import APIClient

from accounts import audit, usage
from accounts.deletion import erasing
from accounts.models import EndUser
from billing import plans
from billing.figures import cogs
from nutrition.models import MealImage, MealLog
from tests import factories
from tests.nutrition.calls import path, send_photo
from tests.nutrition.test_recognition import recognised
from tests.nutrition.vendor import VisionVendor, fault, meal
from wearlink.lib import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("table")]


def documented() -> dict[str, int]:
    """Return it as the documentation has it, by scanning the tables."""
    kept = MealImage.objects.exclude(s3_key="")
    return {
        usage.VISION_RECOGNITIONS: MealLog.objects.filter(vision_model__isnull=False).count(),
        usage.IMAGE_BYTES: kept.aggregate(sum=Sum("size_bytes"))["sum"] or 0,
        usage.NUTRITION_PHOTOS: MealImage.objects.count(),
    }


def counted(organization_id: Any) -> dict[str, int]:
    """Return it as the counters have it."""
    today = clock.now().date()
    return {
        usage.VISION_RECOGNITIONS: usage.used(organization_id, usage.VISION_RECOGNITIONS),
        usage.IMAGE_BYTES: usage.level(organization_id, usage.IMAGE_BYTES, today),
        usage.NUTRITION_PHOTOS: usage.used(organization_id, usage.NUTRITION_PHOTOS),
    }


def test_the_counters_mean_what_the_documentation_counts(client: APIClient, jane: EndUser, model: VisionVendor) -> None:
    recognised(client, jane)
    model.says(meal(confidence=0.3))
    recognised(client, jane)
    model.says(fault(529, "overloaded_error"))
    recognised(client, jane)
    gone = send_photo(client, jane).json()["log_id"]
    client.delete(path(jane, f"log/{gone}"))
    client.post(path(jane, "log/manual"), {"items": []}, format="json")
    found = counted(jane.organization_id)
    assert found == documented()
    assert found[usage.VISION_RECOGNITIONS] == 2
    assert found[usage.NUTRITION_PHOTOS] == 4
    today = clock.now().date()
    lines = {line.name: line for line in cogs.lines(today, today)}
    assert lines["vision"].quantity == 2
    assert lines["vision"].measured_inr is not None
    assert lines["storage"].quantity * 30 * 10**9 == found[usage.IMAGE_BYTES]


def test_an_erased_person_holds_no_bytes(client: APIClient, jane: EndUser, model: VisionVendor) -> None:
    recognised(client, jane)
    assert counted(jane.organization_id)[usage.IMAGE_BYTES] > 0
    erasing.erase(jane, audit.SYSTEM)
    assert counted(jane.organization_id)[usage.IMAGE_BYTES] == documented()[usage.IMAGE_BYTES] == 0


def test_another_plan_is_another_quota_at_once(
    client: APIClient, jane: EndUser, django_capture_on_commit_callbacks: Any
) -> None:
    usage.count(jane.organization_id, usage.NUTRITION_PHOTOS, 20)
    answer = send_photo(client, jane)
    assert (answer.status_code, answer.json()["detail"]["limit"]) == (429, 20)
    with django_capture_on_commit_callbacks(execute=True):
        plans.grant(jane.organization, "developer", audit.SYSTEM)
    assert send_photo(client, jane).status_code == 202
    photos = factories.key_client(jane.organization).get("/api/v1/billing/usage").json()["resources"][0]
    assert (photos["used"], photos["limit"]) == (21, 500)
