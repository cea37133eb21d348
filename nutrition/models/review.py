"""MealReview: a meal that a reviewer must look at, or looks at to measure the model."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from nutrition.models.meal import MealLog
from wearlink.lib import clock


class ReviewReason(models.TextChoices):
    """The reason why a meal is in the queue."""

    VISION_NOT_CONFIGURED = "vision_not_configured"
    VISION_UNAVAILABLE = "vision_unavailable"
    VISION_REFUSED = "vision_refused"
    VISION_UNREADABLE = "vision_unreadable"
    IMAGE_UNREADABLE = "image_unreadable"
    NO_FOOD = "no_food"
    LOW_CONFIDENCE = "low_confidence"
    VERIFIER_DISAGREED = "verifier_disagreed"
    NO_TABLE_MATCH = "no_table_match"
    IMPLAUSIBLE = "implausible"
    SAMPLE = "sample"


class ReviewDecision(models.TextChoices):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # the end user deleted the meal


class RejectionReason(models.TextChoices):
    """The reason why a reviewer rejected a meal; the workbench numbers them in this order."""

    NO_FOOD = "no_food", "No food in it"
    UNREADABLE = "unreadable", "Photo cannot be read"
    DUPLICATE = "duplicate", "The same meal again"
    PRIVATE = "private", "Shows people or papers"
    OTHER = "other", "Another reason"


class MealReviewQuerySet(models.QuerySet["MealReview"]):
    def open(self) -> "MealReviewQuerySet":
        """Filter those without a decision."""
        return self.filter(decision=ReviewDecision.OPEN)


class MealReview(models.Model):
    """One meal in the queue, held by one reviewer at a time.

    reason sample: an accepted log that is read a second time without seeing the first answer; the reviewer's items
    carry this row. corrected: field → how many items a reviewer changed in it. agreed: whether the model's answer
    stood; null until decided, and where the model gave none.
    """

    key = models.BigAutoField(primary_key=True)
    log = models.OneToOneField(MealLog, on_delete=models.CASCADE, related_name="review")
    reason = models.CharField(max_length=24, choices=ReviewReason.choices)
    decision = models.CharField(max_length=10, choices=ReviewDecision.choices, default=ReviewDecision.OPEN)
    queued_at = models.DateTimeField(default=clock.now)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    claimed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    rejection_reason = models.CharField(
        max_length=12, choices=RejectionReason.choices, blank=True, default="", db_default=""
    )
    items_of_model = models.PositiveSmallIntegerField(default=0)
    corrected: "models.JSONField[dict[str, int], dict[str, int]]" = models.JSONField(default=dict)
    agreed = models.BooleanField(null=True)

    objects = MealReviewQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["queued_at", "key"], condition=Q(decision="open"), name="review_open"),
            models.Index(fields=["decided_at"], condition=Q(decided_at__isnull=False), name="review_decided"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.decision}"

    @property
    def is_blind(self) -> bool:
        """Return whether the reviewer must not see the model's answer."""
        return self.reason == ReviewReason.SAMPLE
