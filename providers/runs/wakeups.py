"""Wake-ups of workers: for a connection with something to do, and for whatever vendors have just announced."""

import time
from typing import Final
from uuid import UUID

from wearlink.lib.work import task_queue
from wearlink.lib.work.turns import TaskLine

WORK: Final = TaskLine("providers.pull.tasks.work", queue="pull")
RESOLVE_TASK: Final = "providers.pull.tasks.resolve_waiting"
WAKE_TASK: Final = "providers.pull.tasks.wake"
PAUSE: Final = 0.2  # seconds between two looks; the task is sent with a delay as long, for what comes within it
_last = {"at": 0.0}


def request_resolving() -> None:
    """Have the connections with notifications looked after, after the commit: once in a PAUSE and process."""
    now = time.monotonic()
    if now - _last["at"] >= PAUSE:
        _last["at"] = now
        task_queue.enqueue(RESOLVE_TASK, countdown=PAUSE)


def request_work(connection_key: int, organization_id: UUID) -> None:
    """Have a worker do what is due for a connection, after the commit, when it is the organization's turn."""
    WORK.request_work(connection_key, owner=organization_id)


def request_later(connection_key: int, organization_id: UUID, seconds: float) -> None:
    """Request work after some seconds."""
    task_queue.enqueue(WAKE_TASK, connection_key, str(organization_id), countdown=seconds)
