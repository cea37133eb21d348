"""The choice of the leased deliveries that may begin now: nobody's calls can hold the threads that others need.

Two lanes. In the fast one an organization has at most half of the places. A call that has lasted for more than a second
gives its place back and goes on beside the lane, so that places are never held by somebody's silence; how many such
calls there may be is bounded, for one organization and for all. Endpoints that were silent before, or never answered
yet, have the slow lane: few places, and a quarter of them for one organization.

What keeps calls waiting gets no more of them. An organization of which many calls are late has few places left, but for
those of its endpoints that answered promptly just now. And an endpoint that has not answered here yet, or was late last
time, gets two calls before it gets eight: one that has just died holds few of its organization's places until that
shows, and few of the deliveries that could be leased for others. Some places are kept for those that did answer: be it
that many organizations' endpoints die at once, nobody else waits until that shows.
"""

import time
import uuid
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from accounts.webhooks.contract import DeliveryLane, Job, Outcome
from accounts.webhooks.delivery.leases import Room

LATE_AFTER: Final = 1.0  # seconds
MAX_LATE: Final = 64  # calls that go on beside the lane
MAX_LATE_OF_ONE: Final = 8
FEW_PLACES: Final = 2  # of an organization with so many late calls, for endpoints that were not prompt just now
FEW_WAITING: Final = 4
RESERVED: Final = 4  # one in so many places of the fast lane is for endpoints that answered promptly just now
AHEAD: Final = 4  # deliveries a place that wait in the process, so that no place waits for the database
MAX_CALLS: Final = 8  # at a time to one endpoint …
FIRST_CALLS: Final = 2  # … that has answered promptly before

Call = Future[Outcome]


@dataclass(frozen=True, slots=True)
class Running:
    """A call under way, and the moment of time.monotonic() at which it began."""

    job: Job
    began: float


