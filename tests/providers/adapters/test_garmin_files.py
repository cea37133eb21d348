"""Garmin's FIT files: made here by the SDK's encoder and by bytes, read as the adapter reads them."""

import struct
from typing import Any

import pytest
from garmin_fit_sdk import CrcCalculator, Encoder
from garmin_fit_sdk.util import FIT_EPOCH_S

from healthdata.days import ZoneHistory
from healthdata.records import Rejected, Sample, WorkoutRecord
from providers.adapters.garmin import fit
from providers.adapters.garmin.fit.checksum import crc16, is_whole
from providers.contract import AnomalousPayload, Context

START = 1_773_331_200  # 2026-03-12T16:00Z
FIT_START = START - FIT_EPOCH_S
RECEIVED = (START + 86_400) * 1000
HEAD = b'{"activityId":"4711","activityName":"Loop","activityType":"%s","deviceName":"fenix"}\n'


def fit_file(*messages: dict[str, Any], **developer: Any) -> bytes:
    """Return a whole file of these messages."""
    encoder = Encoder(**developer)
    encoder.write_mesg({"mesg_num": 0, "type": "activity", "manufacturer": "garmin", "time_created": FIT_START})
    for message in messages:
        encoder.write_mesg(message)
    return bytes(encoder.close())


def record(at: int, **fields: Any) -> dict[str, Any]:
    return {"mesg_num": 20, "timestamp": FIT_START + at, **fields}


def session(at: int, seconds: float, sport: str, sub_sport: str = "generic", **fields: Any) -> dict[str, Any]:
    return {
        "mesg_num": 18, "timestamp": FIT_START + at + int(seconds), "start_time": FIT_START + at, "sport": sport,
        "sub_sport": sub_sport, "total_elapsed_time": seconds, "total_timer_time": seconds, **fields,
    }  # fmt: skip


def lap(at: int, seconds: float, **fields: Any) -> dict[str, Any]:
    return {**session(at, seconds, "running"), "mesg_num": 19, **fields}


def read(file: bytes, kind: bytes = b"") -> list[Any]:
    context = Context(received=RECEIVED, zones=ZoneHistory(), kind="activityFiles")
    return list(fit.normalise(HEAD % kind + file, context))


def values(found: list[Any], series: str) -> list[tuple[float, float]]:
    """Return seconds from the start, and values."""
    ours = [one for one in found if isinstance(one, Sample) and one.series == series]
    return [(round(one.start / 1000 - START, 3), one.value) for one in ours]


def workout(found: list[Any]) -> WorkoutRecord:
    (one,) = [one for one in found if isinstance(one, WorkoutRecord)]
    return one


def refused(found: list[Any]) -> list[tuple[str, str]]:
    return [(one.field, one.reason) for one in found if isinstance(one, Rejected)]


def test_a_run_is_read_with_its_dynamics_in_canonical_units() -> None:
    fields = {
        "heart_rate": 150, "cadence": 82, "enhanced_speed": 3.25, "enhanced_altitude": 101.4, "power": 260,
        "temperature": -3, "position_lat": int(50.8 * 2**31 / 180), "position_long": int(-4.4 * 2**31 / 180),
        "vertical_oscillation": 84.5, "stance_time": 247.0, "step_length": 1104.0, "vertical_ratio": 7.65,
        "stance_time_balance": 49.8, "enhanced_respiration_rate": 33.5, "grade": -2.5,
    }  # fmt: skip
    found = read(fit_file(record(0, **fields), session(0, 60.0, "running", "trail")))
    assert refused(found) == []
    expected = {
        "heart_rate": 150, "step_cadence": 164, "running_speed": 3.25, "altitude": 101.4, "running_power": 260,
        "air_temperature": -3, "latitude": 50.8, "longitude": -4.4, "running_vertical_oscillation": 8.45,
        "running_ground_contact_time": 247, "running_stride_length": 110.4, "running_vertical_ratio": 7.65,
        "running_stance_time_balance": 49.8, "respiratory_rate": 33.5, "grade": -2.5,
    }  # fmt: skip
    got = {one.series: one.value for one in found if isinstance(one, Sample)}
    assert got == pytest.approx(expected, abs=1e-6)
    assert workout(found).type == "trail_running"


