"""App configuration."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Plans, limits and, later, subscriptions."""

    name = "billing"
    default_auto_field = "django.db.models.BigAutoField"
