"""MealLog, its items, and the photo it came with."""

import uuid
from datetime import date, datetime
from typing import ClassVar

from django.db import models
from django.db.models import Prefetch, Q

from nutrition.models.macro_columns import MacroColumns
from wearlink.lib import clock


class MealType(models.TextChoices):
    """The meal of the day."""

    BREAKFAST = "breakfast"
    LUNCH = "lunch"
    DINNER = "dinner"
    SNACK = "snack"


class MealStatus(models.TextChoices):
    """pending: nobody has vouched for the items yet. The other three count as eaten, but for discarded."""

    PENDING = "pending"
    MANUAL = "manual"
    RECOGNIZED = "recognized"
    DISCARDED = "discarded"


EATEN = (MealStatus.MANUAL, MealStatus.RECOGNIZED)


class MealLogQuerySet(models.QuerySet["MealLog"]):
    def for_user(self, user_key: int) -> "MealLogQuerySet":
        """Return those of one end user."""
        return self.filter(user_key=user_key)

    def listed(self) -> "MealLogQuerySet":
        """Return what lists show: not what was deleted."""
        return self.exclude(status=MealStatus.DISCARDED)

    def eaten(self) -> "MealLogQuerySet":
        """Return what counts: entered by the end user, or recognised."""
        return self.filter(status__in=EATEN)

    def between(self, start: datetime, end: datetime, first: date, last: date) -> "MealLogQuerySet":
        """Return meals of the local days first..last, which run from start to end in the end user's zone."""
        own = Q(stated_day__range=(first, last))
        return self.filter(own | Q(stated_day=None, detected_at__gte=start, detected_at__lt=end))

    def newest_first(self) -> "MealLogQuerySet":
        """Order meals as lists show them."""
        return self.order_by("-detected_at", "-key")

    def older_than(self, moment: datetime, key: int) -> "MealLogQuerySet":
        """Return what follows a meal in the order of lists."""
        return self.filter(Q(detected_at__lt=moment) | Q(detected_at=moment, key__lt=key), detected_at__lte=moment)

    def with_items(self) -> "MealLogQuerySet":
        """Return it with the items that are the log's own, in one query more."""
        return self.prefetch_related(Prefetch("items", MealItem.objects.own().order_by("position", "key")))


class MealLog(models.Model):
    """One meal of an end user.

    stated_day: the local date that the moment's own zone offset gives, where the client stated one; else the date is
    that of the end user's zone at detected_at. The vision figures cover all calls that led to the answer.
    """

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization_id = models.UUIDField()
    user_key = models.BigIntegerField()
    meal_type = models.CharField(max_length=10, choices=MealType.choices)
    status = models.CharField(max_length=10, choices=MealStatus.choices)
    detected_at = models.DateTimeField()
    stated_day = models.DateField(null=True)
    note = models.CharField(max_length=500, default="", db_default="")
    confidence_score = models.FloatField(null=True)
    vision_model = models.CharField(max_length=64, null=True)
    verifier_model = models.CharField(max_length=64, null=True)
    human_reviewed = models.BooleanField(default=False)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost_micros = models.PositiveBigIntegerField(default=0)  # millionths of a USD
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)
    recognized_at = models.DateTimeField(null=True)

    objects = MealLogQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user_key", "-detected_at", "-key"], name="meal_of_user"),
            models.Index(fields=["user_key", "stated_day"], condition=Q(stated_day__isnull=False), name="meal_day"),
            models.Index(fields=["created_at"], condition=Q(vision_model__isnull=False), name="meal_by_vision"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class MealItemQuerySet(models.QuerySet["MealItem"]):
    def own(self) -> "MealItemQuerySet":
        """Return those of the log itself, not a reviewer's blind answer."""
        return self.filter(review=None)


class MealItem(MacroColumns):
    """One dish of a meal; macros are those of quantity_grams.

    food_db_id: the food whose macros these are; empty where they are the client's or a model's guess. With `review`,
    the item is a blind second answer and no part of the log.
    """

    key = models.BigAutoField(primary_key=True)
    id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    log = models.ForeignKey(MealLog, on_delete=models.CASCADE, related_name="items")
    review = models.ForeignKey("MealReview", on_delete=models.CASCADE, null=True, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    dish_name = models.CharField(max_length=120)
    quantity_grams = models.FloatField()
    quantity_uncertainty = models.FloatField(default=0)  # a share: 0.3 means ± 30 %
    food_db_source = models.CharField(max_length=10, default="", db_default="")
    food_db_id = models.CharField(max_length=120, default="", db_default="")
    confidence = models.FloatField(null=True)
    is_corrected = models.BooleanField(default=False)

    objects = MealItemQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)


class MealImage(models.Model):
    """The photo of a meal without anything but its pixels, and the small upright copy that models and reviewers see.

    The keys are empty once the objects are deleted; the camera's facts stay with the row.
    """

    key = models.BigAutoField(primary_key=True)
    log = models.OneToOneField(MealLog, on_delete=models.CASCADE, related_name="image")
    s3_key = models.CharField(max_length=200)
    view_key = models.CharField(max_length=200, default="", db_default="")
    size_bytes = models.PositiveIntegerField()  # of both objects together
    kind = models.CharField(max_length=8)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    exif: "models.JSONField[object, object]" = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=~Q(s3_key=""), name="meal_image_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.width}×{self.height}"

    @property
    def object_keys(self) -> list[str]:
        """The objects that are still kept."""
        return [key for key in (self.s3_key, self.view_key) if key]
