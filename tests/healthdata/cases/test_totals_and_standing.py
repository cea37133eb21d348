"""Totals of a day, standing figures and nightly figures of a vendor beside what devices measured."""

from itertools import permutations
from typing import Any

import pytest

from tests.healthdata.cases.phone import SCALE, WATCH, CasePhone, amounts, rates, reading, steps
from tests.healthdata.cases.ring import Ring

pytestmark = pytest.mark.django_db


def day_of_ring(steps: int, active: int, basal: int, distance: int, **more: Any) -> dict[str, Any]:
    return {
        "id": "day", "day": "2026-04-15", "steps": steps, "active_calories": active, "total_calories": active + basal,
        "equivalent_walking_distance": distance, "high_activity_time": 1800, "medium_activity_time": 3000,
        "low_activity_time": 12_000, "sedentary_time": 34_000, "resting_time": 35_600, "non_wear_time": 0, **more,
    }  # fmt: skip


class TestTotals:
    """5. A ring's total of the day does not beat a watch that was worn; a row adds up and means one thing."""

    @pytest.mark.parametrize(("per_hour", "hours", "ring_steps"), [(600, 23, 4100), (410, 20, 7900)])
    def test_a_watch_that_was_worn_all_day_counts(
        self, iphone: CasePhone, ring: Ring, per_hour: int, hours: int, ring_steps: int
    ) -> None:
        ring.connect(iphone.case)
        ring.push("daily_activity", **day_of_ring(ring_steps, 210, 1740, 3100))
        assert iphone.day()["steps"] == ring_steps
        iphone.sync(
            *rates(WATCH, "15T00:00", hours * 12, 60),
            *steps(WATCH, "15T00:00", [per_hour] * hours),
            *amounts("ActiveEnergyBurned", WATCH, "15T00:00", [30] * hours, unit="kcal"),
            *amounts("DistanceWalkingRunning", WATCH, "15T00:00", [430] * hours, unit="m"),
        )
        shown = iphone.day()
        assert (shown["steps"], shown["distance_meters"]) == (per_hour * hours, 430 * hours)
        assert shown["active_calories_kcal"] == 30 * hours
        assert shown["total_calories_kcal"] == shown["active_calories_kcal"] + shown["basal_calories_kcal"]
        assert shown["basal_calories_kcal"] == 1740

    def test_the_unfinished_day_of_a_ring_says_so_and_grows(self, iphone: CasePhone, ring: Ring) -> None:
        ring.connect(iphone.case)
        morning = {"sedentary_time": 3600, "resting_time": 3600, "low_activity_time": 600}
        short = {"high_activity_time": 0, "medium_activity_time": 300}
        ring.push("daily_activity", **day_of_ring(900, 40, 500, 700, **morning, **short))
        figure = iphone.day()["figures"]["steps"]
        assert (figure["value"], figure["coverage_minutes"], figure["is_partial"]) == (900, 135, True)
        ring.push("daily_activity", **day_of_ring(8400, 410, 1700, 6100))
        assert (iphone.day()["steps"], iphone.day()["figures"]["steps"]["is_partial"]) == (8400, False)

    def test_active_minutes_mean_the_same_of_both(self, iphone: CasePhone, ring: Ring) -> None:
        ring.connect(iphone.case)
        ring.push("daily_activity", **day_of_ring(8400, 410, 1700, 6100))
        assert iphone.day()["active_minutes"] == 80  # moderate and vigorous, as exercise time is; not the light 200
        iphone.sync(*amounts("AppleExerciseTime", WATCH, "15T00:00", [2] * 23, unit="min"))
        assert iphone.day()["active_minutes"] in (46, 80)


class TestStanding:
    """7. A weight that stands in a profile is no measurement."""

    @pytest.mark.parametrize(("profile", "scale"), [(80.0, 74.2), (61.5, 66.8)])
    def test_the_scale_goes_before_the_profile(
        self, iphone: CasePhone, ring: Ring, profile: float, scale: float
    ) -> None:
        weighed = [reading("BodyMass", "kg", SCALE, f"{day}T07:00", scale) for day in (10, 12, 14)]
        iphone.sync(*weighed, reading("Height", "cm", SCALE, "10T07:00", 180))
        ring.account |= {"weight": profile, "height": 1.8}
        ring.connect(iphone.case)
        body = iphone.case.get("summaries/body")
        assert body["latest"]["weight_kg"] == scale
        assert body["latest"]["bmi"] == pytest.approx(scale / 1.8**2, abs=0.01)
        week = iphone.case.get("summaries/body", start_date="2026-04-09", end_date="2026-04-15")
        assert (week["latest"]["weight_kg"], week["averaged"]["weight_kg"]) == (scale, scale)

    def test_where_nobody_was_weighed_the_profile_is_all_there_is(self, iphone: CasePhone, ring: Ring) -> None:
        ring.account |= {"weight": 71.6, "height": 1.77}
        ring.connect(iphone.case)
        assert iphone.case.get("summaries/body")["latest"]["weight_kg"] == 71.6


