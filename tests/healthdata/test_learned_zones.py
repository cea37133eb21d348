"""Zones that nobody told: learned from what rows and phones state, mending the days before."""

from typing import Any

import pytest

from healthdata.ingest import ingest
from healthdata.models import DueDay, ZoneStatement
from healthdata.records import Sample, StatedZone, WorkoutRecord
from healthdata.store.learned_zones import ZONES, Statement, learned
from healthdata.tasks import compute_figures
from healthdata.zones import zone_learning
from tests.healthdata.reading import HOUR, PHONE, WATCH, EndUserCase, at, end_user, put, stages
from tests.healthdata.test_sources import send
from tests.healthdata.test_zones import profile
from tests.healthdata.test_zones import steps as steps_or_none

DAY = 24 * HOUR


def steps(case: EndUserCase) -> dict[str, float]:
    """Return the days of which steps are known."""
    return {day: value for day, value in steps_or_none(case).items() if value is not None}


def daily_statements(first: str, days: int, offset: int, name: str | None = None, rows: int = 1) -> list[Statement]:
    """Return the same statement on days in a row."""
    return [Statement(at(first) + number * DAY, offset, rows, name) for number in range(days)]


class TestTheRule:
    def test_summer_and_winter_together_tell_a_zone(self):
        summer, winter = (
            daily_statements("2025-07-01T08:00:00Z", 3, 120),
            daily_statements("2025-12-01T08:00:00Z", 3, 60),
        )
        assert learned([*winter, *summer], ["UTC"]) == ((0, "Europe/Berlin"),)
        always = daily_statements("2025-12-01T08:00:00Z", 3, 120)
        assert learned([*always, *summer], ["UTC"]) == ((0, "Africa/Johannesburg"),)

    def test_what_is_thought_already_stays_where_it_fits(self):
        assert learned(daily_statements("2025-07-01T08:00:00Z", 3, 120), ["Europe/Warsaw"]) == ((0, "Europe/Warsaw"),)

    def test_a_journey_begins_and_ends_and_leads_home(self):
        there = at("2025-07-11T08:00:00Z")
        home_again = at("2025-07-21T08:00:00Z")
        statements = [
            *daily_statements("2025-07-01T08:00:00Z", 10, 120),
            *daily_statements("2025-07-11T08:00:00Z", 10, 330),
            *daily_statements("2025-07-21T08:00:00Z", 5, 120),
        ]
        assert learned(statements, ["Europe/Rome"]) == (
            (0, "Europe/Rome"), (there, "Asia/Kolkata"), (home_again, "Europe/Rome")
        )  # fmt: skip

    def test_one_day_of_a_wrong_clock_is_no_journey(self):
        statements = [
            *daily_statements("2025-07-01T08:00:00Z", 10, 120),
            *daily_statements("2025-07-12T08:00:00Z", 9, 120),
        ]
        assert learned([*statements, *daily_statements("2025-07-11T08:00:00Z", 1, 540)], []) == ((0, "Europe/Berlin"),)

    def test_the_newest_day_may_be_the_first_of_a_journey(self):
        statements = [
            *daily_statements("2025-07-01T08:00:00Z", 10, 120),
            *daily_statements("2025-07-11T08:00:00Z", 1, 540),
        ]
        assert learned(statements, []) == ((0, "Europe/Berlin"), (at("2025-07-11T08:00:00Z"), "Asia/Tokyo"))

    def test_what_most_rows_of_a_day_say_counts(self):
        statements = [
            *daily_statements("2025-07-01T08:00:00Z", 3, 120, rows=500),
            *daily_statements("2025-07-01T09:00:00Z", 3, 540, rows=20),
        ]
        assert learned(statements, []) == ((0, "Europe/Berlin"),)

    def test_a_name_says_more_than_offsets(self):
        statements = [
            *daily_statements("2025-07-01T08:00:00Z", 3, 120, rows=500),
            *daily_statements("2025-07-01T09:00:00Z", 3, 120, "Africa/Cairo"),
        ]
        assert learned(statements, ["Europe/Berlin"]) == ((0, "Africa/Cairo"),)

    def test_nothing_is_learned_from_nothing_or_from_clocks_of_no_place(self):
        assert learned([], ["Europe/Berlin"]) == ()
        assert learned(daily_statements("2025-07-01T08:00:00Z", 3, 77), ["Europe/Berlin"]) == ()

    def test_every_offset_that_people_live_by_has_a_zone(self):
        quarters = {*range(-600, -179, 60), -570, -150, -120, -60, *range(0, 781, 60), 210, 270, 330, 345, 390, 525}
        for offset in quarters | {570, 630, 765, 840, -660}:
            both = (
                [*daily_statements("2025-01-15T08:00:00Z", 2, offset)],
                [*daily_statements("2025-07-15T08:00:00Z", 2, offset)],
            )
            assert any(learned(half, []) for half in both), offset
        assert len(ZONES) == len(set(ZONES))


