"""Foods and their names; meals, their photos, and what waits to be recognised or reviewed."""

from nutrition.models.food import Food, FoodAlias
from nutrition.models.meal import MealImage, MealItem, MealLog, MealStatus, MealType
from nutrition.models.recognition import RecognitionJob
from nutrition.models.review import MealReview

__all__ = [
    "Food",
    "FoodAlias",
    "MealImage",
    "MealItem",
    "MealLog",
    "MealReview",
    "MealStatus",
    "MealType",
    "RecognitionJob",
]