def night(name: str, start: str, end: str, kind: str, asleep: int, **more: Any) -> dict[str, Any]:
    """Return a sleep document; asleep in minutes."""
    phases = "2" * (asleep // 5)
    return {
        "id": name, "day": "2026-04-15", "type": kind, "bedtime_start": f"2026-04-{start}:00+00:00",
        "bedtime_end": f"2026-04-{end}:00+00:00", "sleep_phase_5_min": phases,
        "total_sleep_duration": asleep * 60, **more,
    }  # fmt: skip


LONG = night("long", "14T23:00", "15T06:30", "long_sleep", 450, lowest_heart_rate=44, average_hrv=60)
DOZE = night("doze", "15T13:00", "15T16:15", "long_sleep", 195, lowest_heart_rate=58, average_hrv=31)


class TestNightsOfARing:
    """9, 20. The night's own figures stand, whatever comes by push after it, and a split night adds up."""

    @pytest.mark.parametrize("order", list(permutations(("long", "doze", "long again"))))
    def test_a_long_nap_that_is_pushed_does_not_overwrite_the_night(
        self, iphone: CasePhone, ring: Ring, order: tuple[str, ...]
    ) -> None:
        ring.connect(iphone.case)
        for name in order:
            ring.push("sleep", **(DOZE if name == "doze" else LONG))
        body = iphone.case.get("summaries/body", end_date="2026-04-15")["latest"]
        assert (body["resting_heart_rate_bpm"], body["hrv_rmssd_ms"]) == (44, 60)
        assert iphone.day()["resting_heart_rate_bpm"] == 44
        shown = iphone.night()
        assert (shown["sleep_duration_seconds"], shown["naps"]["count"]) == (450 * 60, 1)

    @pytest.mark.parametrize(("mean", "samples"), [(60, [70, 64, 23]), (41, [55, 38, 90])])
    def test_the_nights_mean_goes_before_its_last_five_minutes(
        self, iphone: CasePhone, ring: Ring, mean: int, samples: list[float]
    ) -> None:
        ring.connect(iphone.case)
        series = {"interval": 300.0, "items": samples, "timestamp": "2026-04-15T05:00:00+00:00"}
        ring.push("sleep", **{**LONG, "average_hrv": mean, "hrv": series})
        assert iphone.case.get("summaries/body", end_date="2026-04-15")["latest"]["hrv_rmssd_ms"] == mean

    @pytest.mark.parametrize(("first", "second"), [(210, 165), (240, 95)])
    def test_a_night_in_two_documents_adds_up(self, iphone: CasePhone, ring: Ring, first: int, second: int) -> None:
        ring.connect(iphone.case)
        ring.push("sleep", **night("a", "14T23:00", f"15T0{(first - 60) // 60}:{first % 60:02}", "long_sleep", first))
        ring.push(
            "sleep", **night("b", "15T04:15", f"15T{(255 + second) // 60:02}:{(255 + second) % 60:02}", "sleep", second)
        )
        shown = iphone.night()
        assert (shown["sleep_duration_seconds"], shown["naps"]["count"]) == ((first + second) * 60, 0)


class TestDailyTotalsInLists:
    """10. A total of the day cannot be taken for a sample, in REST or in a batch."""

    def test_a_sum_over_rows_without_totals_is_what_was_measured(self, iphone: CasePhone, ring: Ring) -> None:
        ring.connect(iphone.case)
        iphone.sync(*steps(WATCH, "15T08:00", [1000] * 8))
        ring.push("daily_activity", **day_of_ring(9000, 210, 1740, 3100))
        rows = iphone.rows("steps")
        assert {row["source"]["provider"]: row["grain"] for row in rows} == {"apple": "interval", "oura": "daily"}
        assert sum(row["value"] for row in rows if row["grain"] != "daily") == 8000
