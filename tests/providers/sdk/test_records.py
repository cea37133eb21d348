"""data.records: what becomes of one numeric sample."""

from datetime import date

import pytest

from healthdata.records import DailyRecord, Rejected, Sample, StageRecord
from tests.providers.sync_bodies import heart_rates, normalise, one, record, sync


def refused(found: object) -> tuple[str, str]:
    assert isinstance(found, Rejected), found
    return found.field, found.reason


def test_a_heart_rate_keeps_its_value_its_length_and_its_zone() -> None:
    found = one(record(endDate="2026-04-15T06:30:10Z", zoneOffset="+05:30"))
    assert isinstance(found, Sample)
    assert (found.series, found.start, found.value) == ("heart_rate", 1_776_234_600_000, 72.0)
    assert (found.duration, found.zone, found.external_id) == (10_000, 330, None)


def test_an_instant_of_a_sample_series_has_no_duration_and_of_an_interval_series_has_zero() -> None:
    steps = one(record(type="HKQuantityTypeIdentifierStepCount", unit="count"))
    heart_rate = one(record())
    assert isinstance(steps, Sample)
    assert isinstance(heart_rate, Sample)
    assert (steps.duration, heart_rate.duration) == (0, None)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-04-15T08:30:00+02:00", 120),
        ("2026-04-15T08:30:00.250+02:00", 120),
        ("2026-04-15T06:30:00Z", None),
        ("2026-04-15T06:30:00", None),
        ("2026-04-14T23:30-07:00", -420),
    ],
)
def test_an_offset_in_the_date_is_the_zone_and_z_says_nothing(text: str, zone: int | None) -> None:
    found = one(record(startDate=text, endDate=text))
    assert isinstance(found, Sample)
    assert found.zone == zone
    assert found.start - found.start % 1000 == 1_776_234_600_000


def test_fractions_of_seconds_are_kept_to_the_millisecond() -> None:
    found = one(record(startDate="2026-04-15T06:30:00.1239Z"[:23] + "Z", endDate="2026-04-15T06:30:01Z"))
    assert isinstance(found, Sample)
    assert (found.start % 1000, found.duration) == (123, 877)


def test_a_daily_series_gets_the_local_date_of_its_start_by_its_own_zone() -> None:
    found = one(
        record(
            type="HKQuantityTypeIdentifierRestingHeartRate",
            startDate="2026-04-14T22:00:00Z",
            endDate="2026-04-15T21:59:59Z",
            zoneOffset="+02:00",
            value=52,
        )
    )
    assert isinstance(found, DailyRecord)
    assert (found.day, found.value) == (date(2026, 4, 15), 52.0)


def test_a_daily_series_without_a_zone_gets_the_date_where_the_person_lived() -> None:
    item = record(type="HKQuantityTypeIdentifierRestingHeartRate", startDate="2026-04-14T22:00:00Z", value=52)
    warsaw, utc = one(item, zone="Europe/Warsaw"), one(item)
    assert isinstance(warsaw, DailyRecord)
    assert isinstance(utc, DailyRecord)
    assert (warsaw.day, utc.day) == (date(2026, 4, 15), date(2026, 4, 14))


@pytest.mark.parametrize(
    ("fields", "blame"),
    [
        ({"startDate": "yesterday"}, ("startDate", "bad_date")),
        ({"startDate": ""}, ("startDate", "bad_date")),
        ({"endDate": 12}, ("endDate", "bad_date")),
        ({"startDate": None}, ("startDate", "missing_field")),
        ({"startDate": "1970-01-01T00:00:00Z"}, ("startDate", "date_out_of_range")),
        ({"startDate": "1999-12-31T23:59:59Z"}, ("startDate", "date_out_of_range")),
        ({"endDate": "2026-04-19T00:00:01Z"}, ("endDate", "date_out_of_range")),
        ({"endDate": "2026-04-15T06:29:59Z"}, ("endDate", "end_before_start")),
        ({"value": "72"}, ("value", "not_a_number")),
        ({"value": True}, ("value", "not_a_number")),
        ({"value": None}, ("value", "missing_field")),
        ({"value": -1}, ("value", "negative")),
        ({"value": 0}, ("value", "out_of_range")),
        ({"value": 1e300}, ("value", "out_of_range")),
        ({"type": "HKQuantityTypeIdentifierFromTheFuture"}, ("type", "unknown_type")),
        ({"type": "HKQuantityTypeIdentifierFromTheFuture", "value": None}, ("type", "unknown_type")),
        ({"type": 7}, ("type", "unknown_type")),
        ({"type": None}, ("type", "missing_field")),
        ({"unit": "furlong"}, ("unit", "unknown_unit:furlong")),
        ({"unit": "kg"}, ("unit", "unknown_unit:kg")),
        ({"unit": 5}, ("unit", "unknown_unit")),
    ],
)
def test_a_bad_item_is_refused_with_field_and_reason(fields: dict[str, object], blame: tuple[str, str]) -> None:
    assert refused(one(record(**fields))) == blame


