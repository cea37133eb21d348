"""Meals as part of what belongs to an end user: erasing takes rows, queues and photos along, deleted meals too."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count

from accounts import usage
from accounts.deletion import erasure, leftovers, orphans
from accounts.deletion.erasure import ErasedUser, Rows
from nutrition.models import MealImage, MealLog
from nutrition.photos.receiving import FOLDER


def erase(user: ErasedUser) -> Rows:
    """Remove all meals; their photos go once the erasure is committed. Items, jobs and reviews go with the logs."""
    images = list(MealImage.objects.filter(log__user_key=user.key).exclude(s3_key=""))
    if images:
        usage.add(user.organization_id, {usage.IMAGE_BYTES: -sum(image.size_bytes for image in images)})
    leftovers.note(user, leftovers.OBJECT, [key for image in images for key in image.object_keys])
    return erasure.deleted(MealLog.objects.for_user(user.key))


def summary(user_key: int) -> dict[str, Any]:
    """Return how many meals there are, by status."""
    rows = MealLog.objects.for_user(user_key).values_list("status").annotate(n=Count("key")).order_by("status")
    return dict(rows)


def known_keys(keys: Sequence[str]) -> set[str]:
    """Return those of some keys that are photos of meals, or copies of them."""
    rows = MealImage.objects.filter(log__id__in=orphans.ids_in(keys, 2))
    return {key for pair in rows.values_list("s3_key", "view_key") for key in pair}


orphans.register(orphans.Folder(FOLDER, known_keys))
_TABLES = ("MealLog", "MealItem", "MealImage", "RecognitionJob", "MealReview")
erasure.register(erasure.ErasurePart("meals", erase, tuple(f"nutrition.{name}" for name in _TABLES), summary))
