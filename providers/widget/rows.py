"""What the connect page shows of each provider."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from providers.connections import lifecycle
from providers.connections.connect import LinkHolder
from providers.models import Connection
from providers.vendor_api import credentials
from wearlink.lib import clock

MARKS: Final = {"ok": "●", "warn": "▲", "bad": "✕", "idle": "○"}


@dataclass(frozen=True, slots=True)
class ProviderRow:
    """One provider. tone: ok, warn, bad or idle; action: connect, reconnect or disconnect."""

    slug: str
    name: str
    tone: str
    words: str
    action: str
    moment: datetime | None = None

    @property
    def mark(self) -> str:
        """Beside the words, so that nothing is said by colour alone."""
        return MARKS[self.tone]


def provider_rows(holder: LinkHolder) -> list[ProviderRow]:
    """The providers this end user can connect, and those that are connected. Two queries."""
    configured = credentials.configured_slugs(holder.organization.pk)
    known = {row.provider: row for row in lifecycle.list_connections(holder.user)}
    return [
        provider_row(provider.slug, provider.name, known.get(provider.slug))
        for provider in credentials.all_clouds()
        if provider.slug in configured or (provider.slug in known and known[provider.slug].is_live)
    ]


def provider_row(slug: str, name: str, connection: Connection | None) -> ProviderRow:
    """How one provider stands."""
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
        return ProviderRow(slug, name, "ok", "Connected · first data on their way", "disconnect")
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
