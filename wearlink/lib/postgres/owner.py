"""Being the owner of the tables, for commands that do more than read and write rows."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def as_owner(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Connect as settings.DATABASE_OWNER within the block, if there is one. Opens another connection."""
    if settings.DATABASE_OWNER is None:
        yield
        return
    before = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD", "HOST", "PORT")}
    connection.close()
    connection.settings_dict.update({name: settings.DATABASE_OWNER[name] for name in before})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)
