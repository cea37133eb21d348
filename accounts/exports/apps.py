"""App configuration: fills the registries that apps to the left own."""

from importlib import import_module

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Archives of end users' data."""

    name = "accounts.exports"
    label = "exports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Audit actions, an end user's exports as part of them, and the profile as part of an export."""
        for module in ("actions", "erasure", "profile", "removal"):
            import_module(f"accounts.exports.{module}")
