"""Foods and their names."""

from nutrition.models.food import Food, FoodAlias

__all__ = ["Food", "FoodAlias"]
