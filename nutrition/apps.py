"""App configuration."""

from django.apps import AppConfig


class NutritionConfig(AppConfig):
    """Foods and the meals made of them."""

    name = "nutrition"
    default_auto_field = "django.db.models.BigAutoField"