@pytest.mark.django_db
class TestLearning:
    """Over the store and HTTP."""

    def evening_walk(self, case: EndUserCase) -> None:
        """Seven thousand steps at six in the evening of the 15th in Los Angeles; the phone states no zone with them."""
        put(case, Sample(PHONE, "steps", at("2026-04-16T01:00:00Z"), 7000.0, HOUR))

    def test_a_workout_that_states_its_offset_mends_days_that_had_none(self, jane: EndUserCase) -> None:
        self.evening_walk(jane)
        assert steps(jane) == {"2026-04-16": 7000}
        run = at("2026-04-14T15:00:00Z")
        put(jane, WorkoutRecord(WATCH, "running", run, run + HOUR, zone=-420))
        compute_figures(jane.end_user.key)
        assert steps(jane) == {"2026-04-15": 7000}
        shown = profile(jane)
        assert (shown["time_zone"], shown["zone_known"], shown["zone_learned"]) == ("America/Los_Angeles", False, True)
        [job] = jane.get("zone-changes")["data"]
        assert (job["status"], job["time_zone"], job["is_learned"]) == ("done", "America/Los_Angeles", True)
        assert (job["days_changed"], job["workouts_moved"]) == (2, 0)
        assert not DueDay.objects.filter(user_key=jane.end_user.key).exists()

    def test_so_does_a_night(self, jane: EndUserCase) -> None:
        self.evening_walk(jane)
        [night] = stages("2026-04-15T07:00:00Z", [("deep", 400)])
        put(jane, *(type(night)(night.source, night.start, night.end, night.stage, -420),))
        compute_figures(jane.end_user.key)
        assert steps(jane) == {"2026-04-15": 7000}

    def test_and_samples_of_another_app(self, jane: EndUserCase) -> None:
        self.evening_walk(jane)
        put(jane, Sample(WATCH, "heart_rate", at("2026-04-14T15:00:00Z"), 70.0, zone=-420))
        compute_figures(jane.end_user.key)
        assert steps(jane) == {"2026-04-15": 7000}

    def test_and_what_the_phone_says_of_its_own_clock(self, jane: EndUserCase) -> None:
        self.evening_walk(jane)
        key = jane.end_user.key
        ingest(key, [], clocks=[StatedZone(at("2026-04-15T12:00:00Z"), -420, "America/Vancouver")] * 2)
        compute_figures(key)
        assert steps(jane) == {"2026-04-15": 7000}
        assert profile(jane)["time_zone"] == "America/Vancouver"
        assert ZoneStatement.objects.count() == 1

    def test_what_was_told_is_not_unlearned(self, organization: Any) -> None:
        sam = end_user(organization, time_zone="Asia/Tokyo")
        run = at("2026-04-14T15:00:00Z")
        put(sam, WorkoutRecord(WATCH, "running", run, run + HOUR, zone=-420))
        compute_figures(sam.end_user.key)
        assert (profile(sam)["time_zone"], profile(sam)["zone_learned"]) == ("Asia/Tokyo", False)
        assert sam.get("zone-changes")["data"] == []
        assert not DueDay.objects.filter(user_key=sam.end_user.key).exists()

    def test_what_is_told_later_goes_before_what_was_learned(self, jane: EndUserCase) -> None:
        self.evening_walk(jane)
        put(jane, Sample(WATCH, "heart_rate", at("2026-04-14T15:00:00Z"), 70.0, zone=-420))
        compute_figures(jane.end_user.key)
        answer = send(jane, "patch", "", {"time_zone": "Europe/Berlin"})
        assert (answer["time_zone"], answer["zone_known"], answer["zone_learned"]) == ("Europe/Berlin", True, False)
        assert steps(jane) == {"2026-04-16": 7000}

    def test_rows_that_agree_ask_for_nothing(self, organization: Any) -> None:
        organization.time_zone = "America/Los_Angeles"
        organization.save(update_fields=["time_zone"])
        sam = end_user(organization)
        put(sam, Sample(WATCH, "heart_rate", at("2026-04-14T15:00:00Z"), 70.0, zone=-420))
        assert not DueDay.objects.filter(user_key=sam.end_user.key, kind=DueDay.Kind.LEARN).exists()
        assert profile(sam)["zone_learned"] is False

    def test_a_journey_is_learned_in_whatever_order_it_is_told(self, organization: Any) -> None:
        jane, sam = end_user(organization), end_user(organization)
        samples = [
            Sample(WATCH, "heart_rate", at(f"2026-04-{day:02}T10:00:00Z"), 60.0, zone=330 if 11 <= day <= 14 else 120)
            for day in range(1, 19)
        ]
        put(jane, *samples)
        compute_figures(jane.end_user.key)
        for one in (*reversed(samples), *samples[::3]):
            put(sam, one)
            zone_learning.work_off(sam.end_user.key)
        compute_figures(sam.end_user.key)
        late = at("2026-04-13T19:00:00Z")  # half past midnight in India
        for case in (jane, sam):
            put(case, Sample(PHONE, "steps", late, 40.0, 60_000))
            assert steps(case) == {"2026-04-14": 40}

    def test_half_hour_zones_have_local_days(self, jane: EndUserCase) -> None:
        put(jane, Sample(PHONE, "steps", at("2026-04-14T18:30:00Z"), 20.0, 60_000))  # midnight in India
        put(jane, Sample(PHONE, "steps", at("2026-04-14T18:29:00Z"), 3.0, 60_000))
        put(jane, Sample(WATCH, "heart_rate", at("2026-04-14T15:00:00Z"), 70.0, zone=330))
        compute_figures(jane.end_user.key)
        assert steps(jane) == {"2026-04-14": 3, "2026-04-15": 20}


