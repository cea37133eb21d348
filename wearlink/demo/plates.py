"""Meals of a neighbour's end users: photos that wait for a reviewer, and a month of reviews behind the quality page.

The photos are drawn. Nobody's lunch.
"""

import random
from datetime import timedelta
from io import BytesIO
from typing import Final

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageDraw

from accounts.models import EndUser
from nutrition.meals import figures
from nutrition.meals.entries import Moment
from nutrition.models import MealItem, MealLog, MealReview, MealStatus, RecognitionJob
from nutrition.models.recognition import RecognitionState
from nutrition.models.review import ReviewDecision, ReviewReason
from nutrition.photos import receiving
from nutrition.photos.receiving import Snapshot
from wearlink.lib import clock

SIZE: Final = (1280, 960)
#: meal, confidence, reason, then dish, grams and the colour it is drawn in
WAITING: Final = (
    ("lunch", 0.54, ReviewReason.LOW_CONFIDENCE, (("chicken biryani", 280, "#c98a2b"), ("raita", 90, "#f3efe2"))),
    ("breakfast", 0.58, ReviewReason.LOW_CONFIDENCE, (("masala dosa", 190, "#d9a441"), ("sambar", 150, "#b4531f"))),
    ("dinner", 0.71, ReviewReason.VERIFIER_DISAGREED, (("dal makhani", 220, "#6b3f22"), ("naan", 110, "#e5c88f"))),
    ("snack", 0.49, ReviewReason.LOW_CONFIDENCE, (("samosa", 120, "#b9822f"),)),
    ("lunch", 0.66, ReviewReason.IMPLAUSIBLE, (("palak paneer", 1900, "#3f6b2a"), ("chapati", 80, "#d8b98a"))),
    ("breakfast", None, ReviewReason.VISION_UNAVAILABLE, ()),
)
REVIEWED: Final = 60  # in the last month
CONFIDENCES: Final = (0.44, 0.57, 0.63, 0.68, 0.74, 0.79, 0.83, 0.88, 0.92, 0.97)


def serve(end_users: list[EndUser]) -> None:
    """Make all waiting meals, spread over these end users."""
    for number, (meal_type, confidence, reason, dishes) in enumerate(WAITING):
        moment = Moment(clock.now() - timedelta(minutes=9 + 34 * (len(WAITING) - number)))
        snapshot = Snapshot(photo([colour for *_, colour in dishes]), meal_type, moment)
        with transaction.atomic():  # no worker sees the photo before its answer
            job = receiving.receive(end_users[number % len(end_users)], snapshot)
            RecognitionJob.objects.filter(pk=job.pk).update(state=RecognitionState.ENDED)
            _answer(job.log, confidence, reason, [(name, float(grams)) for name, grams, _ in dishes])
    _remember(end_users)


def photo(colours: list[str]) -> bytes:
    """Return a plate from above, with a heap of each colour."""
    image = Image.effect_noise(SIZE, 18).convert("RGB")
    draw, chance = ImageDraw.Draw(image), random.Random(len(colours))
    width, height = SIZE
    draw.ellipse((width * 0.16, height * 0.05, width * 0.84, height * 0.96), fill="#e9e4da", outline="#b9b2a4", width=6)
    draw.ellipse((width * 0.23, height * 0.14, width * 0.77, height * 0.87), fill="#f7f4ee")
    for number, colour in enumerate(colours):
        left = width * (0.28 + 0.23 * number)
        draw.ellipse((left, height * 0.26, left + width * 0.24, height * 0.72), fill=colour)
        for _ in range(140):
            x, y = left + width * chance.uniform(0.04, 0.19), height * chance.uniform(0.34, 0.64)
            draw.ellipse((x, y, x + 9, y + 5), fill=chance.choice(("#ffffff", "#5a3a1a", "#e8d9a8")))
    kept = BytesIO()
    image.save(kept, "JPEG", quality=82)
    return kept.getvalue()


def _answer(log: MealLog, confidence: float | None, reason: str, dishes: list[tuple[str, float]]) -> None:
    """Store a model's answer to a photo, and the reason why a reviewer must look at it."""
    log.confidence_score, log.vision_model = confidence, settings.VISION_MODEL if dishes else None
    log.save(update_fields=["confidence_score", "vision_model"])
    _serve_up(log, dishes)
    MealReview.objects.update_or_create(log=log, defaults={"reason": reason, "items_of_model": len(dishes)})


def _serve_up(log: MealLog, dishes: list[tuple[str, float]]) -> None:
    for position, (name, grams) in enumerate(dishes):
        found = figures.of_dish(name, grams, {})
        MealItem.objects.create(
            log=log, position=position, dish_name=name.title(), quantity_grams=grams, quantity_uncertainty=0.25,
            confidence=log.confidence_score, food_db_source=found.food_db_source, food_db_id=found.food_db_id,
            **{macro: value and round(value, 1) for macro, value in found.macros.items()},
        )  # fmt: skip


def _remember(end_users: list[EndUser]) -> None:
    """Reviews that were decided: the surer the model was, the more often its answer was right."""
    now = clock.now()
    for number in range(REVIEWED):
        confidence = CONFIDENCES[number % len(CONFIDENCES)]
        agreed = number * 53 % 100 < 100 * confidence
        end_user, decided = end_users[number % len(end_users)], now - timedelta(hours=7 + 11 * number)
        log = MealLog.objects.create(
            organization_id=end_user.organization_id, user_key=end_user.key, meal_type="lunch",
            status=MealStatus.RECOGNIZED, detected_at=decided - timedelta(hours=2), confidence_score=confidence,
            vision_model=settings.VISION_MODEL, human_reviewed=True, recognized_at=decided,
        )  # fmt: skip
        _serve_up(log, [("chicken biryani", 200.0 + number)])
        MealReview.objects.create(
            log=log, reason=ReviewReason.SAMPLE if confidence > 0.8 else ReviewReason.LOW_CONFIDENCE,
            decision=ReviewDecision.APPROVED, queued_at=decided - timedelta(hours=1), items_of_model=1,
            claimed_at=decided - timedelta(seconds=14 + number % 30), decided_at=decided, agreed=agreed,
            corrected={} if agreed else {("quantity_grams" if number % 3 else "dish_name"): 1},
        )  # fmt: skip
