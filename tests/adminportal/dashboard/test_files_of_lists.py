"""Lists as CSV, and the mail that is asked for again."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from accounts import tasks
from accounts.models import Developer, EndUser
from healthdata.records import Sample, StageRecord, WorkoutRecord
from healthdata.store import store
from tests import factories
from tests.healthdata.reading import HOUR, WATCH, at
from tests.webhooks import making
from tests.webhooks.receiver import CustomerReply, customer

pytestmark = pytest.mark.django_db


def rows_of(answer: Any) -> list[dict[str, str]]:
    """Return the lines of a streamed file."""
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))


def test_end_users_are_exported_as_they_were_searched_for_and_nobody_elses(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    factories.end_user(alice.organization, first_name="=cmd|x", external_id="m-1")
    factories.end_user(factories.charlie().organization, first_name="Jane")
    assert "format=csv" in text(browser_of_alice.get("/dashboard/end-users?q=jan"))
    found = rows_of(browser_of_alice.get("/dashboard/end-users?q=jan&format=csv"))
    assert [(row["Id"], row["Name"], row["E-mail"]) for row in found] == [(str(jane.id), "Jane", "jane@example.com")]
    everybody = rows_of(browser_of_alice.get("/dashboard/end-users?format=csv"))
    assert sorted(row["Name"] for row in everybody) == ["'=cmd|x", "Jane"]


@pytest.mark.django_db(transaction=True)
def test_a_delivery_log_is_exported_as_it_is_filtered(browser_of_alice: Client, alice: Developer, text: Any) -> None:
    with customer() as receiver:
        receiver.replies["/in"] = [CustomerReply(500, body=b"out of order"), CustomerReply(200, body=b"thank you")]
        endpoint = making.endpoint(alice.organization, f"{receiver.url}/in")
        for kind in ("connection.created", "workout.created"):
            making.emit(alice.organization, kind)
            making.deliver()
    page = f"/dashboard/webhooks/{endpoint.id}"
    assert "format=csv" in text(browser_of_alice.get(page))
    both = rows_of(browser_of_alice.get(f"{page}?format=csv"))
    assert [(row["Event"], row["Outcome"], row["Status"]) for row in both] == [
        ("workout.created", "succeeded", "200"),
        ("connection.created", "failed", "500"),
    ]
    failed = rows_of(browser_of_alice.get(f"{page}?format=csv&status=failed"))
    assert [row["Event"] for row in failed] == ["connection.created"]
    assert browser_of_alice.get(f"{page}?format=csv&start_time=soon").status_code == 302


def test_what_an_end_user_recorded_is_exported_as_the_api_tells_it(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    dawn = at("2026-04-15T06:00:00Z")
    night = StageRecord(WATCH, dawn - 8 * HOUR, dawn, "deep")
    beats = [Sample(WATCH, "heart_rate", dawn + second * 1000, 60.0) for second in range(1500)]
    store(jane.key, [[WorkoutRecord(WATCH, "running", dawn, dawn + HOUR, distance_meters=5000.0), night, *beats]])
    client, pages = factories.key_client(alice), f"/dashboard/end-users/{jane.id}"
    days = "start_date=2026-04-15&end_date=2026-04-15"
    for page, call, column in (
        ("workouts", "events/workouts", "distance_meters"),
        ("sleep", "events/sleep", "sleep_duration_seconds"),
    ):
        assert "format=csv" in text(browser_of_alice.get(f"{pages}/{page}?day=2026-04-15"))
        (row,) = rows_of(browser_of_alice.get(f"{pages}/{page}?day=2026-04-15&format=csv"))
        (event,) = client.get(f"/api/v1/users/{jane.id}/{call}?{days}").json()["data"]
        assert (row["id"], row["source.device"]) == (event["id"], "Apple Watch")
        assert float(row[column]) == event[column]
    samples = f"{pages}/samples?series=heart_rate&day=2026-04-15"
    assert "format=csv" in text(browser_of_alice.get(samples))
    assert len(rows_of(browser_of_alice.get(f"{samples}&format=csv"))) == 1500
    body = {"meal_type": "lunch", "items": [{"dish_name": "x", "quantity_grams": 10, "calories_kcal": 20}]}
    client.post(f"/api/v1/nutrition/log/manual?user_id={jane.id}", body, format="json")
    (dish,) = rows_of(browser_of_alice.get(f"{pages}/nutrition?format=csv"))
    assert (dish["meal_type"], dish["item.dish_name"], dish["item.calories_kcal"]) == ("lunch", "x", "20.0")
    assert rows_of(browser_of_alice.get(f"{pages}/scores?format=csv")) == []


def test_the_mail_that_confirms_an_address_is_sent_again(
    browser_of_alice: Client, alice: Developer, text: Any, mailoutbox: Any, django_capture_on_commit_callbacks: Any
) -> None:
    alice.email_verified_at = None
    alice.save(update_fields=["email_verified_at"])
    assert "Send it again" in text(browser_of_alice.get("/dashboard"))
    with django_capture_on_commit_callbacks() as ordered:
        answer = browser_of_alice.post("/dashboard/verification", follow=True)
    assert "Another mail is on its way to alice@example.com." in text(answer)
    assert len(ordered) == 1
    tasks.send_verification(str(alice.pk))
    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