@pytest.mark.django_db
def test_a_zone_that_is_told_is_a_job_with_a_result(jane: EndUserCase) -> None:
    evening = at("2026-04-16T01:00:00Z")
    put(
        jane,
        Sample(PHONE, "steps", evening, 7000.0, HOUR),
        WorkoutRecord(WATCH, "running", evening, evening + HOUR),
        *stages("2026-04-16T00:30:00Z", [("deep", 200)]),
    )
    assert steps(jane) == {"2026-04-16": 7000}
    send(jane, "patch", "", {"time_zone": "America/Los_Angeles"})
    [job] = jane.get("zone-changes")["data"]
    assert (job["status"], job["valid_from"], job["started_at"]) == ("queued", "1970-01-01T00:00:00Z", None)
    compute_figures(jane.end_user.key)
    [job] = jane.get("zone-changes")["data"]
    assert (job["status"], job["days_changed"], job["workouts_moved"], job["sleep_sessions_moved"]) == ("done", 2, 1, 1)
    assert job["finished_at"] >= job["started_at"] >= job["created_at"]
    feed = jane.get("changes")["data"]
    moved = {(one["data_type"], one["action"], one["start_date"]) for one in feed}
    assert {("workout", "updated", "2026-04-15"), ("sleep", "updated", "2026-04-15")} <= moved


@pytest.mark.django_db
def test_charlie_sees_no_changes_of_zones(seen_by_charlie: EndUserCase) -> None:
    assert seen_by_charlie.ask("zone-changes").status_code == 404
