"""Valkey emptied, killed and restarted: every 202 is kept."""

import signal

import pytest
import redis

from tests.faults.people import Person, rates
from tests.faults.site import VALKEY, Site, until

pytestmark = [pytest.mark.slow, pytest.mark.fault]
POSTS = 12


def send(person: Person, first: int = 0) -> None:
    answers = [person.sync(rates((first + number) * 50, 50)) for number in range(POSTS)]
    assert {answer.status for answer in answers} == {202}


def test_an_emptied_broker_loses_no_payload(site: Site, jane: Person) -> None:
    send(jane)
    with redis.Redis.from_url(site.environment["REDIS_URL"]) as client:
        client.flushall()
    site.run("worker")
    site.run("beat")
    send(jane, POSTS)
    jane.done()
    assert jane.samples() == 2 * POSTS * 50


def test_an_import_whose_task_is_lost_is_found_by_the_sweeper(site: Site, jane: Person) -> None:
    content = b"<HealthData></HealthData>"
    job = jane.upload(content).body["job_id"]
    with redis.Redis.from_url(site.environment["REDIS_URL"]) as client:
        client.flushall()
    site.run("worker")
    site.run("beat")
    until(lambda: jane.imported(job)["status"] == "done", lambda: (jane.imported(job), site.log("worker")))
    assert jane.imported(job)["error"] is None


def test_a_broker_that_dies_and_comes_back_empty_is_survived_by_all_who_use_it(site: Site, jane: Person) -> None:
    site.run("worker")
    site.run("beat")
    send(jane)
    jane.done()
    site.strike(VALKEY, signal.SIGKILL)
    send(jane, POSTS)
    assert site.call("GET", f"/users/{jane.id}").status == 200
    site.serve(VALKEY)
    send(jane, 2 * POSTS)
    jane.done()
    assert jane.samples() == 3 * POSTS * 50
    site.assert_standing()
