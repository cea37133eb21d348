"""How long photos are kept."""

from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from accounts import usage
from nutrition.models import MealImage
from nutrition.models.recognition import RecognitionState
from nutrition.models.review import ReviewDecision
from wearlink.lib import clock, storage

SLICE: Final = 200


def prune(now: datetime | None = None) -> int:
    """Delete photos older than settings.MEAL_PHOTO_RETENTION_DAYS that nobody waits for; returns how many.

    Objects go first: a row whose object is gone is found again by the next run, an object without a row by nobody.
    """
    before = (now or clock.now()) - timedelta(days=settings.MEAL_PHOTO_RETENTION_DAYS)
    waiting = Q(log__review__decision=ReviewDecision.OPEN) | Q(log__recognition__state=RecognitionState.WAITING)
    old = MealImage.objects.filter(created_at__lt=before).exclude(s3_key="").exclude(waiting).select_related("log")
    removed = 0
    while rows := list(old.order_by("key")[:SLICE]):
        for image in rows:
            for key in image.object_keys:
                storage.delete(key)
            MealImage.objects.filter(pk=image.pk).update(s3_key="", view_key="")
            usage.add(image.log.organization_id, {usage.IMAGE_BYTES: -image.size_bytes})
        removed += len(rows)
    return removed
