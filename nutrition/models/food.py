"""Foods with their macros, and the names by which they are found. Both are loaded from nutrition/data/."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from nutrition.models.macro_columns import MacroColumns
from wearlink.lib.postgres.walls import SHARED


class Tier(models.TextChoices):
    """The origin of a food; the earlier one wins where both know a name. Items show it as `food_db_source`."""

    CURATED = "in_curated", "Indian and South-Asian dishes"
    USDA = "usda", "USDA FoodData Central"


class Quality(models.TextChoices):
    """The reliability of a food's macros, best first."""

    ANALYSED = "analysed", "Measured in a laboratory"
    AS_EATEN = "as_eaten", "USDA's figures for the dish as it is eaten"
    RECIPE = "recipe", "Computed from a recipe of its own"
    ESTIMATE = "estimate", "Computed from a recipe for dishes of its kind"
    NAME_ONLY = "name_only", "Known by name; no macros"


class Food(MacroColumns):
    """A dish or ingredient; macros per 100 g as eaten, null where not known.

    id is what meal items show as `food_db_id`: the tier and a slug that no rebuild changes. carbs_g is USDA's "by
    difference", so fibre is part of it. portions: [{"label", "grams", "source"}], the usual one first.
    """

    wall = SHARED

    id = models.CharField(max_length=120, primary_key=True)
    tier = models.CharField(max_length=10, choices=Tier.choices)
    name = models.CharField(max_length=160)
    category = models.CharField(max_length=80)
    portions = models.JSONField(default=list)
    quality = models.CharField(max_length=10, choices=Quality.choices)
    source = models.CharField(max_length=300)  # the USDA food, or the recipe and its yield

    def __str__(self) -> str:
        return self.name


class FoodAlias(models.Model):
    """One spelling of one food, as nutrition.foods.names.normalised writes it."""

    wall = SHARED

    norm = models.CharField(max_length=160, primary_key=True)
    food = models.ForeignKey(Food, on_delete=models.CASCADE, related_name="aliases")
    tier = models.CharField(max_length=10, choices=Tier.choices)  # the food's: each tier has its index

    class Meta:
        indexes: ClassVar = [
            GinIndex(
                fields=["norm"],
                name=f"food_alias_{tier.name.lower()}",
                opclasses=["gin_trgm_ops"],
                condition=Q(tier=tier),
            )
            for tier in (Tier.CURATED, Tier.USDA)
        ]

    def __str__(self) -> str:
        return self.norm
