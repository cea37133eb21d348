"""GET /users/{id}/summaries/activity, /sleep and /body."""

from datetime import timedelta

import pytest

from healthdata.merge.preferences import Priority, SourceCandidate, choose
from healthdata.queries import Figure
from healthdata.records import Sample
from healthdata.summaries.choice import Chooser
from tests.healthdata.reading import (
    HOUR,
    MINUTE,
    PHONE,
    RING,
    WATCH,
    amount,
    at,
    day,
    end_user,
    every,
    put,
    stages,
    total,
)

pytestmark = pytest.mark.django_db

ONE_DAY = {"start_date": "2026-04-15", "end_date": "2026-04-15"}
APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}
NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]


def the_day(case) -> dict:
    [shown] = case.get("summaries/activity", **ONE_DAY)["data"]
    return shown


class TestActivity:
    def test_a_phone_and_a_watch_are_not_added_up(self, jane):
        put(
            jane,
            amount("steps", "2026-04-15T10:00:00Z", 900.0),
            amount("steps", "2026-04-15T10:00:00Z", 850.0, PHONE),
            amount("steps", "2026-04-15T19:00:00Z", 5000.0, PHONE),
        )
        shown = the_day(jane)
        assert shown["steps"] == 900 + 5000  # the watch was on its charger at seven in the evening
        assert shown["sources"]["steps"] == {"provider": "apple", "device": "iPhone"}
        shares = [(one["device"], one["value"]) for one in shown["figures"]["steps"]["sources"]]
        assert shares == [("Apple Watch", 900), ("iPhone", 5000)]

    def test_each_figure_has_its_own_source(self, jane):
        put(
            jane,
            amount("steps", "2026-04-15T10:00:00Z", 900.0),
            amount("flights_climbed", "2026-04-15T10:00:00Z", 3.0, PHONE),
        )
        sources = the_day(jane)["sources"]
        assert {name: source["device"] for name, source in sources.items()} == {
            "steps": "Apple Watch",
            "flights_climbed": "iPhone",
        }

    def test_the_organizations_order_goes_before_the_platforms(self, jane, organization):
        put(jane, amount("steps", "2026-04-15T10:00:00Z", 900.0), amount("steps", "2026-04-15T10:00:00Z", 850.0, PHONE))
        organization.settings = {"source_priority": {"steps": ["phone", "watch"]}}
        organization.save(update_fields=["settings"])
        assert the_day(jane)["steps"] == 850

    def test_the_end_users_order_goes_before_all(self, organization):
        organization.settings = {"source_priority": {"steps": ["phone"]}}
        organization.save(update_fields=["settings"])
        case = end_user(organization, source_priority={"steps": ["oura"]})
        put(
            case,
            amount("steps", "2026-04-15T10:00:00Z", 850.0, PHONE),
            amount("steps", "2026-04-15T10:00:00Z", 700.0, RING),
            amount("steps", "2026-04-15T10:00:00Z", 900.0),
        )
        assert the_day(case)["steps"] == 700

    def test_a_vendors_total_outdoes_the_sum_of_its_parts(self, jane):
        put(jane, amount("steps", "2026-04-15T10:00:00Z", 900.0), total("steps", 1200.0))
        assert the_day(jane)["steps"] == 1200

    def test_total_energy_is_active_plus_basal_so_that_a_row_adds_up(self, jane):
        put(
            jane,
            total("active_calories", 480.5),
            total("basal_calories", 1900.0),
            total("active_calories", 9000.0, PHONE),
        )
        shown = the_day(jane)
        assert (shown["total_calories_kcal"], shown["sources"]["total_calories_kcal"]["device"]) == (
            2380.5,
            "Apple Watch",
        )
        put(jane, total("total_calories", 2400.0))
        assert the_day(jane)["total_calories_kcal"] == 2380.5

    def test_total_energy_is_the_vendors_where_a_part_is_unknown(self, jane):
        put(jane, total("active_calories", 480.0), total("total_calories", 2400.0))
        assert the_day(jane)["total_calories_kcal"] == 2400

    def test_active_of_one_and_basal_of_another_source_add_up_too(self, jane):
        put(jane, total("active_calories", 480.0), total("basal_calories", 1900.0, RING))
        shown = the_day(jane)
        assert (shown["active_calories_kcal"], shown["basal_calories_kcal"], shown["total_calories_kcal"]) == (
            480,
            1900,
            2380,
        )

    def test_distance_is_everything_one_source_counts(self, jane):
        put(
            jane,
            amount("distance_walking_running", "2026-04-15T10:00:00Z", 1500.0),
            amount("distance_cycling", "2026-04-15T11:00:00Z", 8000.0),
            amount("distance_walking_running", "2026-04-15T10:00:00Z", 1400.0, PHONE),
        )
        assert the_day(jane)["distance_meters"] == 9500

    def test_heart_rate_is_mean_lowest_and_highest_of_whoever_measured_when(self, jane):
        put(
            jane,
            *every(HOUR, "2026-04-15T06:00:00Z", 2, source=WATCH, series="heart_rate", value=60.0),
            Sample(source=WATCH, series="heart_rate", start=at("2026-04-15T12:00:00Z"), value=150.0),
            Sample(source=RING, series="heart_rate", start=at("2026-04-15T02:00:00Z"), value=41.0),
            total("resting_heart_rate", 52.0, RING),
            total("maximum_heart_rate", 190.0),
        )
        shown = the_day(jane)
        heart = [shown[f"{name}_heart_rate_bpm"] for name in ("avg", "min", "max", "resting")]
        assert heart == [77.8, 41, 150, 52]

    def test_a_vendors_extremes_count_where_there_are_no_readings(self, jane):
        put(jane, total("heart_rate", 71.0), total("lowest_heart_rate", 44.0), total("maximum_heart_rate", 160.0))
        shown = the_day(jane)
        assert [shown[f"{name}_heart_rate_bpm"] for name in ("avg", "min", "max")] == [71, 44, 160]

    def test_what_nobody_measured_is_null_and_has_no_source(self, jane):
        put(jane, total("steps", 100.0))
        shown = the_day(jane)
        assert {name for name, value in shown.items() if value is not None} == {"date", "steps", "sources", "figures"}
        assert list(shown["sources"]) == ["steps"]

    def test_a_figure_of_nothing_is_zero_not_null(self, jane):
        put(jane, total("steps", 0.0))
        assert the_day(jane)["steps"] == 0

    def test_days_without_data_are_left_out(self, jane):
        put(jane, total("steps", 1.0, on="2026-04-03"), total("steps", 2.0, on="2026-04-20"))
        days = jane.get("summaries/activity", **APRIL)["data"]
        assert [shown["date"] for shown in days] == ["2026-04-03", "2026-04-20"]

    def test_a_day_is_the_end_users(self, organization):
        amit = end_user(organization, time_zone="Asia/Kolkata")
        put(amit, amount("steps", "2026-04-14T18:29:00Z", 1.0), amount("steps", "2026-04-14T18:30:00Z", 20.0))
        days = amit.get("summaries/activity", **APRIL)["data"]
        assert [(shown["date"], shown["steps"]) for shown in days] == [("2026-04-14", 1), ("2026-04-15", 20)]

    @pytest.mark.parametrize(
        ("on", "start", "hours"),
        [("2026-03-29", "2026-03-28T23:00:00Z", 23), ("2026-10-25", "2026-10-24T22:00:00Z", 25)],
    )
    def test_a_day_on_which_the_clocks_change_has_23_or_25_hours(self, organization, on, start, hours):
        case = end_user(organization, time_zone="Europe/Berlin")
        begin = at(start)
        put(
            case,
            *(
                Sample(source=WATCH, series="steps", start=begin + n * HOUR, value=10.0, duration=MINUTE)
                for n in range(-1, 26)
            ),
        )
        [shown] = case.get("summaries/activity", start_date=on, end_date=on)["data"]
        assert shown["steps"] == 10 * hours

    def test_the_offset_the_row_states_goes_before_the_zone_of_the_user(self, jane):
        put(
            jane,
            Sample(
                source=WATCH, series="steps", start=at("2026-04-14T23:00:00Z"), value=7.0, duration=MINUTE, zone=120
            ),
        )
        assert the_day(jane)["steps"] == 7

    def test_a_client_that_has_it_is_told_so(self, jane):
        put(jane, total("steps", 1.0))
        etag = jane.ask("summaries/activity", **ONE_DAY)["ETag"]
        same = {"If-None-Match": etag}
        assert jane.ask("summaries/activity", headers=same, **ONE_DAY).status_code == 304
        put(jane, total("steps", 2.0))
        assert jane.ask("summaries/activity", headers=same, **ONE_DAY).status_code == 200

    def test_200_days_take_as_few_queries_as_one(self, jane, django_assert_max_num_queries):
        first = day("2026-01-01")
        put(
            jane,
            *(total("steps", 1.0, on=(first + timedelta(days=n)).isoformat()) for n in range(200)),
            amount("steps", "2026-04-15T10:00:00Z", 1.0),
        )
        jane.get("summaries/activity", start_date="2026-01-01", end_date="2026-07-19")  # computes what is due
        with django_assert_max_num_queries(5):
            days = jane.get("summaries/activity", start_date="2026-01-01", end_date="2026-07-19")["data"]
        assert len(days) == 200

    def test_the_short_cut_chooses_as_the_rule_says(self):
        priority = Priority.cascade({"*": ["oura"]}, {"steps": ["phone", "garmin"]})
        figures = [
            Figure(number, provider, None, kind, 1.0, n, 1.0, 1.0, 1.0, 1.0, hours, False)
            for number, (provider, kind, hours, n) in enumerate(
                [
                    ("apple", "phone", 3, 9),
                    ("apple", "watch", 5, 9),
                    ("oura", "ring", 5, 9),
                    ("garmin", "watch", 5, 20),
                    ("apple", "phone", 3, 10),
                ]
            )
        ]
        for metric in ("steps", "heart_rate", "weight"):
            for start in range(len(figures)):
                some = figures[start:]
                candidates = [SourceCandidate(f.source_id, f.provider, f.device_type, f.hours, f.n) for f in some]
                assert Chooser(priority).best(metric, some).source_id == choose(candidates, metric, priority).id


