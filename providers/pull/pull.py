"""Pulling: what is due for a connection, done by whoever holds its turn.

Notices go first, since somebody may be waiting for them. A run fetches its days in windows, the newest first, and
remembers after each how far it got; so a crash, a limit of the vendor's or the end of a worker's time costs at most
one window, whose pages are recognised when they come again. Nothing of a vendor's is called inside a transaction.
"""

import logging
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.db.models import F
from django.db.models.functions import Now

from providers.connections import lifecycle
from providers.contract import AnomalousPayload, GrantLost, RateLimited, VendorError, VendorUnavailable, Window
from providers.models import Connection, Payload, SyncRun
from providers.pull import connection_lease, notifications, pages
from providers.pull.connection_lease import Turn, TurnLost
from providers.runs import enqueue, sync_runs, wakeups
from providers.vendor_api import credentials
from wearlink.lib import clock
from wearlink.lib.errors import NotAvailable, NotFound, TooManyRequests, Unavailable

logger = logging.getLogger(__name__)
BUDGET_SECONDS: Final = 180  # of one task; what is left goes to the next
ATTEMPTS: Final = 6
FIRST_RETRY: Final = 30.0
LONGEST_RETRY: Final = 3600.0
BACKLOG_PAUSE: Final = timedelta(seconds=20)
GRACE: Final = timedelta(seconds=10)  # for the task that was sent, before the sweeper sends another
AT_ONCE: Final = 1_000


def work(connection_key: int) -> bool:
    """Do what is due for a connection; True if time ran out before the work did.

    Returns at once while somebody else is at it: the holder looks again before it ends.
    """
    deadline = time.monotonic() + BUDGET_SECONDS
    while is_due(connection_key) and (turn := connection_lease.take(connection_key)) is not None:
        try:
            notifications.resolve_all(turn)
            _pull(turn, deadline)
        except TurnLost:
            return False
        finally:
            turn.end()
        if time.monotonic() > deadline:
            return True
    return False


def is_due(connection_key: int) -> bool:
    """Whether anything waits for the connection's turn."""
    return notifications.due_of(connection_key) or (
        SyncRun.objects.due().filter(connection_key=connection_key).exists()
    )


def open_periodic() -> int:
    """Open the runs of all connections whose time has come; returns how many."""
    opened = 0
    rows = Connection.objects.live().filter(next_sync_at__lte=Now()).order_by("next_sync_at")[:AT_ONCE]
    for row in rows:
        if _take_appointment(row):
            provider = credentials.cloud(row.provider)
            sync_runs.open_latest(row, sync_runs.Trigger.PERIODIC, provider.look_back_days)
            opened += 1
    return opened


def waiting() -> list[int]:
    """Connections with something due that nobody is at work on, for the sweeper."""
    due = SyncRun.objects.due(grace=GRACE).values("connection_key")
    rows = Connection.objects.live().free().filter(pk__in=due).order_by("key")
    return sorted({*rows.values_list("pk", flat=True)[:AT_ONCE], *notifications.waiting(AT_ONCE)})


def _take_appointment(row: Connection) -> bool:
    """Set the next one; False if another process was faster."""
    try:
        hours = credentials.cloud(row.provider).sync_hours
    except NotFound:
        return False
    after = Now() + timedelta(hours=hours * random.uniform(0.9, 1.1))
    rows = Connection.objects.filter(pk=row.pk, next_sync_at=row.next_sync_at)
    return rows.update(next_sync_at=after) == 1


def _pull(turn: Turn, deadline: float) -> None:
    """The runs that are due, shortest first, until time runs out."""
    rows = SyncRun.objects.due().filter(connection_key=turn.connection.pk)
    for run in sorted(rows, key=lambda run: (run.end - run.start, run.pk)):
        if time.monotonic() > deadline:
            return
        _advance(turn, run, deadline)


