"""Connections, runs and begun sign-ins as part of what belongs to an end user. Grants go back to their vendors."""

from datetime import timedelta
from typing import Any, Final

from accounts.deletion import erasure, leftovers
from accounts.deletion.erasure import ErasedUser, Rows
from providers.connections import revocations
from providers.models import Backfill, Connection, OAuthState, Revocation, SyncRun
from wearlink.lib import tenancy
from wearlink.lib.errors import Unavailable

GRANT: Final = "grant at a vendor"
LOOK_AFTER: Final = timedelta(seconds=30)  # the vendor is asked after the commit


class GrantPending(Unavailable):
    """The vendor has not answered yet."""


def erase_connections(user: ErasedUser) -> Rows:
    """Remove an end user's connections; the vendors are called after the commit."""
    planned = [revocations.plan(row) for row in Connection.objects.select_for_update().for_user(user.key)]
    leftovers.note(user, GRANT, [str(key) for key in planned if key is not None], after=LOOK_AFTER)
    return erasure.deleted(Connection.objects.for_user(user.key))


def connections_of(user_key: int) -> dict[str, Any]:
    return {"providers": sorted(Connection.objects.for_user(user_key).values_list("provider", flat=True))}


def erase_runs(user: ErasedUser) -> Rows:
    """Remove an end user's runs."""
    return erasure.deleted(SyncRun.objects.filter(user_key=user.key))


def erase_backfills(user: ErasedUser) -> Rows:
    """Remove an end user's backfills with their parts."""
    return erasure.deleted(Backfill.objects.filter(user_key=user.key))


def erase_states(user: ErasedUser) -> Rows:
    """Remove the sign-ins an end user began."""
    return erasure.deleted(OAuthState.objects.filter(user_key=user.key))


def see_given_back(name: str) -> None:
    """Raise GrantPending while the vendor is still to be asked; revocations are worked off by their own schedule."""
    with tenancy.platform():  # grants to be given back are hidden from tenants
        pending = Revocation.objects.filter(pk=int(name)).exists()
    if pending:
        raise GrantPending("The vendor has not taken the grant back yet.")


leftovers.register(GRANT, see_given_back)
erasure.register(
    erasure.ErasurePart(
        "connections", erase_connections, ("providers.Connection", "providers.ConnectionToken"), connections_of
    )
)
erasure.register(erasure.ErasurePart("sync_runs", erase_runs, ("providers.SyncRun",)))
erasure.register(erasure.ErasurePart("backfills", erase_backfills, ("providers.Backfill", "providers.BackfillPart")))
erasure.register(erasure.ErasurePart("oauth_states", erase_states, ("providers.OAuthState",)))
