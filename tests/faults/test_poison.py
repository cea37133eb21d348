"""A payload that cannot be processed, among others: it dies alone, says why, and can be given another chance."""

from collections.abc import Iterator

import pytest

from tests.faults.people import Person, rates
from tests.faults.site import Site, until

pytestmark = [pytest.mark.slow, pytest.mark.fault]
WORST = 149  # the highest of `rates`, once in a hundred


@pytest.fixture
def refusing(site: Site) -> Iterator[Site]:
    """A site whose database refuses chunks with the highest heart rate, as a fault of ours might."""
    table = "ALTER TABLE healthdata_samplechunk"
    site.sql(f"{table} ADD CONSTRAINT poison CHECK (hi < {WORST}) NOT VALID")
    yield site
    site.sql(f"{table} DROP CONSTRAINT IF EXISTS poison")


def cure(site: Site) -> None:
    site.sql("ALTER TABLE healthdata_samplechunk DROP CONSTRAINT poison")


def test_poison_is_dead_after_five_attempts_and_the_others_are_done(refusing: Site, jane: Person) -> None:
    first, poison, last = (rates(start, count) for start, count in ((0, 50), (20_090, 10), (40_000, 50)))
    batches = [jane.sync(body).body["batch_id"] for body in (first, poison, last)]
    refusing.run("worker")
    jane.drain()

    def over() -> bool:
        jane.hurry()
        jane.drain()
        return jane.waiting() == 0

    until(over, lambda: (jane.payloads(), refusing.log("worker")))
    states = [jane.batch(batch) for batch in batches]
    assert [state["status"] for state in states] == ["done", "failed", "done"]
    assert [state["error"] for state in states] == [None, "Processing failed (CheckViolation).", None]
    assert jane.payloads()[1][1] == 5
    assert jane.samples() == 100

    cure(refusing)
    assert jane.sync(poison).body["batch_id"] == batches[1]
    jane.done()
    healed = jane.batch(batches[1])
    assert (healed["status"], healed["error"], healed["inserted"]) == ("done", None, 10)
    assert jane.samples() == 110


@pytest.mark.parametrize("count", [20, 8_000])  # one lies in its row, one in the object store
def test_a_stored_body_that_was_damaged_is_said_to_be_and_the_same_body_heals_it(
    site: Site, jane: Person, count: int
) -> None:
    body = rates(0, count)
    batch = jane.sync(body).body["batch_id"]
    key = site.one("SELECT object_key FROM providers_payload WHERE batch_id = %s", batch)
    assert bool(key) is (count > 1000)
    if key:
        (site.data / "objects" / key).unlink()
    else:
        site.sql("UPDATE providers_payload SET body = 'damaged' WHERE batch_id = %s", batch)
    jane.sync(rates(count, 20))
    site.run("worker")
    jane.drain()
    jane.done()
    assert jane.batch(batch)["error"] == f"The stored body is {'gone' if key else 'damaged'}."
    assert [state for state, *_ in jane.payloads()] == ["dead", "done"]
    assert jane.sync(body).body["batch_id"] == batch
    jane.done()
    assert jane.samples() == count + 20
