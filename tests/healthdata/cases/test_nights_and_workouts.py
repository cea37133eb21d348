"""One night a night and one workout a workout, whoever recorded them and however often they are sent."""

from datetime import datetime, timedelta

import pytest

from tests.healthdata.cases.phone import GARMIN, IPHONE, MAT, WATCH, CasePhone, Item, stages, workout
from tests.healthdata.reading import EndUserCase
from wearlink.lib import clock

pytestmark = pytest.mark.django_db

RING = {"deviceName": "Ring", "deviceModel": "R1", "deviceType": "ring", "appId": "com.example.ring"}
STRAVA = {**IPHONE, "appId": "com.strava.stravaride"}


def numbered(rows: list[Item]) -> list[Item]:
    """Return stages of one session as Health Connect calls them."""
    return [one | {"id": f"ss-1-s{number}", "parentId": "ss-1"} for number, one in enumerate(rows)]


class TestOneNight:
    """13, 14. The night is the night, and one of several."""

    @pytest.mark.parametrize(("start", "minutes"), [("15T15:00", 30), ("15T13:20", 55)])
    def test_a_doze_on_the_watch_does_not_beat_a_night_on_the_mat(
        self, iphone: CasePhone, start: str, minutes: int
    ) -> None:
        iphone.sync(sleep=stages(MAT, "14T23:00", [("sleeping", 480)]))
        iphone.sync(sleep=stages(WATCH, start, [("light", minutes)]))
        night = iphone.night()
        assert (night["source"]["device"], night["sleep_duration_seconds"]) == ("Sleep mat", 480 * 60)
        assert night["naps"] == {"count": 1, "sleep_duration_seconds": minutes * 60}
        [score] = iphone.case.get("health-scores", category="sleep", provider="wearlink")["data"]
        assert score["components"]["duration"] >= 95  # of the eight hours on the mat

    def test_a_lone_nap_has_no_score_of_a_night(self, iphone: CasePhone) -> None:
        iphone.sync(sleep=stages(WATCH, "15T14:00", [("light", 35)]))
        assert iphone.case.get("health-scores", category="sleep")["data"] == []
        assert iphone.night()["sleep_duration_seconds"] is None

    @pytest.mark.parametrize(
        ("watch", "bed"), [(("14T23:10", 460), ("14T22:45", 495)), (("15T00:05", 400), ("14T23:30", 450))]
    )
    def test_time_in_bed_on_the_phone_and_sleep_on_the_watch_are_one_night(
        self, iphone: CasePhone, watch: tuple[str, int], bed: tuple[str, int]
    ) -> None:
        iphone.sync(sleep=[
            *stages(WATCH, watch[0], [("light", watch[1] - 100), ("deep", 100)]),
            *stages(IPHONE, bed[0], [("in_bed", bed[1])]),
        ])  # fmt: skip
        rows = {row["source"]["device"]: row for row in iphone.nights()}
        assert (rows["Apple Watch"]["is_primary"], rows["Apple Watch"]["same_as"]) == (True, None)
        assert (rows["iPhone"]["is_primary"], rows["iPhone"]["same_as"]) == (False, rows["Apple Watch"]["id"])
        assert [row["id"] for row in iphone.nights(primary="true")] == [iphone.night()["sleep_id"]]


