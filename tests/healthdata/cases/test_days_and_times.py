"""Days and times: zones that are set late or not at all, intervals over edges, ranges that meet, grains of time."""

from typing import Any

import pytest

from tests.healthdata.cases.phone import GARMIN, IPHONE, WATCH, CasePhone, amounts, rates, reading, stages, steps
from tests.healthdata.reading import HOUR, MINUTE, end_user

pytestmark = pytest.mark.django_db


def move(phone: CasePhone, zone: str, **more: Any) -> None:
    """PATCH the zone, and let the workers rebuild."""
    answer = phone.case.client.patch(
        phone.case.url("").rstrip("/"), {"time_zone": zone, **more}, content_type="application/json",
        headers={"X-WearLink-API-Key": phone.case.key},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    phone.sync()


class TestZones:
    """4. Days are the end user's, also where nobody told a zone at first."""

    @pytest.mark.parametrize(("zone", "when", "before", "after"), [
        ("America/Los_Angeles", "16T01:00", "2026-04-16", "2026-04-15"),
        ("Pacific/Auckland", "14T20:00", "2026-04-14", "2026-04-15"),
        ("Asia/Kolkata", "14T19:00", "2026-04-14", "2026-04-15"),
    ])  # fmt: skip
    def test_a_zone_that_is_told_late_mends_the_days_before(
        self, iphone: CasePhone, zone: str, when: str, before: str, after: str
    ) -> None:
        walk = steps(IPHONE, when, [7000])
        iphone.sync(*walk)
        assert iphone.days("steps") == {before: 7000}
        move(iphone, zone)
        assert iphone.days("steps") == {after: 7000}
        iphone.sync(*walk)
        assert iphone.days("steps") == {after: 7000}

    @pytest.mark.parametrize("offset", ["+00:00", "Z"])
    def test_utc_in_a_row_says_nothing_about_the_zone(self, organization: Any, offset: str) -> None:
        phone = CasePhone(end_user(organization, time_zone="America/Los_Angeles"))
        phone.sync(*steps(IPHONE, "16T01:00", [7000], zoneOffset=offset), *steps(IPHONE, "16T03:00", [11]))
        assert phone.days("steps") == {"2026-04-15": 7011}

    def test_a_daily_figure_at_local_midnight_is_of_that_day(self, organization: Any) -> None:
        phone = CasePhone(end_user(organization, time_zone="Asia/Kolkata"))
        phone.sync(reading("RestingHeartRate", "count/min", WATCH, "14T18:30", 57))
        assert phone.days("resting_heart_rate_bpm") == {"2026-04-15": 57}

    def test_a_night_in_new_zealand_is_of_the_day_of_waking(self, organization: Any) -> None:
        phone = CasePhone(end_user(organization, time_zone="Pacific/Auckland"))
        phone.sync(sleep=stages(WATCH, "14T11:00", [("light", 250), ("deep", 170)]))
        assert [row["date"] for row in phone.nights()] == ["2026-04-15"]

    def test_who_tells_no_zone_lives_as_the_organization_does(self, organization: Any) -> None:
        organization.time_zone = "America/Los_Angeles"
        organization.save(update_fields=["time_zone"])
        phone = CasePhone(end_user(organization))
        phone.sync(*steps(IPHONE, "16T01:00", [7000]))
        assert phone.days("steps") == {"2026-04-15": 7000}


class TestIntervals:
    """11. An interval counts where its time lies."""

    @pytest.mark.parametrize(("value", "start", "minutes", "first", "second"), [
        (6000, "15T23:30", 60, 3000, 3000), (900, "15T23:15", 90, 450, 450), (1000, "15T23:45", 60, 250, 750),
    ])  # fmt: skip
    def test_one_over_midnight_belongs_to_both_days(
        self, iphone: CasePhone, value: int, start: str, minutes: int, first: int, second: int
    ) -> None:
        iphone.sync(*steps(WATCH, start, [value], length=minutes * MINUTE))
        assert iphone.days("steps") == {"2026-04-15": first, "2026-04-16": second}

    def test_an_hour_is_not_all_in_its_first_minute(self, iphone: CasePhone) -> None:
        iphone.sync(*steps(WATCH, "15T08:00", [6000]))
        minutes = iphone.rows("steps", "15T08:00", "15T09:00", resolution="1min", limit=1440)
        assert len(minutes) == 60
        assert {row["value"] for row in minutes} == {100}

    @pytest.mark.parametrize("values", [[100] * 48, [37, 5] * 24])
    def test_two_days_that_meet_count_no_hour_twice(self, iphone: CasePhone, values: list[int]) -> None:
        iphone.sync(*steps(WATCH, "15T00:00", values))
        days = [iphone.rows("steps", "15T00:00", "16T00:00"), iphone.rows("steps", "16T00:00", "17T00:00")]
        assert [sum(row["value"] for row in rows) for rows in days] == [sum(values[:24]), sum(values[24:])]
        hours = iphone.rows("steps", "15T00:00", "17T00:00", resolution="1hour")
        assert [row["value"] for row in hours] == values

    def test_the_documented_end_of_a_day_is_all_of_it(self, iphone: CasePhone) -> None:
        iphone.sync(*rates(WATCH, "15T23:59", 2, 60, step=59_500))
        assert len(iphone.rows("heart_rate", "15T00:00", "15T23:59:59")) == 2

    def test_hours_in_india_begin_at_half_past(self, organization: Any) -> None:
        phone = CasePhone(end_user(organization, time_zone="Asia/Kolkata"))
        phone.sync(*steps(WATCH, "15T03:30", [60, 120, 180]))
        rows = phone.rows("steps", "14T18:30", "15T18:30", resolution="1hour")
        assert [(row["timestamp"], row["value"]) for row in rows] == [
            ("2026-04-15T03:30:00Z", 60), ("2026-04-15T04:30:00Z", 120), ("2026-04-15T05:30:00Z", 180),
        ]  # fmt: skip


class TestMeans:
    """6, 12. Means are of time, not of samples."""

    @pytest.mark.parametrize(("rest", "run", "expected"), [(58, 155, 62), (51, 171, 56)])
    def test_a_run_read_every_five_seconds_does_not_make_the_day(
        self, iphone: CasePhone, rest: int, run: int, expected: int
    ) -> None:
        iphone.sync(*rates(WATCH, "15T00:00", 276, rest), *rates(WATCH, "15T23:00", 720, run, step=5000))
        shown = iphone.day()
        assert shown["avg_heart_rate_bpm"] == pytest.approx(expected, abs=0.5)
        assert (shown["min_heart_rate_bpm"], shown["max_heart_rate_bpm"]) == (rest, run)

    def test_nor_an_hour_of_which_it_is_ten_minutes(self, iphone: CasePhone) -> None:
        iphone.sync(*rates(WATCH, "15T08:00", 10, 60), *rates(WATCH, "15T08:50", 120, 150, step=5000))
        [hour] = iphone.rows("heart_rate", "15T08:00", "15T09:00", resolution="1hour")
        assert hour["value"] == pytest.approx((50 * 60 + 10 * 150) / 60, abs=3)

    @pytest.mark.parametrize(("quiet", "loud", "minutes", "leq"), [(50, 95, 1, 77.2), (60, 90, 6, 80.1)])
    def test_levels_of_sound_weigh_by_energy_and_time(
        self, iphone: CasePhone, quiet: int, loud: int, minutes: int, leq: float
    ) -> None:
        kind, until = "EnvironmentalAudioExposure", f"15T08:{60 - minutes}"
        iphone.sync(
            *amounts(kind, WATCH, "15T08:00", [quiet] * 2, unit="dBASPL", step=(60 - minutes) * MINUTE // 2),
            *amounts(kind, WATCH, until, [loud], unit="dBASPL", length=minutes * MINUTE),
        )
        [hour] = iphone.rows("environmental_audio_exposure", "15T08:00", "15T09:00", resolution="1hour")
        assert hour["value"] == pytest.approx(leq, abs=0.1)

    def test_a_speed_of_a_minute_does_not_weigh_as_much_as_that_of_an_hour(self, iphone: CasePhone) -> None:
        iphone.sync(
            *amounts("WalkingSpeed", WATCH, "15T08:00", [1.0], unit="m/s", length=54 * MINUTE),
            *amounts("WalkingSpeed", WATCH, "15T08:54", [2.0], unit="m/s", length=6 * MINUTE),
        )
        [hour] = iphone.rows("walking_speed", "15T08:00", "15T09:00", resolution="1hour")
        assert hour["value"] == pytest.approx(1.1)


class TestBodyOfDays:
    """8. The body summary of a day in every zone; of two sources of a date the order of sources decides."""

    @pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata", "Europe/Berlin"])
    @pytest.mark.parametrize("values", [(64, 65), (48, 52)])
    def test_the_resting_rate_of_the_last_day_is_told(
        self, organization: Any, zone: str, values: tuple[int, int]
    ) -> None:
        phone = CasePhone(end_user(organization, time_zone=zone))
        for day, value in zip((15, 16), values, strict=True):
            phone.sync(reading("RestingHeartRate", "count/min", WATCH, f"{day}T12:00", value))
        for day, value in zip((15, 16), values, strict=True):
            body = phone.case.get("summaries/body", end_date=f"2026-04-{day}")
            assert body["latest"]["resting_heart_rate_bpm"] == value

    def test_of_two_sources_the_watch_speaks_in_latest_as_in_averaged(self, iphone: CasePhone) -> None:
        app = {**IPHONE, "appId": "com.example.pulse"}
        iphone.sync(
            reading("RestingHeartRate", "count/min", WATCH, "15T12:00", 58),
            reading("RestingHeartRate", "count/min", app, "15T12:00", 44),
        )
        body = iphone.case.get("summaries/body", end_date="2026-04-15")
        assert (body["latest"]["resting_heart_rate_bpm"], body["averaged"]["resting_heart_rate_bpm"]) == (58, 58)


class TestGrain:
    """10. A row says whether it is an instant, an interval or a day's total."""

    def test_rows_say_their_grain(self, iphone: CasePhone) -> None:
        iphone.sync(
            *steps(WATCH, "15T08:00", [90]), *steps(GARMIN, "15T08:00", [80]), *rates(WATCH, "15T08:00", 1, 61),
            reading("RestingHeartRate", "count/min", WATCH, "15T09:00", 52),
        )  # fmt: skip
        grains = {
            series: {row["grain"] for row in iphone.rows(series)}
            for series in ("steps", "heart_rate", "resting_heart_rate")
        }
        assert grains == {"steps": {"interval"}, "heart_rate": {"instant"}, "resting_heart_rate": {"daily"}}
        lengths = [row["duration_seconds"] for row in iphone.rows("steps")]
        assert lengths == [HOUR // 1000] * 2
