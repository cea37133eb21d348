"""GET /users/{id}/changes and /changes: everything that changed, once, in an order that stays."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from healthdata.models import DataChange
from healthdata.queries import feed
from healthdata.records import DailyRecord, Sample, Score, WorkoutRecord
from healthdata.store import retract, store
from tests.healthdata.reading import (
    MINUTE,
    RING,
    WATCH,
    EndUserCase,
    at,
    day,
    end_user,
    every,
    organization,
    put,
    stages,
    with_key_of,
)  # fmt: skip
from wearlink.lib import clock

NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]
KINDS = ("data_type", "action", "start_date", "end_date", "count")


def feed_of(case: EndUserCase, path: str = "", cursor: str | None = None, limit: int = 200):
    """All rows after a cursor, and where the feed goes on."""
    url, rows = path or case.url("changes"), []
    while True:
        params = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        response = case.client.get(url, params, headers={"X-WearLink-API-Key": case.key})
        assert response.status_code == 200, response.content
        answer = response.json()
        rows += answer["data"]
        cursor = answer["pagination"]["next_cursor"]
        if not answer["pagination"]["has_more"]:
            return rows, cursor


def brief(rows):
    return sorted(tuple(row[name] for name in KINDS) for row in rows)


@pytest.mark.django_db
class TestWhatIsTold:
    def test_samples_by_type_and_days_and_once_a_call(self, jane):
        put(
            jane,
            *every(MINUTE, "2026-04-14T23:58:00Z", 4, source=WATCH, series="heart_rate", value=60.0),
            Sample(WATCH, "heart_rate", at("2026-04-20T12:00:00Z"), 61.0),
            Sample(WATCH, "steps", at("2026-04-15T12:00:00Z"), 80.0, MINUTE),
            DailyRecord(RING, "steps", day("2026-04-15"), 9000.0),
        )
        rows, _ = feed_of(jane)
        assert brief(rows) == [
            ("heart_rate", "inserted", "2026-04-14", "2026-04-15", 4),
            ("heart_rate", "inserted", "2026-04-20", "2026-04-20", 1),
            ("steps", "inserted", "2026-04-15", "2026-04-15", 1),
            ("steps", "inserted", "2026-04-15", "2026-04-15", 1),
        ]
        assert {row["provider"] for row in rows} == {"apple", "oura"}
        assert {row["user_id"] for row in rows} == {str(jane.end_user.id)}

    def test_days_are_those_of_the_end_user(self, organization):
        amit = end_user(organization, time_zone="Asia/Kolkata")
        put(amit, Sample(WATCH, "heart_rate", at("2026-04-14T18:31:00Z"), 60.0))
        [row] = feed_of(amit)[0]
        assert row["start_date"] == row["end_date"] == "2026-04-15"

    def test_what_comes_again_is_not_told_and_what_is_corrected_is(self, jane):
        put(jane, Sample(WATCH, "weight", at("2026-04-15T06:00:00Z"), 80.0))
        _, cursor = feed_of(jane)
        put(jane, Sample(WATCH, "weight", at("2026-04-15T06:00:00Z"), 80.0))
        assert feed_of(jane, cursor=cursor)[0] == []
        put(jane, Sample(WATCH, "weight", at("2026-04-15T06:00:00Z"), 79.0))
        rows, _ = feed_of(jane, cursor=cursor)
        assert brief(rows) == [("weight", "updated", "2026-04-15", "2026-04-15", 1)]

    def test_nights_workouts_and_scores_by_their_ids(self, jane):
        start = at("2026-04-15T06:00:00Z")
        put(
            jane,
            *stages("2026-04-14T22:00:00Z", NIGHT),
            WorkoutRecord(WATCH, "running", start, start + 30 * MINUTE),
            Score(RING, day("2026-04-15"), "readiness", 80.0, 0.0, 100.0),
        )
        rows, cursor = feed_of(jane)
        ids = {row["data_type"]: set() for row in rows}
        for row in rows:
            ids[row["data_type"]].add(row["resource_id"])
        days = {"start_date": "2026-04-15", "end_date": "2026-04-15"}
        assert ids["sleep"] == {row["id"] for row in jane.get("events/sleep", **days)["data"]}
        assert ids["workout"] == {row["id"] for row in jane.get("events/workouts", **days)["data"]}
        assert ids["health_score"] == {row["id"] for row in jane.get("health-scores")["data"]}
        put(jane, *stages("2026-04-15T05:00:00Z", [("light", 30)]))
        later, _ = feed_of(jane, cursor=cursor)
        assert ("sleep", "updated", "2026-04-15", "2026-04-15", 1) in brief(later)

    def test_what_is_retracted_leaves_a_tombstone(self, jane):
        start = at("2026-04-15T06:00:00Z")
        put(
            jane,
            WorkoutRecord(WATCH, "running", start, start + 30 * MINUTE, external_id="w-1"),
            Sample(WATCH, "heart_rate", start, 150.0, external_id="w-1"),
            DailyRecord(WATCH, "steps", day("2026-04-15"), 4000.0, external_id="w-1"),
        )
        first_rows, cursor = feed_of(jane)
        [workout] = [row for row in first_rows if row["data_type"] == "workout"]
        retract(jane.end_user.key, "apple", ["w-1"])
        rows, _ = feed_of(jane, cursor=cursor)
        assert brief(rows) == [
            ("heart_rate", "deleted", "2026-04-15", "2026-04-15", 1),
            ("steps", "deleted", "2026-04-15", "2026-04-15", 1),
            ("workout", "deleted", "2026-04-15", "2026-04-15", 1),
        ]
        assert [row["resource_id"] for row in rows if row["data_type"] == "workout"] == [workout["resource_id"]]

    def test_a_store_call_takes_one_statement_for_the_feed(self, jane):
        key = jane.end_user.key
        store(key, [every(MINUTE, "2026-04-14T12:00:00Z", 3, source=WATCH, series="heart_rate", value=60.0)])
        with CaptureQueriesContext(connection) as queries:
            store(key, [every(MINUTE, "2026-04-15T12:00:00Z", 900, source=WATCH, series="heart_rate", value=60.0)])
        assert sum("healthdata_datachange" in query["sql"] for query in queries) == 1


@pytest.mark.django_db
class TestReading:
    def test_the_feed_of_the_organization_has_all_of_its_users_and_nobody_elses(self, organization):
        jane, sam = end_user(organization), end_user(organization)
        charlie = end_user(_charlies())
        for case in (jane, sam, charlie):
            put(case, Sample(WATCH, "weight", at("2026-04-15T06:00:00Z"), 80.0))
        rows, _ = feed_of(jane, "/api/v1/changes")
        assert [row["user_id"] for row in rows] == [str(jane.end_user.id), str(sam.end_user.id)]
        assert [row["user_id"] for row in feed_of(jane)[0]] == [str(jane.end_user.id)]
        assert with_key_of(jane, _charlies()).ask("changes").status_code == 404

    def test_pages_give_every_change_once(self, jane):
        for number in range(1, 24):
            put(jane, Sample(WATCH, "weight", at(f"2026-04-{number:02}T06:00:00Z"), 80.0))
        rows, cursor = feed_of(jane, limit=5)
        assert [row["start_date"] for row in rows] == [f"2026-04-{number:02}" for number in range(1, 24)]
        assert feed_of(jane, cursor=cursor)[0] == []

    def test_a_cursor_stays_good_when_everything_before_it_is_pruned(self, jane):
        put(jane, Sample(WATCH, "weight", at("2026-04-15T06:00:00Z"), 80.0))
        _, cursor = feed_of(jane)
        DataChange.objects.update(at=clock.now() - timedelta(days=91))
        assert feed.prune() == 1
        assert feed_of(jane)[0] == []
        put(jane, Sample(WATCH, "weight", at("2026-04-16T06:00:00Z"), 80.0))
        assert len(feed_of(jane, cursor=cursor)[0]) == 1

    @pytest.mark.parametrize("params", [{"cursor": "x"}, {"limit": 0}, {"limit": 1001}, {"since": "2026"}])
    def test_a_wrong_parameter_is_refused(self, jane, params):
        assert jane.ask("changes", **params).status_code == 400

    def test_a_cursor_belongs_to_its_feed(self, jane, organization):
        sam = end_user(organization)
        _, cursor = feed_of(jane)
        assert sam.ask("changes", cursor=cursor).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_what_commits_late_comes_after_what_was_read_in_the_meantime():
    tenant = organization("Alice's clinic")
    jane, sam = end_user(tenant), end_user(tenant)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            put(jane, Sample(WATCH, "weight", at("2026-04-14T06:00:00Z"), 80.0))
            begun.set()
            go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert begun.wait(20)
    put(sam, Sample(WATCH, "weight", at("2026-04-15T06:00:00Z"), 80.0))
    first, cursor = feed_of(sam, "/api/v1/changes")
    assert [row["start_date"] for row in first] == ["2026-04-15"]
    go_on.set()
    thread.join(20)
    late, _ = feed_of(sam, "/api/v1/changes", cursor=cursor)
    assert [row["start_date"] for row in late] == ["2026-04-14"]


def _charlies():
    return organization("Charlie's gym")
