"""GET /users/{id}/summaries/body."""

import pytest

from healthdata.records import Sample, SourceInfo
from tests.healthdata.reading import HOUR, MINUTE, PHONE, RING, SCALE, WATCH, at, end_user, every, put, total

pytestmark = pytest.mark.django_db

DAYS = {"2026-04-14": 63.0, "2026-04-15": 65.0, "2026-04-16": 71.0}


class TestBody:
    RANGE = {"start_date": "2026-04-09", "end_date": "2026-04-15"}

    def test_latest_says_when_and_by_what_it_was_measured(self, jane):
        put(
            jane,
            Sample(source=SCALE, series="weight", start=at("2026-04-10T06:00:00Z"), value=72.0),
            Sample(source=PHONE, series="weight", start=at("2026-04-15T06:50:00Z"), value=71.25),
        )
        latest = jane.get("summaries/body")["latest"]
        assert (latest["weight_kg"], latest["measured_at"]) == (71.25, {"weight_kg": "2026-04-15T06:50:00Z"})
        assert latest["sources"] == {"weight_kg": {"provider": "apple", "device": "iPhone"}}

    def test_averages_are_means_of_days_of_one_source_each(self, jane):
        put(
            jane,
            *(total("resting_heart_rate", 50.0 + number, RING, f"2026-04-{number}") for number in (10, 12, 14)),
            total("resting_heart_rate", 99.0, PHONE, "2026-04-12"),
            total("resting_heart_rate", 99.0, RING, "2026-04-08"),
        )
        averaged = jane.get("summaries/body", **self.RANGE)["averaged"]
        assert averaged["resting_heart_rate_bpm"] == 62
        assert averaged["sources"]["resting_heart_rate_bpm"]["provider"] == "oura"
        assert (averaged["start_date"], averaged["end_date"]) == ("2026-04-09", "2026-04-15")

    def test_sdnn_and_rmssd_are_never_averaged_together(self, jane):
        put(
            jane,
            Sample(source=WATCH, series="heart_rate_variability_sdnn", start=at("2026-04-15T02:00:00Z"), value=60.0),
            Sample(source=RING, series="heart_rate_variability_rmssd", start=at("2026-04-15T02:00:00Z"), value=40.0),
        )
        averaged = jane.get("summaries/body", **self.RANGE)["averaged"]
        assert (averaged["hrv_sdnn_ms"], averaged["hrv_rmssd_ms"]) == (60, 40)

    def test_a_mean_is_one_of_time_and_not_of_readings(self, jane):
        put(
            jane,
            *every(30 * MINUTE, "2026-04-15T00:00:00Z", 46, source=WATCH, series="spo2", value=95.0),
            *every(MINUTE, "2026-04-15T23:00:00Z", 60, source=WATCH, series="spo2", value=80.0),
        )
        averaged = jane.get("summaries/body", **self.RANGE)["averaged"]
        # 46 readings speak for ten minutes each, sixty for one
        assert averaged["spo2_percent"] == pytest.approx((460 * 95 + 60 * 80) / 520, abs=0.2)

    def test_a_reading_by_the_cuff_speaks_for_itself(self, jane):
        for minute, pressure in ((0, 120.0), (1, 120.0), (30, 126.0)):
            put(jane, Sample(SCALE, "blood_pressure_systolic", at(f"2026-04-15T07:{minute:02}:00Z"), pressure))
        assert jane.get("summaries/body", **self.RANGE)["averaged"]["blood_pressure_systolic_mmhg"] == 122

    def test_values_after_the_end_do_not_count(self, jane):
        put(
            jane,
            Sample(source=SCALE, series="weight", start=at("2026-04-15T23:59:59Z"), value=72.0),
            Sample(source=SCALE, series="weight", start=at("2026-04-16T00:00:00Z"), value=80.0),
        )
        assert jane.get("summaries/body", **self.RANGE)["latest"]["weight_kg"] == 72
        assert jane.get("summaries/body")["latest"]["weight_kg"] == 80

    @pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Auckland"])
    def test_a_figure_of_the_last_day_counts_in_every_zone(self, organization, zone):
        sam = end_user(organization, time_zone=zone)
        put(sam, *(total("resting_heart_rate", value, RING, day) for day, value in DAYS.items()))
        assert sam.get("summaries/body", **self.RANGE)["latest"]["resting_heart_rate_bpm"] == 65
        assert sam.get("summaries/body")["latest"]["resting_heart_rate_bpm"] == 71

    def test_of_two_sources_of_one_date_the_order_of_sources_decides(self, jane):
        for first, second in ((PHONE, RING), (RING, PHONE)):
            values = {PHONE: 44.0, RING: 58.0}
            put(jane, total("resting_heart_rate", values[first], first))
            put(jane, total("resting_heart_rate", values[second], second))
            answer = jane.get("summaries/body", **self.RANGE)
            assert answer["latest"]["resting_heart_rate_bpm"] == 58
            assert answer["averaged"]["resting_heart_rate_bpm"] == 58

    def test_the_nights_own_figure_goes_before_its_last_reading(self, jane):
        put(
            jane,
            total("heart_rate_variability_rmssd", 60.0, RING),
            Sample(source=RING, series="heart_rate_variability_rmssd", start=at("2026-04-15T06:55:00Z"), value=23.0),
        )
        assert jane.get("summaries/body")["latest"]["hrv_rmssd_ms"] == 60
        put(jane, Sample(WATCH, "heart_rate_variability_rmssd", at("2026-04-16T12:00:00Z"), 41.0))
        assert jane.get("summaries/body")["latest"]["hrv_rmssd_ms"] == 41

    def test_a_weight_in_a_profile_counts_only_where_nobody_was_weighed(self, jane):
        profile = SourceInfo(provider="strava", name="Strava", device_type="profile")
        put(jane, Sample(profile, "weight", at("2026-04-15T00:00:00Z"), 82.0))
        alone = jane.get("summaries/body", **self.RANGE)
        assert alone["latest"]["weight_kg"] == alone["averaged"]["weight_kg"] == 82
        put(jane, *(Sample(SCALE, "weight", at(f"2026-04-{number}T06:00:00Z"), 74.2) for number in (10, 12, 14)))
        put(jane, Sample(PHONE, "height", at("2020-01-01T00:00:00Z"), 180.0))
        answer = jane.get("summaries/body", **self.RANGE)
        assert answer["latest"]["weight_kg"] == answer["averaged"]["weight_kg"] == 74.2
        assert answer["latest"]["measured_at"]["weight_kg"] == "2026-04-14T06:00:00Z"
        assert answer["latest"]["bmi"] == 22.9

    def test_a_missing_or_outdated_bmi_is_worked_out(self, jane):
        put(
            jane,
            Sample(source=PHONE, series="height", start=at("2020-01-01T00:00:00Z"), value=180.0),
            Sample(source=SCALE, series="body_mass_index", start=at("2026-04-10T06:00:00Z"), value=30.0),
            Sample(source=SCALE, series="weight", start=at("2026-04-15T06:00:00Z"), value=81.0),
        )
        body = jane.get("summaries/body", **self.RANGE)
        assert (body["latest"]["bmi"], body["latest"]["measured_at"]["bmi"]) == (25, "2026-04-15T06:00:00Z")
        put(jane, Sample(source=SCALE, series="body_mass_index", start=at("2026-04-15T06:00:00Z"), value=25.4))
        assert jane.get("summaries/body")["latest"]["bmi"] == 25.4

    def test_both_pressures_of_one_reading_are_there(self, jane):
        cuff = SourceInfo(provider="google", name="Cuff")
        for name, value in (("systolic", 121.0), ("diastolic", 79.0)):
            put(
                jane,
                Sample(source=cuff, series=f"blood_pressure_{name}", start=at("2026-04-15T08:00:00Z"), value=value),
            )
        latest = jane.get("summaries/body")["latest"]
        assert (latest["blood_pressure_systolic_mmhg"], latest["blood_pressure_diastolic_mmhg"]) == (121, 79)

    def test_the_latest_before_a_day_may_be_years_old_or_of_that_mornings_chunk(self, jane):
        put(
            jane,
            Sample(source=SCALE, series="weight", start=at("2019-04-10T06:00:00Z"), value=80.0),
            *every(HOUR, "2026-04-15T20:00:00Z", 6, source=WATCH, series="spo2", value=97.0),
            Sample(source=WATCH, series="spo2", start=at("2026-04-16T07:00:00Z"), value=91.0),
        )
        latest = jane.get("summaries/body", **self.RANGE)["latest"]
        assert (latest["weight_kg"], latest["measured_at"]["weight_kg"]) == (80, "2019-04-10T06:00:00Z")
        assert (latest["spo2_percent"], latest["measured_at"]["spo2_percent"]) == (97, "2026-04-15T23:00:00Z")

    def test_a_user_without_data_has_nulls(self, jane, today):
        body = jane.get("summaries/body")
        figures = {name: value for name, value in body["latest"].items() if name not in ("measured_at", "sources")}
        assert set(figures.values()) == {None}
        assert (body["latest"]["measured_at"], body["averaged"]["end_date"]) == ({}, today)

    def test_a_range_that_runs_backwards_is_refused(self, jane):
        assert "end_date" in jane.refused("summaries/body", start_date="2026-04-15", end_date="2026-04-14")

    @pytest.mark.parametrize("start", ["2199-01-01", "2020-01-01"])
    def test_a_start_after_today_or_years_ago_is_refused(self, jane, start):
        assert "start_date" in jane.refused("summaries/body", start_date=start)

    def test_the_range_is_at_most_400_days(self, jane):
        assert "400" in jane.refused("summaries/body", start_date="2024-01-01", end_date="2026-01-01")["end_date"]

    @pytest.mark.parametrize("end", ["1900-01-01", "2199-12-31"])
    def test_the_ends_of_the_calendar_are_no_fault_of_ours(self, organization, end):
        case = end_user(organization, time_zone="Asia/Kolkata")
        put(case, total("resting_heart_rate", 50.0), Sample(source=SCALE, series="weight", start=0, value=80.0))
        body = case.get("summaries/body", end_date=end)
        assert body["latest"]["weight_kg"] == (80 if end > "1970" else None)
