"""GET /users/{id}/events/workouts and the single workout."""

import uuid

import pytest

from healthdata.records import Sample, WorkoutRecord
from tests.healthdata.reading import HOUR, MINUTE, PHONE, RING, WATCH, at, end_user, every, put

pytestmark = pytest.mark.django_db

APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}


def workout(start: str, *, minutes: int = 30, **fields: object) -> WorkoutRecord:
    values = {"source": WATCH, "type": "running", "start": at(start), "end": at(start) + minutes * MINUTE}
    return WorkoutRecord(**(values | fields))


class TestList:
    def test_workouts_come_oldest_first(self, jane):
        put(jane, workout("2026-04-16T06:00:00Z"), workout("2026-04-15T18:00:00Z"), workout("2026-04-15T06:00:00Z"))
        starts = [row["start_time"] for row in jane.get("events/workouts", **APRIL)["data"]]
        assert starts == ["2026-04-15T06:00:00Z", "2026-04-15T18:00:00Z", "2026-04-16T06:00:00Z"]

    def test_what_the_source_does_not_tell_is_null(self, jane):
        put(jane, workout("2026-04-15T06:00:00Z"))
        [row] = jane.get("events/workouts", **APRIL)["data"]
        unknown = (
            "distance_meters",
            "calories_kcal",
            "avg_heart_rate_bpm",
            "avg_pace_sec_per_km",
            "elevation_gain_meters",
        )
        assert {row[name] for name in unknown} == {None}
        assert row["duration_seconds"] == 1800

    def test_a_workout_belongs_to_the_local_day_it_starts_on(self, organization):
        amit = end_user(organization, time_zone="Asia/Kolkata")
        put(amit, workout("2026-04-14T18:29:00Z"), workout("2026-04-14T18:31:00Z"))
        rows = amit.get("events/workouts", start_date="2026-04-15", end_date="2026-04-15")["data"]
        assert [row["start_time"] for row in rows] == ["2026-04-14T18:31:00Z"]

    def test_the_offset_the_source_states_goes_before_the_zone_of_the_user(self, jane):
        put(jane, workout("2026-04-14T23:00:00Z", zone=120))
        [row] = jane.get("events/workouts", start_date="2026-04-15", end_date="2026-04-15")["data"]
        assert row["zone_offset"] == "+02:00"

    def test_both_days_of_the_range_count(self, jane):
        put(jane, *(workout(f"2026-04-{number}T12:00:00Z") for number in (14, 15, 16, 17)))
        rows = jane.get("events/workouts", start_date="2026-04-15", end_date="2026-04-16")["data"]
        assert [row["start_time"][:10] for row in rows] == ["2026-04-15", "2026-04-16"]

    def test_a_type_and_a_provider_may_be_asked_for(self, jane):
        put(
            jane,
            workout("2026-04-15T06:00:00Z"),
            workout("2026-04-15T07:00:00Z", type="yoga"),
            workout("2026-04-15T08:00:00Z", source=RING),
        )
        assert [row["type"] for row in jane.get("events/workouts", type="yoga", **APRIL)["data"]] == ["yoga"]
        [row] = jane.get("events/workouts", provider="oura", **APRIL)["data"]
        assert row["source"] == {"provider": "oura", "device": "Oura Ring Gen3"}

    def test_pages_go_through_workouts_of_the_same_start(self, jane):
        put(
            jane,
            *(workout("2026-04-15T06:00:00Z", external_id=str(number), source=source)
              for number in range(4) for source in (WATCH, PHONE)),
        )  # fmt: skip
        pages = jane.pages("events/workouts", limit=3, **APRIL)
        rows = [row["id"] for page in pages for row in page["data"]]
        assert len(rows) == len(set(rows)) == 8
        assert [page["pagination"]["total_count"] for page in pages] == [8, 8, 8]

    def test_a_page_that_ends_with_the_list_has_no_cursor(self, jane):
        put(jane, workout("2026-04-15T06:00:00Z"), workout("2026-04-15T07:00:00Z"))
        pagination = jane.get("events/workouts", limit=2, **APRIL)["pagination"]
        assert pagination == {"next_cursor": None, "has_more": False, "total_count": 2}

    def test_a_cursor_belongs_to_its_list(self, jane):
        put(jane, *(workout(f"2026-04-{number}T12:00:00Z") for number in (14, 15, 16)))
        cursor = jane.get("events/workouts", limit=1, **APRIL)["pagination"]["next_cursor"]
        assert "cursor" in jane.refused("events/workouts", cursor=cursor, type="running", **APRIL)
        assert "cursor" in jane.refused("events/sleep", cursor=cursor, **APRIL)

    def test_a_page_takes_three_queries_and_a_page_that_holds_all_two(self, jane, django_assert_num_queries):
        put(jane, *(workout(f"2026-04-{number}T12:00:00Z") for number in range(10, 30)))
        jane.get("events/workouts", **APRIL)
        with django_assert_num_queries(2):
            whole = jane.get("events/workouts", **APRIL)
        with django_assert_num_queries(3):
            page = jane.get("events/workouts", limit=5, **APRIL)
        assert [len(whole["data"]), len(page["data"])] == [20, 5]


