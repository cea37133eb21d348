"""PostgreSQL stopped hard under requests: 503, recovery by itself, and retries that double nothing."""

import signal
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.faults.calls import Answer, call
from tests.faults.people import Person, rates
from tests.faults.site import POSTGRES, Site, until

pytestmark = [pytest.mark.slow, pytest.mark.fault]
EACH = 40


class Client(threading.Thread):
    """Posts one body after the other, each until it is accepted."""

    def __init__(self, person: Person, first: int) -> None:
        super().__init__()
        self.person = person
        self.next = first
        self.answers: list[Answer] = []
        self.accepted: dict[int, str] = {}
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            answer = self.person.sync(rates(self.next * EACH, EACH))
            self.answers.append(answer)
            if answer.status == 202:
                self.accepted[self.next] = answer.body["batch_id"]
                self.next += 1


@contextmanager
def posting(*people: Person) -> Iterator[list[Client]]:
    clients = [Client(person, 1000 * number) for number, person in enumerate(people)]
    for client in clients:
        client.start()
    try:
        yield clients
    finally:
        for client in clients:
            client.enough.set()
        for client in clients:
            client.join()


def assert_says_unavailable(answer: Answer) -> None:
    assert answer.status == 503
    assert answer.body["code"] == "unavailable"
    assert answer.body["detail"] == "The database does not answer. Please try again."
    assert answer.body["request_id"] == answer.headers["x-request-id"]
    assert int(answer.headers["retry-after"]) > 0


def test_a_database_that_stops_hard_under_requests_costs_503s_and_no_row(
    site: Site, jane: Person, june: Person
) -> None:
    site.run("worker")
    site.run("beat")
    site.beating()
    with posting(jane, june) as clients:
        until(lambda: all(len(client.accepted) > 5 for client in clients), lambda: site.log("web"))
        site.strike(POSTGRES, signal.SIGQUIT)
        until(lambda: all(client.answers[-1].status == 503 for client in clients), lambda: site.log("web"))
        site.serve(POSTGRES)
        before = [len(client.accepted) for client in clients]
        until(
            lambda: all(len(client.accepted) > 5 + n for client, n in zip(clients, before, strict=True)),
            lambda: site.log("web"),
        )
    for client in clients:
        assert set(Counter(answer.status for answer in client.answers)) == {202, 503}
        for answer in client.answers:
            if answer.status == 503:
                assert_says_unavailable(answer)
        client.person.done()
        assert len(client.person.payloads()) == len(client.accepted)
        assert client.person.samples() == EACH * len(client.accepted)
        assert {client.person.batch(batch)["status"] for batch in client.accepted.values()} == {"done"}
    site.assert_standing()


def test_without_a_database_every_part_says_so_and_beat_and_worker_wait(site: Site, jane: Person) -> None:
    site.run("worker")
    site.run("beat")
    site.beating()
    jane.sync(rates(0, 10))
    jane.done()
    site.strike(POSTGRES, signal.SIGQUIT)
    calls: list[tuple[str, str, Any]] = [
        ("GET", f"/users/{jane.id}", None),
        ("GET", f"/users/{jane.id}/timeseries?start_time=2026-04-18&end_time=2026-04-19&types=heart_rate", None),
        ("POST", "/auth/login", {"username": "alice@example.com", "password": "correct horse battery staple"}),
        ("POST", f"/sdk/users/{jane.id}/sync", rates(10, 10)),
    ]
    with ThreadPoolExecutor() as pool:
        for answer in pool.map(lambda one: site.call(*one), calls):
            assert_says_unavailable(answer)
    assert call(site.port, "GET", "/healthz").status == 200
    ready = call(site.port, "GET", "/readyz")
    assert (ready.status, ready.body["parts"]["database"], ready.body["parts"]["broker"]) == (503, "unreachable", "ok")
    site.serve(POSTGRES)
    assert jane.sync(rates(10, 10)).status == 202
    jane.done()
    assert call(site.port, "GET", "/readyz").status == 200
    site.assert_standing()


def test_work_in_hand_when_the_database_stops_is_done_afterwards(site: Site, jane: Person, june: Person) -> None:
    bodies = [rates(number * 500, 500) for number in range(20)]
    for body in bodies:
        assert jane.sync(body).status == 202
    site.run("beat")
    site.beating()
    site.run("worker")
    jane.caught()
    site.strike(POSTGRES, signal.SIGQUIT)
    site.serve(POSTGRES)
    jane.done()
    for body in bodies:
        assert june.sync(body).status == 202
    june.done()
    assert jane.rows() == june.rows()
    site.assert_standing()
