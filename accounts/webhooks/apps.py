"""App configuration: fills the registries that accounts and wearlink.lib own."""

from importlib import import_module

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Event types, endpoints, messages and their delivery."""

    name = "accounts.webhooks"
    label = "webhooks"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Audit actions, lifecycle event types, an end user's messages, encrypted columns, the operator's figures."""
        for module in ("actions", "catalogue.lifecycle_events", "endpoints.reclaim", "erasure", "metrics", "retention"):
            import_module(f"accounts.webhooks.{module}")
