"""Nights of several sources, health scores, and steps by the hour, as the pages tell them."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Developer, EndUser
from adminportal.dashboard.end_users.hours import by_hour
from healthdata.merge import Amount
from healthdata.models import SleepSession
from healthdata.records import Sample, Score, SourceInfo, StageRecord
from healthdata.store import store
from tests import factories
from tests.healthdata.reading import HOUR, PHONE, WATCH, at

pytestmark = pytest.mark.django_db
RING = SourceInfo(provider="oura", name="Oura Ring", device_type="ring")
DAY = "2026-04-15"


@pytest.fixture
def two_nights(jane: EndUser) -> dict[str, str]:
    """One night that a watch saw in stages, and a phone as a whole; ids by device."""
    start = at("2026-04-14T22:00:00Z")
    records = [
        StageRecord(WATCH, start, start + 3 * HOUR, "light"),
        StageRecord(WATCH, start + 3 * HOUR, start + 7 * HOUR, "deep"),
        StageRecord(PHONE, start, start + 7 * HOUR, "sleeping"),
    ]
    store(jane.key, [records])
    rows = SleepSession.objects.filter(user_key=jane.key).select_related("source")
    return {one.source.name: str(one.id) for one in rows}


def test_the_list_says_which_recording_stands_for_a_night(
    browser_of_alice: Client, alice: Developer, jane: EndUser, two_nights: dict[str, str], text: Any
) -> None:
    page = f"/dashboard/end-users/{jane.id}/sleep"
    shown = text(browser_of_alice.get(f"{page}?day={DAY}"))
    assert "counts as the night" in shown
    assert "same as Apple Watch’s" in shown
    assert "7 h 0 min" in shown
    once = browser_of_alice.get(f"{page}?day={DAY}&which=primary")
    answer = factories.key_client(alice).get(
        f"/api/v1/users/{jane.id}/events/sleep?start_date={DAY}&end_date={DAY}&primary=true"
    )
    assert [one.id for one, *_ in once.context["rows"]] == [one["id"] for one in answer.json()["data"]]
    assert "No sleep was recorded" in text(browser_of_alice.get(f"{page}?day=2025-01-01"))


def test_a_night_shows_its_stages_and_leads_to_the_one_that_stands_for_it(
    browser_of_alice: Client, jane: EndUser, two_nights: dict[str, str], text: Any
) -> None:
    page = f"/dashboard/end-users/{jane.id}/sleep"
    watch = text(browser_of_alice.get(f"{page}/{two_nights['Apple Watch']}"))
    assert "Deep 4 h 0 min" in watch
    assert f"{page}/{two_nights['iPhone']}" in watch
    phone = text(browser_of_alice.get(f"{page}/{two_nights['iPhone']}"))
    assert "The same night as" in phone
    assert f"{page}/{two_nights['Apple Watch']}" in phone
    assert browser_of_alice.get(f"{page}/{jane.id}").status_code == 404


def test_scores_of_vendors_and_ours_stand_beside_each_other_and_say_what_they_are_made_of(
    browser_of_alice: Client, jane: EndUser, text: Any
) -> None:
    days = [date.fromisoformat(DAY) - timedelta(days=back) for back in range(3)]
    start = at("2026-04-14T22:00:00Z")
    ring = [Score(RING, day, "readiness", 70.0 + day.day % 3, 0, 100, components={"hrv": 80.0}) for day in days]
    store(jane.key, [[StageRecord(WATCH, start, start + 8 * HOUR, "deep"), *ring]])
    page = f"/dashboard/end-users/{jane.id}/scores"
    shown = browser_of_alice.get(f"{page}?day={DAY}")
    assert "Oura" in text(shown)
    assert "WearLink" in text(shown)
    assert "hrv 80" in text(shown)
    assert "Inputs and sources" in text(shown)
    assert [plot.title for plot in shown.context["plots"]] == ["Readiness, Oura"]
    only = browser_of_alice.get(f"{page}?day={DAY}&category=sleep")
    assert {one.row.category for one in only.context["rows"]} == {"sleep"}
    assert "No score of these days" in text(browser_of_alice.get(f"{page}?day=2020-01-01"))


def test_steps_stand_by_the_hour_as_they_count(browser_of_alice: Client, jane: EndUser) -> None:
    morning = at(f"{DAY}T08:30:00Z")
    walk = [(WATCH, morning, 600.0), (PHONE, morning, 500.0), (PHONE, morning + 4 * HOUR, 90.0)]
    store(jane.key, [[Sample(source, "steps", start, value, duration=HOUR) for source, start, value in walk]])
    chart = browser_of_alice.get(f"/dashboard/end-users/{jane.id}?day={DAY}").context["by_hour"]
    steps_by_hour = {label: value for label, value in chart.rows if value is not None}
    assert steps_by_hour == {"08:00": 300.0, "09:00": 300.0, "12:00": 45.0, "13:00": 45.0}
    assert browser_of_alice.get(f"/dashboard/end-users/{jane.id}?day=2026-04-01").context["by_hour"] is None


def test_an_amount_over_midnight_gives_each_day_its_part() -> None:
    amount = Amount(23 * HOUR, 25 * HOUR, 100.0)
    assert by_hour([(amount, 100.0)], 0, 24 * HOUR)[-1] == 50.0
    assert by_hour([(amount, 100.0)], 24 * HOUR, 48 * HOUR)[0] == 50.0
    assert by_hour([], 0, 2 * HOUR) == [None, None]
