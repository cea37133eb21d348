"""The wake-ups of who delivers: workers, and listeners that wait for a message.

One that is lost costs a few seconds: the sweep looks for due rows, and a listener asks again.
"""

from collections.abc import Collection
from typing import Final

from django.db import transaction

from wearlink.lib.web import waiting
from wearlink.lib.work.task_queue import WakeUp

DELIVER: Final = WakeUp("accounts.webhooks.tasks.deliver", queue="webhooks", lost_after=3)


def wake_listeners(keys: Collection[int]) -> None:
    """Have the polls of these listeners look again, after the commit."""
    if keys:
        transaction.on_commit(lambda: waiting.wake([listener(key) for key in keys]), robust=True)


def listener(key: int) -> str:
    """Return what a poll of that listener waits for."""
    return f"listener:{key}"
