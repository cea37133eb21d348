"""The content of an Apple Health export: dates, zones, units, devices, categories, refusals, broken XML."""

from datetime import date
from typing import Any

import pytest

from healthdata.records import DailyRecord, Sample, StageRecord, WorkoutRecord
from providers.adapters.apple.export.bytefilter import filtered
from providers.adapters.apple.export.dates import NotADate, moment
from providers.adapters.apple.export.devices import source_of
from providers.contract import RefusedFile
from tests.providers.exports import SLEEP, WATCH, Read, element, export, fixture, heart_rates, metadata, record
from wearlink.lib.clock import parse_rfc3339

BLOOD_PRESSURE = "HKQuantityTypeIdentifierBloodPressureSystolic"


def ms(text: str) -> int:
    return parse_rfc3339(text)[0]


def one(inner: str = "", zone: str = "UTC", **attributes: Any) -> Any:
    """Return the one record of an export with one element."""
    return Read(export(record(inner, **attributes)), zone=zone).only


def refusal(**attributes: Any) -> tuple[str, str]:
    """Field and reason of the one refusal of an export with one element."""
    read = Read(export(record(**attributes)))
    assert read.records == []
    return read.reasons[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-15 08:30:00 +0200", "2026-04-15T06:30:00Z"),
        ("2026-04-15 08:30:07 -0530", "2026-04-15T14:00:07Z"),
        ("20140114084347-0800", "2014-01-14T16:43:47Z"),
        ("2026-04-15T08:30:00Z", "2026-04-15T08:30:00Z"),
        ("2026-04-15T08:30:00.250+02:00", "2026-04-15T06:30:00.250Z"),
    ],
)
def test_dates_are_read_in_every_spelling_that_exports_use(text: str, expected: str) -> None:
    assert moment(text) == ms(expected)


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "2026-13-01 00:00:00 +0000", "2026-04-15 24:00:00 +0000", "2026-04-15 08:30:00 +9900",
     "２０２６-04-15 08:30:00 +0000"],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(NotADate):
        moment(text)


@pytest.mark.parametrize("text", ["2026-04-15 08:30", "2026-04-15 08:30:00"])
def test_a_date_without_an_offset_is_utc_as_everywhere(text: str) -> None:
    assert moment(text) == ms("2026-04-15T08:30:00Z")


def test_a_record_becomes_a_sample_of_its_device() -> None:
    found = one()
    assert found == Sample(found.source, "heart_rate", ms("2026-04-15T06:30:00Z"), 72.0, None, 120)
    assert (found.source.model, found.source.name, found.source.device_type) == ("Watch6,3", "Apple Watch", "watch")
    assert found.source.app == "Sam’s Apple Watch"
    assert found.source.key == "Watch6,3"


def test_a_device_is_known_again_whatever_its_address_and_software() -> None:
    other = WATCH.replace("0x300000001", "0x1").replace("software:10", "software:11.1")
    assert one(device=other).source == one().source


def test_without_a_device_the_source_name_folded_is_the_device() -> None:
    odd, plain = (
        source_of("NJR Apple\u00a0Watch", None),
        source_of("NJR Apple Watch", ""),
    )
    assert odd.key == plain.key == "njr apple watch"
    assert odd.name == "NJR Apple\u00a0Watch"


def test_a_device_of_another_maker_keeps_its_own_model() -> None:
    belt = source_of("Polar Beat", "<<HKDevice: 0x2>, name:Polar H10, manufacturer:Polar, model:H10, FDA:x>")
    assert (belt.model, belt.manufacturer, belt.device_type) == ("H10", "Polar", None)


