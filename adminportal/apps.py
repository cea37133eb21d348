"""App configuration: importing actions registers them."""

import importlib

from django.apps import AppConfig


class AdminPortalConfig(AppConfig):
    """The platform's own screens and the JSON beneath them."""

    name = "adminportal"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what this app adds to others."""
        importlib.import_module("adminportal.actions")
