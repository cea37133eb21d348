"""The tables of providers: payloads, connections, sync runs, import jobs."""

from providers.models.backfill import Backfill, BackfillPart
from providers.models.connection import (
    LIVE_STATUSES,
    Connection,
    ConnectionQuerySet,
    ConnectionToken,
    IgnoredEvent,
    OAuthState,
    ProviderApp,
    Revocation,
    VendorSubscription,
)
from providers.models.import_job import OPEN_STATES, ImportJob, ImportJobQuerySet
from providers.models.payload import NOTIFICATION_KIND, WAITING_STATES, Payload, PayloadQuerySet
from providers.models.sync_run import SyncRun, SyncRunQuerySet

__all__ = [
    "LIVE_STATUSES",
    "NOTIFICATION_KIND",
    "OPEN_STATES",
    "WAITING_STATES",
    "Backfill",
    "BackfillPart",
    "Connection",
    "ConnectionQuerySet",
    "ConnectionToken",
    "IgnoredEvent",
    "ImportJob",
    "ImportJobQuerySet",
    "OAuthState",
    "Payload",
    "PayloadQuerySet",
    "ProviderApp",
    "Revocation",
    "SyncRun",
    "SyncRunQuerySet",
    "VendorSubscription",
]
