"""Pulling: runs that are due for a connection, done by the holder of its lease.

Notifications go first, since somebody may be waiting for them. A run fetches its days in windows, the newest first, and
remembers after each how far it got; so a crash, a limit of the vendor's or the end of a worker's time costs at most
one window, whose pages are recognised when they come again. Nothing of a vendor's is called inside a transaction.
"""

import logging
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from providers.connections import lifecycle
from providers.contract import AnomalousPayload, GrantLost, RateLimited, VendorError, VendorUnavailable, Window
from providers.models import Connection, Payload, SyncRun
from providers.pull import connection_lease, documents, history, notifications
from providers.pull.connection_lease import ConnectionLease
from providers.runs import backfills, sync_runs, wakeups
from providers.vendor_api import credentials
from providers.vendor_api.rate_limits import RESERVE
from wearlink.lib import clock, tenancy
from wearlink.lib.errors import NotAvailable, NotFound, TooManyRequests, Unavailable
from wearlink.lib.work.leases import LeaseLost, lease_end

logger = logging.getLogger(__name__)
BUDGET_SECONDS: Final = 10  # of one turn; what is left goes behind what other organizations wait for
ATTEMPTS: Final = 6
FIRST_RETRY: Final = 30.0
MAX_RETRY: Final = 3600.0
BACKLOG_DELAY: Final = timedelta(seconds=20)
GRACE: Final = timedelta(seconds=10)  # for the task that was sent, before the sweeper sends another
BATCH_SIZE: Final = 1_000