def _advance(turn: Turn, run: SyncRun, deadline: float) -> None:
    """Take a run as far as it goes now, and record on its row why it stops there."""
    leased = SyncRun.objects.filter(pk=run.pk, state__in=("queued", "fetching"))
    begun = {
        "state": SyncRun.State.FETCHING,
        "attempts": F("attempts") + 1,
        "started_at": run.started_at or clock.now(),
    }
    if not leased.update(due_at=Now() + timedelta(seconds=connection_lease.SECONDS), **begun):
        return
    run.attempts += 1
    try:
        if _fetch(turn, run, deadline):
            sync_runs.fetched(run, [])
        else:
            _later(run, timedelta(), forgive=True)
    except (TurnLost, GrantLost) as error:
        if isinstance(error, GrantLost):
            lifecycle.expire(turn.connection.pk, reason="token_rejected")
        raise TurnLost from error
    except RateLimited as error:
        _later(run, _until(error.until), forgive=True)
    except (TooManyRequests, Unavailable):
        _later(run, BACKLOG_PAUSE, forgive=True)
    except VendorUnavailable as error:
        _retry(run, error.code, str(error))
    except (VendorError, AnomalousPayload) as error:
        sync_runs.failed(run, getattr(error, "code", "bad_answer"), str(error))
    except (NotAvailable, NotFound) as error:
        sync_runs.failed(run, error.code, error.detail)
    except Exception as error:
        sync_runs.failed(run, "internal", f"The sync failed ({type(error).__name__}).")
        raise


def _fetch(turn: Turn, run: SyncRun, deadline: float) -> bool:
    """Fetch window by window; False if time ran out before the first day was reached."""
    client = turn.client(background=run.trigger in (SyncRun.Trigger.PERIODIC, SyncRun.Trigger.HISTORICAL))
    for window in remaining(run, turn.provider.window_days):
        if time.monotonic() > deadline:
            return False
        problems = pages.keep(turn, turn.provider.fetch(client, window), run_key=run.pk)
        run.fetched_from = window.start
        run.problems = _merged(run.problems, problems)
        SyncRun.objects.filter(pk=run.pk).update(
            fetched_from=window.start, problems=run.problems, attempts=0, payloads=_payloads(run)
        )
        run.attempts = 0
    return True


def remaining(run: SyncRun, days: int) -> Iterator[Window]:
    """The windows that are still to be fetched, newest first."""
    end: date = run.end if run.fetched_from is None else run.fetched_from - timedelta(days=1)
    while end >= run.start:
        start = max(run.start, end - timedelta(days=days - 1))
        yield Window(start, end)
        end = start - timedelta(days=1)


def _merged(known: list[dict[str, str]], fresh: list[dict[str, str]]) -> list[dict[str, str]]:
    """Every trouble once, however many windows have it."""
    told = {(one["kind"], one["code"]) for one in known}
    more = [one for one in fresh if (one["kind"], one["code"]) not in told]
    return [*known, *more][: sync_runs.MOST_PROBLEMS]


def _payloads(run: SyncRun) -> int:
    return Payload.objects.filter(run_key=run.pk).count()


def _later(run: SyncRun, wait: timedelta, *, forgive: bool) -> None:
    """Go on with a run after a while. `forgive`: it was not its fault."""
    changes = {"attempts": 0} if forgive else {}
    SyncRun.objects.filter(pk=run.pk, state=SyncRun.State.FETCHING).update(
        state=SyncRun.State.QUEUED, due_at=Now() + wait, **changes
    )
    if wait:
        enqueue.enqueue(wakeups.WORK, run.connection_key, countdown=wait.total_seconds())
    else:
        wakeups.wake(run.connection_key)


def _retry(run: SyncRun, code: str, detail: str) -> None:
    if run.attempts >= ATTEMPTS:
        sync_runs.failed(run, code, detail)
        return
    seconds = min(FIRST_RETRY * 2 ** (run.attempts - 1), LONGEST_RETRY) * random.uniform(0.8, 1.2)
    lifecycle.trouble(run.connection_key, detail)
    _later(run, timedelta(seconds=seconds), forgive=False)


def _until(moment: float) -> timedelta:
    """Until a moment in epoch seconds, and a little longer, not all at once."""
    return timedelta(seconds=max(moment - time.time(), 0.5) + random.uniform(0, 2))
