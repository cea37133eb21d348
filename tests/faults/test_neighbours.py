"""Two organizations: what one of them sends holds up nobody of the other."""

import threading
import time
import uuid

import pytest

from tests import machine
from tests.faults.people import OPEN, Person, rates
from tests.faults.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.fault]
TIMEOUT_SECONDS = 180.0  # for what the neighbour has sent, which nobody waits for


class BusyNeighbour:
    """Charlie's organization, which sends more than its share."""

    def __init__(self, site: Site) -> None:
        self.site = site
        email = f"charlie-{uuid.uuid4().hex[:8]}@example.com"
        account = {"name": "Charlie", "email": email, "password": "correct horse battery staple"}
        answer = site.call("POST", "/auth/register", account, {"Authorization": ""})
        assert answer.status == 201, answer
        self.key = {"Authorization": f"Bearer {answer.body['api_key']}"}
        self.organization = site.one("SELECT organization_id FROM accounts_developer WHERE email = %s", email)

    def users(self, number: int) -> list[str]:
        return [self.site.call("POST", "/users", {}, self.key).body["id"] for _ in range(number)]

    def post(self, user_id: str, body: bytes) -> int:
        return self.site.call("POST", f"/sdk/users/{user_id}/sync", body, self.key).status

    def waiting(self) -> int:
        query = f"SELECT count(*) FROM providers_payload WHERE organization_id = %s AND state IN {OPEN}"
        found: int = self.site.one(query, self.organization)
        return found

    def done_after(self, person: Person) -> int:
        """Return how many of its payloads were done later than the last of the person's."""
        last = "(SELECT max(done_at) FROM providers_payload WHERE user_key = %s)"
        query = f"SELECT count(*) FROM providers_payload WHERE organization_id = %s AND done_at > {last}"
        found: int = self.site.one(query, self.organization, person.key)
        return found


@pytest.fixture
def charlie(site: Site) -> BusyNeighbour:
    return BusyNeighbour(site)


def test_who_comes_after_hundreds_of_another_organization_is_served_next(
    site: Site, jane: Person, charlie: BusyNeighbour
) -> None:
    body = rates(0, 200)
    for user_id in charlie.users(100):
        assert charlie.post(user_id, body) == 202
    assert jane.sync(rates(0, 20)).status == 202
    site.run("worker")
    jane.done()
    until(lambda: charlie.waiting() == 0, lambda: site.log("worker"), TIMEOUT_SECONDS)
    assert charlie.done_after(jane) > 60


def test_who_posts_beside_somebody_who_floods_the_api_is_seen_within_two_seconds(
    site: Site, jane: Person, charlie: BusyNeighbour
) -> None:
    site.run("worker")
    jane.sync(rates(0, 5))
    jane.done()
    quiet = [seen(jane, turn) for turn in range(1, 8)]
    users, enough = charlie.users(20), threading.Event()

    def flood(number: int) -> None:
        turn = 0
        while not enough.is_set():
            assert charlie.post(users[turn % 20], rates(200 * (4 * turn + number), 200)) in (202, 429)
            turn += 1

    clients = [threading.Thread(target=flood, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    try:
        took = [seen(jane, turn) for turn in range(8, 20)]
    finally:
        enough.set()
        for client in clients:
            client.join()
    assert machine.within(middle(took), max(2.0, 5 * middle(quiet))), (quiet, took)
    until(lambda: charlie.waiting() == 0, lambda: site.log("worker"), TIMEOUT_SECONDS)


def seen(person: Person, turn: int) -> float:
    """Return seconds from a post until it is processed."""
    began = time.monotonic()
    assert person.sync(rates(5 * turn, 5)).status == 202
    person.done()
    return time.monotonic() - began


def middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