class TestGapsAndVersions:
    """16, 17, 21. Silence in a night, nights that are revised, minutes that add up."""

    @pytest.mark.parametrize(("before", "gap", "after"), [(180, 110, 220), (240, 45, 170)])
    def test_an_unrecorded_wake_counts_as_one_that_was_told(
        self, iphone: CasePhone, before: int, gap: int, after: int
    ) -> None:
        iphone.sync(sleep=stages(WATCH, "14T23:00", [("light", before), ("gap", gap), ("light", after)]))
        sleep_stages = stages(GARMIN, "15T23:00", [("light", before), ("awake", gap), ("light", after)])
        iphone.sync(sleep=sleep_stages)
        silent, recorded = (iphone.night(f"2026-04-{day}") for day in (15, 16))
        assert silent["awake_after_onset_minutes"] == recorded["awake_after_onset_minutes"] == gap
        assert silent["interruptions"] == recorded["interruptions"] == 1
        assert silent["efficiency_percent"] == recorded["efficiency_percent"]
        scores = iphone.case.get("health-scores", category="sleep", provider="wearlink")["data"]
        assert len({one["components"]["interruptions"] for one in scores}) == 1

    @pytest.mark.parametrize(("deep", "cut"), [(30, 30), (55, 12)])
    def test_a_night_that_is_sent_again_replaces_its_former_version(
        self, iphone: CasePhone, deep: int, cut: int
    ) -> None:
        iphone.sync(sleep=stages(WATCH, "14T23:00", [("light", 200), ("deep", 60), ("light", 220)]))
        iphone.sync(sleep=stages(WATCH, "14T23:00", [("light", 200), ("deep", deep), ("light", 280 - deep - cut)]))
        night = iphone.night()
        assert night["stages"]["deep_minutes"] == deep
        assert night["duration_seconds"] == (480 - cut) * 60

    def test_an_edited_session_with_fewer_stages_keeps_none_of_the_old(self, jane: EndUserCase) -> None:
        pixel = CasePhone(jane, "google")
        first = stages(RING, "14T23:00", [("light", 120), ("deep", 60), ("light", 240), ("rem", 40)])
        second = stages(RING, "14T23:00", [("light", 300), ("deep", 100)])
        for version in (first, second):
            pixel.sync(sleep=numbered(version))
        night = pixel.night()
        assert (night["stages"]["rem_minutes"], night["stages"]["deep_minutes"]) == (0, 100)
        assert night["duration_seconds"] == 400 * 60

    def test_a_session_in_several_posts_is_whole(self, jane: EndUserCase) -> None:
        pixel = CasePhone(jane, "google")
        rows = numbered(stages(RING, "14T23:00", [("light", 30), ("deep", 20)] * 8))
        for first in (0, 5, 10, 15, 0, 10):
            pixel.sync(sleep=rows[first : first + 5])
        shown = pixel.night()["stages"]
        assert (shown["light_minutes"], shown["deep_minutes"]) == (240, 160)

    @pytest.mark.parametrize("backwards", [False, True])
    def test_an_edited_session_in_several_posts_keeps_no_tail(
        self, jane: EndUserCase, moment: datetime, monkeypatch: pytest.MonkeyPatch, *, backwards: bool
    ) -> None:
        pixel = CasePhone(jane, "google")
        first = numbered(stages(RING, "14T23:00", [("light", 30), ("deep", 20), ("rem", 10)] * 8))
        edited = numbered(stages(RING, "14T23:00", [("light", 30), ("deep", 20), ("rem", 10), ("light", 45)] * 3))
        for post in (first[:8], first[8:16], first[16:]):
            pixel.sync(sleep=post)
        monkeypatch.setattr(clock, "now", lambda: moment + timedelta(minutes=20))
        posts = (edited[:3], edited[3:7], edited[7:])
        for post in reversed(posts) if backwards else posts:
            pixel.sync(sleep=post)
        night = pixel.night()
        assert night["duration_seconds"] == 3 * 105 * 60
        assert (night["stages"]["deep_minutes"], night["stages"]["rem_minutes"]) == (60, 30)
        [row] = pixel.nights()
        assert row["end_time"] == "2026-04-15T04:15:00Z"

    def test_an_edit_soon_after_in_two_posts_keeps_both(self, jane: EndUserCase) -> None:
        """Newest first, within a minute of the first version, so that times tell nothing."""
        pixel = CasePhone(jane, "google")
        pixel.sync(sleep=numbered(stages(RING, "14T23:00", [("light", 200), ("deep", 60), ("light", 200)])))
        edited = numbered(stages(RING, "14T23:00", [("light", 210), ("deep", 70), ("light", 100), ("deep", 90)]))
        pixel.sync(sleep=edited[2:])
        pixel.sync(sleep=edited[:2])
        night = pixel.night()
        assert (night["duration_seconds"], night["stages"]["deep_minutes"]) == (470 * 60, 160)

    @pytest.mark.parametrize("seconds", [(90, 90, 90, 30), (100, 50, 80, 70), (31, 31, 31, 87)])
    def test_minutes_of_the_stages_add_up(self, iphone: CasePhone, seconds: tuple[int, ...]) -> None:
        begin, found = 0, []
        for stage, length in zip(("light", "deep", "rem", "sleeping"), seconds, strict=True):
            [one] = stages(WATCH, "14T23:00", [(stage, 1)])
            times = [f"2026-04-14T23:{at // 60:02}:{at % 60:02}Z" for at in (begin, begin + length)]
            found.append(one | {"startDate": times[0], "endDate": times[1]})
            begin += length
        iphone.sync(sleep=found)
        [row] = iphone.nights()
        shown = row["stages"]
        parts = [shown[f"{name}_minutes"] for name in ("light", "deep", "rem", "unstaged")]
        assert sum(parts) == round(row["sleep_duration_seconds"] / 60) == round(sum(seconds) / 60)

    def test_a_bed_without_sleep_is_not_the_night_of_a_day_with_sleep(self, iphone: CasePhone) -> None:
        iphone.sync(sleep=stages(IPHONE, "14T22:00", [("in_bed", 500)]))
        iphone.sync(sleep=stages(WATCH, "15T10:00", [("light", 240)]))
        night = iphone.night()
        assert night["sleep_duration_seconds"] == 240 * 60
        assert night["naps"] == {"count": 0, "sleep_duration_seconds": 0}

    def test_bedtimes_around_noon_are_as_regular_as_at_night(self, iphone: CasePhone) -> None:
        bedtimes = [f"{day:02}T{'12:10' if day % 2 else '11:50'}" for day in range(8, 16)]
        for bedtime in bedtimes:
            iphone.sync(sleep=stages(WATCH, bedtime, [("light", 300), ("deep", 100), ("rem", 60)]))
        scores = iphone.case.get("health-scores", category="sleep", provider="wearlink")["data"]
        newest = max(scores, key=lambda one: one["date"])
        assert newest["components"]["consistency"] > 80

    def test_scores_of_two_makers_on_one_date_are_told_apart(self, jane: EndUserCase) -> None:
        galaxy = CasePhone(jane, "samsung")
        ring = {"deviceName": "Galaxy Ring", "deviceType": "ring"}
        scored = {"values": [{"type": "sleepScore", "value": 83}]}
        galaxy.sync(
            sleep=[one | scored | {"parentId": "n"} for one in stages(ring, "14T23:00", [("light", 380), ("deep", 80)])]
        )
        scores = jane.get("health-scores", category="sleep")["data"]
        assert {one["provider"] for one in scores} == {"samsung", "wearlink"}
        assert [one["score"] for one in jane.get("health-scores", category="sleep", provider="samsung")["data"]] == [83]


