"""Pages about one end user show the same as the API answers."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer, EndUser
from healthdata.models import Source
from healthdata.records import Sample, StageRecord, WorkoutRecord
from healthdata.store import store
from tests import factories
from tests.healthdata.reading import HOUR, PHONE, WATCH, at, every
from wearlink.lib import clock

pytestmark = pytest.mark.django_db
DAY = "2026-04-15"


@pytest.fixture
def now() -> datetime:
    """A moment in the middle of a day, whatever the day."""
    return clock.now().replace(hour=12, minute=0)


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
                StageRecord(WATCH, at("2026-04-14T22:00:00Z"), at("2026-04-15T04:00:00Z"), "deep"),
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


def test_moving_a_source_shows_what_it_would_change_and_saves_nothing_until_asked(
    browser_of_alice: Client, jane: EndUser, text: Any, now: datetime
) -> None:
    morning = clock.to_ms(now) - 30 * HOUR
    store(
        jane.key,
        [
            [
                Sample(WATCH, "steps", morning, 600.0, duration=HOUR),
                Sample(PHONE, "steps", morning, 500.0, duration=HOUR),
            ]
        ],
    )
    page = f"/dashboard/end-users/{jane.id}/sources"
    assert text(browser_of_alice.get(f"{page}?metric=steps")).index("Apple Watch") > 0
    uids = {one.name: str(one.uid) for one in Source.objects.filter(user_key=jane.key)}
    form = {"metric": "steps", "order": [uids["Apple Watch"], uids["iPhone"]], "move": f"up:{uids['iPhone']}"}
    tried = browser_of_alice.post(f"{page}/try", form, headers={"HX-Request": "true"})
    assert [one.name for one in tried.context["order"].sources] == ["iPhone", "Apple Watch"]
    assert "1 of 30 days would change." in text(tried)
    assert [(one.now, one.then) for _, one in tried.context["tried"]["changes"]] == [(600.0, 500.0)]
    jane.refresh_from_db()
    assert jane.source_priority == {}
    browser_of_alice.post(f"{page}/order", {**form, "out": [uids["Apple Watch"]]})
    jane.refresh_from_db()
    assert jane.source_priority == {"steps": [f"source:{uids['iPhone']}", f"-source:{uids['Apple Watch']}"]}
    browser_of_alice.post(f"{page}/order", {"metric": "steps", "reset": "1"})
    jane.refresh_from_db()
    assert jane.source_priority == {}


def test_a_workout_shows_its_route_and_pace(browser_of_alice: Client, jane: EndUser, text: Any) -> None:
    start = at(f"{DAY}T06:00:00Z")
    records: list[Any] = [WorkoutRecord(WATCH, "running", start, start + HOUR, distance_meters=10_000.0)]
    for second in range(0, 3600, 10):
        moment = start + second * 1000
        records.append(Sample(WATCH, "latitude", moment, 50.0 + second * 0.00002))
        records.append(Sample(WATCH, "longitude", moment, 4.0 + second * 0.00001))
    store(jane.key, [records])
    listed = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/workouts?day={DAY}")
    assert "6:00 /km" in text(listed)
    shown = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/workouts/{listed.context['rows'][0]['id']}")
    assert 'aria-label="Route of the workout' in text(shown)
    (plot,) = shown.context["plots"]
    assert plot.summary.startswith("Pace: from 7:")
    assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}/workouts/{jane.id}").status_code == 404


def test_meals_stand_beside_the_energy_spent(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any, now: datetime
) -> None:
    item = {"dish_name": "Porridge", "quantity_grams": 300, "calories_kcal": 320}
    eaten = {"meal_type": "breakfast", "items": [item]}
    factories.key_client(alice).post(f"/api/v1/nutrition/log/manual?user_id={jane.id}", eaten, format="json")
    shown = text(browser_of_alice.get(f"/dashboard/end-users/{jane.id}/nutrition"))
    assert "Porridge, 300 g, 320 kcal" in shown
    assert "only meals" in shown


def test_samples_are_the_rows_of_the_api_a_page_at_a_time(
    browser_of_alice: Client, alice: Developer, jane: EndUser, text: Any
) -> None:
    store(jane.key, [every(5000, f"{DAY}T08:00:00Z", 150, source=WATCH, series="heart_rate", value=61.0)])
    first = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/samples")
    assert "150 rows on this day" in text(first)
    assert first.context["day"].isoformat() == DAY
    second = browser_of_alice.get(f"/dashboard/end-users/{jane.id}/samples{first.context['next']}")
    assert len(second.context["rows"]) == 50
    call = first.context["calls"][0]
    answer = factories.key_client(alice).get(call.path, {**call.query, "limit": "100"}).json()
    assert [row["id"] for row in first.context["rows"]] == [row["id"] for row in answer["data"]]
    for odd in ("?series=nothing&day=x", "?resolution=1year"):
        assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}/samples{odd}").status_code == 200
    assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}/samples?cursor=forged").status_code == 400


def test_somebody_without_data_has_pages_that_say_so(browser_of_alice: Client, jane: EndUser) -> None:
    for tab in ("", "/workouts", "/nutrition", "/samples", "/sources", "/connections"):
        assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}{tab}").status_code == 200, tab
