"""Recognition of a photo's dishes: decode, ask, match, judge, and write the outcome once.

A worker that dies leaves a lease that runs out; the next one begins again, and only the holder of the lease writes. So
a photo has one result and one charge counted, however often it was tried.
"""

import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from accounts import usage
from accounts.deletion.erasure import UserGone, lock_user
from billing import costs
from nutrition import images
from nutrition.meals import emission
from nutrition.models import MealImage, MealItem, MealLog, MealReview, MealStatus
from nutrition.models.review import ReviewReason
from nutrition.photos import judgement, leases, vision
from nutrition.photos.judgement import JudgedDish
from nutrition.photos.leases import RecognitionLease
from nutrition.photos.vision import Spent
from wearlink.lib import clock, storage, tenancy
from wearlink.lib.storage import ObjectMissing, StoreUnavailable
from wearlink.lib.work.leases import LeaseLost

logger = logging.getLogger(__name__)

_MIN_RETRY_DELAY: Final = timedelta(seconds=5)
_MAX_RETRY_DELAY: Final = timedelta(minutes=15)


@dataclass(slots=True)
class Recognition:
    """The result for a photo. reason: why a reviewer must look at it; None: it counts."""

    reason: str | None
    dishes: Sequence[JudgedDish] = ()
    confidence: float | None = None
    spent: list[Spent] = field(default_factory=list)
    error: str = ""


def run(job_id: uuid.UUID) -> None:
    """Work on one photo, if it is due and nobody else does."""
    lease = leases.acquire(job_id)
    if lease is None:
        return
    try:
        _work(lease)
    except (LeaseLost, UserGone):
        logger.info("Recognition %s is somebody else's by now, or its end user is gone.", job_id)
    except StoreUnavailable as error:
        lease.put_off(_MIN_RETRY_DELAY, error=error.detail, call_failed=False)


def _work(lease: RecognitionLease) -> None:
    log = MealLog.objects.select_related("image").get(pk=lease.job.log_id)
    with tenancy.organization(log.organization_id, user_key=log.user_key):
        _recognize(lease, log)


def _recognize(lease: RecognitionLease, log: MealLog) -> None:
    if lease.job.attempts > leases.MAX_ATTEMPTS:
        _finish(lease, log, Recognition(ReviewReason.IMAGE_UNREADABLE, error="the worker ended five times"))
        return
    try:
        seen = _view(log.image)
    except (images.Undecodable, ObjectMissing) as error:
        _forget_photo(log.image)  # what cannot be decoded was not scrubbed for certain either
        _finish(lease, log, Recognition(ReviewReason.IMAGE_UNREADABLE, error=str(error)))
        return
    if not vision.is_configured():
        _finish(lease, log, Recognition(ReviewReason.VISION_NOT_CONFIGURED))
        return
    try:
        outcome = _recognized(lease, seen)
    except vision.ModelDown as error:
        _wait(lease, log, error)
        return
    _finish(lease, log, outcome)


def _recognized(lease: RecognitionLease, jpeg: bytes) -> Recognition:
    """Return the model's answer and what is thought of it. Raises ModelDown, LeaseLost."""
    outcome = Recognition(None)
    try:
        _judge(lease, jpeg, outcome)
    except vision.ModelRefused as error:
        outcome.reason, outcome.error = ReviewReason.VISION_REFUSED, str(error)
        outcome.spent = outcome.spent or [Spent(settings.VISION_MODEL, 0, 0)]
    except vision.AnswerUnreadable as error:
        outcome.reason, outcome.error = ReviewReason.VISION_UNREADABLE, str(error)
        outcome.spent.append(error.spent)
    return outcome


def _judge(lease: RecognitionLease, jpeg: bytes, outcome: Recognition) -> None:
    lease.renew(always=True)
    first = vision.read(jpeg, settings.VISION_MODEL)
    outcome.spent.append(first.spent)
    outcome.confidence, outcome.dishes = first.meal.confidence, judgement.dishes(first.meal)
    verifier, agreed = settings.VISION_VERIFIER_MODEL, None
    if verifier and judgement.needs_verifier(first.meal):
        lease.renew(always=True)
        second = vision.read(jpeg, verifier)
        outcome.spent.append(second.spent)
        agreed = judgement.agree(outcome.dishes, judgement.dishes(second.meal))
    outcome.reason = judgement.doubt(first.meal, outcome.dishes, has_verifier=bool(verifier), agreed=agreed)


