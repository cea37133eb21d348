"""App configuration: importing actions and extensions registers them."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the registries this app owns: audit actions, OpenAPI schemes, what is taken back, encrypted columns."""
        import_module("accounts.actions")
        import_module("accounts.audit_trail.anchors")
        import_module("accounts.api.schemes")
        import_module("accounts.organization.reclaim")
        import_module("accounts.replies")