def test_an_unknown_unit_is_shown_short_and_printable() -> None:
    _, reason = refused(one(record(unit="\x00\n" + "x" * 500)))
    assert reason.isprintable()
    assert len(reason) <= len("unknown_unit:") + 24


def test_a_bad_item_costs_no_good_neighbour_and_keeps_its_place() -> None:
    items = [*heart_rates(3), "nonsense", record(value="much"), *heart_rates(2, first=3)]
    found = normalise(sync(records=items))
    assert [item.index for item in found if isinstance(item, Rejected)] == [3, 4]
    assert [item.value for item in found if isinstance(item, Sample)] == [60, 61, 62, 63, 64]


def test_unknown_fields_and_wrong_optional_ones_are_ignored() -> None:
    odd = record(metadata=["x"], mood="fine", zoneOffset=7, source="a watch", id={"a": 1})
    found = one(odd)
    assert isinstance(found, Sample)
    assert (found.zone, found.source.key, found.value) == (None, "unknown", 72.0)


@pytest.mark.parametrize(
    ("wire_type", "unit", "value", "series", "expected"),
    [
        ("HKQuantityTypeIdentifierOxygenSaturation", "%", 0.972, "spo2", 97.2),
        ("HKQuantityTypeIdentifierOxygenSaturation", "%", 97.2, "spo2", 97.2),
        ("HKQuantityTypeIdentifierBodyFatPercentage", "%", 0.185, "body_fat_percentage", 18.5),
        ("HKQuantityTypeIdentifierAppleWalkingSteadiness", "%", 0.9, "walking_steadiness", 90.0),
        ("HKQuantityTypeIdentifierActiveEnergyBurned", "Cal", 96.4, "active_calories", 96.4),
        ("HKQuantityTypeIdentifierDistanceWalkingRunning", "mi", 0.93, "distance_walking_running", 1496.68992),
        ("HKQuantityTypeIdentifierBodyMass", "lb", 165.3, "weight", 74.978818761),
        ("HKQuantityTypeIdentifierHeight", "m", 1.8, "height", 180.0),
        ("HKQuantityTypeIdentifierBodyTemperature", "degF", 98.4, "body_temperature", 36.888888889),
        ("HKQuantityTypeIdentifierVO2Max", "mL/min·kg", 45.2, "vo2_max", 45.2),
    ],
)
def test_healthkit_units_become_the_series_unit(
    wire_type: str, unit: str, value: float, series: str, expected: float
) -> None:
    found = one(record(type=wire_type, unit=unit, value=value))
    assert isinstance(found, Sample)
    assert (found.series, found.value) == (series, pytest.approx(expected, abs=1e-9))


