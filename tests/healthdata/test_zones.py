"""The zone of days: one that is set late corrects the days before, and an end user without one has the
organization's.
"""

from typing import Any

import pytest

from healthdata.models import DueDay
from healthdata.models import Workout as StoredWorkout
from healthdata.records import Sample, WorkoutRecord
from healthdata.tasks import compute_figures
from tests.healthdata.reading import HOUR, MINUTE, WATCH, EndUserCase, amount, at, end_user, put
from tests.healthdata.test_sources import send

pytestmark = pytest.mark.django_db

WEEK = {"start_date": "2026-04-10", "end_date": "2026-04-20"}


def steps(case: EndUserCase) -> dict[str, float]:
    return {one["date"]: one["steps"] for one in case.get("summaries/activity", **WEEK)["data"]}


def profile(case: EndUserCase) -> Any:
    return case.client.get(case.url("").rstrip("/"), headers={"X-WearLink-API-Key": case.key}).json()


def test_who_tells_no_zone_lives_as_the_organization_does(organization: Any) -> None:
    organization.time_zone = "Asia/Kolkata"
    organization.save(update_fields=["time_zone"])
    case = end_user(organization)
    shown = profile(case)
    assert (shown["time_zone"], shown["zone_known"]) == ("Asia/Kolkata", False)
    put(case, amount("steps", "2026-04-14T18:30:00Z", 20.0))
    assert steps(case) == {"2026-04-15": 20}


def test_a_zone_told_late_mends_all_days_before(jane: EndUserCase) -> None:
    evening = at("2026-04-16T01:00:00Z")  # six in the evening of the 15th in Los Angeles
    put(
        jane,
        Sample(source=WATCH, series="steps", start=evening, value=7000.0, duration=HOUR),
        WorkoutRecord(source=WATCH, type="running", start=evening, end=evening + HOUR),
        Sample(source=WATCH, series="weight", start=evening, value=70.0),
    )
    assert steps(jane) == {"2026-04-16": 7000}
    assert send(jane, "patch", "", {"time_zone": "America/Los_Angeles"})["zone_known"] is True
    assert steps(jane) == {"2026-04-15": 7000}
    compute_figures(jane.end_user.key)
    assert str(StoredWorkout.objects.get().day) == "2026-04-15"
    body = jane.get("summaries/body", start_date="2026-04-15", end_date="2026-04-15")
    assert body["averaged"]["weight_kg"] == 70
    assert not DueDay.objects.filter(kind=DueDay.Kind.ZONE).exists()


def test_a_move_holds_from_when_it_was_and_leaves_the_days_before(organization: Any) -> None:
    case = end_user(organization, time_zone="Europe/Berlin")
    for day in ("2026-04-12", "2026-04-16"):
        put(case, amount("steps", f"{day}T19:00:00Z", 100.0))
    send(case, "patch", "", {"time_zone": "Asia/Tokyo", "valid_from": "2026-04-14T00:00:00Z"})
    assert steps(case) == {"2026-04-12": 100, "2026-04-17": 100}


def test_a_known_zone_that_changes_without_a_date_changes_from_now_on(organization: Any) -> None:
    case = end_user(organization, time_zone="Europe/Berlin")
    put(case, amount("steps", "2026-04-16T19:00:00Z", 100.0))
    send(case, "patch", "", {"time_zone": "Asia/Tokyo"})
    assert steps(case) == {"2026-04-16": 100}


def test_a_change_in_the_future_or_of_nothing_is_refused(jane: EndUserCase) -> None:
    for body in (
        {"time_zone": "Asia/Tokyo", "valid_from": "2099-01-01T00:00:00Z"},
        {"valid_from": "2026-01-01T00:00:00Z"},
    ):
        answer = send(jane, "patch", "", body, status=400)
        assert [one["field"] for one in answer["errors"]] == ["valid_from"]


def test_an_interval_over_midnight_belongs_to_both_days(jane: EndUserCase) -> None:
    put(
        jane, Sample(source=WATCH, series="steps", start=at("2026-04-15T23:30:00Z"), value=6000.0, duration=60 * MINUTE)
    )
    assert steps(jane) == {"2026-04-15": 3000, "2026-04-16": 3000}
