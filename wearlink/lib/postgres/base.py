"""The database engine of settings.DATABASES."""

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out pooled connections whose server has not hung up.

    CONN_HEALTH_CHECKS asks the server at every checkout, a tenth of a small request. A server that stopped has closed
    its end, though, and a connection nobody waits on has nothing else to read; so asking the kernel is enough.
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection of the pool, or a new one where there is no pool."""
        connection = super().get_new_connection(conn_params)
        while self.pool and hung_up(connection):
            connection.close()
            self.pool.putconn(connection)  # which replaces it
            connection = super().get_new_connection(conn_params)
        return connection


def hung_up(connection: Any) -> bool:
    """Whether an idle connection has something to read: its end, or the server's last words."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
