"""The shared count of calls: never more than a window of the vendor's holds, wherever that window begins."""

import uuid
from collections.abc import Sequence

import pytest

from providers.contract import Allowance, Quota
from providers.vendor_api.rate_limits import RateLimiter, _client

CALLS, SECONDS = 20, 100
BEGIN = 1_800_000_000.0


@pytest.fixture
def limiter(db: None) -> RateLimiter:
    return RateLimiter("acme", uuid.uuid4().hex, (Allowance("app", CALLS, SECONDS),))


def takes(limiter: RateLimiter, moments: Sequence[float], *, reserve: float = 0.0) -> list[float]:
    """Return the moments at which a call was allowed."""
    return [moment for moment in moments if limiter.acquire("", moment, reserve=reserve) == 0]


def worst(moments: list[float]) -> int:
    """Return the most calls in any window of the vendor's, wherever it begins."""
    return max(sum(begin <= moment < begin + SECONDS for moment in moments) for begin in moments)


@pytest.mark.parametrize("pause", [0.5, 2.0, 4.9, 7.0])
def test_no_window_ever_holds_too_many_wherever_it_begins(limiter: RateLimiter, pause: float) -> None:
    made = takes(limiter, [BEGIN + pause * number for number in range(int(5 * SECONDS / pause))])
    assert worst(made) <= CALLS
    assert len(made) >= min(4 * CALLS, 5 * SECONDS / pause - 1)


def test_calls_late_in_a_window_count_for_the_next(limiter: RateLimiter) -> None:
    assert takes(limiter, [BEGIN]) == [BEGIN]
    late = takes(limiter, [BEGIN + 97 + number / 100 for number in range(40)])
    assert len(late) == CALLS - 1
    early = takes(limiter, [BEGIN + 101 + number / 100 for number in range(40)])
    assert worst([BEGIN, *late, *early]) <= CALLS


def test_who_is_refused_is_told_when_there_is_room_again(limiter: RateLimiter) -> None:
    made = takes(limiter, [BEGIN + number / 10 for number in range(40)])
    assert len(made) == CALLS
    again = limiter.acquire("", BEGIN + 5, reserve=0.0)
    assert SECONDS <= again - BEGIN <= 1.1 * SECONDS + 1
    assert limiter.acquire("", again, reserve=0.0) == 0


def test_work_in_the_background_leaves_a_tenth(limiter: RateLimiter) -> None:
    moments = [BEGIN + number / 10 for number in range(40)]
    assert len(takes(limiter, moments, reserve=0.1)) == CALLS * 9 // 10
    assert len(takes(limiter, moments)) == CALLS // 10


def test_a_count_is_not_forgotten_while_calls_go_on(limiter: RateLimiter) -> None:
    takes(limiter, [BEGIN])
    (name,) = limiter._limit_keys("")
    assert 3 * SECONDS < _lifetime(name) <= 4 * SECONDS


def test_a_vendor_that_tells_its_windows_is_believed(limiter: RateLimiter) -> None:
    takes(limiter, [BEGIN])
    limiter.update_from_headers((Quota("app", CALLS, CALLS - 1, BEGIN + 10, per_user=False),), "", BEGIN)
    assert len(takes(limiter, [BEGIN + number / 10 for number in range(1, 40)])) == CALLS - 1
    limiter.update_from_headers((Quota("app", CALLS, CALLS - 1, BEGIN + 110, per_user=False),), "", BEGIN + 10.5)
    assert len(takes(limiter, [BEGIN + 11 + number / 10 for number in range(40)])) >= CALLS // 2


@pytest.fixture
def learned(db: None) -> RateLimiter:
    """A limiter that knows its vendor's limit from answers alone; the window ends at BEGIN + 10."""
    limiter = RateLimiter("acme", uuid.uuid4().hex)
    answered(limiter, CALLS - 1, at=BEGIN)
    return limiter


def answered(limiter: RateLimiter, left: int, *, at: float) -> None:
    limiter.update_from_headers((Quota("app", CALLS, left, at + 10, per_user=False),), "", at)


