"""App configuration of the frame: commands, system checks and gauges."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings

from wearlink import checks, metrics
from wearlink.lib.monitoring import gauges


class WearLinkConfig(AppConfig):
    name = "wearlink"

    def ready(self) -> None:
        """Register checks and the frame's own gauge; error reports cost 0.3 s to load and are loaded only where
        wanted.
        """
        checks.register_all()
        gauges.register("wearlink_queue_depth", "Messages waiting in a queue.", metrics.queue_depths, label="queue")
        if settings.SENTRY_DSN:
            import_module("wearlink.lib.monitoring.sentry").start()
