"""One waiting task a connection, however many reasons there are for it."""

from typing import Any

import pytest
import redis
from django.conf import settings

from providers.pull import tasks
from providers.runs import wakeups
from wearlink.lib import task_queue, valkey

pytestmark = pytest.mark.django_db
KEY = 900_000_001


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """The tasks that go to the broker."""
    valkey.ask("DEL", wakeups.WORK._mark((KEY,)))
    found: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(
        task_queue, "_publish", lambda task, arguments, queue, countdown: found.append((task, arguments))
    )
    return found


def wake(capture: Any, times: int = 1) -> None:
    for _ in range(times):
        with capture(execute=True):
            wakeups.request_work(KEY)


def test_many_reasons_send_one_task_until_it_begins(
    sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: Any
) -> None:
    wake(django_capture_on_commit_callbacks, 5)
    assert sent == [(wakeups.WORK.task, (KEY,))]
    tasks.work(KEY)  # there is no such connection: it ends at once
    wake(django_capture_on_commit_callbacks, 2)
    assert sent == [(wakeups.WORK.task, (KEY,))] * 2


def test_a_mark_whose_task_was_lost_ends_by_itself(
    sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: Any
) -> None:
    wake(django_capture_on_commit_callbacks)
    server = redis.Redis.from_url(str(settings.CACHES["default"]["LOCATION"]))
    left = server.ttl(wakeups.WORK._mark((KEY,)))
    assert 0 < int(left) <= wakeups.WORK.lost_after  # type: ignore[arg-type]


def test_without_the_cache_every_reason_sends_its_task(
    sent: list[tuple[str, tuple[int, ...]]], django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(valkey, "ask", gone)
    wake(django_capture_on_commit_callbacks, 2)
    assert len(sent) == 2
    wakeups.mark_started(KEY)
