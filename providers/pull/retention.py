"""Deletion of old runs, backfills and unused states of sign-ins."""

from datetime import timedelta
from typing import Final

from django.conf import settings

from providers.models import OPEN_STATES, Backfill, OAuthState, SyncRun
from wearlink.lib import clock

BATCH_SIZE: Final = 1_000


def prune() -> int:
    """Remove states that are too old to be used, runs and backfills older than the payloads; returns how many rows."""
    now = clock.now()
    gone, _ = OAuthState.objects.filter(expires_at__lt=now).delete()
    before = now - timedelta(days=settings.PAYLOAD_RETENTION_DAYS)
    old = SyncRun.objects.filter(created_at__lt=before).exclude(state__in=OPEN_STATES)
    while keys := list(old.values_list("pk", flat=True)[:BATCH_SIZE]):
        gone += SyncRun.objects.filter(pk__in=keys).delete()[0]
    return gone + Backfill.objects.filter(created_at__lt=before).exclude(finished_at=None).delete()[0]
