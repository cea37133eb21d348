"""Workers killed or stopped in the middle: nothing lost, nothing doubled, and done soon after the restart."""

import os
import signal
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests import machine
from tests.faults.locks import blocked, held_up
from tests.faults.people import START, Person, rates
from tests.faults.site import Site, until
from tests.providers.exports import export, heart_rates, record, workout
from tests.providers.sync_bodies import sample_sync
from wearlink import settings
from wearlink.celery import SCHEDULE
from wearlink.lib.clock import from_ms

pytestmark = [pytest.mark.slow, pytest.mark.fault]
POSTS, EACH = 40, 400
READINGS = 40_000


def bodies() -> list[bytes]:
    """Posts that overlap by half, and a day of everything."""
    return [*(rates(number * EACH // 2, EACH) for number in range(POSTS)), sample_sync("apple")]


def send(person: Person) -> None:
    assert {person.sync(body).status for body in bodies()} == {202}


def assert_same(disturbed: Person, undisturbed: Person) -> None:
    """Assert that both have the same rows, counted as often."""
    send(undisturbed)
    undisturbed.done()
    assert disturbed.rows() == undisturbed.rows()
    assert disturbed.samples() > POSTS * EACH // 2
    assert {state for state, *_ in disturbed.payloads()} == {"done"}
    assert counted(disturbed.payloads()) == counted(undisturbed.payloads())


def counted(payloads: Iterable[tuple[str, int, int, int]]) -> int:
    return sum(inserted for _, _, inserted, _ in payloads)


def test_a_worker_killed_again_and_again_in_mid_sync_loses_and_doubles_nothing(
    site: Site, jane: Person, june: Person
) -> None:
    send(jane)
    site.run("beat")
    for _ in range(2):
        with held_up(site, "SELECT pg_advisory_xact_lock(%s)", jane.key):
            site.run("worker")
            jane.caught()
            site.kill("worker")
    site.run("worker")
    jane.done()
    assert max(attempts for _, attempts, *_ in jane.payloads()) == 3
    assert_same(jane, june)


def test_a_killed_pool_child_costs_an_attempt_and_nothing_else(site: Site, jane: Person, june: Person) -> None:
    send(jane)
    site.run("beat")
    site.run("worker")
    jane.caught()
    (victim,) = site.children("worker")
    os.kill(victim, signal.SIGKILL)
    jane.done()
    site.assert_standing()
    assert_same(jane, june)


def test_a_worker_told_to_stop_finishes_or_gives_back_what_it_has(site: Site, jane: Person, june: Person) -> None:
    send(jane)
    site.run("worker")
    jane.caught()
    assert site.terminate("worker") == 0
    assert jane.leases() == set()
    site.run("worker")
    jane.drain()
    jane.done()
    assert {attempts for _, attempts, *_ in jane.payloads()} == {1}
    assert_same(jane, june)


def history() -> bytes:
    """Return an export of two slices: heart rates and steps, and a run at the end."""
    rows = [heart_rates(100)]
    for number in range(READINGS):
        at = from_ms(START + number * 5_000).strftime("%Y-%m-%d %H:%M:%S +0000")
        rows.append(record(startDate=at, endDate=at, value=50 + number % 100))
    return export(*rows, workout())


def test_an_import_goes_on_where_killed_workers_left_it(site: Site, jane: Person, june: Person) -> None:
    content = history()
    job = jane.upload(content).body["job_id"]
    site.run("beat")
    for _ in range(2):
        with held_up(site, "LOCK TABLE healthdata_workout IN EXCLUSIVE MODE"):
            site.run("worker")
            until(lambda: blocked(site, "healthdata_workout"), lambda: site.log("worker"))
            site.kill("worker")
            found = jane.imported(job)
            assert (found["status"], 0 < found["records"] < READINGS) == ("running", True)
    site.run("worker")
    until(lambda: jane.imported(job)["status"] == "done", lambda: (jane.imported(job), site.log("worker")))
    undisturbed = june.upload(content).body["job_id"]
    until(lambda: june.imported(undisturbed)["status"] == "done", lambda: june.imported(undisturbed))
    assert jane.rows() == june.rows()
    for name in ("records", "inserted", "updated", "unchanged", "counts", "bytes_read"):
        assert jane.imported(job)[name] == june.imported(undisturbed)[name]


def below(pid: int) -> dict[int, str]:
    """Return the children of a process, and what they are called."""
    children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    return {child: Path(f"/proc/{child}/comm").read_text().strip() for child in children}


@pytest.mark.parametrize("victim", ["reader", "storer"])
def test_of_the_two_that_import_each_may_be_killed(site: Site, jane: Person, june: Person, victim: str) -> None:
    content = history()
    job = jane.upload(content).body["job_id"]
    site.run("beat")
    site.run("worker")
    until(lambda: jane.imported(job)["records"] > 0, lambda: site.log("worker"))
    (storer,) = site.children("worker")
    readers = below(storer)
    assert set(readers.values()) <= {"import-reader"}
    for pid in readers if victim == "reader" else [storer]:
        os.kill(pid, signal.SIGKILL)
    until(lambda: all(map(machine.is_gone, readers)), lambda: "a reader lives on")
    until(lambda: jane.imported(job)["status"] == "done", lambda: (jane.imported(job), site.log("worker")))
    undisturbed = june.upload(content).body["job_id"]
    until(lambda: june.imported(undisturbed)["status"] == "done", lambda: june.imported(undisturbed))
    assert jane.rows() == june.rows()
    assert jane.imported(job)["inserted"] == june.imported(undisturbed)["inserted"]


def test_with_the_default_settings_work_goes_on_within_a_minute_of_a_crash() -> None:
    every = max(SCHEDULE[name]["schedule"] for name in ("sweep payloads", "sweep imports"))
    assert every == settings.SWEEP_SECONDS
    assert settings.LEASE_SECONDS + 2 * settings.SWEEP_SECONDS < 60
