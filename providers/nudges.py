"""Waking a worker for announced documents: once in a fifth of a second and process, however many vendors call.

The task is sent with a delay as long as the pause, so that what comes within the pause is there when it runs.
"""

import time
from typing import Final

from providers import queueing

PAUSE: Final = 0.2
TASK: Final = "providers.cloud_tasks.resolve_waiting"
_last = {"at": 0.0}


def nudge() -> None:
    """Have the connections with notices looked after, after the commit."""
    now = time.monotonic()
    if now - _last["at"] >= PAUSE:
        _last["at"] = now
        queueing.enqueue(TASK, countdown=PAUSE)