@dataclass(slots=True)
class Lanes:
    """The deliveries of one dispatcher: waiting by lane and organization, and running."""

    fast: int
    waiting: dict[DeliveryLane, dict[uuid.UUID, deque[Job]]] = field(
        default_factory=lambda: {lane: {} for lane in DeliveryLane}
    )
    running: dict[Call, Running] = field(default_factory=dict)
    prompt: set[int] = field(default_factory=set)  # endpoints whose last call here was no late one

    @property
    def slow(self) -> int:
        return max(self.fast // 4, 2)

    @property
    def threads(self) -> int:
        """The largest number of calls at the same time."""
        return self.fast + self.slow + MAX_LATE

    def add(self, jobs: list[Job]) -> None:
        for job in jobs:
            self.waiting[job.lane].setdefault(job.organization_id, deque()).append(job)

    def end(self, call: Call) -> Job:
        """Note that a call has ended; whose it was."""
        running = self.running.pop(call)
        if time.monotonic() - running.began > LATE_AFTER:
            self.prompt.discard(running.job.endpoint_key)
        else:
            self.prompt.add(running.job.endpoint_key)
        return running.job

    def room(self, use: "Use") -> Room:
        """Return what to lease next. What waits for its own organization's calls to end takes no room from others."""
        held = {
            owner: [job for job in jobs if self._at_limit(job, use)]
            for owner, jobs in self.waiting[DeliveryLane.FAST].items()
        }
        free = {owner: len(jobs) - len(held[owner]) for owner, jobs in self.waiting[DeliveryLane.FAST].items()}
        fast_full = {
            owner for owner, jobs in self.waiting[DeliveryLane.FAST].items() if free[owner] >= self._enough(jobs, use)
        }
        queued = sum(number for owner, number in free.items() if owner not in fast_full)
        slow_full = {owner for owner, jobs in self.waiting[DeliveryLane.SLOW].items() if len(jobs) >= self.slow_share}
        slow_queued = sum(
            len(jobs) for owner, jobs in self.waiting[DeliveryLane.SLOW].items() if owner not in slow_full
        )
        return Room(
            fast=max(AHEAD * self.fast - queued, 0),
            slow=max(self.slow - slow_queued, 0),
            fast_full=fast_full,
            slow_full=slow_full,
            late={*use.late_endpoints, *self._unproven(chain.from_iterable(held.values()))},
        )

    def _unproven(self, held: Iterable[Job]) -> set[int]:
        """Return endpoints that have not answered yet and have deliveries waiting here for that."""
        return {job.endpoint_key for job in held} - self.prompt

    def _at_limit(self, job: Job, use: "Use") -> bool:
        """Return whether its endpoint has as many calls as it may have; handing over to Svix has a bound of its own."""
        most = MAX_CALLS if job.endpoint_key in self.prompt else FIRST_CALLS
        return job.endpoint is not None and use.endpoints[job.endpoint_key] >= most

    def _enough(self, jobs: deque[Job], use: "Use") -> int:
        """Return how many deliveries of an organization may wait here."""
        trusted = use.late[jobs[0].organization_id] < MAX_LATE_OF_ONE
        return self.fast if trusted or any(job.endpoint_key in self.prompt for job in jobs) else FEW_WAITING

    @property
    def slow_share(self) -> int:
        return max(self.slow // 4, 1)

    def startable(self, use: "Use") -> Iterator[Job]:
        """Yield jobs that may begin now, each removed from those that wait and counted in use."""
        for lane in DeliveryLane:
            while (job := self._next(lane, use)) is not None:
                use.begin(job, tried=job.endpoint_key in self.prompt)
                yield job

    def _next(self, lane: DeliveryLane, use: "Use") -> Job | None:
        for owner in sorted(self.waiting[lane], key=lambda owner: use.places[lane, owner]):
            if self._has_place(lane, owner, use):
                job = self._first(lane, owner, use)
                if job is not None:
                    return job
        return None

    def _has_place(self, lane: DeliveryLane, owner: uuid.UUID, use: "Use") -> bool:
        total, own = use.total[lane], use.places[lane, owner]
        if lane is DeliveryLane.SLOW:
            return total < self.slow and own < self.slow_share
        late, share = use.late.total(), max(self.fast // 2, 1)
        return total < self.fast and total + late < self.fast + MAX_LATE and own < share

    def _first(self, lane: DeliveryLane, owner: uuid.UUID, use: "Use") -> Job | None:
        """Return the organization's first job; one with many late calls has few places for all but its prompt
        endpoints.
        """
        jobs = self.waiting[lane][owner]
        strict = lane is DeliveryLane.FAST and use.late[owner] >= MAX_LATE_OF_ONE
        kept_free = lane is DeliveryLane.FAST and use.untried >= self.fast - self.fast // RESERVED
        few_left = strict and use.places[lane, owner] >= FEW_PLACES
        for position, job in enumerate(jobs):
            if self._at_limit(job, use):
                continue
            if strict and use.late_endpoints[job.endpoint_key]:
                continue
            if (few_left or kept_free) and job.endpoint_key not in self.prompt:
                continue
            del jobs[position]
            if not jobs:
                del self.waiting[lane][owner]
            return job
        return None

    def take_waiting(self, wanted: Callable[[Job], bool]) -> list[Job]:
        """Remove and return the waiting jobs of which that is true."""
        found = list[Job]()
        for by_owner in self.waiting.values():
            for owner, jobs in list(by_owner.items()):
                gone = [job for job in jobs if wanted(job)]
                if not gone:
                    continue
                found += gone
                kept = deque(job for job in jobs if not wanted(job))
                if kept:
                    by_owner[owner] = kept
                else:
                    del by_owner[owner]
        return found


@dataclass(slots=True)
class Use:
    """Places in use, by lane and organization; calls of the fast lane that last too long for one."""

    places: Counter[tuple[DeliveryLane, uuid.UUID]] = field(default_factory=Counter)
    total: Counter[DeliveryLane] = field(default_factory=Counter)
    late: Counter[uuid.UUID] = field(default_factory=Counter)
    late_endpoints: Counter[int] = field(default_factory=Counter)
    endpoints: Counter[int] = field(default_factory=Counter)  # all calls, by endpoint
    untried: int = 0  # places of the fast lane in use by endpoints that have not answered promptly yet

    def begin(self, job: Job, *, tried: bool) -> None:
        self.untried += job.lane is DeliveryLane.FAST and not tried
        self.places[job.lane, job.organization_id] += 1
        self.total[job.lane] += 1
        self.endpoints[job.endpoint_key] += 1

    @property
    def is_held_up(self) -> bool:
        """Whether some calls under way take long, or may."""
        return bool(self.late or self.total[DeliveryLane.SLOW])

    @classmethod
    def of(cls, lanes: Lanes) -> "Use":
        use, now = cls(), time.monotonic()
        for one in lanes.running.values():
            job = one.job
            if job.lane is DeliveryLane.FAST and now - one.began > LATE_AFTER:
                use.late[job.organization_id] += 1
                use.late_endpoints[job.endpoint_key] += 1
                use.endpoints[job.endpoint_key] += 1
            else:
                use.begin(job, tried=job.endpoint_key in lanes.prompt)
        return use
