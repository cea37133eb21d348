"""Puts this process and its database at another moment, from which time goes on as ever.

Set are time.time and time.time_ns, which wearlink.lib.clock reads, Django's timezone.now, and PostgreSQL's functions:
ours lie in a schema that is searched before pg_catalog. Nothing is frozen.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone

from wearlink.lib import clock

SCHEMA = "another_moment"
FUNCTIONS = ("now", "statement_timestamp", "clock_timestamp", "transaction_timestamp")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


USUAL = _moment("2026-04-22T11:20:00")  # a Wednesday; where nobody says otherwise
EVERY = [
    *[_moment(f"2026-05-{10 + hour:02}T{hour:02}:{hour * 7 % 60:02}:11") for hour in range(1, 20)],  # and each weekday
    _moment("2026-01-01T00:00:00"),
    _moment("2026-12-31T23:59:59"),
    _moment("2026-02-28T20:15:00"),
    _moment("2026-03-01T00:00:00"),
    _moment("2028-02-29T22:31:00"),
    _moment("2026-04-30T23:59:59"),
    _moment("2026-03-29T00:59:59"),  # the last second before Europe's clocks go forward
    _moment("2026-03-29T21:05:00"),
    _moment("2026-10-25T00:30:00"),  # the first of the two half past two
    _moment("2026-10-25T01:00:00"),
    _moment("2026-11-01T06:00:00"),  # America's clocks went back this second
]


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Within the block it is that moment, and later; the database is not asked."""
    ahead = moment - datetime.now(UTC)
    real, real_ns = time.time, time.time_ns
    nanoseconds = ahead // timedelta(microseconds=1) * 1000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", clock.now)
        patch.setattr(time, "time", lambda: real() + nanoseconds / 1e9)
        patch.setattr(time, "time_ns", lambda: real_ns() + nanoseconds)
        yield


@contextmanager
def database_at(moment: datetime) -> Iterator[None]:
    """Within the block every connection of this process has that moment too; it must be allowed to use one."""
    ahead = moment - datetime.now(UTC)

    def move(connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET search_path = {SCHEMA}, public, pg_catalog")
            cursor.execute("SELECT set_config('tests.ahead', %s, false)", [f"{ahead.total_seconds()} seconds"])

    with ExitStack() as stack:
        connection_created.connect(move)
        stack.callback(connection_created.disconnect, move)
        _make_functions()
        move(connection)
        yield
        with connection.cursor() as cursor:
            cursor.execute("RESET search_path")


def _make_functions() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(%s)", [SCHEMA])
        if cursor.fetchone()[0] is not None:
            return
        cursor.execute(f"CREATE SCHEMA {SCHEMA}")
        cursor.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO PUBLIC")  # else the tenants' role searches past it
        for name in FUNCTIONS:
            cursor.execute(
                f"CREATE FUNCTION {SCHEMA}.{name}() RETURNS timestamptz LANGUAGE sql STABLE AS "
                f"$$ SELECT pg_catalog.{name}() + current_setting('tests.ahead')::interval $$"
            )
