"""The database engine of settings.DATABASES."""

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg import OperationalError
from psycopg.pq import ExecStatus, TransactionStatus

from wearlink.lib import tenancy
from wearlink.lib.postgres.roles import tenant_role

TOLD = "wearlink_scope"  # on a connection: what its session was told last; None where a rollback has undone it


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out pooled connections whose server has not hung up, and tells each session whose rows it may see.

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

    def create_cursor(self, name: str | None = None) -> Any:
        """A cursor that sees what it should."""
        self.tell_scope()
        return super().create_cursor(name)

    def tell_scope(self) -> None:
        """Tell the session the current scope (wearlink.lib.tenancy), if it was told another one.

        By the quickest way there is, 15 µs, and outside any transaction that has not begun yet. In a failed transaction
        nothing can be told, and no query would be answered.
        """
        session, scope = self.connection, tenancy.current()
        if getattr(session, TOLD, tenancy.PLATFORM) == scope:
            return
        if session.pgconn.transaction_status == TransactionStatus.INERROR:
            return
        with self.wrap_database_errors:
            result = session.pgconn.exec_(self._words(scope))
            if result.status != ExecStatus.COMMAND_OK:
                raise OperationalError(result.error_message.decode(errors="replace"))
        setattr(session, TOLD, scope)

    def _words(self, scope: tenancy.Scope) -> bytes:
        """Nothing in them comes from outside: a UUID, a number, and the database's own name."""
        if scope.organization is None:
            words = "SET ROLE NONE; RESET app.organization_id; RESET app.user_key"
        else:
            role = tenant_role(self.settings_dict["NAME"])
            organization = f"SET app.organization_id = '{scope.organization}'"
            words = f'SET ROLE "{role}"; {organization}; SET app.user_key = {int(scope.user_key)}'
        return words.encode()

    def _rollback(self) -> None:
        self._forget_scope()
        super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        self._forget_scope()
        super()._savepoint_rollback(sid)  # type: ignore[misc]

    def _close(self) -> None:
        if self.connection is not None and self.connection.pgconn.transaction_status != TransactionStatus.IDLE:
            self._forget_scope()  # the pool will roll it back
        super()._close()  # type: ignore[misc]

    def _forget_scope(self) -> None:
        """A rollback undoes what was told inside the transaction."""
        if self.connection is not None:
            setattr(self.connection, TOLD, None)


def hung_up(connection: Any) -> bool:
    """Whether an idle connection has something to read: its end, or the server's last words."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
