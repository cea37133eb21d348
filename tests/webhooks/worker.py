"""A task process of the tests: delivers until it is killed. Leases are short, so that a crash is soon over.

Run as a program with DATABASE_URL and the secrets of the environment; the database may come and go. With SCALE every
other time passes so many times faster: deadlines, retries, what counts as late.
"""

import os
import time

import django
from django.db import DatabaseError, InterfaceError, connection

django.setup()  # before the models below
from accounts.webhooks.delivery import calls, dispatch, lanes, leases, retries  # noqa: E402
from wearlink.lib.net import pinned_http  # noqa: E402

SCALE = float(os.environ.get("SCALE", "0"))
THREADS = int(os.environ.get("THREADS", "4"))


def hurry(scale: float) -> None:
    """Let an hour pass in an hour divided by scale. Leases stay at three seconds and calls at one, which a busy machine
    may need; so what hangs holds its places for four times as long as it would.
    """
    calls.DEADLINE = max(calls.DEADLINE / scale, 1.0)  # type: ignore[misc]
    pinned_http.MAX_RESOLVING /= scale  # type: ignore[misc]
    retries.DELAYS = tuple(delay / scale for delay in retries.DELAYS)
    retries.SLOW_DOWN /= scale
    dispatch.BUDGET /= scale  # type: ignore[misc]
    lanes.LATE_AFTER = max(lanes.LATE_AFTER / scale, 0.1)  # type: ignore[misc]


def main() -> None:
    leases.LEASE_SECONDS = 3.0  # type: ignore[misc]
    if SCALE:
        hurry(SCALE)
    else:
        calls.DEADLINE = 1.0  # type: ignore[misc]
    while True:
        try:
            dispatch.run(threads=THREADS, budget=dispatch.BUDGET)
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.02)


if __name__ == "__main__":
    main()
