"""App configuration: fills the registries that apps to the left own."""

from importlib import import_module

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    """Adapters, their payloads, and the inbox that turns payloads into records."""

    name = "providers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Payloads are part of what belongs to an end user, and of what an operator watches."""
        import_module("providers.payloads.erasure")
        import_module("providers.payloads.arrivals")
        import_module("providers.payloads.retention")
        import_module("providers.imports.retention")
        import_module("providers.imports.erasure")
        import_module("providers.imports.tasks")  # Celery looks for tasks in modules called tasks only
        import_module("providers.connections.erasure")
        import_module("providers.connections.reclaim")
        import_module("providers.api.export")
        import_module("providers.pull.tasks")
        import_module("providers.metrics")
        import_module("providers.provider_names")
