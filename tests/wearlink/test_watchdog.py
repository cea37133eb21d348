"""A worker that stands still before full queues is told from one that is busy, idle or without a broker."""

import redis

from wearlink.watchdog import CHECKS, Watchdog


def test_a_worker_that_takes_nothing_from_full_queues_is_ended() -> None:
    dog = Watchdog(lambda: 7)
    looks = [dog.look(3, busy=False) for _ in range(CHECKS + 1)]
    assert looks == [False] * CHECKS + [True]


def test_a_worker_that_takes_is_left_alone() -> None:
    dog = Watchdog(lambda: 7)
    assert not any(dog.look(taken, busy=False) for taken in range(3 * CHECKS))


def test_a_long_task_is_no_standstill() -> None:
    dog = Watchdog(lambda: 7)
    assert not any(dog.look(3, busy=True) for _ in range(3 * CHECKS))


def test_empty_queues_are_no_standstill() -> None:
    dog = Watchdog(lambda: 0)
    assert not any(dog.look(3, busy=False) for _ in range(3 * CHECKS))


def test_a_broker_that_does_not_answer_is_no_standstill() -> None:
    def waiting() -> int:
        raise redis.TimeoutError

    dog = Watchdog(waiting)
    assert not any(dog.look(3, busy=False) for _ in range(3 * CHECKS))
