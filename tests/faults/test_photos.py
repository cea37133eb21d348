"""Workers killed while a model looks at a photo; brokers that forget: one result, one charge, and soon."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from tests.faults.calls import form
from tests.faults.people import Person
from tests.faults.site import Site, until
from tests.nutrition import photos, vendor
from tests.nutrition.vendor import VisionVendor, meal

pytestmark = [pytest.mark.slow, pytest.mark.fault]
CHARGES = (
    "SELECT coalesce(sum(total), 0) FROM accounts_dailyusage AS usage JOIN accounts_enduser USING (organization_id)"
    " WHERE accounts_enduser.key = %s AND metric = 'vision_recognitions'"
)


@pytest.fixture
def model(site: Site) -> Iterator[VisionVendor]:
    """The vision vendor, known to the web server too; it takes its time."""
    site.sql(
        "INSERT INTO nutrition_food (id, tier, name, category, calories_kcal, protein_g, carbs_g, fat_g, portions,"
        " quality, source)"
        " VALUES ('in_curated:biryani', 'in_curated', 'biryani', '', 200, 6, 30, 7, '[]', 'recipe', '')"
        " ON CONFLICT DO NOTHING"
    )
    site.sql(
        "INSERT INTO nutrition_foodalias (norm, food_id, tier) VALUES ('biryani', 'in_curated:biryani', 'in_curated')"
        " ON CONFLICT DO NOTHING"
    )
    with vendor.serving() as running:
        site.kill("web")
        site.run("web", **configured(running))
        site.ready()
        yield running
    site.quiet()
    site.kill("web")


def configured(running: VisionVendor) -> dict[str, str]:
    return {
        "ANTHROPIC_API_KEY": vendor.KEY,
        "ANTHROPIC_BASE_URL": running.address,
        "VISION_TIMEOUT_SECONDS": "3",
        "REVIEW_SAMPLE_PERCENT": "0",
    }


def send(person: Person) -> str:
    """Upload a photo; returns the log's id."""
    body, head = form("meal.jpg", photos.jpeg())
    answer = person.site.call("POST", f"/nutrition/log/image?user_id={person.id}", body, head)
    assert answer.status == 202, answer.body
    return str(answer.body["log_id"])


def log(person: Person, log_id: str) -> dict[str, Any]:
    found: dict[str, Any] = person.site.call("GET", f"/nutrition/log/{log_id}").body
    return found


def recognised(person: Person, log_id: str) -> dict[str, Any]:
    """Return the log, once it is recognised."""
    until(lambda: log(person, log_id)["status"] == "recognized", lambda: person.site.log("worker"))
    return log(person, log_id)


def test_a_worker_killed_while_the_model_looks_leaves_one_result_and_one_charge(
    site: Site, jane: Person, model: VisionVendor
) -> None:
    slow = meal()
    slow.after = 2.0
    model.says(slow)
    site.run("beat", **configured(model))
    before = site.one(CHARGES, jane.key)
    log_id = send(jane)
    for killed in (1, 2):
        site.run("worker", **configured(model))
        until(lambda killed=killed: len(model.calls) == killed, lambda: site.log("worker"))  # type: ignore[misc]
        site.kill("worker")
        assert log(jane, log_id)["status"] == "pending"
    model.says(meal())
    site.run("worker", **configured(model))
    found = recognised(jane, log_id)
    assert [item["calories_kcal"] for item in found["items"]] == [560]
    job = site.sql("SELECT state, attempts, lease FROM nutrition_recognitionjob ORDER BY key DESC LIMIT 1")
    assert job == [("ended", 3, None)]
    assert site.sql("SELECT input_tokens, cost_micros FROM nutrition_meallog WHERE id = %s", log_id) == [(2000, 17500)]
    assert site.one(CHARGES, jane.key) == before + 1


def test_a_photo_whose_task_the_broker_forgot_is_found_by_the_sweeper(
    site: Site, jane: Person, model: VisionVendor
) -> None:
    log_id = send(jane)
    with redis.Redis.from_url(site.environment["REDIS_URL"]) as client:
        client.flushall()
    site.run("worker", **configured(model))
    site.run("beat", **configured(model))
    assert recognised(jane, log_id)["vision_model"] == "claude-opus-4-7"
    assert len(model.calls) == 1
