"""App configuration."""

from django.apps import AppConfig


class AdminPortalConfig(AppConfig):
    """Screens and admin API. Empty until the portal is built."""

    name = "adminportal"
    default_auto_field = "django.db.models.BigAutoField"
