"""What the pages about one end user show, against what the API answers."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer, EndUser
from healthdata.records import Sample, SleepStage
from healthdata.store import store
from tests import factories
from tests.healthdata.reading import HOUR, PHONE, WATCH, at

pytestmark = pytest.mark.django_db
DAY = "2026-04-15"


@pytest.fixture
def steps(jane: EndUser) -> None:
    """A watch until noon; a phone all day, whose morning does not count beside it."""
    morning = at(f"{DAY}T08:00:00Z")
    store(
        jane.key,
        [
            [
                Sample(WATCH, "steps", morning, 600.0, duration=HOUR),
                Sample(PHONE, "steps", morning, 500.0, duration=HOUR),
                Sample(PHONE, "steps", morning + 6 * HOUR, 900.0, duration=HOUR),
                Sample(WATCH, "heart_rate", morning, 61.0),
                Sample(WATCH, "heart_rate", morning + 5000, 62.0),
                SleepStage(WATCH, at("2026-04-14T22:00:00Z"), at("2026-04-15T04:00:00Z"), "deep"),
            ]
        ],
    )


def test_the_overview_tells_what_the_api_tells(
    browser_of_alice: Client, alice: Developer, jane: EndUser, steps: None, text: Any
) -> None:
    shown = text(browser_of_alice.get(f"/dashboard/end-users/{jane.id}?day={DAY}"))
    answer = factories.key_client(alice).get(
        f"/api/v1/users/{jane.id}/summaries/activity?start_date={DAY}&end_date={DAY}"
    )
    assert answer.json()["data"][0]["steps"] == 1500
    assert f'<a href="/dashboard/end-users/{jane.id}/days/{DAY}#steps">1,500</a>' in shown
    assert "Heart rate by" in shown
    assert "Deep 6 h 0 min" in shown


def test_a_day_without_data_says_so_and_shows_no_zero(
    browser_of_alice: Client, jane: EndUser, steps: None, text: Any
) -> None:
    shown = text(browser_of_alice.get(f"/dashboard/end-users/{jane.id}?day=2026-04-01&hours=6&from=0"))
    assert "No sleep ended on this day." in shown
    assert 'title="no data">–' in shown
    for odd in ("?day=yesterday", "?day=0001-01-01", "?hours=6&from=99", "?hours=x&from=y", "?days=999999"):
        assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}{odd}").status_code == 200


def test_the_account_of_a_figure_adds_up_and_draws_a_lane_a_source(
    browser_of_alice: Client, jane: EndUser, steps: None, text: Any
) -> None:
    shown = text(browser_of_alice.get(f"/dashboard/end-users/{jane.id}/days/{DAY}"))
    assert "Steps: 1,500" in shown
    assert "<strong>600</strong>" in shown
    assert "<strong>900</strong>" in shown
    assert "500 left out" in shown
    assert "A source that goes before it measured the same time." in shown
    assert shown.count('class="dash-lane"') >= 2
    assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}/days/noday").status_code == 404
