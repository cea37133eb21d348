"""Locks of the tests' own in the way of programs, so that they are surely in the middle of something."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.faults.site import Site


@contextmanager
def held_up(site: Site, lock: str, *parameters: object) -> Iterator[None]:
    """A lock of ours in the way of a program, so that it is surely in the middle of something within the block."""
    with psycopg.connect(site.environment["DATABASE_OWNER_URL"]) as connection:
        connection.execute(lock, parameters)
        yield
        connection.rollback()


def blocked(site: Site, table: str) -> bool:
    """Return whether a program waits for our lock."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE %s"
    return bool(site.one(query, f"%{table}%"))
