"""Turns: one worker at a time talks to a vendor for a connection. A lease on its row, as with payloads: its time is the
database's, so that a worker whose own clock is wrong takes nobody's turn.
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
from providers.vendor_api.client import PersonCaller

SECONDS: Final = 120  # longer than any one call to a vendor


class TurnLost(Exception):
    """The connection ended, or somebody else has taken over: what is stored so far stays, and is enough."""


@dataclass(slots=True)
class Turn:
    """A connection, held."""

    connection: Connection
    token: uuid.UUID

    @property
    def provider(self) -> CloudProvider:
        """The adapter."""
        return credentials.cloud(self.connection.provider)

    def client(self, *, background: bool) -> PersonCaller:
        """For calls in the person's name. Raises NotConfigured."""
        row = self.connection
        return PersonCaller(
            credentials.of_connection(row), oauth.renewer(row.pk), account=row.account,
            grant=Grant(tuple(row.scopes)), background=background,
        )  # fmt: skip

    def keep(self) -> None:
        """Before anything is stored: make sure the connection is still ours, and hold on to it. Raises TurnLost."""
        until = Now() + timedelta(seconds=SECONDS)
        if Connection.objects.filter(pk=self.connection.pk, lease=self.token).update(locked_until=until) != 1:
            raise TurnLost

    def end(self) -> None:
        """Give it back."""
        Connection.objects.filter(pk=self.connection.pk, lease=self.token).update(lease=None, locked_until=None)


def take(connection_key: int) -> Turn | None:
    """Hold a live connection; None if it is none, or somebody holds it."""
    token = uuid.uuid4()
    rows = Connection.objects.live().free().filter(pk=connection_key)
    if rows.update(lease=token, locked_until=Now() + timedelta(seconds=SECONDS)) != 1:
        return None
    row = Connection.objects.select_related("app").filter(pk=connection_key, lease=token).first()
    return None if row is None else Turn(row, token)
