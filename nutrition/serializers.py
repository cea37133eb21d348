"""How meals look outside: one function a thing, for REST, webhooks and review, and the class that describes it."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from nutrition.figures import DIGITS
from nutrition.foods.macros import MACROS
from nutrition.models import MealItem, MealLog
from nutrition.models.meal import MealStatus, MealType
from wearlink.lib.clock import rfc3339, to_ms

Json = dict[str, Any]
_UNCERTAINTY_DIGITS: Final = 2


class MacrosSerializer(serializers.Serializer[Any]):
    """Energy and nutrients of an amount; null where nobody knows."""

    calories_kcal = serializers.FloatField(allow_null=True)
    protein_g = serializers.FloatField(allow_null=True)
    carbs_g = serializers.FloatField(allow_null=True, help_text="By difference, as USDA counts: includes fibre.")
    fat_g = serializers.FloatField(allow_null=True)
    fiber_g = serializers.FloatField(allow_null=True)
    sugar_g = serializers.FloatField(allow_null=True)
    sodium_mg = serializers.FloatField(allow_null=True)


class MealItemSerializer(MacrosSerializer):
    """One dish of a meal; the macros are those of quantity_grams."""

    id = serializers.UUIDField()
    dish_name = serializers.CharField()
    quantity_grams = serializers.FloatField()
    quantity_uncertainty = serializers.FloatField(help_text="0.3 means ± 30 %; 0 where a person gave the grams.")
    food_db_source = serializers.CharField(allow_null=True, help_text="in_curated, usda, or null: no table's macros.")
    food_db_id = serializers.CharField(allow_null=True, help_text="The food whose macros these are.")
    is_corrected = serializers.BooleanField()


class MealPhotoSerializer(serializers.Serializer[Any]):
    """The photo of a meal."""

    format = serializers.CharField(help_text="jpeg, png, webp or heif.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    is_kept = serializers.BooleanField(help_text="false once the retention period is over.")


class MealLogSerializer(serializers.Serializer[Any]):
    """One meal."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    detected_at = serializers.DateTimeField()
    meal_type = serializers.ChoiceField(MealType.choices)
    status = serializers.ChoiceField(MealStatus.choices, help_text="pending: the items do not count yet.")
    note = serializers.CharField(allow_null=True)
    confidence_score = serializers.FloatField(allow_null=True, help_text="The model's own, 0 to 1.")
    vision_model = serializers.CharField(allow_null=True)
    human_reviewed = serializers.BooleanField()
    total_calories_kcal = serializers.FloatField(allow_null=True, help_text="Sum over the items.")
    items = MealItemSerializer(many=True)
    image = MealPhotoSerializer(allow_null=True, help_text="null for manual logs.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def meal(log: MealLog, user_id: str) -> Json:
    """A log whose items were read by with_items."""
    items = [item for item in log.items.all() if item.review_id is None]
    energies = [item.calories_kcal for item in items if item.calories_kcal is not None]
    return {
        "id": str(log.id),
        "user_id": user_id,
        "detected_at": rfc3339(to_ms(log.detected_at)),
        "meal_type": log.meal_type,
        "status": log.status,
        "note": log.note or None,
        "confidence_score": log.confidence_score,
        "vision_model": log.vision_model,
        "human_reviewed": log.human_reviewed,
        "total_calories_kcal": round(sum(energies), 1) if energies else None,
        "items": [meal_item(one) for one in items],
        "image": _photo(log),
        "created_at": rfc3339(to_ms(log.created_at)),
        "updated_at": rfc3339(to_ms(log.updated_at)),
    }


def meal_item(item: MealItem) -> Json:
    """One dish."""
    return {
        "id": str(item.id),
        "dish_name": item.dish_name,
        "quantity_grams": round(item.quantity_grams, 1),
        "quantity_uncertainty": round(item.quantity_uncertainty, _UNCERTAINTY_DIGITS),
        **macros({name: getattr(item, name) for name in MACROS}),
        "food_db_source": item.food_db_source or None,
        "food_db_id": item.food_db_id or None,
        "is_corrected": item.is_corrected,
    }


def macros(values: Mapping[str, float | None]) -> Json:
    """Rounded as they are shown: more digits than any table can vouch for say nothing."""
    return {name: None if value is None else round(value, DIGITS[name]) for name, value in values.items()}


def _photo(log: MealLog) -> Json | None:
    image = getattr(log, "image", None)
    if image is None:
        return None
    return {"format": image.kind, "width": image.width, "height": image.height, "is_kept": bool(image.s3_key)}
