"""App configuration."""

from django.apps import AppConfig


class NutritionConfig(AppConfig):
    """Meal logs. Empty until meals are recorded."""

    name = "nutrition"
    default_auto_field = "django.db.models.BigAutoField"