@pytest.mark.parametrize(
    ("wire_type", "value", "series", "expected"),
    [
        ("HKCategoryTypeIdentifierMindfulSession", 0, "mindful_minutes", 10.0),
        ("HKCategoryTypeIdentifierHandwashingEvent", 0, "handwashing_seconds", 600.0),
        ("HKCategoryTypeIdentifierHighHeartRateEvent", 0, "high_heart_rate_event", 1.0),
        ("HKCategoryTypeIdentifierAppleStandHour", 0, "stand_hours", 1.0),
        ("HKCategoryTypeIdentifierAppleStandHour", 1, "stand_hours", 0.0),
        ("HKCategoryTypeIdentifierMenstrualFlow", 3, "menstrual_flow", 3.0),
        ("HKCategoryTypeIdentifierMindfulSession", None, "mindful_minutes", 10.0),
    ],
)
def test_category_samples_among_the_records_are_read_by_their_kind(
    wire_type: str, value: int | None, series: str, expected: float
) -> None:
    found = one(record(type=wire_type, unit=None, value=value, endDate="2026-04-15T06:40:00Z"))
    assert isinstance(found, Sample)
    assert (found.series, found.value) == (series, expected)


@pytest.mark.parametrize(("number", "stage"), [(0, "in_bed"), (1, "sleeping"), (2, "awake"), (5, "rem")])
def test_healthkit_sleep_among_the_records_becomes_a_stage(number: int, stage: str) -> None:
    item = record(type="HKCategoryTypeIdentifierSleepAnalysis", unit=None, value=number, endDate="2026-04-15T07:00:00Z")
    found = one(item)
    assert isinstance(found, StageRecord)
    assert (found.stage, found.end - found.start) == (stage, 1_800_000)


def test_an_unknown_sleep_number_is_refused() -> None:
    item = record(type="HKCategoryTypeIdentifierSleepAnalysis", unit=None, value=9)
    assert refused(one(item)) == ("value", "unknown_stage")
    assert refused(one({**item, "value": 1.5})) == ("value", "unknown_stage")


@pytest.mark.parametrize(
    "name", ["HEART_RATE", "heart_rate", "HeartRateRecord", "HeartRate", "com.google.heart_rate.bpm"]
)
def test_google_types_come_in_all_their_spellings(name: str) -> None:
    found = one(record(type=name, unit="bpm"), "google")
    assert isinstance(found, Sample)
    assert (found.series, found.external_id) == ("heart_rate", "r-1")


def test_only_googles_ids_are_kept_for_edits() -> None:
    samsung = one(record(type="STEP_COUNT", unit="count"), "samsung")
    google = one(record(type="STEP_COUNT", unit="count"), "google")
    assert isinstance(samsung, Sample)
    assert isinstance(google, Sample)
    assert (samsung.external_id, google.external_id) == (None, "r-1")


@pytest.mark.parametrize(
    ("wire_type", "unit", "series"),
    [
        ("BASAL_METABOLIC_RATE", "kcal/day", "basal_metabolic_rate"),
        ("TOTAL_CALORIES_BURNED", "kcal", "total_calories"),
        ("ACTIVE_CALORIES_BURNED", "kcal", "active_calories"),
    ],
)
def test_energies_and_the_metabolic_rate_are_told_apart(wire_type: str, unit: str, series: str) -> None:
    found = one(record(type=wire_type, unit=unit, value=1650), "google")
    assert isinstance(found, Sample)
    assert found.series == series


def test_glucose_in_millimoles_is_converted() -> None:
    found = one(record(type="BLOOD_GLUCOSE", unit="mmol/L", value=5.0), "google")
    assert isinstance(found, Sample)
    assert found.value == pytest.approx(90.07794)


def test_escaped_nul_characters_are_left_out_and_escaped_backslashes_are_not() -> None:
    body = sync("google", records=[record(id="a\x00b", type="HEART_RATE", source={"deviceName": "x\\u0000y"})])
    (found,) = normalise(body, "google")
    assert isinstance(found, Sample)
    assert (found.external_id, found.source.name) == ("ab", "x\\u0000y")


def test_older_clients_and_apps_without_a_device_have_a_source() -> None:
    old = one(record(source={"name": "My Watch", "bundleIdentifier": "com.example", "productType": "Watch6,3"}))
    app = one(record(source={"appId": "com.example.ride", "deviceType": "unknown"}))
    assert isinstance(old, Sample)
    assert isinstance(app, Sample)
    assert (old.source.key, old.source.name, old.source.device_type) == ("Watch6,3|com.example", "My Watch", "watch")
    assert (app.source.key, app.source.device_type) == ("com.example.ride", None)
