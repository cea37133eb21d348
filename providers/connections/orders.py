"""Pulls that somebody asks for, by a call or in the portal."""

from accounts.models import EndUser
from providers.connections import lifecycle
from providers.contract import CloudProvider
from providers.models import Backfill, Connection, SyncRun
from providers.runs import backfills, sync_runs
from wearlink.lib.errors import Conflict, NotAvailable, NotFound


class NotLive(Conflict):
    """The connection has ended; it must be made again."""

    default_code = "connection_ended"


class UnknownBackfillType(NotFound):
    """The provider has no type of this name."""

    default_code = "unknown_type"


class PushOnly(NotAvailable):
    """The provider does not let its data be pulled."""

    default_code = "push_only"


def order_latest(user: EndUser, provider: CloudProvider) -> SyncRun:
    """Order a run from the end of the last, or return the one under way. Raises NotConnected, NotLive, PushOnly."""
    row = _pulled(user, provider)
    return sync_runs.open_latest(row, sync_runs.Trigger.MANUAL, provider.look_back_days)


def order_history(user: EndUser, provider: CloudProvider) -> SyncRun | Backfill:
    """Order history as far back as the provider goes. Raises NotConnected, NotLive, PushOnly."""
    if provider.history:
        return backfills.open_backfill(live(user, provider), provider)
    return sync_runs.open_historical(_pulled(user, provider), provider.capabilities.history_days)


def retry_backfill(user: EndUser, provider: CloudProvider, type_name: str) -> Backfill:
    """Ask again for what of a type did not come. Raises UnknownBackfillType, NotConnected, NotLive."""
    names = [one.name for one in provider.history]
    if type_name not in names:
        raise UnknownBackfillType(f"{provider.name} has no type of this name; there are {', '.join(names)}.")
    return backfills.retry(live(user, provider), provider, type_name)


def live(user: EndUser, provider: CloudProvider) -> Connection:
    """Return the connection, if anything can be asked of it. Raises NotConnected, NotLive."""
    row = lifecycle.find(user, provider.slug)
    if not row.is_live:
        raise NotLive(f"The connection to {provider.name} is {row.status}; the user must connect again.")
    return row


def _pulled(user: EndUser, provider: CloudProvider) -> Connection:
    row = live(user, provider)
    if not provider.capabilities.pull:
        raise PushOnly(f"{provider.name} sends its data by itself and cannot be asked.")
    return row
