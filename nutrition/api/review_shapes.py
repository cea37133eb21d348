"""Request and response shapes of the review endpoints."""

from typing import Any, Final

from rest_framework import serializers

from nutrition import serializers as meals
from nutrition.api.parameters import GivenMacrosSerializer, check_density
from nutrition.meals.figures import MAX_GRAMS
from nutrition.models import MealItem, MealReview
from nutrition.models.meal import MealStatus
from nutrition.models.review import RejectionReason, ReviewReason
from nutrition.photos import photo_links
from nutrition.serializers import Json, MealLogSerializer
from wearlink.lib.api.pagination import OffsetPagination
from wearlink.lib.clock import rfc3339, to_ms

MAX_BULK: Final = 200
#: What a blind reader must not see.
_WITHHELD: Final = {"confidence_score": None, "vision_model": None, "status": MealStatus.PENDING.value}


class ReviewQueueQuery(serializers.Serializer[Any]):
    """A page of the queue."""

    reason = serializers.ChoiceField(
        ReviewReason.choices, required=False, help_text="Only meals queued for this reason."
    )
    q = serializers.CharField(max_length=200, required=False, help_text="Text in the name of the organization.")
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50, help_text="Rows a page.")
    offset = serializers.IntegerField(min_value=0, max_value=1_000_000, default=0, help_text="Rows to skip.")


class QualityQuery(serializers.Serializer[Any]):
    """The number of days that quality is computed over."""

    days = serializers.IntegerField(min_value=1, max_value=366, default=30, help_text="Days back from now.")


class ReviewEntrySerializer(serializers.Serializer[Any]):
    """One meal in the queue. Of a sampled one, the model's answer is withheld."""

    log_id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    reason = serializers.ChoiceField(ReviewReason.choices, help_text="Why a person must look.")
    queued_at = serializers.DateTimeField(help_text="When it was queued.")
    claimed_by = serializers.UUIDField(allow_null=True, help_text="The developer who holds it.")
    claimed_until = serializers.DateTimeField(allow_null=True, help_text="Until when it is held; null: it is free.")
    meal_type = serializers.CharField(help_text="Which meal of the day.")
    detected_at = serializers.DateTimeField(help_text="When it was eaten.")
    status = serializers.CharField(help_text="State of the meal.")
    confidence_score = serializers.FloatField(allow_null=True, help_text="The model's own, 0 to 1.")
    vision_model = serializers.CharField(allow_null=True, help_text="Which model looked.")


class ReviewPageSerializer(serializers.Serializer[Any]):
    """A page of the queue, in the order of coming."""

    data = ReviewEntrySerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = OffsetPagination()


class ReviewDetailSerializer(ReviewEntrySerializer):
    """One meal with everything a reviewer needs."""

    meal = MealLogSerializer(help_text="The meal with its dishes.")
    image_url = serializers.CharField(allow_null=True, help_text="Opens for ten minutes; null without a photo.")
    exif = serializers.DictField(help_text="What may be known of the camera.")
    decision = serializers.CharField(help_text="What was decided; empty while it waits.")
    rejection_reason = serializers.CharField(help_text="Why it was rejected, where the reviewer said so; else empty.")


class ReviewClaimSerializer(serializers.Serializer[Any]):
    """The meal taken; null where nothing waits."""

    review = ReviewDetailSerializer(allow_null=True, help_text="What to look at.")


