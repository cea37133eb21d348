"""The recording that counts for a night or a workout follows the order of sources, also where that changes later."""

from typing import Any

import pytest

from accounts import audit
from accounts.models import EndUser
from accounts.organization import organizations
from healthdata.figures import due
from healthdata.models import DueDay, HealthScore
from healthdata.records import SourceInfo, WorkoutRecord
from healthdata.tasks import compute_figures
from tests import factories
from tests.healthdata.reading import MINUTE, RING, WATCH, EndUserCase, at, end_user, put, stages
from tests.healthdata.test_sources import send

pytestmark = pytest.mark.django_db

APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}
NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]
OTHER_WATCH = SourceInfo(provider="garmin", model="Fenix 7", device_type="watch")


@pytest.fixture
def both(jane: EndUserCase) -> EndUserCase:
    """A night by ring and watch, and a run by two watches."""
    put(
        jane,
        *stages("2026-04-14T23:00:00Z", NIGHT),
        *stages("2026-04-14T23:04:00Z", [*NIGHT, ("rem", 20)], source=RING),
    )
    start = at("2026-04-15T06:00:00Z")
    run = {"type": "running", "start": start, "end": start + 35 * MINUTE}
    put(
        jane,
        WorkoutRecord(WATCH, distance_meters=5200.0, calories_kcal=300.0, **run),
        WorkoutRecord(OTHER_WATCH, **run),
    )
    compute_figures(jane.end_user.key)
    return jane


def primary(case: EndUserCase, kind: str) -> list[str]:
    return [row["source"]["provider"] for row in case.get(f"events/{kind}", **APRIL, primary="true")["data"]]


def source_of(case: EndUserCase, provider: str) -> str:
    [found] = [one["id"] for one in case.get("sources")["data"] if one["provider"] == provider]
    return str(found)


def settle(case: EndUserCase) -> None:
    compute_figures(case.end_user.key)
    assert not DueDay.objects.filter(user_key=case.end_user.key).exists()


def test_another_order_of_the_end_user_chooses_anew(both: EndUserCase) -> None:
    assert (primary(both, "sleep"), primary(both, "workouts")) == (["oura"], ["apple"])
    send(both, "patch", "", {"source_priority": {"sleep": ["apple"], "workouts": ["garmin"]}})
    settle(both)
    assert (primary(both, "sleep"), primary(both, "workouts")) == (["apple"], ["garmin"])
    [night] = both.get("summaries/sleep", **APRIL)["data"]
    assert night["source"]["provider"] == "apple"
    assert HealthScore.objects.get(category="sleep").source.provider == "apple"
    assert {("sleep", "updated"), ("workout", "updated")} <= {
        (row["data_type"], row["action"]) for row in both.get("changes")["data"]
    }


def test_so_does_the_organizations(both: EndUserCase, organization: Any) -> None:
    alice = factories.developer(organization, "Alice")
    settings = {"source_priority": {"sleep": ["apple"]}}
    organizations.update(alice, {"settings": settings}, actor=audit.Actor("developer", str(alice.pk)))
    assert DueDay.objects.filter(user_key=both.end_user.key, kind=DueDay.Kind.REGROUP).exists()
    settle(both)
    assert primary(both, "sleep") == ["apple"]


def test_a_hidden_source_stands_for_nothing_until_it_is_shown_again(both: EndUserCase) -> None:
    ring = source_of(both, "oura")
    send(both, "patch", f"sources/{ring}", {"is_hidden": True})
    settle(both)
    assert primary(both, "sleep") == ["apple"]
    send(both, "patch", f"sources/{ring}", {"is_hidden": False})
    settle(both)
    assert primary(both, "sleep") == ["oura"]


def test_the_only_night_of_a_hidden_source_is_no_night_and_has_no_score(organization: Any) -> None:
    sam = end_user(organization)
    put(sam, *stages("2026-04-14T23:00:00Z", NIGHT, source=RING))
    settle(sam)
    assert len(sam.get("health-scores", category="sleep")["data"]) == 1
    send(sam, "patch", f"sources/{source_of(sam, 'oura')}", {"is_hidden": True})
    settle(sam)
    assert sam.get("summaries/sleep", **APRIL)["data"] == []
    assert sam.get("health-scores", category="sleep")["data"] == []
    [row] = sam.get("events/sleep", **APRIL)["data"]
    assert (row["is_primary"], row["same_as"]) == (False, None)


def test_what_an_order_excludes_counts_for_nothing(organization: Any) -> None:
    sam = end_user(organization, source_priority={"sleep": ["-oura"], "workouts": ["-garmin"]})
    start = at("2026-04-15T06:00:00Z")
    put(sam, *stages("2026-04-14T23:00:00Z", NIGHT, source=RING))
    put(sam, WorkoutRecord(OTHER_WATCH, "running", start, start + 35 * MINUTE))
    assert (primary(sam, "sleep"), primary(sam, "workouts")) == ([], [])
    send(sam, "patch", "", {"source_priority": {}})
    settle(sam)
    assert (primary(sam, "sleep"), primary(sam, "workouts")) == (["oura"], ["garmin"])


def test_a_merged_source_has_the_place_of_the_one_it_counts_as(both: EndUserCase) -> None:
    send(both, "patch", "", {"source_priority": {"workouts": ["garmin"]}})
    settle(both)
    assert primary(both, "workouts") == ["garmin"]
    send(both, "patch", f"sources/{source_of(both, 'apple')}", {"merged_into": source_of(both, "garmin")})
    settle(both)
    assert primary(both, "workouts") == ["apple"]  # of two in one place, who knows more figures
    send(both, "patch", f"sources/{source_of(both, 'apple')}", {"merged_into": None})
    settle(both)
    assert primary(both, "workouts") == ["garmin"]


def test_other_users_stay_as_they_are(both: EndUserCase, organization: Any) -> None:
    sam = end_user(organization)
    put(sam, *stages("2026-04-14T23:00:00Z", NIGHT), *stages("2026-04-14T23:04:00Z", NIGHT, source=RING))
    settle(sam)
    before = sam.get("events/sleep", **APRIL)
    send(both, "patch", "", {"source_priority": {"sleep": ["apple"]}})
    settle(both)
    assert sam.get("events/sleep", **APRIL) == before
    assert due.waiting_users() == []
    assert EndUser.objects.count() == 2