class TestSleep:
    def one(self, case) -> dict:
        [shown] = case.get("summaries/sleep", **APRIL)["data"]
        return shown

    def test_a_night_and_a_nap_are_one_day(self, jane):
        put(jane, *stages("2026-04-14T22:00:00Z", NIGHT), *stages("2026-04-15T14:10:00Z", [("sleeping", 40)]))
        shown = self.one(jane)
        main = jane.get("events/sleep", **APRIL)["data"][0]
        assert (shown["date"], shown["sleep_id"]) == ("2026-04-15", main["id"])
        same = ("start_time", "end_time", "duration_seconds", "sleep_duration_seconds", "efficiency_percent", "stages")
        assert {name: shown[name] for name in same} == {name: main[name] for name in same}
        assert (shown["interruptions"], shown["awake_after_onset_minutes"]) == (1, 10)
        assert shown["naps"] == {"count": 1, "sleep_duration_seconds": 2400}
        assert shown["source"] == {"provider": "apple", "device": "Apple Watch"}

    def test_one_source_counts_a_day(self, jane):
        put(
            jane,
            *stages("2026-04-14T22:00:00Z", NIGHT, source=PHONE),
            *stages("2026-04-14T22:30:00Z", NIGHT, source=RING),
        )
        assert self.one(jane)["source"]["provider"] == "oura"

    def test_among_equals_stages_go_before_none_then_the_longer_night(self, jane):
        put(
            jane,
            *stages("2026-04-14T21:00:00Z", [("sleeping", 540)], source=RING),
            *stages("2026-04-14T22:00:00Z", NIGHT),
        )
        assert self.one(jane)["source"]["provider"] == "apple"

    def test_a_night_goes_before_a_nap_of_a_better_source(self, jane):
        put(
            jane,
            *stages("2026-04-14T22:00:00Z", NIGHT, source=PHONE),
            *stages("2026-04-15T14:00:00Z", [("sleeping", 30)], source=RING, nap=True),
        )
        assert self.one(jane)["source"]["device"] == "iPhone"

    def test_the_end_users_order_counts_here_too(self, organization):
        case = end_user(organization, source_priority={"sleep": ["phone"]})
        put(case, *stages("2026-04-14T22:00:00Z", NIGHT, source=PHONE), *stages("2026-04-14T22:00:00Z", NIGHT))
        assert self.one(case)["source"]["device"] == "iPhone"

    def test_a_day_of_naps_has_no_main_sleep(self, jane):
        put(jane, *stages("2026-04-15T14:00:00Z", [("sleeping", 30)], source=RING, nap=True))
        shown = self.one(jane)
        assert (shown["sleep_id"], shown["stages"], shown["duration_seconds"]) == (None, None, None)
        assert shown["naps"] == {"count": 1, "sleep_duration_seconds": 1800}

    def test_it_takes_two_queries(self, jane, django_assert_num_queries):
        put(jane, *(row for number in range(1, 21) for row in stages(f"2026-04-{number:02}T22:00:00Z", NIGHT)))
        jane.get("summaries/sleep", **APRIL)
        with django_assert_num_queries(2):
            assert len(jane.get("summaries/sleep", **APRIL)["data"]) == 20


