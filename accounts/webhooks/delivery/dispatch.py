"""The dispatcher: leases due deliveries, has threads make the calls, writes the outcomes down in bulk.

The database is touched by the calling thread alone, HTTP by the others. It goes on while there is work, and looks for
more while calls are under way. Whatever a call raises is that delivery's outcome and nothing else's.
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
from accounts.webhooks.delivery.lanes import AHEAD, Lanes, Running
from accounts.webhooks.models import Delivery
from wearlink.lib.pinned_http import ConnectionPool

BUDGET: Final = 40.0  # seconds in which a task takes new deliveries
LINGER: Final = 0.15  # seconds without work after which it ends: the next event is often close
LOOK_EVERY: Final = 0.02
LOOK_RARELY: Final = 0.1  # while nothing but slow calls is under way


@dataclass(slots=True)
class Dispatcher:
    """One run in one process."""

    lanes: Lanes
    send: Callable[[Job], Outcome]
    made: int = 0
    pool: ThreadPoolExecutor = field(init=False)

    def deliver(self, until: float) -> None:
        """Go on until nothing is due and nothing under way, or until the time is over; what began is finished."""
        with ThreadPoolExecutor(self.lanes.threads, thread_name_prefix="webhook") as self.pool:
            try:
                self._deliver_suspect()
                self._rounds(until)
            finally:  # when the database has gone, what was not begun is left to the next lease
                for future in self.lanes.running:
                    future.cancel()

    def _rounds(self, until: float) -> None:
        idle_since, patience = time.monotonic(), LOOK_EVERY
        while True:
            now = time.monotonic()
            taken = self._lease() if now < until else 0
            self._start(now)
            if taken or self.lanes.running:
                idle_since = now
            elif now >= until or now - idle_since > LINGER:
                leases.give_back(self.lanes.take_waiting(float("inf")))
                return
            busy = self._collect(patience) or taken
            patience = LOOK_EVERY if busy else min(2 * patience, LOOK_RARELY)

    def _lease(self) -> int:
        room = self.lanes.room()
        if self.lanes.running and room.fast <= AHEAD * self.lanes.fast // 2:
            return 0
        jobs = leases.take(room)
        self.lanes.add(jobs)
        return len(jobs)

    def _start(self, now: float) -> None:
        """Begin what may; what has waited so long that its lease might end during the call is returned."""
        leases.give_back(self.lanes.take_waiting(now + calls.DEADLINE))
        for job in self.lanes.startable():
            self.lanes.running[self.pool.submit(self.send, job)] = Running(job, now)

    def _collect(self, patience: float) -> int:
        if not self.lanes.running:
            time.sleep(LOOK_EVERY)
            return 0
        done, _ = wait(self.lanes.running, timeout=patience, return_when=FIRST_COMPLETED)
        ended = [_outcome(self.lanes.running.pop(future).job, future) for future in done]
        outcomes.record(ended)
        self.made += len(ended)
        return len(done)

    def _deliver_suspect(self) -> None:
        """While nothing else is under way: a delivery that may have ended its workers, and no second one."""
        job = leases.take_suspect()
        if job is None:
            return
        if job.leases - job.attempts > Delivery.SUSPECT_AFTER + leases.MAX_CRASHES:
            # what is on its way to Svix is never given up; it waits, and is tried again
            blamed = job.endpoint is not None
            ended = calls.failed(job, "The worker ended five times while it made this call.", hopeless=blamed)
        else:
            future = self.pool.submit(self.send, job)
            wait([future])
            ended = _outcome(job, future)
        outcomes.record([ended])
        self.made += 1


def run(*, threads: int | None = None, budget: float = BUDGET) -> int:
    """Deliver what is due; returns how many calls were made."""
    pool = ConnectionPool()
    try:
        dispatcher = Dispatcher(Lanes(threads or settings.WEBHOOK_THREADS), partial(_send, pool))
        dispatcher.deliver(time.monotonic() + budget)
    finally:
        pool.close()
    return dispatcher.made


def _send(pool: ConnectionPool, job: Job) -> Outcome:
    return svix.forward(job) if job.endpoint is None else calls.make_call(job, job.endpoint, pool)


def _outcome(job: Job, future: "Future[Outcome]") -> Outcome:
    """What a call came to; an exception that should not have left it is a failure of this delivery alone."""
    error = future.exception()
    if error is None:
        return future.result()
    calls.logger.error("The call of delivery %s raised %s", job.key, type(error).__name__, exc_info=error)
    return calls.failed(job, "The call could not be made.")
