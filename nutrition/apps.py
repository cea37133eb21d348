from importlib import import_module

from django.apps import AppConfig


class NutritionConfig(AppConfig):
    """Foods and the meals made of them."""

    name = "nutrition"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the meals' part of erasures, exports, event types and the audit trail."""
        import_module("nutrition.erasure")
        import_module("nutrition.export")
        import_module("nutrition.photos.retention")
        import_module("nutrition.event_types")
        import_module("nutrition.actions")
