"""The dispatcher: leases due deliveries, has threads make the calls, writes the outcomes down in bulk.

The database is touched by the calling thread alone, HTTP by the others. It goes on while there is work, and looks for
more while calls are under way. Whatever a call raises is that delivery's outcome and nothing else's.

Under load the calls are cheap and the statements dear, so outcomes are gathered for a moment and written together,
while further calls go on; an outcome that nothing would join is written at once.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final

from django.conf import settings

from accounts.webhooks.backends import svix
from accounts.webhooks.contract import DeliveryLane, Job, Outcome
from accounts.webhooks.delivery import calls, leases, outcomes
from accounts.webhooks.delivery.lanes import AHEAD, Call, Lanes, Running, Use
from accounts.webhooks.models import Delivery
from accounts.webhooks.wakeups import DELIVER
from wearlink.lib.net.pinned_http import ConnectionPool

BUDGET: Final = 40.0  # seconds in which a task takes new deliveries
LINGER: Final = 0.15  # seconds without work after which it ends: the next event is often close
LOOK_EVERY: Final = 0.01
LOOK_RARELY: Final = 0.04  # while nothing but slow calls is under way
HOLD: Final = 0.025  # seconds that an outcome waits for others
BATCH: Final = 128  # outcomes that are written together at most


class Phase(IntEnum):
    """The phase of a run. Once its time is over it begins less and less, so that slow calls come to an end; each phase
    is as long as such a call.
    """

    TAKING = 0  # everything
    LEAVING = 1  # nothing that was slow before, nothing of organizations that keep calls waiting
    PROMPT = 2  # only what goes to endpoints that have answered promptly in this run
    ENDING = 3  # nothing

    @classmethod
    def at(cls, over: float) -> "Phase":
        """Return the phase of the run; `over`: seconds since the time of the run was over."""
        return cls.TAKING if over < 0 else cls(min(1 + int(over // calls.DEADLINE), cls.ENDING))


@dataclass(slots=True)
class Dispatcher:
    """One run in one process."""

    lanes: Lanes
    send: Callable[[Job], Outcome]
    made: int = 0
    pool: ThreadPoolExecutor = field(init=False)
    ended: "SimpleQueue[Call]" = field(default_factory=SimpleQueue)
    unwritten: list[Outcome] = field(default_factory=list)
    write_by: float = 0.0
    look_at: float = 0.0
    renew_at: float = 0.0
    patience: float = LOOK_EVERY

    def deliver(self, until: float) -> None:
        """Go on until nothing is due and nothing under way, or until the time is over; what began is finished.

        When the time is over, calls may still be under way that take long: others are served until these have ended.
        """
        with ThreadPoolExecutor(self.lanes.threads, thread_name_prefix="webhook") as self.pool:
            try:
                self._deliver_suspect()
                self._rounds(until)
            finally:  # when the database has gone, what was not begun is left to the next lease
                for future in self.lanes.running:
                    future.cancel()

    def _rounds(self, until: float) -> None:
        idle_since, phase = time.monotonic(), Phase.TAKING
        while True:
            now, use = time.monotonic(), Use.of(self.lanes)
            if phase is Phase.TAKING and now >= until:
                DELIVER.request_work()  # to any worker that is free
            phase = Phase.at(now - until)
            self._let_go(phase)
            if phase is Phase.TAKING or (phase < Phase.ENDING and use.is_held_up):
                self._lease(now, use, phase)
            self._renew(now)
            self._start(now, use)
            if self.lanes.running or self.unwritten:
                idle_since = now
            elif now >= until or now - idle_since > LINGER:
                leases.give_back(self.lanes.take_waiting(lambda job: True))
                return
            self._collect()
            self._write()

    def _let_go(self, phase: "Phase") -> None:
        """Give back what waits and begins no more in this phase."""
        if phase >= Phase.LEAVING:
            leases.give_back(self.lanes.take_waiting(lambda job: job.lane is DeliveryLane.SLOW))
        if phase >= Phase.PROMPT:
            leases.give_back(self.lanes.take_waiting(lambda job: job.endpoint_key not in self.lanes.prompt))

    def _lease(self, now: float, use: Use, phase: "Phase") -> None:
        """Take more, if it is time to look and there is room; while nothing but slow calls is under way less often."""
        if now < self.look_at:
            return
        room = self.lanes.room(use)
        if phase >= Phase.LEAVING:
            room = replace(room, slow=0, fast_full={*room.fast_full, *use.late})
        if phase >= Phase.PROMPT:
            room = replace(room, only=self.lanes.prompt)
        if self.lanes.running and room.fast <= AHEAD * self.lanes.fast // 2:
            return
        jobs = leases.take(room)
        self.lanes.add(jobs)
        longer = self.lanes.running and not jobs
        self.patience = min(2 * self.patience, LOOK_RARELY) if longer else LOOK_EVERY
        self.look_at = now if jobs else time.monotonic() + self.patience

    def _renew(self, now: float) -> None:
        """Keep what is under way, now and then."""
        if now >= self.renew_at:
            self.renew_at = now + leases.LEASE_SECONDS / 5
            soon = now + leases.LEASE_SECONDS / 2
            leases.renew([one.job for one in self.lanes.running.values() if one.job.until < soon])

    def _start(self, now: float, use: Use) -> None:
        """Begin what may. What has waited for half a lease, or waits behind calls of its endpoint that take long, is
        returned.
        """
        soon, late = now + leases.LEASE_SECONDS / 2, use.late_endpoints
        leases.give_back(self.lanes.take_waiting(lambda job: job.until < soon or job.endpoint_key in late))
        for job in self.lanes.startable(use):
            call = self.pool.submit(self.send, job)
            self.lanes.running[call] = Running(job, now)
            call.add_done_callback(self.ended.put)

    def _collect(self) -> None:
        """Take what has ended, or wait until it is time to look for work or to write."""
        now = time.monotonic()
        seconds = self.look_at - now if self.look_at > now else LOOK_EVERY
        if self.unwritten:
            seconds = max(min(seconds, self.write_by - now), 0)
        if not self.lanes.running:
            time.sleep(0 if self.unwritten else seconds)
            return
        with suppress(Empty):
            call = self.ended.get(timeout=seconds)
            while True:
                self._end(call)
                call = self.ended.get_nowait()

    def _end(self, call: Call) -> None:
        if not self.unwritten:
            self.write_by = time.monotonic() + HOLD
        self.unwritten.append(_outcome(self.lanes.end(call), call))
        self.patience = LOOK_EVERY / 2  # where one was, another may be

    def _write(self) -> None:
        """Write down what has ended, unless more will join it in a moment."""
        joined = self.lanes.running and len(self.unwritten) < BATCH and time.monotonic() < self.write_by
        if self.unwritten and not joined:
            written, self.unwritten = self.unwritten, []
            outcomes.record(written)
            self.made += len(written)

    def _deliver_suspect(self) -> None:
        """Deliver one message that may have ended its workers before, while nothing else is under way."""
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
    """Return what a call came to; an exception that should not have left it is a failure of this delivery alone."""
    error = future.exception()
    if error is None:
        return future.result()
    calls.logger.error("The call of delivery %s raised %s", job.key, type(error).__name__, exc_info=error)
    return calls.failed(job, "The call could not be made.")
