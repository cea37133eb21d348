"""The food database: `match` says which food a name means, `search` lists foods to choose from."""

from nutrition.foods.macros import Macros
from nutrition.foods.matching import FoodMatch, match
from nutrition.foods.searching import search

__all__ = ["FoodMatch", "Macros", "match", "search"]
