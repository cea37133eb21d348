from dataclasses import replace

import pytest

from healthdata.scores.result import weigh
from healthdata.scores.sleep import (
    consistency_points,
    duration_points,
    interruption_points,
    long_awakenings,
    sleep_score,
    stage_points,
)
from healthdata.sleep import StageRow, sessions

MINUTE = 60_000
BEDTIME = 23 * 60
REGULAR = [BEDTIME] * 7


def night(*stages: tuple[str, int]):
    """A session of consecutive stages, given as (stage, minutes)."""
    rows, at = [], 0
    for stage, minutes in stages:
        rows.append(StageRow(at, at + minutes * MINUTE, stage))
        at += minutes * MINUTE
    (session,) = sessions(rows)
    return session


GOOD = night(("light", 150), ("deep", 90), ("awake", 10), ("rem", 90), ("light", 120))


@pytest.mark.parametrize(
    ("hours", "points"),
    [
        (3, 4),
        (4, 19),
        (5, 52),
        (6, 85),
        (6.5, 94),
        (7, 100),
        (8, 100),
        (9, 100),
        (9.5, 92),
        (10, 82),
        (11, 60),
        (12, 50),
        (15, 50),
    ],
)
def test_duration_follows_its_curve(hours, points):
    assert duration_points(hours) == points


def test_stages_count_in_full_from_ninety_minutes_each():
    assert stage_points(90 * 60, 90 * 60) == 100
    assert stage_points(180 * 60, 45 * 60) == 75
    assert stage_points(0, 0) == 0


@pytest.mark.parametrize(
    ("bedtime", "points"),
    [
        (23 * 60, 100),
        (23 * 60 + 15, 100),
        (0, 57),  # an hour later, across midnight
        (60, 0),
        (4 * 60, 0),
        (22 * 60, 91),
        (18 * 60, 80),
    ],
)
def test_a_late_bedtime_costs_more_than_an_early_one(bedtime, points):
    assert consistency_points(bedtime, REGULAR) == points


def test_bedtimes_around_midnight_are_neighbours():
    assert consistency_points(0, [23 * 60 + 50, 10, 0]) == 100


@pytest.mark.parametrize("minute", range(0, 1440, 45))
def test_no_hour_of_the_day_is_the_edge_of_the_clock(minute):
    """Judge bedtimes of those who work at night and go to bed at noon."""
    earlier = [(minute + shift) % 1440 for shift in (-20, 10, 0, 15, -5)]
    assert consistency_points(minute, earlier) == 100
    assert consistency_points((minute + 120) % 1440, earlier) == 0
    assert consistency_points((minute - 120) % 1440, earlier) == 80


def test_interruptions_are_time_awake_and_long_awakenings():
    assert interruption_points(GOOD) == 100
    restless = night(
        ("light", 60), ("awake", 30), ("light", 60), ("awake", 25), ("deep", 60), ("awake", 4), ("rem", 60)
    )
    assert long_awakenings(restless) == 2
    assert interruption_points(restless) == int(80 * (1 - (59 - 20) / 70)) + 15
    sleepless = night(*[("light", 20), ("awake", 30)] * 5, ("light", 20))
    assert interruption_points(sleepless) == 0


def test_time_awake_before_falling_asleep_is_no_interruption():
    slow = night(("awake", 60), ("light", 200), ("deep", 100), ("rem", 120), ("awake", 30))
    assert long_awakenings(slow) == 0
    assert interruption_points(slow) == 100


def test_a_good_regular_night_has_a_full_score():
    result = sleep_score(GOOD, BEDTIME, REGULAR)
    assert result.score == 100
    assert result.components == {"duration": 100, "stages": 100, "consistency": 100, "interruptions": 100}
    assert result.missing == ()
    assert result.confidence == 1
    assert (result.category, result.provider, result.algorithm) == ("sleep", "wearlink", "wearlink-sleep")
    assert (result.range_min, result.range_max) == (0, 100)
    assert result.version


def test_the_parts_are_weighed_four_two_two_two():
    short = night(("light", 150), ("deep", 90), ("rem", 60))  # 5 h: 52, stages 83, no interruptions
    result = sleep_score(short, 0, REGULAR)
    assert result.components == {"duration": 52, "stages": 83, "consistency": 57, "interruptions": 100}
    assert result.score == round(0.4 * 52 + 0.2 * (83 + 57 + 100))


def test_without_history_consistency_is_left_out_and_not_zero():
    result = sleep_score(GOOD, BEDTIME, [BEDTIME, BEDTIME])
    assert result.score == 100
    assert result.missing == ("consistency",)
    assert result.confidence == 0.8


def test_a_phone_that_only_knows_the_length_is_scored_on_that():
    result = sleep_score(night(("sleeping", 360)), BEDTIME, [])
    assert result.score == 85
    assert result.missing == ("stages", "consistency", "interruptions")
    assert result.confidence == 0.4


def test_a_source_that_says_awake_but_has_no_stages_keeps_its_interruptions():
    result = sleep_score(night(("sleeping", 240), ("awake", 10), ("sleeping", 240)), BEDTIME, REGULAR)
    assert result.missing == ("stages",)
    assert result.components["interruptions"] == 100


def test_only_the_last_fourteen_nights_count():
    assert sleep_score(GOOD, BEDTIME, [*[BEDTIME] * 14, *[3 * 60] * 40]).components["consistency"] == 100


def test_naps_unknown_sleep_and_sessions_over_a_day_have_no_score():
    assert sleep_score(replace(GOOD, is_nap=True), BEDTIME, REGULAR) is None
    in_bed = sleep_score(night(("in_bed", 480)), BEDTIME, REGULAR)
    assert (in_bed.score, in_bed.reason) == (None, "Only the time in bed is known.")
    endless = sleep_score(replace(GOOD, duration_s=86_401), BEDTIME, REGULAR)
    assert (endless.score, endless.confidence) == (None, None)
    assert "24 hours" in endless.reason


def test_a_score_is_the_same_whatever_order_its_rows_came_in():
    rows = [StageRow(start, end, stage) for start, end, stage in GOOD.stages]
    (again,) = sessions(reversed(rows))
    assert sleep_score(again, BEDTIME, REGULAR) == sleep_score(GOOD, BEDTIME, REGULAR)


def test_weighing_nothing_is_an_error():
    with pytest.raises(ValueError, match="at least one part"):
        weigh({"duration": None}, {"duration": 40})
