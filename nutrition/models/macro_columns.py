"""The seven figures that foods and the dishes of meals have."""

from django.db import models


class MacroColumns(models.Model):
    """Energy and macros, null where not known; of how much food, the model that has them says."""

    calories_kcal = models.FloatField(null=True)
    protein_g = models.FloatField(null=True)
    carbs_g = models.FloatField(null=True)
    fat_g = models.FloatField(null=True)
    fiber_g = models.FloatField(null=True)
    sugar_g = models.FloatField(null=True)
    sodium_mg = models.FloatField(null=True)

    class Meta:
        abstract = True
