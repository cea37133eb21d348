"""Lines of work in which organizations take turns, however much one of them has sent.

    LINE = TaskLine("providers.payloads.tasks.drain", queue="ingest")
    LINE.request_work(user_key, owner=organization_id)     # after the commit; one waiting task is enough

    for turn in LINE.turns(user_key):                      # in the task: whose turn it is, mostly another's
        if drain(turn.item):
            LINE.request_again(turn)

A task on the broker says no more than that somebody waits; who it is, is decided when a worker has time: the next
organization in the ring, of those for whom the fewest workers are at it, and of these the one that has had the least
of the workers' time. So an organization that is alone gets every worker, and the first that comes beside it gets the
next that is free. While several send (``Turn.crowded``) turns should be short: the next one waits for the one that is
under way.

The cache's server keeps the lines. Where it does not answer, or has lost them, a task does what it was sent for, and
the sweepers find the rest: rows are the queue, lines are only its order.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import redis
from django.db import transaction

from wearlink.lib import tenancy, valkey
from wearlink.lib.work import task_queue

logger = logging.getLogger(__name__)
PLATFORM: Final = "platform"  # the owner of what belongs to no organization
TASK_SECONDS: Final = 2.0  # for the turns of one task; the queue holds other tasks, too
CROWDED_SECONDS: Final = 0.2  # the same while several organizations send
_LUA: Final = valkey.Script.beside(__file__, "turns.lua")


@dataclass(frozen=True, slots=True)
class Turn:
    """The item that a worker is to work on now, and its owner."""

    item: int
    owner: str = PLATFORM
    own_waits: bool = False  # what the task was sent for has not had its turn yet
    crowded: bool = False  # others have sent something within the last ten seconds


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task of one number, such as an end user's key. In seconds: how long a wake-up is believed to be on its way, and
    how long a worker is believed to be at it that never said it was done.
    """

    task: str
    queue: str = task_queue.DEFAULT
    lost_after: float = 10.0
    forgotten_after: float = 60.0

    def request_work(self, item: int, *, owner: UUID | str | None = None, after: float = 0.0) -> None:
        """Have a worker see to it, after the commit. Owner: by default the organization whose rows are open now.

        With `after` so many seconds later; whatever else is asked for until then is done in the same turn.
        """
        who = str(owner or tenancy.current().organization or PLATFORM)
        transaction.on_commit(lambda: self._request(who, item, after), robust=True)

    def request_again(self, turn: Turn) -> None:
        """Put what a turn left undone behind what others wait for."""
        self.request_work(turn.item, owner=turn.owner)

    def turns(self, item: int) -> Iterator[Turn]:
        """Yield whose turns it is: until what the task was sent for had its own, and at least one.

        What does not wait was seen to by an earlier task, as a rule. It comes last all the same: a look costs little,
        and a server that lost the lines forgets nobody.
        """
        task_began = time.monotonic()
        own = False
        turn = self._take(item)
        while turn is not None:
            began = time.monotonic()
            try:
                yield turn
            finally:
                self._ask("end", turn.owner, turn.item, time.monotonic() - began)
            own = own or turn.item == item
            if not turn.own_waits:
                break
            if time.monotonic() - task_began > (CROWDED_SECONDS if turn.crowded else TASK_SECONDS):
                task_queue.publish(self.task, item, queue=self.queue)
                return
            turn = self._take(item)
        if not own:
            yield Turn(item)

    def others_wait(self, owner: UUID | str) -> bool:
        """Return whether anybody but this owner waits: for work that may go on for minutes, and could make room."""
        try:
            waiting = valkey.ask("LRANGE", f"turns:{self.task}:ring", 0, 1)
        except redis.RedisError:
            return False
        return any(one.decode() != str(owner) for one in waiting)

    def _take(self, item: int) -> Turn | None:
        found = self._ask("take", "", item, self.forgotten_after)
        return Turn(int(found[1]), found[0].decode(), bool(found[2]), bool(found[3])) if found else None

    def _request(self, owner: str, item: int, after: float = 0.0) -> None:
        needed = self._ask("later" if after else "push", owner, item, after or self.lost_after)
        if needed is None or needed:  # the broker may be another server
            task_queue.publish(self.task, item, queue=self.queue, countdown=after or None)

    def _ask(self, verb: str, owner: str, item: int, seconds: float) -> Any:
        """Return the seconds; what they are, the program says. None where the cache's server does not answer."""
        try:
            return valkey.run(_LUA, [f"turns:{self.task}"], verb, owner, item, round(1000 * seconds))
        except redis.RedisError as error:
            logger.warning("The cache does not answer, nobody's turn is known: %s", type(error).__name__)
            return None
