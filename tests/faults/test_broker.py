"""Valkey emptied, killed and restarted: every 202 is kept."""

import signal
from contextlib import suppress

import pytest
import redis
from kombu import Connection, Consumer, Message, Producer, Queue
from kombu.pidbox import Mailbox

from tests.faults.people import Person, rates
from tests.faults.site import VALKEY, Site, until
from wearlink.environment import broker_url
from wearlink.qos import PatientQoS

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


def test_what_a_worker_holds_when_its_broker_dies_does_not_keep_it_from_connecting_again(site: Site) -> None:
    """It holds a task, waits for another and for commands, and closes its connection twice, as Celery does."""
    held: list[Message] = []
    address = broker_url(site.environment["REDIS_URL"])
    connection = Connection(address)
    tasks, commands = connection.default_channel, connection.channel()
    assert isinstance(tasks.qos, PatientQoS)
    Mailbox("commands", type="fanout").Node("worker", channel=commands).listen()
    Producer(tasks).publish("a task", routing_key="steps", declare=[Queue("steps")])
    Consumer(tasks, [Queue("steps")], on_message=held.append).consume()
    connection.drain_events()
    with suppress(TimeoutError):
        connection.drain_events(timeout=0.1)
    site.strike(VALKEY, signal.SIGKILL)
    with suppress(*connection.connection_errors):
        connection.collect()
    connection.close()
    held[0].ack()
    assert held[0].acknowledged
    site.serve(VALKEY)
    assert Connection(address).connect()