class TestRefusedQueriesOfWorkouts:
    @pytest.mark.parametrize("path", ["events/workouts", "events/sleep"])
    @pytest.mark.parametrize("missing", ["start_date", "end_date"])
    def test_both_days_are_required(self, jane, path, missing):
        assert missing in jane.refused(path, **{name: text for name, text in APRIL.items() if name != missing})

    @pytest.mark.parametrize("text", ["2026-04-31", "15.04.2026", "2026-04-15T00:00:00Z", "today", ""])
    def test_a_day_that_is_none_is_refused(self, jane, text):
        assert "start_date" in jane.refused("events/workouts", start_date=text, end_date="2026-04-30")

    def test_the_end_may_not_be_before_the_start(self, jane):
        assert "end_date" in jane.refused("events/workouts", start_date="2026-04-30", end_date="2026-04-01")

    @pytest.mark.parametrize("limit", [0, 101, "x"])
    def test_a_page_size_out_of_bounds_is_refused(self, jane, limit):
        assert "limit" in jane.refused("events/workouts", limit=limit, **APRIL)

    def test_an_unknown_type_is_named(self, jane):
        assert "quidditch" in jane.refused("events/workouts", type="quidditch", **APRIL)["type"]

    def test_an_unknown_parameter_is_named(self, jane):
        assert "page" in jane.refused("events/workouts", page=2, **APRIL)

    def test_charlie_does_not_see_the_user(self, jane, seen_by_charlie):
        put(jane, workout("2026-04-15T06:00:00Z"))
        [row] = jane.get("events/workouts", **APRIL)["data"]
        assert seen_by_charlie.ask("events/workouts", **APRIL).status_code == 404
        assert seen_by_charlie.ask(f"events/workouts/{row['id']}").status_code == 404


class TestSingle:
    def one(self, case, **fields):
        put(case, workout("2026-04-15T06:00:00Z", **fields))
        [row] = case.get("events/workouts", **APRIL)["data"]
        return row["id"]

    def test_it_has_all_of_the_list_and_its_own(self, jane):
        lap = {"start_time": "2026-04-15T06:00:00Z", "end_time": "2026-04-15T06:06:44Z", "distance_meters": 1000.0}
        ident = self.one(jane, title="Morning run", notes="Easy", details={"average_met": 9.8}, laps=[lap])
        [listed] = jane.get("events/workouts", **APRIL)["data"]
        shown = jane.get(f"events/workouts/{ident}")
        assert {name: shown[name] for name in listed} == listed
        assert (shown["title"], shown["notes"], shown["original_type"]) == ("Morning run", "Easy", None)
        assert (shown["details"], shown["laps"], shown["segments"]) == ({"average_met": 9.8}, [lap], [])

    def test_the_route_is_put_together_from_its_series(self, jane):
        moment = at("2026-04-15T06:00:05Z")
        position = {"latitude": 52.520008, "longitude": 13.404954, "altitude": 34.2}
        put(jane, *(Sample(source=WATCH, series=name, start=moment, value=value) for name, value in position.items()))
        put(jane, Sample(source=WATCH, series="latitude", start=moment + 1000, value=52.53))
        shown = jane.get(f"events/workouts/{self.one(jane)}")
        assert shown["route"] == [
            {
                "timestamp": "2026-04-15T06:00:05Z",
                "latitude": 52.520008,
                "longitude": 13.404954,
                "altitude_meters": 34.2,
            }
        ]
        assert shown["route_resolution_seconds"] is None

    def test_samples_are_those_of_the_same_source_while_it_lasted(self, jane):
        put(
            jane,
            *every(10 * MINUTE, "2026-04-15T05:50:00Z", 6, source=WATCH, series="heart_rate", value=120.0),
            *every(10 * MINUTE, "2026-04-15T05:50:00Z", 6, source=PHONE, series="heart_rate", value=99.0),
            *every(10 * MINUTE, "2026-04-15T06:00:00Z", 2, source=WATCH, series="running_power", value=210.0),
        )
        samples = jane.get(f"events/workouts/{self.one(jane)}")["samples"]
        hearts = [(row["timestamp"][11:16], row["value"]) for row in samples if row["series_type"] == "heart_rate"]
        assert hearts == [("06:00", 120.0), ("06:10", 120.0), ("06:20", 120.0), ("06:30", 120.0)]
        assert [row["unit"] for row in samples if row["series_type"] == "running_power"] == ["W", "W"]

    def test_a_long_course_is_put_together_by_seconds(self, jane):
        hours = 5
        put(jane, *every(1000, "2026-04-15T06:00:00Z", hours * 3600, source=WATCH, series="heart_rate", value=120.0))
        shown = jane.get(f"events/workouts/{self.one(jane, end=at('2026-04-15T06:00:00Z') + hours * HOUR)}")
        assert shown["samples_resolution_seconds"] == 5
        assert len(shown["samples"]) == hours * 720 + 0
        assert {row["value"] for row in shown["samples"]} == {120.0}

    def test_a_client_that_has_it_is_told_so(self, jane):
        path = f"events/workouts/{self.one(jane)}"
        etag = jane.ask(path)["ETag"]
        again = jane.ask(path, headers={"If-None-Match": etag})
        assert (again.status_code, again.content) == (304, b"")

    def test_a_phones_spelling_of_the_id_will_do(self, jane):
        ident = self.one(jane)
        assert jane.get(f"events/workouts/{ident.upper()}")["id"] == ident

    @pytest.mark.parametrize("ident", [str(uuid.UUID(int=0)), "none", "1"])
    def test_an_id_that_is_none_is_not_found(self, jane, ident):
        assert jane.ask(f"events/workouts/{ident}").status_code == 404

    def test_another_users_workout_is_not_found(self, jane, organization):
        assert end_user(organization).ask(f"events/workouts/{self.one(jane)}").status_code == 404
