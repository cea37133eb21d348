import random
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healthdata.days import ZoneHistory
from healthdata.sleep import ASLEEP, STAGES, StageRow, sessions, stage_name, whole_minutes

MINUTE = 60_000
HOUR = 60 * MINUTE
NOON = 1_776_254_400_000  # 2026-04-15T12:00:00Z


def at(text: str) -> int:
    """Return milliseconds of "14T22:30" in April 2026, UTC."""
    return int(datetime.fromisoformat(f"2026-04-{text}:00+00:00").timestamp() * 1000)


def rows(*stages: tuple[str, str, str], zone: int | None = None) -> list[StageRow]:
    return [StageRow(at(start), at(end), stage, zone) for stage, start, end in stages]


WATCH_NIGHT = rows(
    ("light", "14T22:30", "14T23:24"),
    ("deep", "14T23:24", "15T00:54"),
    ("awake", "15T00:54", "15T01:04"),
    ("rem", "15T01:04", "15T02:04"),
    ("sleeping", "15T02:04", "15T02:34"),
    ("light", "15T02:34", "15T03:28"),
    ("deep", "15T03:28", "15T04:58"),
    ("awake", "15T04:58", "15T05:18"),
    ("rem", "15T05:18", "15T06:45"),
    zone=120,
)
PHONE_IN_BED = rows(("in_bed", "14T22:30", "15T06:45"), zone=120)
NAP = rows(("light", "15T12:10", "15T12:50"), zone=120)


def shape(session):
    return (
        session.duration_s,
        session.sleep_s,
        session.efficiency,
        *whole_minutes((session.awake_s, session.light_s, session.deep_s, session.rem_s)),
    )


@pytest.mark.parametrize("extra", [[], PHONE_IN_BED])
def test_the_documented_night_gives_the_documented_figures(extra):
    (night,) = sessions([*WATCH_NIGHT, *extra])
    assert shape(night) == (29_700, 27_900, 93.9, 30, 108, 180, 147)
    assert night.unstaged_s == 1800
    assert night.awakenings == 2
    assert night.waso_s == 1800
    assert not night.is_nap
    assert night.zone_minutes == 120


def test_an_afternoon_sleep_after_a_night_is_a_nap_of_its_own():
    night, nap = sessions([*NAP, *PHONE_IN_BED, *WATCH_NIGHT])
    assert not night.is_nap
    assert nap.is_nap
    assert nap.sleep_s == 2400
    assert (nap.start_ms, nap.end_ms) == (at("15T12:10"), at("15T12:50"))


def test_a_doze_is_a_nap_though_it_is_the_only_sleep_of_its_day():
    (alone,) = sessions(NAP)
    assert alone.is_nap
    longer, shorter = sessions([*NAP, *rows(("light", "15T16:00", "15T16:30"), zone=120)])
    assert longer.is_nap
    assert shorter.is_nap


def test_who_works_at_night_sleeps_by_day_and_that_is_no_nap():
    (day,) = sessions(rows(("light", "15T07:30", "15T11:00"), zone=120))
    assert not day.is_nap


def test_a_short_sleep_at_night_is_no_nap():
    evening = rows(("light", "15T20:30", "15T21:30"), zone=120)
    _, short = sessions([*WATCH_NIGHT, *evening])
    assert not short.is_nap


def test_the_users_zone_places_rows_without_an_offset():
    zoneless = [row._replace(zone_minutes=None) for row in (*WATCH_NIGHT, *rows(("light", "15T19:30", "15T20:10")))]
    assert [s.is_nap for s in sessions(zoneless)] == [False, True]  # 19:30 in UTC is before 20:00
    berlin = ZoneHistory(((0, "Europe/Berlin"),))
    assert [s.is_nap for s in sessions(zoneless, berlin.offset_of)] == [False, False]


def test_the_providers_word_on_naps_goes_before_the_rule():
    hinted = [row._replace(nap_hint=True) for row in WATCH_NIGHT]
    (night,) = sessions(hinted)
    assert night.is_nap
    (night,) = sessions([*hinted, hinted[0]._replace(nap_hint=False)])
    assert not night.is_nap


def test_a_night_that_begins_in_bed_has_a_latency():
    night = rows(
        ("in_bed", "15T05:45", "15T05:57"),
        ("light", "15T05:57", "15T06:45"),
        ("deep", "15T06:45", "15T07:40"),
        ("rem", "15T07:40", "15T08:13"),
        ("awake", "15T08:13", "15T08:19"),
        ("light", "15T08:19", "15T10:09"),
        ("rem", "15T10:09", "15T11:11"),
        ("deep", "15T11:11", "15T11:42"),
        ("light", "15T11:42", "15T12:40"),
        ("awake", "15T12:40", "15T12:45"),
        zone=-420,
    )
    nap = rows(("sleeping", "15T21:00", "15T21:50"), zone=-420)
    main, siesta = sessions([*nap, *night])
    assert main.latency_s == 12 * 60
    assert main.duration_s == 420 * 60
    assert main.sleep_s == 397 * 60
    assert (main.awake_s, main.awakenings, main.waso_s) == (11 * 60, 1, 6 * 60)
    assert siesta.is_nap
    assert siesta.unstaged_s == siesta.sleep_s == 3000


