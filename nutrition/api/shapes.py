"""Answers of the meal endpoints that are more than one meal, for the schema."""

from typing import Any

from rest_framework import serializers

from nutrition.serializers import MacrosSerializer, MealLogSerializer
from wearlink.lib.api.pagination import CountedCursorPagination


class PhotoAcceptedSerializer(serializers.Serializer[Any]):
    """The ids of a photo that was stored and waits for recognition."""

    job_id = serializers.UUIDField(help_text="The recognition.")
    log_id = serializers.UUIDField(help_text="The meal; poll it.")
    status = serializers.CharField(help_text="pending")


class QuotaFactsSerializer(serializers.Serializer[Any]):
    """A quota that is used up, with its numbers."""

    code = serializers.CharField(help_text="quota_exceeded")
    message = serializers.CharField()
    limit = serializers.IntegerField(help_text="Photos a day.")
    used = serializers.IntegerField(help_text="Photos of today.")
    plan = serializers.CharField()
    resource = serializers.CharField(help_text="nutrition_image")


class QuotaErrorSerializer(serializers.Serializer[Any]):
    """The 429 of the photo quota."""

    detail = QuotaFactsSerializer()


class MealPageSerializer(serializers.Serializer[Any]):
    """A page of meals, newest first."""

    data = MealLogSerializer(many=True)  # type: ignore[assignment]  # a field, not the property
    pagination = CountedCursorPagination()


class MealTotalsSerializer(MacrosSerializer):
    """Macros of some meals together; null where no item has the figure."""

    logs = serializers.IntegerField(help_text="Meals counted.")


class MealDaySerializer(MealTotalsSerializer):
    """A local day with meals: its totals, and those of each meal of the day."""

    date = serializers.DateField(help_text="Local day of the user.")
    meals = serializers.DictField(child=MealTotalsSerializer(), help_text="By meal_type; only those eaten.")


class MealSummarySerializer(serializers.Serializer[Any]):
    """Days with meals, oldest first."""

    user_id = serializers.UUIDField()
    days = MealDaySerializer(many=True)
    pending_logs = serializers.IntegerField(help_text="Meals of the range that are not approved yet; not counted.")
