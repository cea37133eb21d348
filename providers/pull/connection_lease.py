"""Leases of connections: one worker at a time talks to a vendor for a connection.

The lease lies on the row, as with payloads, and goes by the database's clock, so that a worker whose own is wrong
takes nobody's.
"""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models.functions import Now

from providers.connections import oauth
from providers.contract import CloudProvider, Grant
from providers.models import Connection
from providers.vendor_api import credentials
from providers.vendor_api.client import EndUserCaller

LEASE_SECONDS: Final = 120  # longer than any one call to a vendor


class ConnectionLeaseLost(Exception):
    """The connection ended, or somebody else has taken over: what is stored so far stays, and is enough."""


@dataclass(slots=True)
class ConnectionLease:
    connection: Connection
    token: uuid.UUID

    @property
    def provider(self) -> CloudProvider:
        return credentials.get_cloud(self.connection.provider)

    def client(self, *, background: bool) -> EndUserCaller:
        """For calls in the end user's name. Raises NotConfigured."""
        row = self.connection
        return EndUserCaller(
            credentials.app_of_connection(row), oauth.renewer(row.pk), account=row.account,
            grant=Grant(tuple(row.scopes)), background=background,
        )  # fmt: skip

    def renew(self) -> None:
        """Prolong the lease, before anything is stored. Raises ConnectionLeaseLost if it is somebody else's by now."""
        until = Now() + timedelta(seconds=LEASE_SECONDS)
        if Connection.objects.filter(pk=self.connection.pk, lease=self.token).update(locked_until=until) != 1:
            raise ConnectionLeaseLost

    def release(self) -> None:
        Connection.objects.filter(pk=self.connection.pk, lease=self.token).update(lease=None, locked_until=None)


def acquire(connection_key: int) -> ConnectionLease | None:
    """Lease a live connection; None if it is none, or somebody holds it."""
    token = uuid.uuid4()
    rows = Connection.objects.live().free().filter(pk=connection_key)
    if rows.update(lease=token, locked_until=Now() + timedelta(seconds=LEASE_SECONDS)) != 1:
        return None
    row = Connection.objects.select_related("app").filter(pk=connection_key, lease=token).first()
    return None if row is None else ConnectionLease(row, token)
