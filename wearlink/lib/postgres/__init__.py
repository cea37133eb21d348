"""Django's PostgreSQL backend with cheap checks of pooled connections, and cursors for statements of our own."""

from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from psycopg.pq import Format

from wearlink.lib.postgres.base import FOUND, DatabaseWrapper

__all__ = ["FOUND", "heard_user", "prepared", "release_connection"]


def prepared(*, binary: bool = False) -> CursorWrapper:
    """Make a cursor whose statements the server prepares once they come often; it closes at the end of its `with`.

    `binary`: with results in binary, in which arrays are read five times faster than in text.

    Django's own cursors bind parameters on the client, so the server plans each statement again. This one is wrapped as
    they are, so its queries are counted and logged like all others. Parameters need a type where none can be derived.
    """
    here = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS])
    here.ensure_connection()
    here.tell_scope()
    cursor: psycopg.Cursor[Any] = psycopg.Cursor(here.connection)
    cursor.format = Format.BINARY if binary else Format.TEXT
    raw = cast(CursorWrapper, cursor)  # what Django's stubs call the cursor to wrap
    return here.make_debug_cursor(raw) if here.queries_logged else here.make_cursor(raw)


def heard_user(user_key: int) -> None:
    """Note that a statement with the column FOUND has set the session's end user."""
    cast(DatabaseWrapper, connection).heard_user(user_key)


def release_connection() -> None:
    """Give this thread's connection back, for work that takes long without it; the next query gets another.

    Inside a transaction it stays.
    """
    if not connection.in_atomic_block:
        connection.close()
