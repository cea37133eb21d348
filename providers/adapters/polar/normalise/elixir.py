"""Sensors of Polar Elixir, and SleepWise. Their times are in UTC, without a Z."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from healthdata.records import DailyRecord, Record, Sample, Score
from providers.adapters.polar.normalise.source import POLAR, utc
from providers.contract.bounds import AHEAD, EARLIEST
from providers.contract.json_items import DAY_MS, MINUTE_MS, Instant, JsonItem

MEASURED: Final = {"TM_SKIN_TEMPERATURE": "skin_temperature", "TM_CORE_TEMPERATURE": "body_temperature"}
PASSED: Final = "SPO2_TEST_PASSED"
DEVIATION: Final = "skin_temperature_deviation"
NO_BASELINE: Final = 20.0  # degrees nobody deviates by; -1000 has been seen
PULSE: Final = "heart_rate"
SERIES: Final = (*MEASURED.values(), DEVIATION, "spo2", PULSE)
SCORES: Final = ("alertness",)
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def body_temperature(item: JsonItem) -> Iterator[Record]:
    """Yield a period of readings, each so many ms from its start."""
    kind = item.text("measurement_type")
    series, start = MEASURED.get(kind or ""), utc(item, "start_time")
    if series is None or start is None:
        if kind and series is None:
            item.refuse("measurement_type", "unknown_type")
        return
    for row in item.array("samples"):
        reading = JsonItem(
            row if isinstance(row, dict) else {}, item.collection, item.index, item.context, item.refused
        )
        after = reading.number("recording_time_delta_milliseconds")
        value = reading.measure("temperature_celsius", series)
        if after is not None and value is not None and 0 <= after <= 2 * DAY_MS:
            yield Sample(POLAR, series, start + round(after), value)


def skin_temperature(item: JsonItem) -> Iterator[Record]:
    """Yield a night's, by its date of waking."""
    day = item.day("sleep_date")
    if day is None:
        return
    value = item.measure("sleep_time_skin_temperature_celsius", "skin_temperature")
    if value is not None:
        yield DailyRecord(POLAR, "skin_temperature", day, value)
    deviation = item.number("deviation_from_baseline_celsius")
    if deviation is not None and abs(deviation) <= NO_BASELINE:
        yield DailyRecord(POLAR, DEVIATION, day, deviation)


def spo2(item: JsonItem) -> Iterator[Record]:
    """Yield a test of the wearer's; one that failed says nothing."""
    when = _test_time(item)
    if when is None or item.text("test_status") != PASSED:
        return
    for field, series in (("blood_oxygen_percent", "spo2"), ("average_heart_rate_bpm", PULSE)):
        value = item.measure(field, series)
        if value is not None:
            yield Sample(POLAR, series, when[0], value, None, when[1])


def ecg(item: JsonItem) -> Iterator[Record]:
    """Yield the heart rate of a test; its curve stays in the payload."""
    when, value = _test_time(item), item.measure("average_heart_rate_bpm", PULSE)
    if when is not None and value is not None:
        yield Sample(POLAR, PULSE, when[0], value, None, when[1])


def _test_time(item: JsonItem) -> Instant | None:
    """Return seconds since the epoch, and the zone in minutes beside them."""
    seconds, zone = item.number("test_time"), item.number("time_zone_offset")
    if seconds is None:
        return None
    at = round(seconds * 1000)
    if not EARLIEST <= at <= item.context.received + AHEAD:
        item.refuse("test_time", "date_out_of_range")
        return None
    return at, None if zone is None or abs(zone) > 18 * 60 else round(zone)


def alertness(item: JsonItem) -> Iterator[Record]:
    """Yield the grade of a day that is over: forecasts and grades of naps are passed over."""
    past = item.text("result_type") == "ALERTNESS_TYPE_HISTORY" and item.text("grade_type") == "GRADE_TYPE_PRIMARY"
    start, grade = utc(item, "period_start_time"), item.number("grade")
    if not past or start is None or grade is None:
        return
    if not 0 <= grade <= 10:
        item.refuse("grade", "out_of_range")
        return
    zone = item.number("sleep_timezone_offset_minutes")
    known = zone is not None and abs(zone) <= 18 * 60
    minutes = round(zone or 0) if known else item.context.zones.offset_at(start)
    day = date.fromordinal(EPOCH_DAY + (start + minutes * MINUTE_MS) // DAY_MS)
    yield Score(POLAR, day, "alertness", grade, 0, 10, minutes if known else None)
