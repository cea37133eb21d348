"""One night is one night, whoever recorded it: in the list, the summary and the scores alike."""

import random

import pytest
from msgspec.structs import replace

from healthdata.records import Sample, SourceInfo, StageRecord
from tests.healthdata.reading import MINUTE, PHONE, RING, WATCH, at, end_user, put, stages

pytestmark = pytest.mark.django_db

APRIL = {"start_date": "2026-04-01", "end_date": "2026-04-30"}
PIXEL = SourceInfo(provider="google", model="Pixel Watch 3", device_type="watch")
MAT = SourceInfo(provider="withings", model="Sleep Analyzer", device_type="unknown")
NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]  # 410 min asleep


def listed(case, **params):
    return case.get("events/sleep", **APRIL, **params)["data"]


def by_source(case):
    return {row["source"]["device"]: row for row in listed(case)}


def summary(case, day="2026-04-15"):
    return case.get("summaries/sleep", start_date=day, end_date=day)["data"]


class TestOneOfSeveral:
    def test_time_in_bed_on_the_phone_is_the_same_night_as_sleep_on_the_watch(self, jane):
        put(
            jane,
            *stages("2026-04-14T23:10:00Z", [("light", 300), ("deep", 160)]),
            *stages("2026-04-14T22:45:00Z", [("in_bed", 495)], source=PHONE),
        )
        rows = by_source(jane)
        assert (rows["Apple Watch"]["is_primary"], rows["Apple Watch"]["same_as"]) == (True, None)
        assert (rows["iPhone"]["is_primary"], rows["iPhone"]["same_as"]) == (False, rows["Apple Watch"]["id"])
        [once] = listed(jane, primary="true")
        assert once["id"] == rows["Apple Watch"]["id"]
        [double] = listed(jane, primary="false")
        assert double["id"] == rows["iPhone"]["id"]
        [day] = summary(jane)
        assert (day["sleep_id"], day["sleep_duration_seconds"]) == (once["id"], 460 * 60)
        assert day["naps"] == {"count": 0, "sleep_duration_seconds": 0}

    @pytest.mark.parametrize(
        ("start", "minutes", "same"),
        [
            ("2026-04-14T23:00:00Z", 300, True),  # 300 of 300 shared
            ("2026-04-15T03:48:00Z", 240, True),  # 192 of 240: four fifths
            ("2026-04-15T03:49:00Z", 240, False),  # 191 of 240
            ("2026-04-15T08:00:00Z", 120, False),
        ],
    )
    def test_four_fifths_of_the_shorter_make_two_sleeps_one(self, jane, start, minutes, same):
        put(jane, *stages("2026-04-14T23:00:00Z", [("deep", 480)]))
        put(jane, *stages(start, [("sleeping", minutes)], source=PHONE))
        assert (len(listed(jane, primary="true")) == 1) is same

    def test_ten_minutes_between_the_starts_make_two_sleeps_one_though_they_share_little(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", [("deep", 12)], source=RING))
        put(jane, *stages("2026-04-14T23:10:00Z", NIGHT))
        [once] = listed(jane, primary="true")
        assert once["source"]["device"] == "Apple Watch"

    def test_who_tells_stages_goes_before_who_does_not_whatever_the_order_of_sources(self, organization):
        sam = end_user(organization, source_priority={"sleep": ["phone"]})
        put(sam, *stages("2026-04-14T22:40:00Z", [("sleeping", 500)], source=PHONE))
        put(sam, *stages("2026-04-14T23:00:00Z", NIGHT))
        [once] = listed(sam, primary="true")
        assert once["source"]["device"] == "Apple Watch"

    def test_of_two_that_tell_stages_the_end_users_order_decides(self, organization):
        sam = end_user(organization, source_priority={"sleep": ["apple"]})
        put(sam, *stages("2026-04-14T23:02:00Z", NIGHT, source=RING))
        put(sam, *stages("2026-04-14T23:00:00Z", NIGHT))
        [once] = listed(sam, primary="true")
        assert once["source"]["provider"] == summary(sam)[0]["source"]["provider"] == "apple"

    def test_a_watch_that_dies_after_an_hour_does_not_stand_for_the_night(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", [("light", 40), ("deep", 20)]))
        put(jane, *stages("2026-04-14T23:05:00Z", [("sleeping", 450)], source=MAT))
        [once] = listed(jane, primary="true")
        assert (once["source"]["provider"], once["sleep_duration_seconds"]) == ("withings", 450 * 60)
        assert summary(jane)[0]["sleep_duration_seconds"] == 450 * 60

    def test_the_order_in_which_they_come_changes_nothing(self, organization):
        recordings = [
            stages("2026-04-14T23:00:00Z", NIGHT),
            stages("2026-04-14T22:45:00Z", [("in_bed", 495)], source=PHONE),
            stages("2026-04-14T23:20:00Z", [("sleeping", 400)], source=MAT),
        ]
        answers = []
        for first, second, third in [(0, 1, 2), (2, 1, 0), (1, 0, 2)]:
            sam = end_user(organization)
            for number in (first, second, third):
                put(sam, *recordings[number])
            answers.append([(row["source"], row["is_primary"]) for row in listed(sam)])
        assert answers[0] == answers[1] == answers[2]
        assert sum(primary for _, primary in answers[0]) == 1

    def test_months_of_both_devices_list_each_night_once_over_pages(self, jane):
        for number in range(1, 21):
            put(jane, *stages(f"2026-04-{number:02}T22:00:00Z", NIGHT))
            put(jane, *stages(f"2026-04-{number:02}T21:40:00Z", [("in_bed", 480)], source=PHONE))
        pages = jane.pages("events/sleep", limit=6, primary="true", **APRIL)
        assert len([row for page in pages for row in page["data"]]) == 20
        assert {page["pagination"]["total_count"] for page in pages} == {20}

    def test_a_word_that_is_neither_true_nor_false_is_refused(self, jane):
        assert jane.ask("events/sleep", **APRIL, primary="some").status_code == 400


class TestMainSleep:
    def test_a_doze_on_the_watch_is_not_the_main_sleep_over_a_night_on_the_mat(self, jane):
        put(jane, *stages("2026-04-14T22:30:00Z", [("sleeping", 480)], source=MAT))
        put(jane, *stages("2026-04-15T15:00:00Z", [("light", 30)]))
        [day] = summary(jane)
        assert (day["source"]["provider"], day["sleep_duration_seconds"]) == ("withings", 480 * 60)
        assert day["naps"] == {"count": 1, "sleep_duration_seconds": 30 * 60}
        [score] = jane.get("health-scores", category="sleep", provider="wearlink")["data"]
        assert score["components"]["duration"] == 100

    def test_a_lone_doze_is_a_nap_and_has_no_score(self, jane):
        put(jane, *stages("2026-04-15T14:00:00Z", [("light", 35)]))
        [day] = summary(jane)
        assert (day["sleep_id"], day["sleep_duration_seconds"]) == (None, None)
        assert day["naps"] == {"count": 1, "sleep_duration_seconds": 35 * 60}
        assert jane.get("health-scores")["data"] == []

    def test_known_sleep_goes_before_a_bed_without_sleep(self, jane):
        put(jane, *stages("2026-04-14T20:00:00Z", [("in_bed", 600)], source=PHONE))
        put(jane, *stages("2026-04-15T01:30:00Z", [("sleeping", 240)], source=MAT))
        [day] = summary(jane)
        assert (day["sleep_duration_seconds"], day["naps"]["count"]) == (240 * 60, 0)

    def test_a_bed_alone_is_a_night_of_unknown_sleep(self, jane):
        put(jane, *stages("2026-04-14T22:00:00Z", [("in_bed", 500)], source=PHONE))
        [day] = summary(jane)
        assert (day["duration_seconds"], day["sleep_duration_seconds"]) == (500 * 60, None)
        assert set(day["stages"].values()) <= {None, 0}

    def test_the_score_is_of_the_night_that_the_summary_shows(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", [("light", 240), ("deep", 60)], source=RING))
        put(jane, *stages("2026-04-14T23:30:00Z", [("sleeping", 390)], source=MAT))
        [day] = summary(jane)
        assert day["source"]["provider"] == "oura"
        [score] = jane.get("health-scores", category="sleep")["data"]
        assert score["components"]["duration"] == 52  # five hours


class TestPartsOfANight:
    def test_a_night_in_two_parts_adds_up(self, jane):
        put(
            jane,
            *stages("2026-04-14T23:00:00Z", [("light", 120), ("deep", 90)], source=RING),
            *stages("2026-04-15T04:45:00Z", [("rem", 100), ("awake", 5), ("light", 60)], source=RING),
            Sample(RING, "heart_rate", at("2026-04-15T00:00:00Z"), 50.0),
            Sample(RING, "heart_rate", at("2026-04-15T05:00:00Z"), 60.0),
        )
        [day] = summary(jane)
        assert day["sleep_duration_seconds"] == (210 + 160) * 60
        assert day["duration_seconds"] == (210 + 165) * 60
        assert (day["start_time"], day["end_time"]) == ("2026-04-14T23:00:00Z", "2026-04-15T07:30:00Z")
        assert day["stages"] == {
            "awake_minutes": 5, "light_minutes": 180, "deep_minutes": 90, "rem_minutes": 100, "unstaged_minutes": 0,
        }  # fmt: skip
        assert day["interruptions"] == 2
        assert day["awake_after_onset_minutes"] == 5
        assert day["efficiency_percent"] == 98.7
        assert day["avg_heart_rate_bpm"] == 54.4
        assert day["naps"]["count"] == 0
        assert day["sleep_ids"] == [row["id"] for row in listed(jane)]
        assert all(row["is_primary"] for row in listed(jane))
        [score] = jane.get("health-scores", category="sleep")["data"]
        assert score["components"]["duration"] == 89  # of 370 minutes, on the curve

    def test_a_night_whole_on_the_watch_stands_for_both_parts_on_the_ring(self, organization):
        sam = end_user(organization, source_priority={"sleep": ["watch"]})
        put(sam, *stages("2026-04-14T23:00:00Z", [("light", 120)], source=RING))
        put(sam, *stages("2026-04-15T03:30:00Z", [("light", 150)], source=RING))
        put(sam, *stages("2026-04-14T22:50:00Z", [("light", 440)]))
        [once] = listed(sam, primary="true")
        assert once["source"]["device"] == "Apple Watch"
        assert {row["same_as"] for row in listed(sam, primary="false")} == {once["id"]}
        assert summary(sam)[0]["sleep_duration_seconds"] == 440 * 60

    def test_a_sleep_five_hours_later_is_not_a_part_but_other_sleep_of_the_day(self, jane):
        put(jane, *stages("2026-04-14T22:00:00Z", [("light", 300)]))
        put(jane, *stages("2026-04-15T08:30:00Z", [("light", 200)]))
        [day] = summary(jane)
        assert day["sleep_duration_seconds"] == 300 * 60
        assert day["naps"] == {"count": 1, "sleep_duration_seconds": 200 * 60}


class TestSmall:
    def test_minutes_of_the_stages_add_up_to_the_sleep(self, jane):
        start = at("2026-04-14T23:00:00Z")
        lengths = [("light", 90_000), ("deep", 90_000), ("rem", 90_000), ("sleeping", 30_000)]
        rows = []
        for stage, length in lengths:
            rows.append(StageRecord(WATCH, start, start + length, stage))
            start += length
        put(jane, *rows)
        [row] = listed(jane)
        minutes = row["stages"]
        assert row["sleep_duration_seconds"] == 5 * 60
        assert (
            minutes["light_minutes"] + minutes["deep_minutes"] + minutes["rem_minutes"] + minutes["unstaged_minutes"]
            == 5
        )

    def test_a_silence_of_two_hours_in_the_night_costs_points_as_if_it_had_been_told(self, organization):
        recorded, silent = end_user(organization), end_user(organization)
        put(silent, *stages("2026-04-14T23:00:00Z", [("light", 180)]), *stages("2026-04-15T03:50:00Z", [("deep", 220)]))
        put(recorded, *stages("2026-04-14T23:00:00Z", [("light", 180), ("awake", 110), ("deep", 220)]))
        shown = [
            {name: day[name] for name in ("interruptions", "awake_after_onset_minutes", "efficiency_percent")}
            for case in (silent, recorded)
            for day in summary(case)
        ]
        assert shown[0] == shown[1] == {
            "interruptions": 1, "awake_after_onset_minutes": 110, "efficiency_percent": 78.4,
        }  # fmt: skip
        scores = [case.get("health-scores")["data"][0]["score"] for case in (silent, recorded)]
        assert scores[0] == scores[1]

    def test_a_stray_wake_before_the_night_is_no_latency(self, jane):
        put(jane, StageRecord(WATCH, at("2026-04-14T21:20:00Z"), at("2026-04-14T21:20:00Z") + 10 * MINUTE, "awake"))
        put(jane, *stages("2026-04-14T23:10:00Z", NIGHT))
        [day] = summary(jane)
        assert (day["start_time"], day["latency_minutes"]) == ("2026-04-14T23:10:00Z", None)


class TestSentAgain:
    FIRST = [("light", 120), ("deep", 60), ("light", 180), ("rem", 60), ("light", 60)]  # 23:00 to 07:00
    AGAIN = [("light", 120), ("deep", 30), ("light", 210), ("rem", 60), ("light", 30)]  # 23:00 to 06:30

    def test_a_night_replaces_its_former_version_tail_included(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", self.FIRST))
        [before] = listed(jane)
        put(jane, *stages("2026-04-14T23:00:00Z", self.AGAIN))
        [row] = listed(jane)
        assert (row["id"], row["end_time"]) == (before["id"], "2026-04-15T06:30:00Z")
        assert (row["stages"]["deep_minutes"], row["sleep_duration_seconds"]) == (30, 450 * 60)

    def test_a_tail_that_is_gone_goes_though_it_touches_nothing_that_is_sent(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", [*self.FIRST, ("awake", 10), ("rem", 20)]))
        put(jane, *stages("2026-04-14T23:00:00Z", self.AGAIN))
        assert listed(jane)[0]["end_time"] == "2026-04-15T06:30:00Z"

    def test_a_corrected_part_leaves_the_rest_as_it_is(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", self.FIRST))
        put(jane, *stages("2026-04-15T05:00:00Z", [("deep", 30), ("rem", 30)]))  # was REM from 05:00 to 06:00
        [row] = listed(jane)
        assert (row["start_time"], row["end_time"]) == ("2026-04-14T23:00:00Z", "2026-04-15T07:00:00Z")
        assert (row["stages"]["deep_minutes"], row["stages"]["rem_minutes"]) == (90, 30)

    def test_so_does_one_whose_stages_have_ids_of_their_own(self, jane):
        def with_ids(night):
            rows = stages("2026-04-14T23:00:00Z", night, source=PIXEL)
            return [replace(row, external_id=f"ss-1-s{number}") for number, row in enumerate(rows)]

        put(jane, *with_ids([*self.FIRST, ("awake", 10), ("rem", 20)]))
        for _ in range(2):
            put(jane, *with_ids(self.AGAIN))
            [row] = listed(jane)
            assert (row["end_time"], row["stages"]["deep_minutes"]) == ("2026-04-15T06:30:00Z", 30)
            assert row["sleep_duration_seconds"] == 450 * 60
        put(jane, *with_ids(self.FIRST))
        [row] = listed(jane)
        assert (row["end_time"], row["stages"]["deep_minutes"]) == ("2026-04-15T07:00:00Z", 60)

    def test_stages_with_ids_that_come_in_two_calls_are_one_night(self, jane):
        rows = [
            replace(row, external_id=f"ss-1-s{number}")
            for number, row in enumerate(stages("2026-04-14T23:00:00Z", self.FIRST, source=PIXEL))
        ]
        for part in (rows[:3], rows[3:], rows[:3]):
            put(jane, *part)
        [row] = listed(jane)
        assert row["sleep_duration_seconds"] == 480 * 60

    def test_another_source_says_nothing_about_it(self, jane):
        put(jane, *stages("2026-04-14T23:00:00Z", self.FIRST))
        put(jane, *stages("2026-04-14T23:00:00Z", self.AGAIN, source=RING))
        assert by_source(jane)["Apple Watch"]["end_time"] == "2026-04-15T07:00:00Z"

    @pytest.mark.parametrize("seed", range(6))
    def test_splitting_shuffling_doubling_and_sending_again_change_nothing(self, organization, seed):
        bed = stages("2026-04-14T22:50:00Z", [("in_bed", 500)])
        night = [*stages("2026-04-14T23:00:00Z", [*NIGHT, ("awake", 7), ("light", 40)]), *bed]
        whole, pieces = end_user(organization), end_user(organization)
        put(whole, *night)
        chance = random.Random(seed)
        rows = [*night, *chance.sample(night, 4)]
        chance.shuffle(rows)
        while rows:
            count = chance.randint(1, 4)
            put(pieces, *rows[:count])
            rows = rows[count:]
        put(pieces, *chance.sample(night, 5))
        shown = [{name: row[name] for name in row if name != "id"} for case in (whole, pieces) for row in listed(case)]
        assert len(shown) == 2
        assert shown[0] == shown[1]
