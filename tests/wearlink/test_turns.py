"""Work is taken in turns over organizations, and none of it is forgotten."""

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from wearlink.lib import tenancy, valkey
from wearlink.lib.work import task_queue, turns
from wearlink.lib.work.turns import TaskLine

pytestmark = pytest.mark.django_db
ALPHA, BETA, GAMMA = (uuid.UUID(int=number) for number in (1, 2, 3))


class Broker:
    """The messages that went to it, in their order."""

    def __init__(self) -> None:
        self.messages: list[int] = []

    def publish(self, _: str, arguments: tuple[int, ...], *__: Any) -> None:
        self.messages.append(*arguments)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    found = Broker()
    monkeypatch.setattr(task_queue, "_publish", found.publish)
    return found


@pytest.fixture
def line(django_capture_on_commit_callbacks: Any) -> Iterator[TaskLine]:
    """A line of its own, to which requests come at once."""
    with django_capture_on_commit_callbacks(execute=True):
        yield TaskLine(f"tests.{uuid.uuid4()}", lost_after=60.0)


@pytest.fixture
def forgetful(line: TaskLine) -> TaskLine:
    """The same, for which a fifth of a second is long."""
    return replace(line, lost_after=0.2, forgotten_after=0.2)


@pytest.fixture
def work_for(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Work so many seconds: the workers' time is the test's to tell."""
    spent: list[float] = [0.0]
    monkeypatch.setattr(turns, "time", SimpleNamespace(monotonic=lambda: sum(spent)))
    return spent.append


def request(line: TaskLine, owner: uuid.UUID, *items: int) -> None:
    for item in items:
        line._request(str(owner), item)


def work_off(line: TaskLine, broker: Broker) -> list[int]:
    """Return what one worker does that takes every message, in its order."""
    done: list[int] = []
    while broker.messages:
        done += [turn.item for turn in line.turns(broker.messages.pop(0))]
    return done


def test_who_comes_beside_a_thousand_is_next(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, *range(100, 1_100))
    assert work_off_one(line, broker) == [100]
    request(line, BETA, 1, 2)
    request(line, GAMMA, 3)
    done = work_off(line, broker)
    assert {1, 3} <= set(done[:3])
    assert 2 in done[:6]
    assert set(done) == {1, 2, 3, *range(101, 1_100)}


def work_off_one(line: TaskLine, broker: Broker) -> list[int]:
    return [turn.item for turn in line.turns(broker.messages.pop(0))]


def test_who_has_had_the_least_of_the_workers_time_is_next(
    broker: Broker, line: TaskLine, work_for: Callable[[float], None]
) -> None:
    request(line, ALPHA, *range(100, 110))
    for _ in range(3):
        for turn in line.turns(broker.messages.pop(0)):
            assert turn.owner == str(ALPHA)
            work_for(0.05)
    request(line, BETA, 1, 2, 3)  # who was not there before has not saved up any time
    owners = []
    while len(owners) < 4:
        for turn in line.turns(broker.messages.pop(0)):
            owners.append(turn.owner)
            work_for(0.05 if turn.owner == str(ALPHA) else 0.02)
    assert owners.count(str(BETA)) >= 2
    assert str(ALPHA) in owners


def test_a_crowd_is_told(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, 1)
    assert [turn.crowded for turn in line.turns(1)] == [False]
    request(line, ALPHA, 2)
    request(line, BETA, 3)
    assert [turn.crowded for turn in line.turns(2)] == [True]


def test_a_second_worker_goes_to_those_for_whom_none_is_at_it(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, 10, 11, 12)
    request(line, BETA, 20)
    first = line.turns(10)
    assert next(first).item == 10
    request(line, ALPHA, 13)
    second, third = line.turns(11), line.turns(12)
    assert next(second).item == 20
    assert next(third).item == 11  # nobody else waits: whoever is alone gets every worker
    for one in (first, second, third):
        one.close()


def test_many_requests_for_one_need_one_message(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, 5, 5, 5)
    assert broker.messages == [5]
    assert work_off(line, broker) == [5]
    request(line, ALPHA, 5)
    assert broker.messages == [5]


def test_what_a_lost_message_left_takes_nobodys_turn_away(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, 5)
    broker.messages.clear()
    request(line, BETA, 6)
    assert work_off(line, broker) == [5, 6]


def test_a_message_that_is_long_on_its_way_is_sent_again(broker: Broker, forgetful: TaskLine) -> None:
    request(forgetful, ALPHA, 5)
    time.sleep(0.25)
    request(forgetful, ALPHA, 5)
    assert broker.messages == [5, 5]
    assert work_off(forgetful, broker) == [5, 5]  # the second finds nothing to do: whoever asks the rows sees it


def test_a_task_ends_after_its_time_and_leaves_its_message(
    broker: Broker, line: TaskLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TASK_SECONDS", 0.0)
    request(line, ALPHA, 1, 2, 3)
    broker.messages[:] = [3]
    assert [turn.item for turn in line.turns(3)] == [1]
    assert broker.messages == [3, 3]


def test_a_worker_that_dies_is_forgotten(broker: Broker, forgetful: TaskLine) -> None:
    request(forgetful, ALPHA, 1, 2)
    request(forgetful, BETA, 3, 4)
    dead = forgetful.turns(1)
    assert next(dead).owner == str(ALPHA)
    forgetful.__class__._ask, kept = (lambda *_: None), forgetful.__class__._ask  # type: ignore[method-assign]
    dead.close()
    forgetful.__class__._ask = kept  # type: ignore[method-assign]
    time.sleep(0.25)
    assert [turn.owner for turn in forgetful.turns(3)] == [str(BETA)]
    assert {turn.owner for turn in forgetful.turns(2)} == {str(ALPHA)}


def test_the_owner_is_whose_rows_are_open(
    broker: Broker, line: TaskLine, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), tenancy.organization(BETA):
        line.request_work(9)
    with django_capture_on_commit_callbacks(execute=True):
        line.request_work(8)
    assert {turn.item: turn.owner for turn in line.turns(8)} == {9: str(BETA), 8: turns.PLATFORM}


def test_what_is_to_be_done_later_is_done_once_when_its_message_comes(broker: Broker, line: TaskLine) -> None:
    for _ in range(3):
        line._request(str(ALPHA), 5, 60.0)
    assert broker.messages == [5]  # on its way for a minute
    request(line, BETA, 6)
    assert [turn.item for turn in line.turns(broker.messages.pop())] == [6]
    assert [(turn.item, turn.owner) for turn in line.turns(broker.messages.pop())] == [(5, str(ALPHA))]
    line._request(str(ALPHA), 5, 60.0)
    assert broker.messages == [5]  # what came after the turn began needs one of its own


def test_what_waits_in_line_needs_no_later_message(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, 5)
    line._request(str(ALPHA), 5, 60.0)
    assert broker.messages == [5]
    assert work_off(line, broker) == [5]


def test_a_later_message_that_was_lost_is_sent_again(broker: Broker, line: TaskLine) -> None:
    line._request(str(ALPHA), 5, 0.001)
    broker.messages.clear()
    time_it_was_to_come = float(valkey.ask("ZSCORE", f"turns:{line.task}:later", 5))
    valkey.ask("ZADD", f"turns:{line.task}:later", time_it_was_to_come - 11_000, 5)
    line._request(str(ALPHA), 5, 60.0)
    assert work_off(line, broker) == [5]
    assert not valkey.ask("ZCARD", f"turns:{line.task}:later")


def test_an_emptied_server_loses_the_order_and_no_work(broker: Broker, line: TaskLine) -> None:
    request(line, ALPHA, 7)
    valkey.ask("DEL", *[f"turns:{line.task}:{part}" for part in ("ring", "waiting", f"of:{ALPHA}")])
    assert work_off(line, broker) == [7]