def _view(image: MealImage) -> bytes:
    """Return the small upright copy, made once. Raises Undecodable, ObjectMissing, StoreUnavailable."""
    if image.view_key:
        return storage.get(image.view_key)
    if not image.s3_key:
        raise ObjectMissing("The photo is no longer kept.")
    jpeg = images.view(storage.get(image.s3_key), image.kind)
    key = f"{image.s3_key.rpartition('/')[0]}/{uuid.uuid4().hex}.view.jpeg"
    storage.put(key, jpeg)
    kept = MealImage.objects.filter(pk=image.pk, view_key="").exclude(s3_key="")
    if not kept.update(view_key=key, size_bytes=image.size_bytes + len(jpeg)):  # erased, or another was quicker
        storage.delete(key)
        return jpeg
    usage.add_of_user(image.log.user_key, {usage.IMAGE_BYTES: len(jpeg)})
    return jpeg


def _forget_photo(image: MealImage) -> None:
    for key in image.object_keys:
        storage.delete(key)
    if MealImage.objects.filter(pk=image.pk).exclude(s3_key="").update(s3_key="", view_key=""):
        usage.add_of_user(image.log.user_key, {usage.IMAGE_BYTES: -image.size_bytes})


def _wait(lease: RecognitionLease, log: MealLog, error: vision.ModelDown) -> None:
    """Try again later, for a day; then a reviewer is asked."""
    if clock.now() - lease.job.created_at >= timedelta(hours=settings.VISION_PATIENCE_HOURS):
        _finish(lease, log, Recognition(ReviewReason.VISION_UNAVAILABLE, error=error.why))
        return
    wait = min(_MIN_RETRY_DELAY * 2 ** min(lease.job.calls_failed, 12), _MAX_RETRY_DELAY)
    if error.retry_after is not None:
        wait = min(max(wait, timedelta(seconds=error.retry_after)), _MAX_RETRY_DELAY)
    lease.put_off(wait, error=error.why, call_failed=True)


@transaction.atomic
def _finish(lease: RecognitionLease, log: MealLog, outcome: Recognition) -> None:
    """Write the outcome, once. Raises LeaseLost, UserGone."""
    lock_user(log.user_key)
    row = MealLog.objects.select_for_update().get(pk=log.pk)
    lease.hold()
    lease.end(outcome.error)
    if row.status != MealStatus.PENDING:  # deleted, or a reviewer was quicker
        return
    _charge(row, outcome)
    MealItem.objects.bulk_create(_items(row, outcome.dishes))
    if outcome.reason is None:
        accept(row)
    row.updated_at = clock.now()
    row.save()
    if outcome.reason is not None or _is_sampled(row.id):
        reason = outcome.reason or ReviewReason.SAMPLE
        defaults = {"reason": reason, "items_of_model": len(outcome.dishes)}
        MealReview.objects.update_or_create(log=row, defaults=defaults)
    if outcome.reason is None:
        emission.emit_recognized(row)


def accept(log: MealLog) -> None:
    """Let the items count from now on; the caller saves the row and emits the event."""
    log.status, log.recognized_at = MealStatus.RECOGNIZED, clock.now()


def _charge(log: MealLog, outcome: Recognition) -> None:
    """Add the cost of the calls to the log and to the organization's counters."""
    log.confidence_score = outcome.confidence
    if not outcome.spent:
        return
    log.vision_model = outcome.spent[0].model
    log.verifier_model = outcome.spent[1].model if len(outcome.spent) > 1 else None
    log.input_tokens = sum(one.input_tokens for one in outcome.spent)
    log.output_tokens = sum(one.output_tokens for one in outcome.spent)
    log.cost_micros = sum(costs.vision_micros(one.model, one.input_tokens, one.output_tokens) for one in outcome.spent)
    counted = {
        usage.VISION_RECOGNITIONS: 1,
        usage.VISION_INPUT_TOKENS: log.input_tokens,
        usage.VISION_OUTPUT_TOKENS: log.output_tokens,
        usage.VISION_COST_MICROS: log.cost_micros,
    }
    usage.add(log.organization_id, counted)


def _items(log: MealLog, dishes: Sequence[JudgedDish]) -> list[MealItem]:
    return [
        MealItem(
            log=log,
            position=position,
            dish_name=dish.seen.dish_name,
            quantity_grams=dish.seen.quantity_grams,
            quantity_uncertainty=judgement.QUANTITY_UNCERTAINTY,
            confidence=dish.seen.confidence,
            food_db_source=dish.figures.food_db_source,
            food_db_id=dish.figures.food_db_id,
            **dish.figures.macros,
        )
        for position, dish in enumerate(dishes)
    ]


def _is_sampled(log_id: uuid.UUID) -> bool:
    """Return whether an accepted log is sampled: by its random id, so that trying again changes nothing."""
    return log_id.int % 10_000 < settings.REVIEW_SAMPLE_PERCENT * 100
