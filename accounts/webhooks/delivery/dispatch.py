"""The dispatcher: leases due deliveries, has threads make the calls, writes outcomes down in bulk.

The database is touched by the calling thread alone, HTTP by the others. It goes on while there is work, and looks for
more while calls are under way, so one slow endpoint holds a thread and nothing else.
"""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.conf import settings

from accounts.webhooks.backends import svix
from accounts.webhooks.contract import Job, Outcome
from accounts.webhooks.delivery import calls, leases, outcomes
from wearlink.lib.pinned_http import ConnectionPool

BUDGET: Final = 40.0  # seconds in which a task takes new deliveries
LINGER: Final = 0.15  # seconds without work after which it ends: the next event is often close
LOOK_EVERY: Final = 0.02
LOOK_RARELY: Final = 0.1  # while nothing but slow calls is under way
AHEAD: Final = 2  # deliveries a thread that wait in the process, so that no thread waits for the database


@dataclass(slots=True)
class Run:
    """One run of the dispatcher in one process."""

    threads: int
    send: Callable[[Job], Outcome | None]
    under_way: set["Future[Outcome | None]"] = field(default_factory=set)
    made: int = 0

    def go_on(self, until: float) -> None:
        """Deliver until nothing is due and nothing under way, or until the time is over; what began is finished."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="webhook") as pool:
            try:
                self._rounds(pool, until)
            finally:  # when the database has gone, what was not begun is left to the next lease
                for future in self.under_way:
                    future.cancel()

    def _rounds(self, pool: ThreadPoolExecutor, until: float) -> None:
        idle_since, patience = time.monotonic(), LOOK_EVERY
        while True:
            now = time.monotonic()
            taken = self._lease(pool) if now < until else 0
            if taken or self.under_way:
                idle_since = now
            elif now >= until or now - idle_since > LINGER:
                return
            busy = self._collect(patience) or taken
            patience = LOOK_EVERY if busy else min(2 * patience, LOOK_RARELY)

    def _lease(self, pool: ThreadPoolExecutor) -> int:
        """Fill the queue before the threads; calls under way do not count, however long they take."""
        room = AHEAD * self.threads
        queued = sum(not (future.running() or future.done()) for future in self.under_way)
        if self.under_way and queued > room // 2:
            return 0
        jobs = leases.take(room - queued)
        self.under_way.update(pool.submit(self.send, job) for job in jobs)
        return len(jobs)

    def _collect(self, patience: float) -> int:
        if not self.under_way:
            time.sleep(LOOK_EVERY)
            return 0
        done, self.under_way = wait(self.under_way, timeout=patience, return_when=FIRST_COMPLETED)
        found = [outcome for future in done if (outcome := future.result()) is not None]
        outcomes.record(found)
        self.made += len(found)
        return len(done)


def run(*, threads: int | None = None, budget: float = BUDGET) -> int:
    """Deliver what is due; returns how many calls were made."""
    pool = ConnectionPool()
    try:
        one = Run(threads or settings.WEBHOOK_THREADS, partial(_send, pool))
        one.go_on(time.monotonic() + budget)
    finally:
        pool.close()
    return one.made


def _send(pool: ConnectionPool, job: Job) -> Outcome | None:
    """None for a delivery that has waited so long that its lease might end during the call: it will come again."""
    if time.monotonic() + calls.DEADLINE > job.until:
        return None
    if job.endpoint is None:
        return svix.forward(job)
    return calls.make_call(job, job.endpoint, pool)