@pytest.mark.parametrize(
    ("kind", "unit", "value", "series", "expected"),
    [
        ("HeartRate", "count/s", "1.2", "heart_rate", 72.0),
        ("BodyMass", "lb", "165.3", "weight", 74.978819),
        ("BodyMass", "st", "11.8", "weight", 74.93346),
        ("Height", "ft", "5.9055", "height", 179.99964),
        ("DistanceWalkingRunning", "mi", "0.93", "distance_walking_running", 1496.68992),
        ("DistanceSwimming", "yd", "1000", "distance_swimming", 914.4),
        ("ActiveEnergyBurned", "Cal", "96.4", "active_calories", 96.4),
        ("BasalEnergyBurned", "kJ", "500", "basal_calories", 119.502868),
        ("BodyTemperature", "degF", "98.4", "body_temperature", 36.888889),
        ("BloodGlucose", "mmol<180.1558800000541>/L", "5.2", "blood_glucose", 93.681058),
        ("WalkingSpeed", "mi/hr", "3.1", "walking_speed", 1.385824),
        ("VO2Max", "mL/min·kg", "45.2", "vo2_max", 45.2),
        ("PhysicalEffort", "kcal/hr·kg", "4.5", "physical_effort", 4.5),
        ("DietaryWater", "fl_oz_us", "12", "hydration", 354.882355),
        ("OxygenSaturation", "%", "0.972", "spo2", 97.2),
        ("OxygenSaturation", "%", "98", "spo2", 98.0),
    ],
)
def test_units_are_read_and_never_assumed(kind: str, unit: str, value: str, series: str, expected: float) -> None:
    found = one(type=f"HKQuantityTypeIdentifier{kind}", unit=unit, value=value)
    assert found.series == series
    assert found.value == pytest.approx(expected, abs=1e-6)


def test_a_day_follows_the_time_zone_of_the_record_before_all_else() -> None:
    winter = {"startDate": "2026-01-01 13:00:00 +0200", "endDate": "2026-01-01 13:00:00 +0200"}
    inner = metadata("HKTimeZone", "Europe/Amsterdam")
    assert one(inner, **winter).zone == 60
    assert one(inner, zone="Asia/Kolkata", **winter).zone == 60


def test_without_one_it_follows_the_persons_zone_and_only_then_the_offset() -> None:
    assert one(zone="Asia/Kolkata").zone is None
    assert one(zone="UTC").zone == 120
    assert one(metadata("HKTimeZone", "Mars/Olympus")).zone == 120


def test_amounts_have_a_duration_and_readings_only_if_they_last() -> None:
    steps = one(type="HKQuantityTypeIdentifierStepCount", unit="count", endDate="2026-04-15 08:40:00 +0200")
    assert steps.duration == 600_000
    assert one().duration is None
    assert one(endDate="2026-04-15 08:31:00 +0200").duration == 60_000


def test_a_daily_figure_belongs_to_its_date_and_that_of_a_night_to_the_day_of_waking() -> None:
    resting = one(type="HKQuantityTypeIdentifierRestingHeartRate", startDate="2026-04-15 00:00:00 +0200")
    assert isinstance(resting, DailyRecord)
    assert resting.day == date(2026, 4, 15)
    night = one(
        type="HKQuantityTypeIdentifierAppleSleepingWristTemperature", unit="degC", value="34.1",
        startDate="2026-04-14 23:00:00 +0200",
    )  # fmt: skip
    assert (night.day, night.value) == (date(2026, 4, 15), 34.1)


@pytest.mark.parametrize(
    ("label", "stage"),
    [
        ("HKCategoryValueSleepAnalysisInBed", "in_bed"),
        ("HKCategoryValueSleepAnalysisAsleep", "sleeping"),
        ("HKCategoryValueSleepAnalysisAsleepUnspecified", "sleeping"),
        ("HKCategoryValueSleepAnalysisAwake", "awake"),
        ("HKCategoryValueSleepAnalysisAsleepCore", "light"),
        ("HKCategoryValueSleepAnalysisAsleepDeep", "deep"),
        ("HKCategoryValueSleepAnalysisAsleepREM", "rem"),
        ("5", "rem"),
    ],
)
def test_sleep_labels_and_numbers_become_stages(label: str, stage: str) -> None:
    found = one(type=SLEEP, unit=None, value=label, endDate="2026-04-15 09:00:00 +0200")
    assert isinstance(found, StageRecord)
    assert (found.stage, found.end - found.start, found.zone) == (stage, 1_800_000, 120)


