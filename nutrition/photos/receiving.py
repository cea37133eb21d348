"""A photo comes in: quota, scrubbing, the object, then the log, its job and its event in one transaction."""

import uuid
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts import usage
from accounts.deletion.erasure import lock_user
from accounts.models import EndUser
from nutrition import images
from nutrition.images import Photo
from nutrition.meals import emission
from nutrition.meals.entries import Moment
from nutrition.models import MealImage, MealLog, MealReview, MealStatus, RecognitionJob
from nutrition.models.review import ReviewReason
from nutrition.photos import quota
from wearlink.lib import storage

FOLDER: Final = "meals"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A photo as a client sends it: its bytes, and what comes with them."""

    raw: bytes
    meal_type: str
    moment: Moment
    note: str = ""


def receive(end_user: EndUser, snapshot: Snapshot) -> RecognitionJob:
    """Keep a photo and queue its recognition. Raises QuotaExceeded, the refusals of images.accept, UserGone.

    The object is written before the rows, outside of their transaction; where that fails it is deleted again.
    """
    quota.check(end_user.organization)
    photo = images.accept(snapshot.raw)
    log = _log(end_user, snapshot)
    key = f"{FOLDER}/{end_user.key}/{log.id}/{uuid.uuid4().hex}.{photo.kind}"
    storage.put(key, photo.data)
    try:
        return _store(end_user, log, photo, key)
    except BaseException:
        storage.delete(key)
        raise


def _log(end_user: EndUser, snapshot: Snapshot) -> MealLog:
    return MealLog(
        organization_id=end_user.organization_id,
        user_key=end_user.key,
        meal_type=snapshot.meal_type,
        status=MealStatus.PENDING,
        detected_at=snapshot.moment.at,
        stated_day=snapshot.moment.stated_day,
        note=snapshot.note,
    )


@transaction.atomic
def _store(end_user: EndUser, log: MealLog, photo: Photo, key: str) -> RecognitionJob:
    lock_user(end_user.key)
    log.save(force_insert=True)
    image = MealImage(
        log=log,
        s3_key=key,
        size_bytes=len(photo.data),
        kind=photo.kind,
        width=photo.width,
        height=photo.height,
        exif=photo.exif,
    )
    image.save(force_insert=True)
    job = RecognitionJob(log=log)
    job.save(force_insert=True)
    if not settings.ANTHROPIC_API_KEY:
        MealReview.objects.create(log=log, reason=ReviewReason.VISION_NOT_CONFIGURED)
    emission.emit_created(log)
    usage.add(log.organization_id, {usage.IMAGE_BYTES: image.size_bytes})
    quota.take(end_user.organization)  # last, since the organization's photos wait for each other from here on
    return job
