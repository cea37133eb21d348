"""Requests wait for a slot, and callers take turns at it."""

import threading
import time
from typing import Any

import jwt
import pytest

from wearlink.lib.web import slots
from wearlink.lib.web.slots import FairQueue, Slots, caller_of

KEY = "HTTP_X_WEARLINK_API_KEY"


class Crowd:
    """Threads that wait in a queue, and the order in which they came in."""

    def __init__(self, most: int) -> None:
        self.queue = FairQueue(most)
        self.inside: list[str] = []
        self.refused: list[str] = []
        self._threads: list[threading.Thread] = []

    def come(self, *callers: str) -> None:
        for caller in callers:
            thread = threading.Thread(target=self._enter, args=(caller,), daemon=True)
            thread.start()
            self._threads.append(thread)
            before = time.monotonic()
            while thread.is_alive() and self.queue._number < self.waiting() and time.monotonic() - before < 5:
                time.sleep(0.001)

    def waiting(self) -> int:
        return len(self._threads) - len(self.inside) - len(self.refused)

    def _enter(self, caller: str) -> None:
        (self.inside if self.queue.enter(caller) else self.refused).append(caller)

    def leave(self, times: int) -> None:
        for _ in range(times):
            before = len(self.inside)
            self.queue.leave()
            while len(self.inside) == before:
                time.sleep(0.001)


def test_who_waits_beside_many_of_another_is_next() -> None:
    crowd = Crowd(1)
    crowd.come("alpha", *["alpha"] * 6, "beta", "gamma", "beta")
    crowd.leave(9)
    assert crowd.inside[:5] == ["alpha", "alpha", "beta", "gamma", "alpha"]
    assert crowd.inside[5] == "beta"
    assert len(crowd.inside) == 10


def test_places_are_given_back_and_taken_again() -> None:
    queue = FairQueue(2)
    for _ in range(50):
        assert queue.enter("alpha")
        assert queue.enter("beta")
        queue.leave()
        queue.leave()
    assert (queue._room, queue._number) == (2, 0)


def test_who_fills_the_threads_while_others_call_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "CROWDED", 6)
    monkeypatch.setattr(slots, "ITS_SHARE", 3)
    crowd = Crowd(1)
    crowd.come(*["alpha"] * 10)
    assert crowd.refused == []  # alone: nobody is kept waiting by it
    crowd.come("beta", "alpha", "beta")
    assert crowd.refused == ["alpha"]
    crowd.leave(11)
    assert crowd.inside.count("beta") == 2


def test_a_refusal_says_when_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FairQueue, "enter", lambda *_, **__: False)
    responses: list[Any] = []
    body = Slots(lambda *_: [], 1)({"PATH_INFO": "/api/v1/users"}, lambda *response: responses.append(response))  # type: ignore[arg-type,return-value]
    assert responses[0][0] == "429 Too Many Requests"
    assert ("Retry-After", "1") in responses[0][1]
    assert b'"code":"too_many_at_once"' in b"".join(body)


def test_the_health_check_needs_no_slot() -> None:
    working = Slots(lambda *_: [b"ok"], 0, frozenset({"/healthz"}))
    assert list(working({"PATH_INFO": "/healthz"}, None)) == [b"ok"]  # type: ignore[arg-type]


def test_phones_of_one_organization_are_one_caller_and_keys_are_told_apart() -> None:
    secret = "of nobody, and long enough to be a key"
    phones = [
        {"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": "Bearer " + jwt.encode({"sub": user, "org": "o1"}, secret)}
        for user in ("jane", "june")
    ]
    assert caller_of(phones[0]) == caller_of(phones[1]) == "192.0.2.1 o1"
    assert caller_of({**phones[0], "REMOTE_ADDR": "192.0.2.2"}) != caller_of(phones[0])  # nobody proved anything yet
    alpha, beta = ({"REMOTE_ADDR": "192.0.2.1", KEY: f"sk-{name * 12}-secret"} for name in "ab")
    assert caller_of(alpha) != caller_of(beta)
    assert "secret" not in caller_of({KEY: "sk-0123456789abcdef01234567secret"})


@pytest.mark.parametrize("text", ["", "Bearer", "Bearer a.b.c", "..", "a.W10.c", "x.é.y", f"x.{'W' * 9_000}.y"])
def test_credentials_that_are_none_make_no_fault(text: str) -> None:
    assert caller_of({"REMOTE_ADDR": "192.0.2.1", "HTTP_AUTHORIZATION": text}).startswith("192.0.2.1")
