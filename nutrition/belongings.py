"""Meals as part of what belongs to an end user: erasing takes rows, queues and photos along, deleted meals too."""

from typing import Any

from django.db.models import Count

from accounts import erasure, leftovers, usage
from nutrition.models import MealImage, MealLog


def erase(user_key: int) -> int:
    """Remove all meals; their photos go once the erasure is committed. Items, jobs and reviews go with the logs."""
    images = list(MealImage.objects.filter(log__user_key=user_key).exclude(s3_key=""))
    if images:
        usage.add_of_user(user_key, {usage.IMAGE_BYTES: -sum(image.size_bytes for image in images)})
    leftovers.note(user_key, leftovers.OBJECT, [key for image in images for key in image.object_keys])
    removed, _ = MealLog.objects.for_user(user_key).delete()
    return removed


def summary(user_key: int) -> dict[str, Any]:
    """How many meals there are, by status."""
    rows = MealLog.objects.for_user(user_key).values_list("status").annotate(n=Count("key")).order_by("status")
    return dict(rows)


erasure.register(erasure.ErasurePart("meals", erase, summary))
