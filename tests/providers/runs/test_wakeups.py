"""One waiting task a connection, however many reasons there are for it."""

import uuid
from typing import Any

import pytest
import redis

from providers.pull import tasks
from providers.runs import wakeups
from wearlink.lib import valkey
from wearlink.lib.work import task_queue

pytestmark = pytest.mark.django_db
KEY, OWNER = 900_000_001, uuid.UUID(int=7)
Sent = list[tuple[str, tuple[int, ...]]]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The tasks that go to the broker."""
    found: Sent = []
    monkeypatch.setattr(
        task_queue, "_publish", lambda task, arguments, queue, countdown: found.append((task, arguments))
    )
    return found


def wake(capture: Any, times: int = 1) -> None:
    for _ in range(times):
        with capture(execute=True):
            wakeups.request_work(KEY, OWNER)


def test_many_reasons_send_one_task_until_it_begins(sent: Sent, django_capture_on_commit_callbacks: Any) -> None:
    wake(django_capture_on_commit_callbacks, 5)
    assert sent == [(wakeups.WORK.task, (KEY,))]
    tasks.work(KEY)  # there is no such connection: it ends at once
    wake(django_capture_on_commit_callbacks, 2)
    assert sent == [(wakeups.WORK.task, (KEY,))] * 2
    tasks.work(KEY)


def test_without_the_cache_every_reason_sends_its_task(
    sent: Sent, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(valkey, "ask", gone)
    wake(django_capture_on_commit_callbacks, 2)
    assert len(sent) == 2
    tasks.work(KEY)