def work(connection_key: int) -> bool:
    """Do what is due for a connection; True if time ran out before the work did.

    Returns at once while somebody else is at it: the holder looks again before it ends.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    while is_due(connection_key) and (lease := connection_lease.acquire(connection_key)) is not None:
        try:
            with tenancy.organization(lease.connection.organization_id, user_key=lease.connection.user_key):
                notifications.resolve_all(lease)
                _pull(lease, deadline)
                history.request_all(lease)
        except LeaseLost:
            return False
        finally:
            lease.release()
        if time.monotonic() > deadline:
            return True
    return False


def is_due(connection_key: int) -> bool:
    """Return whether anything waits for the lease of the connection."""
    return (
        notifications.has_due(connection_key)
        or SyncRun.objects.due().filter(connection_key=connection_key).exists()
        or history.has_due(connection_key)
    )


def open_periodic() -> int:
    """Open the runs of all connections whose time has come; returns how many."""
    opened = 0
    rows = Connection.objects.live().filter(next_sync_at__lte=Now()).order_by("next_sync_at")[:BATCH_SIZE]
    for row in rows:
        if _schedule_next_sync(row):
            provider = credentials.get_cloud(row.provider)
            sync_runs.open_latest(row, sync_runs.Trigger.PERIODIC, provider.look_back_days)
            opened += 1
    return opened


def connections_waiting() -> list[tuple[int, UUID]]:
    """Return connections, and their organizations, with something due that nobody is at work on, for the sweeper."""
    due = SyncRun.objects.due(grace=GRACE).values_list("connection_key", flat=True)
    asking = backfills.connections_due(BATCH_SIZE)
    rows = Connection.objects.live().free().filter(Q(pk__in=due) | Q(pk__in=asking)).order_by("key")
    runs = rows.values_list("pk", "organization_id")[:BATCH_SIZE]
    return sorted({*runs, *notifications.connections_waiting(BATCH_SIZE)})


def _schedule_next_sync(row: Connection) -> bool:
    """Set the next one; False if another process was faster."""
    try:
        hours = credentials.get_cloud(row.provider).sync_hours
    except NotFound:
        return False
    after = Now() + timedelta(hours=hours * random.uniform(0.9, 1.1))
    rows = Connection.objects.filter(pk=row.pk, next_sync_at=row.next_sync_at)
    return rows.update(next_sync_at=after) == 1


def _pull(lease: ConnectionLease, deadline: float) -> None:
    """Work on the runs that are due, shortest first, until time runs out."""
    rows = SyncRun.objects.due().filter(connection_key=lease.connection.pk)
    for run in sorted(rows, key=lambda run: (run.end - run.start, run.pk)):
        if time.monotonic() > deadline:
            return
        _advance(lease, run, deadline)


def _advance(lease: ConnectionLease, run: SyncRun, deadline: float) -> None:
    """Take a run as far as it goes now, and record on its row why it stops there."""
    leased = SyncRun.objects.filter(pk=run.pk, state__in=("queued", "fetching"))
    begun = {
        "state": SyncRun.State.FETCHING,
        "attempts": F("attempts") + 1,
        "started_at": run.started_at or clock.now(),
    }
    if not leased.update(due_at=lease_end(connection_lease.LEASE_SECONDS), **begun):
        return
    run.attempts += 1
    try:
        if _fetch(lease, run, deadline):
            sync_runs.mark_fetched(run, [])
        else:
            _postpone(run, timedelta(), forgive=True)
    except (LeaseLost, GrantLost) as error:
        if isinstance(error, GrantLost):
            lifecycle.expire(lease.connection.pk, reason=error.reason)
        raise LeaseLost from error
    except RateLimited as error:
        _postpone(run, _wait_until(error.until), forgive=True)
    except (TooManyRequests, Unavailable):
        _postpone(run, BACKLOG_DELAY, forgive=True)
    except VendorUnavailable as error:
        _retry(run, error.code, str(error))
    except (VendorError, AnomalousPayload) as error:
        sync_runs.mark_failed(run, getattr(error, "code", "bad_answer"), str(error))
    except (NotAvailable, NotFound) as error:
        sync_runs.mark_failed(run, error.code, error.detail)
    except Exception as error:  # whatever it was, the run says so and the task fails with it
        sync_runs.mark_failed(run, "internal", f"The sync failed ({type(error).__name__}).")
        raise


def _fetch(lease: ConnectionLease, run: SyncRun, deadline: float) -> bool:
    """Fetch window by window; False if time ran out before the first day was reached."""
    unhurried = run.trigger in (SyncRun.Trigger.PERIODIC, SyncRun.Trigger.HISTORICAL)
    client = lease.client(reserve=RESERVE if unhurried else 0.0)
    for window in remaining_windows(run, lease.provider.window_days):
        if time.monotonic() > deadline:
            return False
        problems = documents.store_documents(lease, lease.provider.fetch(client, window), run_key=run.pk)
        run.fetched_from = window.start
        run.problems = _merge_failures(run.problems, problems)
        SyncRun.objects.filter(pk=run.pk).update(
            fetched_from=window.start, problems=run.problems, attempts=0, payloads=_count_payloads(run)
        )
        run.attempts = 0
    return True


def remaining_windows(run: SyncRun, days: int) -> Iterator[Window]:
    """Yield the windows that are still to be fetched, newest first."""
    end: date = run.end if run.fetched_from is None else run.fetched_from - timedelta(days=1)
    while end >= run.start:
        start = max(run.start, end - timedelta(days=days - 1))
        yield Window(start, end)
        end = start - timedelta(days=1)


def _merge_failures(known: list[dict[str, str]], fresh: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return every problem once, however many windows have it."""
    known_codes = {(one["kind"], one["code"]) for one in known}
    more = [one for one in fresh if (one["kind"], one["code"]) not in known_codes]
    return [*known, *more][: sync_runs.MAX_PROBLEMS]


def _count_payloads(run: SyncRun) -> int:
    return Payload.objects.filter(run_key=run.pk).count()


def _postpone(run: SyncRun, wait: timedelta, *, forgive: bool) -> None:
    """Go on with a run after a while. `forgive`: it was not its fault."""
    changes = {"attempts": 0} if forgive else {}
    SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.FETCHING).update(
        state=SyncRun.State.QUEUED, due_at=Now() + wait, **changes
    )
    if wait:
        wakeups.request_later(run.connection_key, run.organization_id, wait.total_seconds())
    else:
        wakeups.request_work(run.connection_key, run.organization_id)


def _retry(run: SyncRun, code: str, detail: str) -> None:
    if run.attempts >= ATTEMPTS:
        sync_runs.mark_failed(run, code, detail)
        return
    seconds = min(FIRST_RETRY * 2 ** (run.attempts - 1), MAX_RETRY) * random.uniform(0.8, 1.2)
    lifecycle.record_error(run.connection_key, detail)
    _postpone(run, timedelta(seconds=seconds), forgive=False)


def _wait_until(moment: float) -> timedelta:
    """Return the time until a moment in epoch seconds, plus a random little, so that not all come back at once."""
    return timedelta(seconds=max(moment - time.time(), 0.5) + random.uniform(0, 2))
