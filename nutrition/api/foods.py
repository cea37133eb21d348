"""GET /nutrition/foods: the food database, for writing down a meal."""

from collections.abc import Mapping
from typing import Any, Final

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from nutrition.foods import searching
from nutrition.foods.macros import MACROS
from nutrition.foods.names import normalised
from nutrition.models import Food
from nutrition.models.food import Quality, Tier
from nutrition.serializers import MacrosSerializer
from wearlink.lib.api import pagination
from wearlink.lib.api.callers import API_KEY, DASHBOARD, SDK
from wearlink.lib.api.pagination import PagePagination, PageQuery
from wearlink.lib.api.views import TenantView

MIN_LETTERS: Final = 2


class FoodQuery(PageQuery):
    """A search for foods, and its page."""

    q = serializers.CharField(max_length=80, help_text="Part of a name, in any usual spelling.")

    def validate_q(self, value: str) -> str:
        """Raise ValidationError where too little is left to search for."""
        if len(normalised(value)) < MIN_LETTERS:
            raise serializers.ValidationError(f"At least {MIN_LETTERS} letters (a to z) or digits are needed.")
        return value


class FoodPortionSerializer(serializers.Serializer[Any]):
    """A usual portion of a food."""

    label = serializers.CharField(help_text="What the amount is called.")  # type: ignore[assignment]
    grams = serializers.FloatField(help_text="What it weighs.")
    source = serializers.ChoiceField(  # type: ignore[assignment]
        ["usda", "assumed"], help_text="Weighed by USDA, or a convention."
    )


class FoodSerializer(serializers.Serializer[Any]):
    """A food with its macros and portions."""

    food_db_id = serializers.CharField(help_text="What meal items show where they were matched with this food.")
    food_db_source = serializers.ChoiceField([tier.value for tier in Tier], help_text="The table it is from.")
    name = serializers.CharField()
    category = serializers.CharField()
    per_100g = MacrosSerializer(help_text="Of 100 g as eaten.")
    portions = FoodPortionSerializer(many=True, help_text="The usual one first; may be empty.")
    quality = serializers.ChoiceField([quality.value for quality in Quality], help_text="How far to trust the macros.")
    source = serializers.CharField(help_text="The USDA table or food, or the recipe with its yield.")  # type: ignore[assignment]


class FoodPageSerializer(serializers.Serializer[Any]):
    """A page of foods that match a search."""

    data = FoodSerializer(many=True)  # type: ignore[assignment]
    pagination = PagePagination()


def as_json(food: Food) -> Mapping[str, Any]:
    """Return a food as the API shows it."""
    return {
        "food_db_id": food.id,
        "food_db_source": food.tier,
        "name": food.name,
        "category": food.category,
        "per_100g": {name: getattr(food, name) for name in MACROS},
        "portions": food.portions,
        "quality": food.quality,
        "source": food.source,
    }


EXAMPLE: Final = {
    "food_db_id": "in_curated:biryani",
    "food_db_source": "in_curated",
    "name": "Biryani",
    "category": "Biryani",
    "per_100g": {
        "calories_kcal": 104.0,
        "protein_g": 7.15,
        "carbs_g": 13.55,
        "fat_g": 2.38,
        "fiber_g": 1.1,
        "sugar_g": 1.88,
        "sodium_mg": 161.0,
    },
    "portions": [
        {"label": "plate", "grams": 300.0, "source": "assumed"},
        {"label": "cup", "grams": 196.0, "source": "usda"},
    ],
    "quality": "as_eaten",
    "source": "USDA FNDDS: Biryani with chicken",
}


class FoodList(TenantView):
    """The same foods for every organization."""

    callers = frozenset({API_KEY, DASHBOARD, SDK})
    query_class = FoodQuery

    @extend_schema(
        operation_id="search_foods",
        tags=["Nutrition"],
        summary="Search the food database",
        description=(
            "Foods with a name like `q`, Indian and South-Asian dishes first, then USDA FoodData Central's; within "
            "each, names that begin with `q` before others. Macros are per 100 g as eaten. At most 200 names of either "
            "kind are found: write more of the name rather than leafing on."
        ),
        responses={
            200: OpenApiResponse(
                FoodPageSerializer,
                examples=[
                    OpenApiExample(
                        "The first of two foods", value=pagination.by_page([EXAMPLE], page=1, limit=1, total=2)
                    )
                ],
            )
        },
    )
    def get(self, request: Request) -> Response:
        limit, page = self.query["limit"], self.query["page"]
        found = searching.page(self.query["q"], offset=(page - 1) * limit, limit=limit)
        data = [as_json(food) for food in found.rows]
        return Response(pagination.by_page(data, page=page, limit=limit, total=found.total))
