from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from healthdata.days import UTC_ONLY, ZoneHistory

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
