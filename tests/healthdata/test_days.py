from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthdata.days import UTC_ONLY, Priority, SourceCandidate, ZoneHistory, choose, parse_order

HOUR = 3_600_000


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def zone(name: str) -> ZoneHistory:
    return ZoneHistory(((0, name),))


BERLIN, KOLKATA, NEW_YORK = zone("Europe/Berlin"), zone("Asia/Kolkata"), zone("America/New_York")
CAIRO = zone("Africa/Cairo")  # the clocks go forward at midnight


def test_the_rows_own_offset_goes_before_the_users_zone_and_that_before_utc():
    late = ms("2026-04-15T22:30:00+00:00")
    assert BERLIN.day_of(late) == date(2026, 4, 16)
    assert BERLIN.day_of(late, 0) == date(2026, 4, 15)
    assert UTC_ONLY.day_of(late) == date(2026, 4, 15)
    assert UTC_ONLY.day_of(late, 330) == date(2026, 4, 16)


def test_offsets_follow_summer_time_and_half_hours():
    assert BERLIN.offset_at(ms("2026-01-15T12:00:00+00:00")) == 60
    assert BERLIN.offset_at(ms("2026-07-15T12:00:00+00:00")) == 120
    assert KOLKATA.offset_at(ms("2026-07-15T12:00:00+00:00")) == 330
    assert NEW_YORK.offset_at(ms("2026-01-15T12:00:00+00:00")) == -300


def test_days_have_23_and_25_hours_when_the_clocks_change():
    def hours(history: ZoneHistory, day: date) -> float:
        start, end = history.bounds(day)
        return (end - start) / HOUR

    assert hours(BERLIN, date(2026, 3, 29)) == 23
    assert hours(BERLIN, date(2026, 10, 25)) == 25
    assert hours(BERLIN, date(2026, 4, 15)) == 24
    assert hours(NEW_YORK, date(2026, 11, 1)) == 25
    assert hours(KOLKATA, date(2026, 3, 29)) == 24


def test_bounds_of_a_half_hour_zone():
    assert KOLKATA.bounds(date(2026, 4, 15)) == (ms("2026-04-14T18:30:00+00:00"), ms("2026-04-15T18:30:00+00:00"))


def test_a_day_whose_midnight_is_skipped_begins_when_the_clocks_change():
    start, end = CAIRO.bounds(date(2026, 4, 24))
    assert start == ms("2026-04-24T01:00:00+03:00")
    assert end - start == 23 * HOUR


def test_a_span_includes_both_its_days():
    assert BERLIN.span(date(2026, 4, 1), date(2026, 4, 3)) == (
        ms("2026-04-01T00:00:00+02:00"),
        ms("2026-04-04T00:00:00+02:00"),
    )


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo", "Australia/Lord_Howe", "Pacific/Apia")


@given(st.sampled_from(ZONES), st.dates(date(2015, 1, 1), date(2030, 12, 31)))
def test_bounds_hold_exactly_the_instants_of_their_day(name, day):
    history = zone(name)
    start, end = history.bounds(day)
    assert history.day_of(start) == history.day_of(end - 1) == day
    assert history.day_of(start - 1) == day - timedelta(days=1)
    assert end == history.bounds(day + timedelta(days=1))[0]