def test_a_call_that_is_late_into_a_new_window_is_counted_for_it(learned: RateLimiter) -> None:
    """One worker was allowed a call as the window ended, and stands still; another gets answers meanwhile."""
    assert takes(learned, [BEGIN + 11, BEGIN + 11]) == [BEGIN + 11, BEGIN + 11]
    answered(learned, CALLS - 1, at=BEGIN + 12)
    more = takes(learned, [BEGIN + 12 + number / 100 for number in range(40)])
    assert 2 + len(more) == CALLS


@pytest.mark.parametrize("died", [1, 30])
def test_calls_of_workers_that_died_leave_at_least_half_of_a_window(learned: RateLimiter, died: int) -> None:
    assert len(takes(learned, [BEGIN + 11] * died)) == died
    for window in (12, 30, 50):
        assert takes(learned, [BEGIN + window]) == [BEGIN + window]
        answered(learned, CALLS - 1, at=BEGIN + window)
        more = takes(learned, [BEGIN + window + number / 100 for number in range(40)])
        assert CALLS // 2 <= 1 + len(more) <= CALLS
        for _ in more:
            learned.update_from_headers((), "", BEGIN + window)


def _lifetime(name: str) -> int:
    return int(_client().ttl(name))  # type: ignore[arg-type]


def test_a_refusal_closes_the_limit_for_every_worker(limiter: RateLimiter) -> None:
    other = RateLimiter("acme", limiter.prefix.split(":")[2], limiter.allowances)
    limiter.close(BEGIN + 45, BEGIN)
    assert other.acquire("anna", BEGIN + 1, reserve=0.0) == BEGIN + 45
    assert other.acquire("anna", BEGIN + 46, reserve=0.0) == 0


def test_a_refusal_of_one_account_leaves_the_others_alone(limiter: RateLimiter) -> None:
    limiter.close(BEGIN + 45, BEGIN, "anna")
    assert limiter.acquire("anna", BEGIN + 1, reserve=0.0) == BEGIN + 45
    assert limiter.acquire("cora", BEGIN + 1, reserve=0.0) == 0


def test_what_the_vendor_says_overrules_a_window_that_we_opened(limiter: RateLimiter) -> None:
    assert limiter.acquire("", BEGIN, reserve=0.0) == 0
    limiter.update_from_headers([Quota("app", CALLS, 0, BEGIN + 45)], "", BEGIN + 1)  # ours would end at 100
    assert limiter.acquire("", BEGIN + 2, reserve=0.0) >= BEGIN + 45


def test_a_late_answer_of_a_window_that_is_over_says_nothing(limiter: RateLimiter) -> None:
    limiter.acquire("", BEGIN, reserve=0.0)
    limiter.update_from_headers([Quota("app", CALLS, 0, BEGIN - 5)], "", BEGIN + 1)
    assert limiter.acquire("", BEGIN + 2, reserve=0.0) == 0


def test_a_call_uses_up_of_a_limit_what_it_costs(limiter: RateLimiter) -> None:
    moments = [BEGIN + number / 10 for number in range(40)]
    made = [moment for moment in moments if limiter.acquire("", moment, reserve=0.0, cost=lambda _: 7) == 0]
    assert len(made) == CALLS // 7
    assert len(takes(limiter, moments)) == CALLS % 7


def test_a_call_that_costs_more_than_a_limit_holds_waits_for_all_of_it(limiter: RateLimiter) -> None:
    assert limiter.acquire("", BEGIN, reserve=0.1, cost=lambda _: 1_000) == 0
    again = limiter.acquire("", BEGIN + 1, reserve=0.1, cost=lambda _: 1_000)
    assert again > BEGIN + SECONDS - 1
    assert limiter.acquire("", again, reserve=0.1, cost=lambda _: 1_000) == 0


def test_costs_are_asked_for_by_the_name_of_the_limit(limiter: RateLimiter) -> None:
    asked: list[str] = []

    def cost(limit: str) -> int:
        asked.append(limit)
        return 1

    limiter.update_from_headers([Quota("day", 100, 90, BEGIN + 1_000, per_user=True)], "user:1", BEGIN)
    limiter.acquire("user:1", BEGIN, reserve=0.0, cost=cost)
    assert sorted(asked) == ["app", "day"]
