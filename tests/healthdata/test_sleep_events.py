"""GET /users/{id}/events/sleep and the single session."""

import pytest

from healthdata.records import Sample, StageRecord
from tests.healthdata.reading import MINUTE, RING, WATCH, at, end_user, every, put, stages

pytestmark = pytest.mark.django_db

APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}
NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]


def test_nights_come_oldest_first(jane):
    put(jane, *stages("2026-04-16T22:00:00Z", NIGHT), *stages("2026-04-14T22:00:00Z", NIGHT))
    rows = jane.get("events/sleep", **APRIL)["data"]
    assert [row["date"] for row in rows] == ["2026-04-15", "2026-04-17"]


def test_a_night_belongs_to_the_local_day_of_waking(organization):
    amit = end_user(organization, time_zone="Asia/Kolkata")
    put(amit, *stages("2026-04-14T11:29:00Z", NIGHT))  # ends at 18:29 UTC, one minute before local midnight
    assert len(amit.get("events/sleep", start_date="2026-04-14", end_date="2026-04-14")["data"]) == 1
    put(amit, *stages("2026-04-15T11:31:00Z", NIGHT))  # one minute after it
    assert len(amit.get("events/sleep", start_date="2026-04-16", end_date="2026-04-16")["data"]) == 1


def test_a_nap_says_so(jane):
    put(jane, *stages("2026-04-14T22:00:00Z", NIGHT), *stages("2026-04-15T14:10:00Z", [("sleeping", 40)]))
    rows = jane.get("events/sleep", **APRIL)["data"]
    assert [(row["is_nap"], row["sleep_duration_seconds"]) for row in rows] == [(False, 410 * 60), (True, 2400)]


def test_each_source_has_its_own_night(jane):
    put(jane, *stages("2026-04-14T22:00:00Z", NIGHT), *stages("2026-04-14T22:05:00Z", NIGHT, source=RING))
    rows = jane.get("events/sleep", **APRIL)["data"]
    assert [row["source"]["provider"] for row in rows] == ["apple", "oura"]
    [row] = jane.get("events/sleep", provider="oura", **APRIL)["data"]
    assert row["start_time"] == "2026-04-14T22:05:00Z"


def test_averages_are_by_time(jane):
    put(
        jane,
        *stages("2026-04-14T22:00:00Z", NIGHT),
        *every(5 * MINUTE, "2026-04-14T22:00:00Z", 72, source=WATCH, series="heart_rate", value=50.0),  # six hours
        *every(5_000, "2026-04-15T04:00:00Z", 720, source=WATCH, series="heart_rate", value=80.0),  # one
    )
    [row] = jane.get("events/sleep", **APRIL)["data"]
    assert row["avg_heart_rate_bpm"] == pytest.approx((6 * 50 + 80) / 7, abs=0.3)


def test_averages_are_those_of_the_same_provider_while_asleep(jane):
    put(
        jane,
        *stages("2026-04-14T22:00:00Z", NIGHT),
        Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T01:00:00Z"), value=50.0),
        Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T02:00:00Z"), value=54.0),
        Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T12:00:00Z"), value=90.0),
        Sample(source=RING, series="heart_rate", start=at("2026-04-15T02:00:00Z"), value=70.0),
        Sample(source=WATCH, series="heart_rate_variability_sdnn", start=at("2026-04-15T02:00:00Z"), value=48.5),
    )
    [row] = jane.get("events/sleep", **APRIL)["data"]
    assert (row["avg_heart_rate_bpm"], row["avg_hrv_sdnn_ms"], row["avg_hrv_rmssd_ms"]) == (52, 48.5, None)
    assert row["avg_spo2_percent"] is None


def test_an_id_stays_when_a_late_part_joins(jane):
    night = stages("2026-04-14T22:00:00Z", NIGHT)
    put(jane, *night[:3])
    [early] = jane.get("events/sleep", **APRIL)["data"]
    put(jane, *night[3:])
    [late] = jane.get("events/sleep", **APRIL)["data"]
    assert (late["id"], late["duration_seconds"]) == (early["id"], 420 * 60)


def test_pages_give_every_night_once(jane):
    put(jane, *(stage for number in range(1, 21) for stage in stages(f"2026-04-{number:02}T22:00:00Z", NIGHT)))
    pages = jane.pages("events/sleep", limit=6, **APRIL)
    dates = [row["date"] for page in pages for row in page["data"]]
    assert dates == [f"2026-04-{number:02}" for number in range(2, 22)]
    assert [page["pagination"]["total_count"] for page in pages] == [20, 20, 20, 20]


def test_a_page_that_holds_all_takes_two_queries(jane, django_assert_num_queries):
    put(jane, *(stage for number in range(1, 21) for stage in stages(f"2026-04-{number:02}T22:00:00Z", NIGHT)))
    jane.get("events/sleep", **APRIL)
    with django_assert_num_queries(2):
        found = jane.get("events/sleep", **APRIL)
    assert len(found["data"]) == 20


def test_a_single_session_has_its_course(jane):
    bed = StageRecord(source=WATCH, start=at("2026-04-14T21:50:00Z"), end=at("2026-04-15T05:00:00Z"), stage="in_bed")
    put(jane, bed, *stages("2026-04-14T22:00:00Z", NIGHT))
    [listed] = jane.get("events/sleep", **APRIL)["data"]
    shown = jane.get(f"events/sleep/{listed['id']}")
    assert {name: shown[name] for name in listed} == listed
    assert shown["hypnogram"][0] == {
        "start_time": "2026-04-14T21:50:00Z",
        "end_time": "2026-04-14T22:00:00Z",
        "stage": "in_bed",
    }
    asleep = [(row["stage"], (at(row["end_time"]) - at(row["start_time"])) // MINUTE) for row in shown["hypnogram"][1:]]
    assert asleep == NIGHT
    assert (shown["latency_seconds"], shown["awakenings"], shown["awake_after_onset_seconds"]) == (600, 1, 600)


def test_a_client_that_has_a_session_is_told_so(jane):
    put(jane, *stages("2026-04-14T22:00:00Z", NIGHT))
    [row] = jane.get("events/sleep", **APRIL)["data"]
    path = f"events/sleep/{row['id']}"
    assert jane.ask(path, headers={"If-None-Match": jane.ask(path)["ETag"]}).status_code == 304


def test_neither_another_user_nor_charlie_sees_a_session(jane, organization, seen_by_charlie):
    put(jane, *stages("2026-04-14T22:00:00Z", NIGHT))
    [row] = jane.get("events/sleep", **APRIL)["data"]
    path = f"events/sleep/{row['id']}"
    assert [case.ask(path).status_code for case in (end_user(organization), seen_by_charlie)] == [404, 404]
    assert seen_by_charlie.ask("events/sleep", **APRIL).status_code == 404
    assert jane.ask("events/sleep/none").status_code == 404
