"""A task process of the tests: delivers until it is killed. Leases are short, so that a crash is soon over.

Run as a program with DATABASE_URL and the secrets of the environment; the database may come and go.
"""

import time

import django
from django.db import DatabaseError, InterfaceError, connection

django.setup()  # before the models below
from accounts.webhooks.delivery import calls, dispatch, leases  # noqa: E402


def main() -> None:
    leases.LEASE_SECONDS = 3.0  # type: ignore[misc]
    calls.DEADLINE = 1.0  # type: ignore[misc]
    while True:
        try:
            dispatch.run(threads=4)
        except (DatabaseError, InterfaceError):
            connection.close()
        time.sleep(0.05)


if __name__ == "__main__":
    main()
