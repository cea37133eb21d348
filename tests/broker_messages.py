"""Messages to the broker, recorded instead of sent, with nothing waiting in any line."""

from typing import Any

import pytest

from wearlink.lib import valkey
from wearlink.lib.work import task_queue


def of_task(name: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the arguments of a task's messages, as they come."""
    found: list[int] = []

    def publish(task: str, arguments: tuple[int, ...], *_: Any) -> None:
        found.extend(arguments if task == name else ())

    monkeypatch.setattr(task_queue, "_publish", publish)
    valkey.ask("FLUSHDB")
    return found
