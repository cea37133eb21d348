"""Tasks that the clock starts, and that never run twice at the same time."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from zlib import crc32

from celery import shared_task
from django.db import connection

NAMESPACE = 0x57_4C  # sets these advisory locks apart from any others


def periodic(**options: Any) -> Callable[[Callable[[], None]], Any]:
    """Return a Celery task (options as for ``shared_task``) that returns at once while another process runs it.

    However many beats send it, and however long it takes, it runs once at a time; the lock goes with the database
    connection.
    """

    def decorate(function: Callable[[], None]) -> Any:
        task = shared_task(**{"acks_late": True, "ignore_result": True, "time_limit": 300, **options})
        return task(alone(function))

    return decorate


def alone(function: Callable[[], None]) -> Callable[[], None]:
    """Return ``function``, skipped while another connection is in it."""
    key = lock_key(function)

    @wraps(function)
    def guarded() -> None:
        # Written out: advisory lock.
        if not _ask("SELECT pg_try_advisory_lock(%s, %s)", key):
            return
        try:
            function()
        finally:
            _ask("SELECT pg_advisory_unlock(%s, %s)", key)

    return guarded


def lock_key(function: Callable[[], None]) -> int:
    """Return a number in the signed 32-bit range, derived from the function's name."""
    return crc32(f"{function.__module__}.{function.__qualname__}".encode()) - (1 << 31)


def _ask(sql: str, key: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, [NAMESPACE, key])
        return bool(cursor.fetchone()[0])
