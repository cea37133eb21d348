"""Gauges of webhooks for operators. Each figure is one query on an index."""

from accounts.webhooks.models import Delivery, Endpoint
from wearlink.lib import clock
from wearlink.lib.monitoring import gauges


def due() -> float:
    """Return deliveries that could be made now."""
    return Delivery.objects.due(clock.now()).count()


def lag() -> float:
    """Return seconds since the delivery that has waited longest was due."""
    first = Delivery.objects.due(clock.now()).order_by("due_at").values_list("due_at", flat=True).first()
    return (clock.now() - first).total_seconds() if first else 0.0


def disabled() -> float:
    """Return endpoints that were disabled because deliveries kept failing."""
    return Endpoint.objects.live().filter(status=Endpoint.Status.DISABLED).count()


gauges.register("wearlink_webhook_deliveries_due", "Deliveries waiting to be made.", due)
gauges.register("wearlink_webhook_lag_seconds", "How long the oldest due delivery has waited.", lag)
gauges.register("wearlink_webhook_endpoints_disabled", "Endpoints disabled after failures.", disabled)
