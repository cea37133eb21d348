"""Wake-ups of workers: for a connection with something to do, and for whatever vendors have just announced."""

import time
from typing import Final

from wearlink.lib import task_queue
from wearlink.lib.task_queue import WakeUp

WORK: Final = WakeUp("providers.pull.tasks.work")
RESOLVE_TASK: Final = "providers.pull.tasks.resolve_waiting"
PAUSE: Final = 0.2  # seconds between two looks; the task is sent with a delay as long, for what comes within it
_last = {"at": 0.0}


def request_resolving() -> None:
    """Have the connections with notifications looked after, after the commit: once in a PAUSE and process."""
    now = time.monotonic()
    if now - _last["at"] >= PAUSE:
        _last["at"] = now
        task_queue.enqueue(RESOLVE_TASK, countdown=PAUSE)


def request_work(connection_key: int) -> None:
    """Have a worker do what is due for a connection, after the commit."""
    WORK.request_work(connection_key)


def mark_started(connection_key: int) -> None:
    """Note that a worker looks after the connection now: what is committed from here on needs another wake-up."""
    WORK.mark_started(connection_key)
