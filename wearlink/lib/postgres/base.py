"""The database engine of settings.DATABASES."""

import select
from datetime import UTC, datetime
from typing import Any, Final

from django.db.backends.postgresql import base
from psycopg import DataError, OperationalError
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import ExecStatus, TransactionStatus

from wearlink.lib import tenancy
from wearlink.lib.postgres.roles import tenant_role

SCOPE_SET = "wearlink_scope"  # on a connection: the scope last set in its session; None where a rollback has undone it
# Statements are prepared only where we write them for one user's rows, and those have one good plan. PostgreSQL takes
# an array of unknown length to be a long one, and would rather plan those with arrays again at every call.
# The wall's function stands in them at a price (walls.OWNS) that it hardly ever asks, and for which PostgreSQL would
# start other processes or compile: ten times the milliseconds that a statement takes.
PLANS: Final = b"SET plan_cache_mode = force_generic_plan; SET max_parallel_workers_per_gather = 0; SET jit = off"
# A column of the statement that finds the end user of a request: the session's scope is set in the same trip.
FOUND: Final = "set_config('app.user_key', key::text, false)"


class MomentLoader(Loader):
    """Reads the text of a timestamptz in a session whose zone is UTC; psycopg's own takes ten times as long in Python,
    for the sake of Django's class over it.
    """

    timezone = UTC  # as Django asks it

    def load(self, data: Buffer) -> datetime:
        """Raise DataError for what Python's calendar does not have."""
        try:
            return datetime.fromisoformat(str(data, "ascii"))
        except ValueError as error:
            raise DataError("The moment lies outside Python's calendar.") from error


class DatabaseWrapper(base.DatabaseWrapper):
    """Hands out pooled connections whose server has not hung up, and tells each session whose rows it may see.

    CONN_HEALTH_CHECKS asks the server at every checkout, a tenth of a small request. A server that stopped has closed
    its end, though, and a connection nobody waits on has nothing else to read; so asking the kernel is enough.
    """

    def get_connection_params(self) -> dict[str, Any]:
        """Have moments read by our own loader."""
        found: dict[str, Any] = super().get_connection_params()
        found["context"].register_loader("timestamptz", MomentLoader)
        return found

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Return a connection of the pool, or a new one where there is no pool."""
        connection = super().get_new_connection(conn_params)
        while self.pool and hung_up(connection):
            connection.close()
            self.pool.putconn(connection)  # which replaces it
            connection = super().get_new_connection(conn_params)
        return connection

    def _configure_connection(self, connection: Any) -> bool:
        connection.pgconn.exec_(PLANS)
        return bool(super()._configure_connection(connection))  # type: ignore[misc]

    def create_cursor(self, name: str | None = None) -> Any:
        """Return a cursor that sees what it should."""
        self.tell_scope()
        return super().create_cursor(name)

    def tell_scope(self) -> None:
        """Set the session's scope to the current one (wearlink.lib.tenancy), if it differs.

        By the quickest way there is and outside any transaction that has not begun yet; still a trip, and so only what
        is new. In a failed transaction nothing can be set, and no query would be answered.
        """
        session, scope = self.connection, tenancy.current()
        known_scope = getattr(session, SCOPE_SET, tenancy.PLATFORM)
        if known_scope is not None and known_scope.serves(scope):
            return
        if session.pgconn.transaction_status == TransactionStatus.INERROR:
            return
        with self.wrap_database_errors:
            result = session.pgconn.exec_(self._words(scope, known_scope))
            if result.status != ExecStatus.COMMAND_OK:
                raise OperationalError(result.error_message.decode(errors="replace"))
        setattr(session, SCOPE_SET, scope)

    def heard_user(self, user_key: int) -> None:
        """Note that a statement has set the session's end user (FOUND).

        For the platform that means nothing, and is overwritten with whatever scope comes next.
        """
        known_scope = getattr(self.connection, SCOPE_SET, tenancy.PLATFORM)
        if known_scope is not None and known_scope.organization is not None:
            setattr(self.connection, SCOPE_SET, tenancy.Scope(known_scope.organization, user_key))

    def _words(self, scope: tenancy.Scope, known_scope: tenancy.Scope | None) -> bytes:
        """Return the settings to send to a session whose scope is `known_scope` (None: unknown).

        Whatever the role or the organization is, the end user goes along with it. Nothing in the words comes from
        outside: a UUID, a number, and the database's own name.
        """
        if scope.organization is None:
            return b"SET ROLE NONE; RESET app.organization_id; RESET app.user_key"
        words = [f"SET app.user_key = {int(scope.user_key)}"]
        if known_scope is None or known_scope.organization != scope.organization:
            words.append(f"SET app.organization_id = '{scope.organization}'")
        if known_scope is None or known_scope.organization is None:
            # Written out: settings and roles of a session.
            words.append(f'SET ROLE "{tenant_role(self.settings_dict["NAME"])}"')
        return "; ".join(words).encode()

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
        """Forget the scope that was last set: a rollback undoes what was set inside the transaction."""
        if self.connection is not None:
            setattr(self.connection, SCOPE_SET, None)


def hung_up(connection: Any) -> bool:
    """Return whether an idle connection has something to read: its end, or the server's last words."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
