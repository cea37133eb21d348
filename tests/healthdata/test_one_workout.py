"""One workout is one workout, however many sources tell it."""

from typing import Any

import pytest

from healthdata.ingest import ingest
from healthdata.records import SourceInfo, WorkoutRecord
from healthdata.store import retract
from tests.healthdata.reading import MINUTE, WATCH, at, end_user, put

pytestmark = pytest.mark.django_db

APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}
CLOUD = SourceInfo(provider="strava", name="Strava")
COPY = SourceInfo(provider="apple", model="iPhone14,2", name="iPhone", device_type="phone", writer="strava")
GARMIN = SourceInfo(provider="garmin", name="Fenix 7", device_type="watch")


def run(
    source: SourceInfo = WATCH, start: str = "2026-04-15T06:00:00Z", minutes: int = 35, **fields: Any
) -> WorkoutRecord:
    values = {"type": "running", "distance_meters": 5200.0, "calories_kcal": 342.0} | fields
    return WorkoutRecord(source=source, start=at(start), end=at(start) + minutes * MINUTE, **values)


def listed(case, **params):
    return case.get("events/workouts", **APRIL, **params)["data"]


def distance_once(case):
    return sum(row["distance_meters"] for row in listed(case, primary="true"))


def test_a_run_on_the_watch_its_copy_on_the_phone_and_in_the_cloud_is_one(jane):
    put(jane, run(CLOUD, "2026-04-15T06:00:12Z", 34, external_id="991", distance_meters=5190.0))
    put(jane, run(COPY, "2026-04-15T06:00:12Z", 34))
    put(jane, run())
    rows = {(row["source"]["provider"], row["source"]["device"]): row for row in listed(jane)}
    watch = rows["apple", "Apple Watch"]
    assert (watch["is_primary"], watch["same_as"]) == (True, None)
    others = [row for row in rows.values() if row is not watch]
    assert [(row["is_primary"], row["same_as"]) for row in others] == [(False, watch["id"])] * 2
    assert distance_once(jane) == 5200
    assert len(listed(jane, primary="false")) == 2


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"start": "2026-04-15T06:05:00Z", "minutes": 30}, True),
        ({"start": "2026-04-15T06:05:01Z", "minutes": 30}, False),
        ({"minutes": 28}, True),  # four fifths of 35
        ({"minutes": 27}, False),
        ({"type": "trail_running"}, True),  # of one sport
        ({"type": "other"}, True),  # may be any
        ({"type": "cycling"}, False),
        ({"start": "2026-04-15T07:00:00Z"}, False),
    ],
)
def test_start_duration_and_sport_tell(jane, other, same):
    put(jane, run(), run(GARMIN, **other))
    assert (len(listed(jane, primary="true")) == 1) is same


def test_a_vendors_hint_goes_before_times_and_sport(jane):
    put(jane, run(GARMIN, external_id="18273645", minutes=35))
    hint = {"upload_external_id": "garmin_ping_18273645"}
    put(jane, run(CLOUD, "2026-04-15T06:09:00Z", 20, external_id="991", type="cycling", details=hint))
    [once] = listed(jane, primary="true")
    assert once["source"]["provider"] == "garmin"


def test_two_runs_of_one_watch_are_two(jane):
    put(jane, run(), run(start="2026-04-15T06:01:00Z", minutes=34))
    assert distance_once(jane) == 10_400


def test_the_end_users_order_decides_who_stands(organization):
    sam = end_user(organization, source_priority={"*": ["strava"]})
    put(sam, run(), run(CLOUD, external_id="991"))
    [once] = listed(sam, primary="true")
    assert once["source"]["provider"] == "strava"


def test_where_the_primary_is_deleted_another_stands(jane):
    put(jane, run(GARMIN, external_id="18273645"), run(CLOUD, external_id="991"))
    assert [row["source"]["provider"] for row in listed(jane, primary="true")] == ["garmin"]
    retract(jane.end_user.key, "garmin", ["18273645"])
    assert [(row["source"]["provider"], row["same_as"]) for row in listed(jane)] == [("strava", None)]


def test_the_order_in_which_they_come_changes_nothing(organization):
    accounts = [run(), run(CLOUD, "2026-04-15T06:00:12Z", 34, external_id="991"), run(GARMIN, minutes=36)]
    shown = []
    for order in [(0, 1, 2), (2, 1, 0), (1, 2, 0)]:
        sam = end_user(organization)
        for number in order:
            put(sam, accounts[number])
        shown.append([row["source"]["provider"] for row in listed(sam, primary="true")])
    assert shown[0] == shown[1] == shown[2]
    assert len(shown[0]) == 1


def test_a_later_copy_that_says_less_takes_nothing_away(jane):
    put(jane, run(external_id="w-1", avg_heart_rate_bpm=145.0, details={"average_met": 9.1}))
    result = ingest(jane.end_user.key, [[run(external_id="w-1", distance_meters=5300.0, calories_kcal=None)]])[0]
    [row] = listed(jane)
    assert (row["distance_meters"], row["calories_kcal"], row["avg_heart_rate_bpm"]) == (5300, 342, 145)
    assert jane.get(f"events/workouts/{row['id']}")["details"] == {"average_met": 9.1}
    assert result.updated == 1