def test_a_night_that_begins_awake_starts_there():
    night = rows(
        ("awake", "14T17:40", "14T17:48"),
        ("light", "14T17:48", "14T18:40"),
        ("deep", "14T18:40", "14T19:18"),
        ("awake", "14T19:18", "14T19:22"),
        ("rem", "14T19:22", "14T20:00"),
        zone=330,
    )
    (session,) = sessions(night)
    assert session.start_ms == at("14T17:40")
    assert session.latency_s == 8 * 60
    assert (session.awake_s, session.waso_s, session.awakenings) == (12 * 60, 4 * 60, 1)


def test_a_night_without_a_bed_does_not_know_how_long_falling_asleep_took():
    (session,) = sessions(rows(("light", "14T22:30", "15T05:00")))
    assert session.latency_s is None


def test_a_bed_without_sleep_is_a_session_of_unknown_sleep():
    (session,) = sessions(PHONE_IN_BED)
    assert session.duration_s == session.in_bed_s == 29_700
    assert session.sleep_s is None
    assert session.efficiency is None
    assert session.awakenings is None
    assert not session.is_nap


def test_being_awake_is_no_session():
    assert sessions(rows(("awake", "15T10:00", "15T10:30"), ("unknown", "15T10:30", "15T11:00"))) == []
    assert sessions([]) == []


def test_two_hours_of_silence_belong_to_a_session_and_a_minute_more_ends_it():
    first, second = ("light", "14T22:00", "15T01:00"), ("light", "15T03:00", "15T05:00")
    assert len(sessions(rows(first, second))) == 1
    assert len(sessions(rows(first, ("light", "15T03:01", "15T05:00")))) == 2


def test_half_an_hour_of_silence_is_neither_sleep_nor_wake():
    (session,) = sessions(rows(("light", "14T22:00", "15T01:00"), ("light", "15T01:30", "15T05:00")))
    assert session.duration_s == 7 * 3600
    assert session.sleep_s == session.in_bed_s == 6.5 * 3600
    assert session.awake_s == 0
    assert session.efficiency == 92.9


@pytest.mark.parametrize("bed", [[], [("in_bed", "14T22:00", "15T07:30")], [("in_bed", "15T02:30", "15T03:10")]])
def test_a_longer_silence_between_stages_of_sleep_is_time_awake_in_bed_or_not(bed):
    (session,) = sessions(rows(("light", "14T23:00", "15T02:00"), ("light", "15T03:50", "15T07:30"), *bed))
    assert (session.sleep_s, session.awake_s) == (400 * 60, 110 * 60)
    assert (session.awakenings, session.waso_s) == (1, 110 * 60)


def test_a_silence_before_the_first_sleep_or_after_the_last_is_not_time_awake():
    (session,) = sessions(
        rows(("in_bed", "14T22:00", "14T22:10"), ("light", "14T22:50", "15T04:00"), ("in_bed", "15T04:40", "15T05:00"))
    )
    assert (session.awake_s, session.awakenings, session.latency_s) == (0, 0, 50 * 60)


def test_a_stray_wake_long_before_the_bed_does_not_open_the_night():
    night = [("in_bed", "14T22:30", "14T22:45"), ("light", "14T22:45", "15T06:00")]
    stray = [("awake", "14T21:00", "14T21:05"), ("awake", "15T07:00", "15T07:01")]
    assert sessions(rows(*night, *stray)) == sessions(rows(*night))
    (near,) = sessions(rows(*night, ("awake", "14T22:10", "14T22:20")))
    assert near.latency_s == 35 * 60