@given(st.sampled_from(ZONES), st.integers(0, 2_000_000_000_000))
def test_the_local_clock_is_that_of_the_zone(name, instant):
    history = zone(name)
    moment = datetime.fromtimestamp(instant // 1000, UTC)
    local = (moment + timedelta(minutes=history.offset_at(instant))).replace(tzinfo=None)
    assert history.day_of(instant) == local.date()
    assert history.minute_of_day(instant) == local.hour * 60 + local.minute


def test_moving_does_not_move_past_days():
    moved = ZoneHistory(((ms("2026-06-01T00:00:00+00:00"), "Asia/Tokyo"), (0, "Europe/Berlin")))
    before, after = ms("2026-05-01T22:30:00+00:00"), ms("2026-06-10T22:30:00+00:00")
    assert moved.day_of(before) == date(2026, 5, 2)
    assert moved.day_of(after) == date(2026, 6, 11)
    assert moved.zone_at(before) == "Europe/Berlin"
    assert moved.offset_at(after) == 540


def test_the_first_zone_holds_for_what_is_older_than_it():
    history = ZoneHistory(((ms("2026-06-01T00:00:00+00:00"), "Asia/Tokyo"),))
    assert history.offset_at(ms("2020-01-01T00:00:00+00:00")) == 540


def test_a_zone_this_machine_does_not_know_is_read_as_utc():
    assert zone("Mars/Olympus_Mons").offset_at(0) == 0
    assert zone("../../etc/passwd").offset_at(0) == 0


WATCH = SourceCandidate(id=1, provider="apple", device_type="watch", hours=10, values=50)
PHONE = SourceCandidate(id=2, provider="apple", device_type="phone", hours=14, values=400)
RING = SourceCandidate(id=3, provider="oura", device_type="ring", hours=24, values=24)
SCALE = SourceCandidate(id=4, provider="withings", device_type="scale", hours=1, values=1)
UNKNOWN = SourceCandidate(id=5, provider="google", device_type=None, hours=24, values=999)


def test_what_is_worn_goes_before_the_phone():
    assert choose([PHONE, WATCH], "steps", Priority()) is WATCH
    assert choose([PHONE], "steps", Priority()) is PHONE


def test_who_measured_goes_before_an_app_without_a_device_and_that_before_what_was_typed_in():
    typed = SourceCandidate(id=6, provider="apple", device_type="manual", hours=24, values=999)
    assert choose([typed, UNKNOWN, PHONE], "steps", Priority()) is PHONE
    assert choose([typed, UNKNOWN], "steps", Priority()) is UNKNOWN


def test_ring_and_watch_are_equals_at_night_and_coverage_decides():
    assert choose([WATCH, RING], "resting_heart_rate", Priority()) is RING


def test_a_watch_goes_before_a_ring_for_moving_about():
    assert choose([WATCH, RING], "steps", Priority()) is WATCH
    assert choose([WATCH, RING], "active_calories", Priority()) is WATCH


def test_a_scale_goes_first_for_weight_only():
    assert choose([WATCH, SCALE, RING], "weight", Priority()) is SCALE
    assert choose([WATCH, SCALE], "steps", Priority()) is WATCH


def test_ties_are_broken_by_coverage_then_values_then_id():
    def like(number: int, hours: int, values: int) -> SourceCandidate:
        return SourceCandidate(id=number, provider="apple", device_type="watch", hours=hours, values=values)

    assert choose([like(1, 5, 900), like(2, 6, 10)], "steps", Priority()).id == 2
    assert choose([like(1, 6, 10), like(2, 6, 11)], "steps", Priority()).id == 2
    assert choose([like(9, 6, 10), like(2, 6, 10)], "steps", Priority()).id == 2


def test_the_order_of_candidates_does_not_matter():
    everyone = [WATCH, PHONE, RING, SCALE, UNKNOWN]
    assert choose(everyone, "steps", Priority()) is choose(everyone[::-1], "steps", Priority())


def test_nobody_to_choose_from_is_an_error():
    with pytest.raises(ValueError, match="empty"):
        choose([], "steps", Priority())


def test_the_end_user_overrides_the_organization_and_that_the_platform():
    organization = Priority.cascade({"*": ["phone"]})
    assert choose([WATCH, PHONE], "steps", organization) is PHONE
    both = Priority.cascade({"*": ["phone"]}, {"steps": ["oura", "watch"]})
    assert choose([WATCH, PHONE], "steps", both) is WATCH
    assert choose([WATCH, RING], "steps", both) is RING
    assert choose([WATCH, PHONE], "flights_climbed", both) is PHONE


def test_what_an_override_does_not_name_is_left_to_the_next_layer():
    override = Priority.cascade(None, {"steps": ["strava"]})
    assert choose([WATCH, PHONE], "steps", override) is WATCH


def test_a_provider_or_a_device_type_may_be_named():
    assert choose([WATCH, RING], "sleep", Priority.cascade({"sleep": ["apple"]})) is WATCH
    assert choose([WATCH, RING], "sleep", Priority.cascade({"sleep": ["ring"]})) is RING


@pytest.mark.parametrize("broken", [None, 7, "steps", [], {"steps": "watch"}, {"steps": None}, {3: ["watch"]}])
def test_an_override_of_another_shape_changes_nothing(broken):
    assert choose([WATCH, PHONE], "steps", Priority.cascade(broken, broken)) is WATCH


def test_names_in_overrides_are_cleaned():
    assert parse_order({"steps": [" Oura ", "WATCH", 3, "watch"]}) == {"steps": {"oura": 0, "watch": 1}}
