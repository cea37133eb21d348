from importlib import import_module

from django.apps import AppConfig


class NutritionConfig(AppConfig):
    """Foods and the meals made of them."""

    name = "nutrition"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Meals are part of what belongs to an end user, of what customers are told, and of the audit trail."""
        import_module("nutrition.erasure")
        import_module("nutrition.export")
        import_module("nutrition.photos.retention")
        import_module("nutrition.event_types")
        import_module("nutrition.actions")