@pytest.mark.parametrize(
    ("kind", "label", "expected"),
    [
        ("AppleStandHour", "HKCategoryValueAppleStandHourStood", 1.0),
        ("AppleStandHour", "HKCategoryValueAppleStandHourIdle", 0.0),
        ("AppleStandHour", "0", 1.0),
        ("MindfulSession", "HKCategoryValueNotApplicable", 60.0),
        ("MenstrualFlow", "HKCategoryValueMenstrualFlowMedium", 3.0),
        ("OvulationTestResult", "HKCategoryValueOvulationTestResultIndeterminate", 3.0),
        ("HighHeartRateEvent", "HKCategoryValueNotApplicable", 1.0),
    ],
)
def test_categories_have_the_value_that_the_phone_would_send(kind: str, label: str, expected: float) -> None:
    found = one(type=f"HKCategoryTypeIdentifier{kind}", unit=None, value=label, endDate="2026-04-15 09:30:00 +0200")
    assert found.value == expected


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"type": "HKQuantityTypeIdentifierNext"}, ("type", "unknown_type:HKQuantityTypeIdentifierNext")),
        ({"type": "HKDataTypeSleepDurationGoal"}, ("type", "unknown_type:HKDataTypeSleepDurationGoal")),
        ({"type": "what you like"}, ("type", "unknown_type")),
        ({"type": None}, ("type", "missing_field")),
        ({"unit": "furlong"}, ("unit", "unknown_unit:furlong")),
        ({"value": "abc"}, ("value", "not_a_number")),
        ({"value": "nan"}, ("value", "not_finite")),
        ({"value": None}, ("value", "missing_field")),
        ({"value": ""}, ("value", "missing_field")),
        ({"value": "-5"}, ("value", "negative")),
        ({"value": "9000"}, ("value", "out_of_range")),
        ({"startDate": "soon"}, ("startDate", "bad_date")),
        ({"endDate": None}, ("endDate", "missing_field")),
        ({"endDate": "2026-04-15 08:00:00 +0200"}, ("endDate", "end_before_start")),
        ({"startDate": "1970-01-01 00:00:00 +0000"}, ("startDate", "date_out_of_range")),
        ({"endDate": "2031-01-01 00:00:00 +0000"}, ("endDate", "date_out_of_range")),
        ({"type": SLEEP, "unit": None, "value": "HKCategoryValueSleepAnalysisFlying"}, ("value", "unknown_stage")),
        ({"type": "HKCategoryTypeIdentifierMenstrualFlow", "unit": None, "value": "Much"}, ("value", "unknown_value")),
    ],
)  # fmt: skip
def test_a_refusal_names_the_attribute_and_the_reason(attributes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert refusal(**attributes) == expected


def test_a_refused_record_costs_no_other_its_place() -> None:
    read = Read(export(heart_rates(2), record(value="abc"), heart_rates(2, first=2)))
    assert len(read.records) == 4
    assert [(item.collection, item.index) for item in read.rejected] == [("records", 2)]
    assert read.position == 5


def test_the_children_of_a_correlation_are_records_like_all_others() -> None:
    inner = record(type=BLOOD_PRESSURE, unit="mmHg", value="119")
    read = Read(export(element("Correlation", inner + metadata("HKWasUserEntered", "1"), type="x")))
    assert (read.only.series, read.only.value) == ("blood_pressure_systolic", 119.0)  # type: ignore[union-attr]


def test_activity_rings_become_daily_values() -> None:
    rings = {"activeEnergyBurned": "577.8", "activeEnergyBurnedUnit": "Cal", "appleMoveTime": "0",
             "appleMoveTimeGoal": "0", "appleExerciseTime": "55", "appleStandHours": "12"}  # fmt: skip
    read = Read(export(element("ActivitySummary", dateComponents="2026-04-15", **rings)))
    assert {(row.series, row.value) for row in read.records if isinstance(row, DailyRecord)} == {
        ("active_calories", 577.8), ("exercise_time", 55.0), ("stand_hours", 12.0),
    }  # fmt: skip
    assert {row.day for row in read.records if isinstance(row, DailyRecord)} == {date(2026, 4, 15)}


def test_a_day_on_which_nothing_was_worn_says_nothing() -> None:
    rings = {
        "activeEnergyBurned": "0",
        "activeEnergyBurnedUnit": "Cal",
        "appleExerciseTime": "0",
        "appleStandHours": "0",
    }
    read = Read(export(element("ActivitySummary", dateComponents="1969-12-31", **rings)))
    assert (read.records, read.rejected, read.position) == ([], [], 1)


@pytest.mark.parametrize("name", ["export_bad_dtd.xml", "export_control_chars.xml", "export_es.zip", "export_zh.zip"])
def test_broken_and_localised_samples_say_the_same_as_the_sound_one(name: str) -> None:
    sound, other = Read(fixture("export_mini.xml")), Read(fixture(name))
    assert len(sound.records) == 53
    places = {"latitude", "longitude", "altitude"}  # only the archives have the route
    values = [(row.series, row.value) for row in sound.records if isinstance(row, Sample)]
    assert values == [
        (row.series, row.value) for row in other.records if isinstance(row, Sample) and row.series not in places
    ]
    assert other.faults == []
    assert other.position == sound.position == 55


def test_an_attribute_that_comes_twice_is_told_and_costs_nothing() -> None:
    read = Read(fixture("export_dup_attr.xml"))
    assert len(read.records) == 53
    assert [(fault.code, fault.line) for fault in read.faults] == [("err_attribute_redefined", 121)]
    assert any(isinstance(row, WorkoutRecord) and row.avg_heart_rate_bpm == 145 for row in read.records)


def test_a_file_that_is_cut_off_keeps_what_came_before_and_nothing_of_the_cut_element() -> None:
    read = Read(fixture("export_truncated.xml"))
    assert [fault.code for fault in read.faults] == ["cut_off"]
    assert [row.type for row in read.records if isinstance(row, WorkoutRecord)] == ["running"]


@pytest.mark.parametrize("missing", range(1, 100, 7))
def test_no_cut_makes_a_number_shorter(missing: int) -> None:
    whole = export(record(value="1234567", type="HKQuantityTypeIdentifierDietaryWater", unit="mL"))
    for end in range(len(whole) - missing, len(whole) - missing - 7, -1):
        assert [row.value for row in Read(whole[:end]).records if isinstance(row, Sample)] in ([], [1234567.0])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (fixture("export_entity_bomb.xml"), "declarations"),
        (b'<!DOCTYPE HealthData SYSTEM "http://example.com/x.dtd" [<!EnTiTy a "b">]><HealthData/>', "declarations"),
        (b"<HealthData><!DOCTYPE x><Record/></HealthData>", "declarations"),
        (b"<HealthData>" + b" " * 3_000_000 + b"<!DOC\x00TYPE x></HealthData>", "declarations"),
        (b"<!-- <HealthData --><!DOCTYPE HealthData [<!ENTITY a 'b'>]><HealthData/>", "declarations"),
        (b"<HealthData>" + b" " * (1024 * 1024 - 16) + b"<!ENTITY a 'b'></HealthData>", "declarations"),
        (b"<!DOCTYPE HealthData [" + b" " * 70_000 + b"]><HealthData/>", "document_type"),
        (b"<!DOCTYPE html><html/>", "not_an_export"),
        (b"<ClinicalDocument/>", "not_an_export"),
        (b"<HealthDataX/>", "not_an_export"),
        ("<HealthData/>".encode("utf-16"), "unsupported_encoding"),
        ("<HealthData/>".encode("utf-16-le"), "unsupported_encoding"),
        (b'<?xml version="1.0" encoding="utf-7"?><HealthData/>', "unsupported_encoding"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_could_fool_the_parser_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RefusedFile) as refused:
        Read(content)
    assert refused.value.code == code


def test_a_declaration_is_found_across_the_border_of_two_blocks() -> None:
    for cut in range(1, 9):
        bomb = b"<!ENTITY"
        with pytest.raises(RefusedFile):
            list(filtered([b"<HealthData>" + b" " * 200_000 + bomb[:cut], bomb[cut:] + b" x>"]))


def test_a_reference_to_an_entity_nobody_declared_opens_nothing() -> None:
    read = Read(b'<HealthData><Record type="HKQuantityTypeIdentifierHeartRate" sourceName="&xxe;"/></HealthData>')
    assert read.records == []
    assert read.faults[0].code == "err_undeclared_entity"


def test_an_export_without_document_type_and_with_a_byte_order_mark_is_taken() -> None:
    assert len(Read(b"\xef\xbb\xbf" + export(record(), prolog="")).records) == 1
    assert len(Read(export(record(), prolog="<!-- made by a tool -->\n<?pretty yes?>\n")).records) == 1


def test_of_very_many_faults_the_first_few_are_told() -> None:
    read = Read(b"<HealthData>" + b'<x a="1" a="2"/>' * 200_000 + record().encode() + b"</HealthData>")
    assert len(read.records) == 1
    assert len(read.faults) == 20


def test_reading_can_go_on_from_any_element() -> None:
    content = export(heart_rates(5), element("Correlation", record(value="99")), record(value="abc"), heart_rates(3, 5))
    whole = Read(content)
    for skip in range(11):
        rest = Read(content, skip=skip)
        kept = [row for place, row in enumerate(whole.records) if place + (place >= 6) >= skip]
        assert rest.records == kept
        assert rest.position == 10
        assert [item.index for item in rest.rejected] == ([6] if skip <= 6 else [])
