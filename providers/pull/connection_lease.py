"""Leases of connections: one worker at a time talks to a vendor for a connection.

The lease lies on the row, as with payloads, and goes by the database's clock, so that a worker whose own is wrong
takes nobody's.
"""

from dataclasses import dataclass
from typing import Final

from providers.connections import oauth
from providers.contract import CloudProvider, Grant
from providers.models import Connection
from providers.vendor_api import credentials
from providers.vendor_api.client import EndUserCaller
from wearlink.lib.work.leases import Lease

LEASE_SECONDS: Final = 120  # longer than any one call to a vendor


@dataclass(slots=True)
class ConnectionLease:
    connection: Connection
    held: Lease[Connection]

    @property
    def provider(self) -> CloudProvider:
        return credentials.get_cloud(self.connection.provider)

    def client(self, *, reserve: float = 0.0) -> EndUserCaller:
        """Return a client for calls in the end user's name. Raises NotConfigured."""
        row = self.connection
        return EndUserCaller(
            credentials.app_of_connection(row), oauth.renewer(row.pk), account=row.account,
            grant=Grant(tuple(row.scopes)), reserve=reserve,
        )  # fmt: skip

    def renew(self) -> None:
        """Prolong the lease, before anything is stored. Raises LeaseLost if it is somebody else's by now."""
        self.held.renew(always=True)

    def release(self) -> None:
        self.held.release()


def acquire(connection_key: int) -> ConnectionLease | None:
    """Lease a live connection; None if it is none, or somebody holds it."""
    token = Connection.objects.live().filter(pk=connection_key).acquire(LEASE_SECONDS)
    if token is None:
        return None
    rows = Connection.objects.filter(pk=connection_key)
    row = rows.held_by(token).select_related("app").first()
    return None if row is None else ConnectionLease(row, Lease(rows, token, LEASE_SECONDS))
