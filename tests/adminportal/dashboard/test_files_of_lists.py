"""Lists as CSV, and the mail that is asked for again."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from accounts import tasks
from accounts.models import Developer, EndUser
from tests import factories
from tests.webhooks import making
from tests.webhooks.receiver import Reply, customer

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
        receiver.replies["/in"] = [Reply(500, body=b"out of order"), Reply(200, body=b"thank you")]
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
