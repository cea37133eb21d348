from importlib import import_module

from django.apps import AppConfig


class HealthdataConfig(AppConfig):
    name = "healthdata"
    verbose_name = "Health data"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the app's part of an erasure, its event types, and how its deferred bodies are rendered.

        They need the models, so not before.
        """
        for module in (
            "erasure",
            "sources.preference_checks",
            "sources.regroup",
            "zones.zone_rebuild",
            "exports.parts",
            "webhooks.event_types",
            "webhooks.deferred_bodies",
        ):
            import_module(f"healthdata.{module}")
