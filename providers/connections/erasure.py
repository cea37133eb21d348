"""Connections, runs and begun sign-ins as part of what belongs to an end user. Grants go back to their vendors."""

from typing import Any

from accounts import erasure
from providers.connections import revocations
from providers.models import Backfill, Connection, OAuthState, SyncRun


def erase_connections(user_key: int) -> int:
    """Remove an end user's connections; the vendors are told after the commit."""
    rows = list(Connection.objects.select_for_update().for_user(user_key))
    for row in rows:
        revocations.plan(row)
    Connection.objects.for_user(user_key).delete()
    return len(rows)


def connections_of(user_key: int) -> dict[str, Any]:
    return {"providers": sorted(Connection.objects.for_user(user_key).values_list("provider", flat=True))}


def erase_runs(user_key: int) -> int:
    """Remove an end user's runs."""
    return SyncRun.objects.filter(user_key=user_key).delete()[0]


def erase_backfills(user_key: int) -> int:
    """Remove an end user's backfills with their parts."""
    return Backfill.objects.filter(user_key=user_key).delete()[0]


def erase_states(user_key: int) -> int:
    """Remove the sign-ins an end user began."""
    return OAuthState.objects.filter(user_key=user_key).delete()[0]


erasure.register(erasure.ErasurePart("connections", erase_connections, connections_of))
erasure.register(erasure.ErasurePart("sync_runs", erase_runs))
erasure.register(erasure.ErasurePart("backfills", erase_backfills))
erasure.register(erasure.ErasurePart("oauth_states", erase_states))