def test_the_workout_has_the_figures_of_its_session_and_its_laps() -> None:
    total = session(
        0, 3630.5, "cycling", "gravel_cycling", total_distance=30500.5, total_calories=812, avg_heart_rate=141,
        max_heart_rate=175, total_ascent=410, total_descent=395, enhanced_avg_speed=8.4, enhanced_max_speed=15.1,
        avg_power=188, max_power=640, normalized_power=205, total_training_effect=3.4, intensity_factor=0.82,
    )  # fmt: skip
    activity = {
        "mesg_num": 34, "timestamp": FIT_START + 3630, "local_timestamp": FIT_START + 3630 + 7200, "num_sessions": 1,
    }  # fmt: skip
    found = read(
        fit_file(record(0, heart_rate=100), lap(0, 1800.0, total_distance=15000.0), lap(1800, 1830.5), total, activity)
    )
    one = workout(found)
    assert (one.external_id, one.title, one.type, one.zone) == ("4711", "Loop", "gravel_cycling", 120)
    assert (one.start, one.end, one.duration_seconds) == (START * 1000, START * 1000 + 3_630_500, 3630.5)
    assert (one.distance_meters, one.calories_kcal, one.avg_heart_rate_bpm) == (30500.5, 812, 141)
    assert (one.elevation_gain_meters, one.elevation_loss_meters, one.average_power_watts) == (410, 395, 188)
    assert one.details["aerobic_training_effect"] == 3.4
    assert one.details["normalized_power_watts"] == 205
    assert one.details["device_name"] == "fenix"
    assert [lap.get("distance_meters") for lap in one.laps] == [15000.0, None]
    assert one.laps[0]["end_time"] == one.laps[1]["start_time"]


def test_the_announced_type_goes_before_the_files() -> None:
    file = fit_file(record(0, heart_rate=100), session(0, 60.0, "running"))
    assert workout(read(file, b"TRACK_RUNNING")).type == "track_running"
    assert workout(read(file, b"QUIDDITCH")).type == "running"


def test_the_legs_of_a_multisport_file_are_segments_and_readings_follow_the_sport() -> None:
    found = read(
        fit_file(
            record(0, heart_rate=120, cadence=25, enhanced_speed=1.0),
            record(600, heart_rate=130, cadence=85, enhanced_speed=9.0, power=210),
            record(1800, heart_rate=150, cadence=80, enhanced_speed=3.0, power=250),
            session(0, 600.0, "swimming", "open_water", total_distance=750.0, total_calories=100),
            session(600, 1200.0, "cycling", total_distance=10000.0, total_calories=300),
            session(1800, 900.0, "running", total_distance=2700.0, total_calories=200),
        )
    )
    one = workout(found)
    assert (one.type, one.distance_meters, one.calories_kcal) == ("multisport", 13450.0, 600)
    assert (one.end - one.start, one.duration_seconds) == (2_700_000, 2700.0)
    assert [leg["type"] for leg in one.segments] == ["open_water_swimming", "cycling", "running"]
    assert values(found, "cycling_power") == [(600, 210)]
    assert values(found, "running_power") == [(1800, 250)]
    assert values(found, "cadence") == [(0, 25)]
    assert values(found, "cycling_cadence") == [(600, 85)]
    assert values(found, "step_cadence") == [(1800, 160)]
    assert values(found, "heart_rate") == [(0, 120), (600, 130), (1800, 150)]


def test_intervals_between_beats_follow_each_other_from_the_record_before_them() -> None:
    found = read(
        fit_file(
            record(0, heart_rate=75),
            {"mesg_num": 78, "time": [0.8, 0.81, 0.79]},
            record(10, heart_rate=76),
            {"mesg_num": 78, "time": [0.805]},
            session(0, 60.0, "running"),
        )
    )
    assert values(found, "rr_interval") == [(0.8, 800), (1.61, 810), (2.4, 790), (10.805, 805)]


def test_lengths_of_a_pool_have_strokes_and_swolf_and_rests_have_none() -> None:
    length = {"mesg_num": 101, "timestamp": FIT_START + 30, "start_time": FIT_START, "total_elapsed_time": 30.0}
    found = read(
        fit_file(
            record(0, heart_rate=120),
            {**length, "length_type": "active", "total_strokes": 18},
            {**length, "start_time": FIT_START + 30, "length_type": "idle"},
            session(0, 60.0, "swimming", "lap_swimming", pool_length=25.0, num_active_lengths=1, avg_swolf=48),
        )
    )
    assert values(found, "swimming_stroke_count") == [(0, 18)]
    assert values(found, "swolf") == [(0, 48)]
    assert workout(found).details["pool_length_meters"] == 25.0
    (strokes,) = [one for one in found if isinstance(one, Sample) and one.series == "swolf"]
    assert strokes.duration == 30_000


def test_the_left_share_is_known_where_the_file_says_which_side_it_means() -> None:
    found = read(
        fit_file(record(0, left_right_balance=0x80 | 48), record(1, left_right_balance=48), session(0, 9.0, "cycling"))
    )
    assert values(found, "left_right_balance") == [(0, 52)]


