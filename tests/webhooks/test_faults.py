"""Workers killed, the broker emptied, the database restarted: every message arrives, and few of them twice."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import redis
from celery import current_app
from django.conf import settings
from django.core.cache import cache
from django.db import connection

from accounts.webhooks import tasks
from accounts.webhooks.models import Delivery, Message
from accounts.webhooks.wakeups import DELIVER
from tests import factories, machine
from tests.webhooks import making
from tests.webhooks.receiver import Customer, CustomerReply
from wearlink import embedded
from wearlink.lib import valkey
from wearlink.lib.work import broker, child

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = 120
LEASED = 4 * 3  # of four threads: what each works on, and two that wait


def database_url() -> str:
    values = connection.settings_dict
    options = {name: value for name, value in (("user", values["USER"]), ("host", values["HOST"])) if value}
    return f"postgresql:///{values['NAME']}?{urlencode(options)}"


@contextmanager
def worker(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that delivers, killed at the end."""
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), "PROCESS": "worker"}
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", str(ROOT / "tests/webhooks/worker.py")],
        env=environment,
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: child.die_with_parent(signal.SIGKILL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(true: Callable[[], bool], patience: float = 40.0) -> None:
    machine.until(true, lambda: "it takes too long", patience, 0.05)


def counted(receiver: Customer) -> Counter[str]:
    return Counter(one.id for one in receiver.got)


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_at_most_what_it_held(receiver: Customer) -> None:
    alice = factories.alice()
    url = receiver.answers("/hook", CustomerReply(then=lambda: time.sleep(0.02)))
    making.endpoint(alice.organization, url, "connection.*")
    sent = {making.emit(alice.organization) for _ in range(MESSAGES)}
    with worker(database_url()) as first:
        until(lambda: len(receiver.got) > MESSAGES // 4)
        first.send_signal(signal.SIGKILL)
        first.wait()
    with worker(database_url()):
        until(lambda: not Delivery.objects.filter(state=Delivery.State.PENDING).exists())
    found = counted(receiver)
    assert set(found) == sent
    assert max(found.values()) <= 2
    assert sum(count == 2 for count in found.values()) <= LEASED
    bodies = {(one.id, one.body) for one in receiver.got}
    assert len(bodies) == MESSAGES


@pytest.mark.fault
@pytest.mark.django_db
def test_a_broker_that_was_emptied_costs_nothing_but_time(
    receiver: Customer, django_capture_on_commit_callbacks: Any
) -> None:
    server = redis.Redis.from_url(settings.REDIS_URL)
    alice = factories.alice()
    making.endpoint(alice.organization, receiver.url, "connection.*")
    cache.clear()
    server.delete(DELIVER.queue)
    with django_capture_on_commit_callbacks(execute=True):
        sent = {making.emit(alice.organization) for _ in range(3)}
    assert broker.depths(settings.REDIS_URL, (DELIVER.queue,)) == {DELIVER.queue: 1}
    server.delete(DELIVER.queue)
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep()
    assert broker.depths(settings.REDIS_URL, (DELIVER.queue,)) == {DELIVER.queue: 1}
    tasks.deliver()
    assert set(counted(receiver)) == sent
    with django_capture_on_commit_callbacks(execute=True):
        tasks.sweep()
    assert broker.depths(settings.REDIS_URL, (DELIVER.queue,)) == {DELIVER.queue: 1}
    server.delete(DELIVER.queue)
    server.close()


@pytest.mark.django_db
def test_a_broker_that_is_down_fails_no_commit(
    monkeypatch: pytest.MonkeyPatch, caplog: Any, django_capture_on_commit_callbacks: Any
) -> None:
    def down(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(valkey, "ask", down)
    monkeypatch.setattr(current_app, "send_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        DELIVER.request_work()
    DELIVER.mark_started()
    assert "does not answer" in caplog.text


SEED = """
import django; django.setup()
from accounts.models import Organization
from tests.webhooks import making
organization = Organization.objects.create(name="Alpha")
making.endpoint(organization, {url!r}, "connection.*")
for _ in range({count}):
    print(making.emit(organization))
"""
LEFT = """
import django; django.setup()
from accounts.webhooks.models import Delivery
print(Delivery.objects.filter(state=Delivery.State.PENDING).count())
"""


def python(code: str, url: str) -> list[str]:
    """Return the lines that a program prints which has this database."""
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.fault
@pytest.mark.slow
def test_a_database_restarted_in_the_middle_loses_nothing_and_repeats_each_at_most_once(
    receiver: Customer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    directory = tmp_path_factory.mktemp("restarted")
    url = receiver.answers("/hook", CustomerReply(then=lambda: time.sleep(0.02)))
    with embedded.servers(directory, embedded.THROWAWAY, valkey=False) as first:
        address = first.owner_url
        environment = {**os.environ, "DATABASE_URL": address}
        migrate = [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0", "--skip-checks"]
        subprocess.run(migrate, env=environment, check=True, cwd=ROOT)
        sent = set(python(SEED.format(url=url, count=MESSAGES), address))
        process = worker(address)
        process.__enter__()
        until(lambda: len(receiver.got) > MESSAGES // 4)
    try:
        with embedded.servers(directory, embedded.THROWAWAY, valkey=False):
            until(lambda: set(counted(receiver)) == sent)
            until(lambda: python(LEFT, address) == ["0"])
    finally:
        process.__exit__(None, None, None)
    found = counted(receiver)
    assert set(found) == sent
    assert max(found.values()) <= 2
    assert len(sent) == MESSAGES


@pytest.mark.django_db
def test_messages_survive_when_nobody_delivers() -> None:
    alice = factories.alice()
    making.endpoint(alice.organization, "http://127.0.0.1:9/", "connection.*")
    making.emit(alice.organization)
    assert (Message.objects.count(), making.only_delivery().state) == (1, Delivery.State.PENDING)
