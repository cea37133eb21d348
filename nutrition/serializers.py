"""The public form of meals: one function each, for REST, webhooks and review, and the class that describes it."""

from collections.abc import Mapping
from typing import Any, Final

from rest_framework import serializers

from nutrition.foods.macros import MACROS
from nutrition.models import MealItem, MealLog
from nutrition.models.meal import MealStatus, MealType
from wearlink.lib.clock import rfc3339, to_ms

Json = dict[str, Any]
_DIGITS: Final = dict.fromkeys(MACROS, 1) | {"sodium_mg": 0}
_UNCERTAINTY_DIGITS: Final = 2
MACRO_WORDS: Final = {
    "calories_kcal": "Energy.",
    "protein_g": "Protein.",
    "carbs_g": "Carbohydrates by difference, as USDA counts: fibre included.",
    "fat_g": "Fat.",
    "fiber_g": "Fibre.",
    "sugar_g": "Sugars.",
    "sodium_mg": "Sodium.",
}


class MacrosSerializer(serializers.Serializer[Any]):
    """Energy and nutrients of an amount; null where it is not known."""

    calories_kcal = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["calories_kcal"])
    protein_g = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["protein_g"])
    carbs_g = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["carbs_g"])
    fat_g = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["fat_g"])
    fiber_g = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["fiber_g"])
    sugar_g = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["sugar_g"])
    sodium_mg = serializers.FloatField(allow_null=True, help_text=MACRO_WORDS["sodium_mg"])


class MealItemSerializer(MacrosSerializer):
    """One dish of a meal; the macros are those of quantity_grams."""

    id = serializers.UUIDField()
    dish_name = serializers.CharField(help_text="What was eaten.")
    quantity_grams = serializers.FloatField(help_text="How much of it.")
    quantity_uncertainty = serializers.FloatField(help_text="0.3 means ± 30 %; 0 where a person gave the grams.")
    food_db_source = serializers.CharField(allow_null=True, help_text="in_curated, usda, or null: no table's macros.")
    food_db_id = serializers.CharField(allow_null=True, help_text="The food whose macros these are.")
    is_corrected = serializers.BooleanField(help_text="Whether a person changed it.")


class MealPhotoSerializer(serializers.Serializer[Any]):
    """The photo of a meal."""

    format = serializers.CharField(help_text="jpeg, png, webp or heif.")
    width = serializers.IntegerField(help_text="Pixels.")
    height = serializers.IntegerField(help_text="Pixels.")
    is_kept = serializers.BooleanField(help_text="false once the retention period is over.")


class MealLogSerializer(serializers.Serializer[Any]):
    """A meal with its items, its totals and its state."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    detected_at = serializers.DateTimeField(help_text="When it was eaten.")
    meal_type = serializers.ChoiceField(MealType.choices, help_text="Which meal of the day.")
    status = serializers.ChoiceField(MealStatus.choices, help_text="pending: the items do not count yet.")
    note = serializers.CharField(allow_null=True, help_text="What the client noted.")
    confidence_score = serializers.FloatField(allow_null=True, help_text="The model's own, 0 to 1.")
    vision_model = serializers.CharField(allow_null=True, help_text="Which model looked; null: none did.")
    human_reviewed = serializers.BooleanField(help_text="Whether a reviewer decided.")
    total_calories_kcal = serializers.FloatField(allow_null=True, help_text="Sum over the items.")
    items = MealItemSerializer(many=True, help_text="The dishes.")
    image = MealPhotoSerializer(allow_null=True, help_text="null for manual logs.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def meal(log: MealLog, user_id: str) -> Json:
    """Return a log whose items were read by with_items."""
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
    return {name: None if value is None else round(value, _DIGITS[name]) for name, value in values.items()}


def _photo(log: MealLog) -> Json | None:
    image = getattr(log, "image", None)
    if image is None:
        return None
    return {"format": image.kind, "width": image.width, "height": image.height, "is_kept": bool(image.s3_key)}