class TestOneWorkout:
    """15. A run on the watch and its copies are one run; total energy is not active energy."""

    @pytest.mark.parametrize(("start", "copied"), [("15T06:00", "15T06:00:12"), ("15T17:30", "15T17:31")])
    def test_copies_are_listed_and_counted_once(self, iphone: CasePhone, start: str, copied: str) -> None:
        iphone.sync(workouts=[workout(WATCH, start, 35, "w", distance=(5200, "m"), activeEnergyBurned=(342, "kcal"))])
        iphone.sync(workouts=[workout(STRAVA, copied, 34, "s", distance=(5190, "m"), activeEnergyBurned=(340, "kcal"))])
        rows = iphone.case.get("events/workouts", **iphone.span)["data"]
        once = iphone.case.get("events/workouts", primary="true", **iphone.span)["data"]
        assert len(rows) == 2
        assert [(row["distance_meters"], row["calories_kcal"]) for row in once] == [(5200, 342)]
        assert {row["same_as"] for row in rows} == {None, once[0]["id"]}

    def test_a_total_is_never_called_active(self, jane: EndUserCase) -> None:
        pixel = CasePhone(jane, "google")
        total = workout(IPHONE | {"deviceModel": "Pixel 9"}, "15T06:00", 30, "t", totalCalories=(400, "kcal"))
        pixel.sync(workouts=[total])
        [row] = jane.get("events/workouts", **pixel.span)["data"]
        assert row["calories_kcal"] is None
        detail = jane.get(f"events/workouts/{row['id']}")
        assert detail["details"]["total_calories_kcal"] == 400

    def test_a_later_copy_that_says_less_takes_nothing_away(self, iphone: CasePhone) -> None:
        iphone.sync(workouts=[workout(WATCH, "15T06:00", 35, "w", distance=(5200, "m"))])
        iphone.sync(workouts=[workout(WATCH, "15T06:00", 35, "w")])
        [row] = iphone.case.get("events/workouts", **iphone.span)["data"]
        assert row["distance_meters"] == 5200
