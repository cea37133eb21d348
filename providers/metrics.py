"""Gauges of waiting payloads for operators. Each figure is one query on an index."""

from datetime import timedelta
from typing import Final

from django.db.models import F, Sum

from providers.models import Payload
from wearlink.lib import clock
from wearlink.lib.monitoring import gauges

WINDOW: Final = timedelta(seconds=60)
_RECENT: Final = timedelta(minutes=10)


def due() -> float:
    """Return payloads that could be processed now."""
    return Payload.objects.due(clock.now()).count()


def oldest_due_seconds() -> float:
    """Return how long the payload has been due that waits longest and that nobody is at work on."""
    now = clock.now()
    oldest = Payload.objects.due(now).order_by("due_at").values_list("due_at", flat=True).first()
    return 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0)


def dead() -> float:
    return Payload.objects.dead().count()


def records_per_second() -> float:
    """Return records of payloads finished in the last minute, among those received in the last ten."""
    now = clock.now()
    rows = Payload.objects.filter(received_at__gte=now - _RECENT, done_at__gte=now - WINDOW, state=Payload.State.DONE)
    found = rows.aggregate(records=Sum(F("inserted") + F("updated") + F("unchanged")))
    return (found["records"] or 0) / WINDOW.total_seconds()


gauges.register("wearlink_payloads_due", "Payloads waiting to be processed.", due)
gauges.register(
    "wearlink_payloads_oldest_due_seconds", "Age of the payload that has been due longest.", oldest_due_seconds
)
gauges.register("wearlink_payloads_dead", "Payloads given up after five attempts.", dead)
gauges.register("wearlink_ingest_records_per_second", "Records processed, over the last minute.", records_per_second)
