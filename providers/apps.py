"""App configuration: fills the registries that apps to the left own."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Adapters, their payloads, and the inbox that turns payloads into records."""

    name = "providers"
    default_auto_field = "django.db.models.BigAutoField"