def test_a_detailed_stage_beats_sleeping_and_everything_beats_the_bed():
    (session,) = sessions(
        rows(
            ("in_bed", "14T22:00", "15T06:00"),
            ("sleeping", "14T22:30", "15T05:30"),
            ("deep", "14T23:00", "15T00:00"),
            ("awake", "15T01:00", "15T01:10"),
        )
    )
    assert [(stage, (end - start) // MINUTE) for start, end, stage in session.stages] == [
        ("in_bed", 30),
        ("sleeping", 30),
        ("deep", 60),
        ("sleeping", 60),
        ("awake", 10),
        ("sleeping", 260),
        ("in_bed", 30),
    ]
    assert session.sleep_s == 410 * 60


def test_rows_without_length_or_longer_than_a_day_are_ignored():
    odd = [
        StageRow(NOON, NOON, "deep"),
        StageRow(NOON, NOON - HOUR, "deep"),
        StageRow(NOON, NOON + 25 * HOUR, "in_bed"),
    ]
    assert sessions(odd) == []


def test_ninety_eight_overlapping_rows_never_exceed_the_night():
    overlapping = [StageRow(NOON + i * 5 * MINUTE, NOON + i * 5 * MINUTE + 3 * HOUR, "light") for i in range(98)]
    (session,) = sessions(overlapping)
    assert session.sleep_s == session.duration_s == (97 * 5 + 180) * 60


stage_rows = st.lists(
    st.builds(
        lambda start, length, stage, zone, hint: StageRow(
            NOON + start * 30_000, NOON + (start + length) * 30_000, stage, zone, hint
        ),
        st.integers(0, 2880),
        st.integers(1, 240),
        st.sampled_from(STAGES),
        st.sampled_from([None, 0, 120, 330, -420]),
        st.sampled_from([None, None, None, True, False]),
    ),
    max_size=40,
)


@given(stage_rows, st.randoms(use_true_random=False))
def test_order_doubles_and_splits_do_not_matter(given_rows: list[StageRow], chance: random.Random):
    expected = sessions(given_rows)
    delivered = []
    for row in given_rows:
        middle = chance.randrange(row.start_ms, row.end_ms + 1)
        parts = [row._replace(end_ms=middle), row._replace(start_ms=middle)]
        delivered += chance.choice([[row], [row, row], parts, [*parts, row]])
    chance.shuffle(delivered)
    assert sessions(delivered) == expected


@given(stage_rows)
def test_a_sessions_figures_always_add_up(given_rows):
    for session in sessions(given_rows):
        asleep = session.light_s + session.deep_s + session.rem_s + session.unstaged_s
        assert session.sleep_s == (asleep or None)
        assert asleep + session.awake_s <= session.in_bed_s <= session.duration_s
        assert session.start_ms == session.stages[0][0]
        assert session.end_ms == session.stages[-1][1]
        for (_, end, stage), (start, _, following) in zip(session.stages, session.stages[1:], strict=False):
            assert end < start or (end == start and stage != following)
        if session.sleep_s:
            assert 0 < session.efficiency <= 100
            assert session.waso_s <= session.awake_s


@given(stage_rows)
def test_every_row_of_sleep_lies_in_exactly_one_session(given_rows):
    undisturbed = [row for row in given_rows if row.stage != "awake"]
    found = sessions(undisturbed)
    for row in undisturbed:
        if row.stage in ASLEEP:
            assert sum(s.start_ms <= row.start_ms and row.end_ms <= s.end_ms for s in found) == 1


@given(st.lists(st.integers(0, 40_000), min_size=1, max_size=5))
def test_whole_minutes_add_up_and_are_each_within_a_minute(seconds):
    minutes = whole_minutes(seconds)
    assert sum(minutes) == sum(seconds) // 60
    assert all(abs(m * 60 - s) < 60 for m, s in zip(minutes, seconds, strict=True))


def test_a_night_over_the_spring_change_is_as_long_as_it_was():
    berlin = ZoneHistory(((0, "Europe/Berlin"),))
    start = int(datetime.fromisoformat("2026-03-28T23:00:00+01:00").timestamp() * 1000)
    end = int(datetime.fromisoformat("2026-03-29T07:00:00+02:00").timestamp() * 1000)
    (night,) = sessions([StageRow(start, end, "sleeping")], berlin.offset_of)
    assert night.duration_s == 7 * 3600
    assert not night.is_nap


@pytest.mark.parametrize(
    ("raw", "provider", "stage"),
    [
        ("in_bed", "apple", "in_bed"),
        ("inBed", "apple", "in_bed"),
        ("sleeping", "apple", "sleeping"),
        ("asleep_light", "apple", "light"),
        ("asleep_core", "apple", "light"),
        ("core", "apple", "light"),
        ("LIGHT", "samsung", "light"),
        ("asleep_deep", "apple", "deep"),
        ("asleep_rem", "apple", "rem"),
        ("REM", "samsung", "rem"),
        ("unknown", "google", "unknown"),
        ("OUT_OF_BED", "google", "awake"),
        ("AWAKE_IN_BED", "google", "awake"),
        ("STAGE_TYPE_SLEEPING", "google", "sleeping"),
        ("HKCategoryValueSleepAnalysisInBed", "apple", "in_bed"),
        ("HKCategoryValueSleepAnalysisAsleep", "apple", "sleeping"),
        ("HKCategoryValueSleepAnalysisAsleepUnspecified", "apple", "sleeping"),
        ("HKCategoryValueSleepAnalysisAsleepCore", "apple", "light"),
        ("HKCategoryValueSleepAnalysisAsleepREM", "apple", "rem"),
        ("0", "apple", "in_bed"),
        ("3", "apple", "light"),
        ("5", "", "rem"),
        ("0", "google", "unknown"),
        ("5", "google", "deep"),
        ("7", "google", "awake"),
        ("7", "apple", None),
        ("3", "samsung", None),
        ("33", "apple", None),
        ("dreaming", "apple", None),
        ("", "apple", None),
    ],
)
def test_wire_names_become_canonical_stages(raw, provider, stage):
    assert stage_name(raw, provider) == stage
