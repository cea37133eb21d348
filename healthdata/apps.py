from importlib import import_module

from django.apps import AppConfig


class HealthdataConfig(AppConfig):
    name = "healthdata"
    verbose_name = "Health data"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the app's part of a person; it needs the models, so not before."""
        import_module("healthdata.erasure")
