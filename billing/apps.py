"""App configuration: fills the registries that accounts and wearlink.lib own."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BillingConfig(AppConfig):
    """Plans, subscriptions, invoices and what an organization used."""

    name = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Audit actions; and the plans are there whenever the tables are."""
        import_module("billing.actions")
        post_migrate.connect(import_module("billing.plans").ensure, sender=self)
