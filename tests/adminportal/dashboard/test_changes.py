"""The change feed as pages: in order, by its cursor, as a file, and of nobody else."""

import csv
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer, EndUser
from healthdata.records import Sample
from healthdata.store import store
from tests import factories
from tests.healthdata.reading import WATCH, at

pytestmark = pytest.mark.django_db
PAGE = "/dashboard/changes"


def measured(user: EndUser, days: int = 1) -> None:
    """A heart rate a day, each by a call of its own."""
    for day in range(days):
        store(user.key, [[Sample(WATCH, "heart_rate", at("2026-04-15T08:00:00Z") + day * 86_400_000, 60.0)]])


def test_the_feed_tells_who_what_and_which_days_and_of_nobody_else(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    assert "Nothing has changed" in text(browser_of_alice.get(PAGE))
    measured(jane)
    measured(factories.end_user(factories.charlie().organization, first_name="Max"))
    shown = text(browser_of_alice.get(PAGE))
    assert "heart rate" in shown
    assert "inserted" in shown
    assert "15 Apr 2026" in shown
    assert f'href="/dashboard/end-users/{jane.id}/changes">Jane</a>' in shown
    assert "Max" not in shown
    assert "heart rate" in text(browser_of_alice.get(f"/dashboard/end-users/{jane.id}/changes"))


def test_the_next_cursor_leads_on_as_the_apis_does_and_misses_nothing(
    browser_of_alice: Client, alice: Developer, jane: EndUser
) -> None:
    measured(jane, 60)
    first = browser_of_alice.get(PAGE)
    assert len(first.context["rows"]) == 50
    second = browser_of_alice.get(PAGE + first.context["next"])
    assert len(second.context["rows"]) == 10
    assert second.context["next"] == ""
    cursor = first.context["following"]
    answer = factories.key_client(alice).get(f"/api/v1/changes?cursor={cursor}").json()
    assert [one["start_date"] for one in answer["data"]] == [one["start_date"] for one in second.context["rows"]]
    end = browser_of_alice.get(PAGE, {"cursor": second.context["following"]})
    assert "Nothing has changed since" in end.content.decode()


def test_a_cursor_of_another_feed_is_refused_at_the_field(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    measured(jane)
    of_jane = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/changes").context["following"]
    refused = browser_of_alice.get(PAGE, {"cursor": of_jane, "format": "csv"})
    assert refused.status_code == 400
    assert "does not belong to this query" in text(refused)
    assert 'aria-invalid="true"' in text(refused)


def test_all_that_follows_a_cursor_comes_as_a_file(browser_of_alice: Client, jane: EndUser) -> None:
    measured(jane, 60)
    for page in (PAGE, f"/dashboard/end-users/{jane.id}/changes"):
        cursor = browser_of_alice.get(page).context["following"]
        answer = browser_of_alice.get(page, {"cursor": cursor, "format": "csv"})
        lines = list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode())))
        assert len(lines) == 10
        assert (lines[0]["End user"], lines[0]["Data"], lines[0]["Action"]) == (str(jane.id), "heart_rate", "inserted")


def test_another_tenants_end_user_has_no_feed_here(browser_of_alice: Client) -> None:
    max_ = factories.end_user(factories.charlie().organization)
    assert browser_of_alice.get(f"/dashboard/end-users/{max_.id}/changes").status_code == 404
