"""Sending an endpoint again what it missed, and making its waiting retries now."""

from datetime import datetime

from accounts.webhooks.backends.chosen import chosen_backend
from accounts.webhooks.endpoints.lifecycle import require_active
from accounts.webhooks.models import Endpoint
from wearlink.lib import clock
from wearlink.lib.errors import InvalidInput


def recover(endpoint: Endpoint, start: datetime, end: datetime | None = None) -> int | None:
    """Send what did not arrive in [start, end), by default until now; return how many messages, where that is known.

    Raises EndpointInactive, InvalidInput, ServiceDown.
    """
    require_active(endpoint)
    end = end or clock.now()
    if start >= end:
        raise InvalidInput.on("start_time", "must lie before the end.")
    return chosen_backend().recover(endpoint, start, end)


def retry(endpoint: Endpoint) -> int:
    """Make all that waits for its next attempt due at once; how many. Raises EndpointInactive, NotAvailable."""
    require_active(endpoint)
    return chosen_backend().retry(endpoint)
