"""The rows of the connect page, one for each provider."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from providers.connections import diagnosis, lifecycle
from providers.connections.connect import LinkHolder
from providers.contract import CloudProvider
from providers.models import Connection
from providers.vendor_api import credentials
from wearlink.lib import clock

FIRST_DATA_WITHIN: Final = timedelta(minutes=3)  # where a vendor has any; later the page does not wait any more
MARKS: Final = {"ok": "●", "warn": "▲", "bad": "✕", "idle": "○"}


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. tone: ok, warn, bad or idle; action: connect, reconnect or disconnect, empty for none.

    leads_to: slug and name of another provider that is connected in this one's place.
    """

    slug: str
    name: str
    tone: str
    words: str
    action: str
    moment: datetime | None = None
    leads_to: tuple[str, str] | None = None

    is_waiting: bool = False  # connected a moment ago, and nothing came yet

    @property
    def is_live(self) -> bool:
        """Return whether data come from the provider."""
        return self.tone == "ok"

    @property
    def mark(self) -> str:
        """Beside the words, so that nothing is said by colour alone."""
        return MARKS[self.tone]


def provider_rows(holder: LinkHolder) -> list[ProviderRow]:
    """Return the providers this end user can connect, and those that are connected. Two queries."""
    configured = credentials.configured_slugs(holder.organization.pk)
    known = {row.provider: row for row in lifecycle.list_connections(holder.user)}
    rows = []
    for provider in credentials.all_clouds():
        row = known.get(provider.slug)
        if row is not None and row.reason in diagnosis.ENDED_FOR_GOOD:
            rows.append(succeeded_row(provider, row, configured))
        elif provider.slug in configured or (row is not None and row.is_live):
            rows.append(provider_row(provider.slug, provider.name, row))
    return rows


def succeeded_row(provider: CloudProvider, connection: Connection, configured: set[str]) -> ProviderRow:
    """Filter out a connection that its vendor ended: its place is taken by another."""
    slug, name = provider.slug, provider.name
    successor = credentials.get_cloud(provider.successor) if provider.successor else None
    if successor is None or successor.slug not in configured:
        return ProviderRow(slug, name, "bad", "Ended by its maker", "")
    if connection.reason == lifecycle.MOVED:
        return ProviderRow(slug, name, "idle", f"Goes on as {successor.name}", "")
    leads_to = (successor.slug, successor.name)
    return ProviderRow(slug, name, "bad", f"Now part of {successor.name}", "connect", leads_to=leads_to)


def provider_row(slug: str, name: str, connection: Connection | None) -> ProviderRow:
    if connection is None or connection.status == Connection.Status.REVOKED:
        return ProviderRow(slug, name, "idle", "Not connected", "connect")
    if connection.status == Connection.Status.EXPIRED:
        return ProviderRow(slug, name, "bad", "Sign in again", "reconnect")
    if connection.reason == lifecycle.MISSING_SCOPES:
        return ProviderRow(slug, name, "warn", "Nothing may be read", "reconnect")
    if connection.status == Connection.Status.ERROR:
        return ProviderRow(slug, name, "warn", "Trouble with the last syncs", "disconnect", connection.last_sync_at)
    seen = max(filter(None, (connection.last_sync_at, connection.last_event_at)), default=None)
    if seen is None:
        is_waiting = clock.now() - connection.connected_at < FIRST_DATA_WITHIN
        words = "Connected · first data is on its way" if is_waiting else "Connected · no data yet"
        return ProviderRow(slug, name, "ok", words, "disconnect", is_waiting=is_waiting)
    return ProviderRow(slug, name, "ok", f"Connected · synced {ago(seen)}", "disconnect", seen)


def ago(moment: datetime) -> str:
    """Roughly how long ago, as people say it."""
    minutes = int((clock.now() - moment).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        hours = minutes // 60
        return "1 hour ago" if hours == 1 else f"{hours} hours ago"
    return f"{minutes // 1440} days ago"
