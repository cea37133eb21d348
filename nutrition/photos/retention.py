"""Deletion of old photos."""

from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from accounts import usage
from accounts.deletion import retention
from nutrition.models import MealImage
from nutrition.models.recognition import RecognitionState
from nutrition.models.review import ReviewDecision
from wearlink.lib import storage

SLICE: Final = 200
PHOTOS: Final = "photos"


def prune(before: datetime) -> int:
    """Delete photos older than that which nobody waits for; returns how many. The rows stay.

    Objects go first: a row whose object is gone is found again by the next run.
    """
    removed = 0
    while rows := list(_old(before).select_related("log").order_by("key")[:SLICE]):
        for image in rows:
            for key in image.object_keys:
                storage.delete(key)
            MealImage.objects.filter(pk=image.pk).update(s3_key="", view_key="")
            usage.add(image.log.organization_id, {usage.IMAGE_BYTES: -image.size_bytes})
        removed += len(rows)
    return removed


def _old(before: datetime) -> "QuerySet[MealImage]":
    waiting = Q(log__review__decision=ReviewDecision.OPEN) | Q(log__recognition__state=RecognitionState.WAITING)
    return MealImage.objects.filter(created_at__lt=before).exclude(s3_key="").exclude(waiting)


retention.register(
    retention.RetentionRule(
        name=PHOTOS,
        what="Photos of meals that nobody waits for; the meals stay.",
        setting="MEAL_PHOTO_RETENTION_DAYS",
        unit=retention.DAYS,
        rows=_old,
        prune=prune,
    )
)