class ReviewedItemSerializer(GivenMacrosSerializer):
    """The fields to change of a dish; all are optional."""

    food_db_id = serializers.CharField(max_length=120, required=False, help_text="From GET /nutrition/foods.")
    dish_name = serializers.CharField(max_length=120, required=False, help_text="What it really is.")
    quantity_grams = serializers.FloatField(
        min_value=0.1, max_value=MAX_GRAMS, required=False, help_text="How much it really is."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError where nothing is named, or what nobody can change."""
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError(dict.fromkeys(unknown, "cannot be changed."))
        if not attrs:
            raise serializers.ValidationError(f"Nothing to change. Accepted: {', '.join(self.fields)}.")
        if "quantity_grams" in attrs:
            check_density(attrs.get("calories_kcal"), attrs["quantity_grams"])
        return attrs


class ReviewAddedItemSerializer(ReviewedItemSerializer):
    """A dish to add: grams, and a name or a food."""

    quantity_grams = serializers.FloatField(min_value=0.1, max_value=MAX_GRAMS, help_text="How much of it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raise ValidationError without a name or a food."""
        if not {"dish_name", "food_db_id"} & set(attrs):
            raise serializers.ValidationError({"dish_name": "needed, or food_db_id."})
        return super().validate(attrs)


class ReviewRejectionSerializer(serializers.Serializer[Any]):
    """The reason of a rejection, which may be left out."""

    reason = serializers.ChoiceField(RejectionReason.choices, required=False, help_text="Why a meal is rejected.")


class ReviewBulkSerializer(ReviewRejectionSerializer):
    """The same decision for many meals."""

    action = serializers.ChoiceField(["approve", "reject"], help_text="The decision.")
    log_ids = serializers.ListField(
        child=serializers.UUIDField(), allow_empty=False, max_length=MAX_BULK, help_text="The meals."
    )


class ReviewBulkResultSerializer(serializers.Serializer[Any]):
    """The result of one meal in a bulk act."""

    log_id = serializers.UUIDField()
    ok = serializers.BooleanField(help_text="Whether it was carried out.")
    error = serializers.CharField(allow_null=True, help_text="A code such as review_claimed.")


class ReviewBulkAnswerSerializer(serializers.Serializer[Any]):
    """The results of a bulk act, in the order of the request."""

    succeeded = serializers.IntegerField(help_text="How many were carried out.")
    failed = serializers.IntegerField(help_text="How many were not.")
    results = ReviewBulkResultSerializer(many=True, help_text="Meal by meal.")


class ReviewAgreementSerializer(serializers.Serializer[Any]):
    """Accepted meals that were read a second time, blind."""

    sampled = serializers.IntegerField(help_text="Meals read twice.")
    agreed = serializers.IntegerField(help_text="Meals on which both agree.")
    share = serializers.FloatField(allow_null=True, help_text="agreed of sampled; null without any.")


class ReviewQualitySerializer(serializers.Serializer[Any]):
    """The model's quality, by the decisions of reviewers."""

    days = serializers.IntegerField(help_text="Days looked back.")
    reviewed = serializers.IntegerField(help_text="Meals decided by a person.")
    agreement = ReviewAgreementSerializer(help_text="How often a blind reader agrees with the model.")
    calibration = serializers.ListField(child=serializers.DictField(), help_text="from, to, logs, stood, share.")
    corrections = serializers.DictField(child=serializers.DictField(), help_text="field → items, rate.")
    rejections = serializers.DictField(
        child=serializers.IntegerField(), help_text="reason → meals; an empty reason where none was given."
    )
    median_handling_seconds = serializers.FloatField(allow_null=True, help_text="From taking a meal to deciding it.")
    open = serializers.IntegerField(help_text="Meals that wait.")
    oldest_open_seconds = serializers.IntegerField(allow_null=True, help_text="How long the oldest has waited.")


def entry(review: MealReview) -> Json:
    """Return one line of the queue."""
    log = review.log
    shown = {
        "log_id": str(log.id),
        "organization_id": str(log.organization_id),
        "reason": review.reason,
        "queued_at": rfc3339(to_ms(review.queued_at)),
        "claimed_by": str(review.claimed_by_id) if review.claimed_by_id else None,
        "claimed_until": rfc3339(to_ms(review.claimed_until)) if review.claimed_until else None,
        "meal_type": log.meal_type,
        "detected_at": rfc3339(to_ms(log.detected_at)),
        "status": log.status,
        "confidence_score": log.confidence_score,
        "vision_model": log.vision_model,
    }
    return {**shown, **_WITHHELD} if _is_hidden(review) else shown


def detail(review: MealReview, user_id: str) -> Json:
    """Return one meal; its log was read with items and image."""
    log = review.log
    meal = meals.meal(log, user_id)
    if _is_hidden(review):
        second = [meals.meal_item(item) for item in review.items.order_by("position", "key")]
        meal |= {**_WITHHELD, "items": second, "total_calories_kcal": None}
    image = getattr(log, "image", None)
    return {
        **entry(review),
        "meal": meal,
        "image_url": photo_links.link(image) if image else None,
        "exif": image.exif if image else {},
        "decision": review.decision,
        "rejection_reason": review.rejection_reason,
    }


def item(row: MealItem) -> Json:
    """Return a dish as REST shows it."""
    return meals.meal_item(row)


def _is_hidden(review: MealReview) -> bool:
    return review.is_blind and review.decided_at is None
