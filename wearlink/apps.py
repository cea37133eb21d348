"""App configuration of the frame: commands, system checks and gauges."""

from django.apps import AppConfig

from wearlink import checks, metrics
from wearlink.lib import gauges, sentry


class WearLinkConfig(AppConfig):
    """Has no models."""

    name = "wearlink"

    def ready(self) -> None:
        """Registers checks and the frame's own gauge, and starts Sentry where it is configured."""
        checks.register_all()
        gauges.register("wearlink_queue_depth", "Messages waiting in a queue.", metrics.queue_depths, label="queue")
        sentry.start()