@pytest.mark.parametrize("path", ["summaries/activity", "summaries/sleep"])
class TestRanges:
    def test_both_days_are_required(self, jane, path):
        assert set(jane.refused(path)) == {"start_date", "end_date"}

    def test_the_end_may_not_be_before_the_start(self, jane, path):
        assert "end_date" in jane.refused(path, start_date="2026-04-15", end_date="2026-04-14")

    def test_400_days_are_the_most(self, jane, path):
        assert jane.get(path, start_date="2025-01-01", end_date="2026-02-04") == {"data": []}
        assert "400" in jane.refused(path, start_date="2025-01-01", end_date="2026-02-05")["end_date"]

    def test_the_ends_of_the_calendar_are_no_fault_of_ours(self, jane, path):
        put(jane, total("steps", 1.0))
        assert jane.get(path, start_date="1900-01-01", end_date="1900-01-02") == {"data": []}
        assert jane.get(path, start_date="2199-12-30", end_date="2199-12-31") == {"data": []}
        assert "1900" in jane.refused(path, start_date="0001-01-01", end_date="0001-01-02")["start_date"]


@pytest.mark.parametrize("path", ["activity", "sleep", "body", "data"])
def test_an_unknown_parameter_is_named_and_charlie_sees_nothing(jane, seen_by_charlie, path):
    params = APRIL if path in ("activity", "sleep") else {}
    assert "metric" in jane.refused(f"summaries/{path}", metric="steps", **params)
    assert seen_by_charlie.ask(f"summaries/{path}", **params).status_code == 404


@pytest.mark.parametrize("path", ["sleep", "body", "data"])
def test_every_summary_has_an_etag(jane, path):
    params = APRIL if path == "sleep" else {}
    put(jane, *stages("2026-04-14T22:00:00Z", NIGHT))
    etag = jane.ask(f"summaries/{path}", **params)["ETag"]
    assert jane.ask(f"summaries/{path}", headers={"If-None-Match": etag}, **params).status_code == 304
