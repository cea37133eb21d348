"""Several of what there should be one of: workers on one user, clocks that differ, beats."""

from collections.abc import Callable

import pytest
import redis

from tests import program
from tests.faults.people import Person, rates
from tests.faults.site import Site, until
from tests.network import free_port
from wearlink.programs import command_line, programs

pytestmark = [pytest.mark.slow, pytest.mark.fault]
TEN_MINUTES = 600
POSTS, EACH = 30, 800


def off(site: Site, name: str, ahead: int, port: int = 0) -> None:
    """Start a worker or web server whose clock is off."""
    kind = "web" if port else "worker"
    words = programs({"host": "127.0.0.1", "port": port, "workers": 1, "concurrency": 1})[kind]
    target = {"wearlink": "tests.faults.skewed:app", "wearlink.wsgi:application": "tests.faults.skewed:application"}
    site.run_command(
        name, [target.get(word, word) for word in program.bound(command_line(words))], kind, CLOCK_AHEAD=str(ahead)
    )


def two_workers(site: Site) -> None:
    site.run("worker", concurrency=2)
    site.run("rival", kind="worker", concurrency=2)


def one_ahead(site: Site) -> None:
    site.run("worker")
    off(site, "rival", TEN_MINUTES)


def one_behind(site: Site) -> None:
    site.run("worker")
    off(site, "rival", -TEN_MINUTES)


@pytest.mark.parametrize("start", [two_workers, one_ahead, one_behind])
def test_rival_workers_take_turns_on_one_user_and_do_nothing_twice(
    site: Site, jane: Person, june: Person, start: Callable[[Site], None]
) -> None:
    start(site)
    site.consuming("worker")
    site.consuming("rival")
    for person in (jane, june):
        for number in range(POSTS):
            assert person.sync(rates(number * EACH, EACH)).status == 202
            person.drain()
    for person in (jane, june):
        person.done()
        assert person.samples() == POSTS * EACH
        assert {(state, attempts) for state, attempts, *_ in person.payloads()} == {("done", 1)}
        assert sum(inserted for _, _, inserted, _ in person.payloads()) == POSTS * EACH
    assert jane.rows() == june.rows()
    assert "A lease" not in site.output("worker") + site.output("rival")


def test_a_worker_whose_clock_is_ahead_takes_over_from_the_dead_only(site: Site, jane: Person) -> None:
    """A lease that somebody holds is not over before its time by the database's clock."""
    assert jane.sync(rates(0, 10)).status == 202
    site.sql(
        "UPDATE providers_payload SET lease = gen_random_uuid(), state = 'processing', attempts = 1,"
        " locked_until = now() + interval '4 s', due_at = now() + interval '4 s' WHERE user_key = %s",
        jane.key,
    )
    held = jane.leases()
    off(site, "worker", TEN_MINUTES)
    site.run("beat")
    site.consuming()
    until(lambda: jane.leases() != held, lambda: site.log("worker"))
    late = site.one(
        "SELECT extract(epoch FROM now() - received_at) FROM providers_payload WHERE user_key = %s", jane.key
    )
    assert late >= 4
    jane.done()
    assert jane.payloads() == [("done", 2, 10, 0)]


def test_what_a_server_with_a_wrong_clock_takes_in_is_not_late(site: Site, jane: Person) -> None:
    port = free_port()
    off(site, "ahead", TEN_MINUTES, port)
    site.ready(port)
    assert jane.sync(rates(0, 10), port=port).status == 202
    with redis.Redis.from_url(site.environment["REDIS_URL"]) as client:
        client.flushall()
    site.run("worker")
    site.run("beat")
    jane.done()
    assert jane.samples() == 10


def test_tokens_of_a_server_ten_minutes_ahead_are_refused_and_of_one_behind_accepted(site: Site, jane: Person) -> None:
    found = {}
    for name, ahead in (("ahead", TEN_MINUTES), ("behind", -TEN_MINUTES)):
        port = free_port()
        off(site, name, ahead, port)
        site.ready(port)
        token = site.call("POST", f"/users/{jane.id}/token", {}, port=port).body["access_token"]
        found[name] = site.call(
            "POST", f"/sdk/users/{jane.id}/sync", rates(0, 10), {"Authorization": f"Bearer {token}"}
        )
    assert (found["ahead"].status, found["ahead"].body["code"]) == (401, "invalid_token")
    assert found["behind"].status == 202


def test_two_beats_do_no_harm(site: Site, jane: Person, june: Person) -> None:
    for person in (jane, june):
        for number in range(10):
            assert person.sync(rates(number * 50, 50)).status == 202
    with redis.Redis.from_url(site.environment["REDIS_URL"]) as client:
        client.flushall()
    site.run("beat")
    site.run("second beat", kind="beat")
    site.run("worker", concurrency=2)
    for person in (jane, june):
        person.done()
        assert {(state, attempts) for state, attempts, *_ in person.payloads()} == {("done", 1)}
        assert person.samples() == 500
    site.assert_standing()
    assert "Traceback" not in site.output("beat") + site.output("second beat")
