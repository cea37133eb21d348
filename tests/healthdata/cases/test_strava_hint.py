"""15. Strava says of an activity which file it was made from: that is the watch's own run, whatever else differs."""

from datetime import timedelta
from typing import Any

import pytest

from healthdata.tasks import compute_figures
from providers.simulator.world import SimulatedWorld
from tests.healthdata.cases.phone import GARMIN, WATCH, CasePhone, workout
from tests.healthdata.reading import EndUserCase
from tests.providers import simulated
from wearlink.lib.clock import from_ms, parse_rfc3339

pytestmark = pytest.mark.django_db


def strava_run(world: SimulatedWorld, case: EndUserCase) -> dict[str, Any]:
    """Return the newest activity of a Strava account that was connected over OAuth, in its long form."""
    connection = simulated.connect(world, case.end_user, "strava")
    simulated.work(connection)
    compute_figures(case.end_user.key)
    newest, *_ = listed(case)
    found: dict[str, Any] = case.get(f"events/workouts/{newest['id']}")
    return found


def listed(case: EndUserCase, **more: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = case.get("events/workouts", start_date="2026-04-01", end_date="2026-04-30", **more)[
        "data"
    ]
    return sorted(rows, key=lambda row: row["start_time"], reverse=True)


@pytest.mark.parametrize("named", [True, False])
def test_the_hint_joins_what_times_and_sport_would_not(
    world: SimulatedWorld, jane: EndUserCase, *, named: bool
) -> None:
    cloud = strava_run(world, jane)
    hint = cloud["details"]["upload_external_id"]
    name = hint.rpartition("_")[2] if named else "1234567890"
    assert name.isdecimal()
    begins = from_ms(parse_rfc3339(cloud["start_time"])[0]) + timedelta(minutes=9)
    theirs = workout(GARMIN, f"{begins:%dT%H:%M}", 7, name, "yoga", distance=(40, "m"))
    before = len(listed(jane, primary="true"))
    CasePhone(jane).sync(workouts=[theirs])
    rows = listed(jane)
    [own] = [row for row in rows if row["type"] == "yoga"]
    [copy] = [row for row in rows if row["id"] == cloud["id"]]
    once = listed(jane, primary="true")
    if named:
        assert {own["same_as"], copy["same_as"]} & {own["id"], copy["id"]}
        assert len(once) == before
    else:
        assert (own["same_as"], copy["same_as"]) == (None, None)
        assert len(once) == before + 1


def test_a_copy_that_the_phone_recorded_too_is_listed_and_summed_once(world: SimulatedWorld, jane: EndUserCase) -> None:
    cloud = strava_run(world, jane)
    name = cloud["details"]["upload_external_id"].rpartition("_")[2]
    begins, ends = (from_ms(parse_rfc3339(cloud[which])[0]) for which in ("start_time", "end_time"))
    minutes = round((ends - begins).total_seconds() / 60)
    figures = {"distance": (cloud["distance_meters"] + 11, "m")}
    at, sport = f"{begins:%dT%H:%M}", cloud["type"]
    CasePhone(jane).sync(workouts=[workout(WATCH, at, minutes, "watch", sport, **figures)])
    CasePhone(jane).sync(workouts=[workout(GARMIN, at, minutes, name, sport, **figures)])
    near = [row for row in listed(jane) if row["start_time"][:10] == cloud["start_time"][:10]]
    once = [row for row in near if row["is_primary"]]
    assert (len(near), len(once)) == (3, 1)
    assert {row["same_as"] for row in near} == {None, once[0]["id"]}