def with_developer(**description: Any) -> bytes:
    """Return a file with one field of a developer's on its only record."""
    field = {"mesg_num": 206, "developer_data_index": 0, "field_definition_number": 0, "fit_base_type_id": 0x84}
    field |= description
    identity = {"mesg_num": 207, "developer_data_index": 0, "application_id": [1] * 16}
    encoder = Encoder(field_descriptions={0: {"developer_data_id_mesg": identity, "field_description_mesg": field}})
    for message in (
        {"mesg_num": 0, "type": "activity", "time_created": FIT_START},
        identity,
        field,
        {**record(0, heart_rate=120), "developer_fields": {0: 231}},
        session(0, 60.0, "running"),
    ):
        encoder.write_mesg(message)
    return bytes(encoder.close())


def test_a_developers_field_that_stands_for_one_of_the_profile_is_taken() -> None:
    found = read(with_developer(field_name="Stryd watts", units="Watts", native_mesg_num=20, native_field_num=7))
    assert values(found, "running_power") == [(0, 231)]
    found = read(with_developer(field_name="Power", units="Watts"))
    assert values(found, "running_power") == [(0, 231)]


def test_a_developers_field_that_nobody_knows_is_counted() -> None:
    found = read(with_developer(field_name="Form Power", units="Watts"))
    assert refused(found) == [("developer:Form Power", "unknown_field")]
    assert values(found, "heart_rate") == [(0, 120)]


# --- broken files ---


@pytest.mark.parametrize("file", [b"", b"<html>maintenance</html>", b"\x0e\x10" + b"\x00" * 40])
def test_what_is_no_fit_file_is_counted(file: bytes) -> None:
    assert refused(read(file)) == [("", "not_a_fit_file")]


def test_a_file_with_a_wrong_checksum_is_not_believed_at_all() -> None:
    file = bytearray(fit_file(record(0, heart_rate=100), record(1, heart_rate=101), session(0, 60.0, "running")))
    file[60] ^= 0x10
    assert read(bytes(file)) == [Rejected("activityFiles", 0, "", "bad_checksum")]


def test_of_a_file_that_breaks_off_what_came_before_is_kept() -> None:
    records = [record(at, heart_rate=100 + at % 50) for at in range(200)]
    file = fit_file(*records, session(0, 200.0, "running"))
    found = read(file[: len(file) // 2], b"RUNNING")
    assert set(refused(found)) == {("", "truncated"), ("session", "missing_field")}
    assert 50 < len(values(found, "heart_rate")) < 200
    assert workout(found).type == "running"


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_no_cut_is_an_error_of_ours(cut: int) -> None:
    file = fit_file(record(0, heart_rate=100), session(0, 60.0, "running"))
    assert any(isinstance(one, Rejected) for one in read(file[:-cut]))


def test_compressed_timestamps_are_told_as_what_cannot_be_read() -> None:
    body = bytes([0x40, 0, 0, 20, 0, 1, 3, 1, 2]) + bytes([0x80, 120])  # a definition, then a compressed header
    head = struct.pack("<BBHI4s", 14, 0x20, 2132, len(body), b".FIT")
    whole = head + struct.pack("<H", CrcCalculator.calculate_crc(head, 0, 12)) + body
    file = whole + struct.pack("<H", CrcCalculator.calculate_crc(whole, 0, len(whole)))
    assert refused(read(file)) == [("", "unreadable")]


def test_moments_and_values_that_cannot_be_are_refused_and_their_neighbours_stay() -> None:
    file = fit_file(
        record(-FIT_START + 5, heart_rate=90), record(0, heart_rate=0, enhanced_speed=4000.0), record(1, heart_rate=91),
        session(0, 60.0, "running"), session(10, 4_000_000.0, "running"),
    )  # fmt: skip
    found = read(file)
    assert values(found, "heart_rate") == [(1, 91)]
    assert set(refused(found)) == {
        ("heart_rate", "out_of_range"), ("enhanced_speed", "out_of_range"), ("session", "bad_span"),
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"no line", b"7\n.FIT", b'{"activityId": 5}\n.FIT', b"\xff\n"])
def test_a_payload_without_its_first_line_is_an_anomaly(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(fit.normalise(body, Context(RECEIVED, ZoneHistory(), "activityFiles")))


@pytest.mark.parametrize("size", [0, 1, 2, 3, 1000, 1001])
def test_the_checksum_is_the_protocols(size: int) -> None:
    data = bytes(number * 7 % 256 for number in range(size))
    assert crc16(memoryview(data)) == CrcCalculator.calculate_crc(data, 0, size)


def test_files_may_stand_in_a_chain() -> None:
    one = fit_file(record(0, heart_rate=100), session(0, 60.0, "running"))
    assert is_whole(memoryview(one + one)) == ""
    assert is_whole(memoryview(one + b"rest of something")) == "trailing_bytes"
