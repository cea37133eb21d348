"""Curves, nights and lanes as numbers."""

from adminportal.dashboard.end_users.lanes import lanes
from adminportal.kit.charts import bars
from adminportal.kit.nights import hypnogram
from adminportal.kit.plots import Scale, buckets, line_path, rolling_mean, usual_step
from healthdata.merge import Amount, Share

DAY = (0, 1000)


def test_no_spike_is_lost_however_many_readings_share_a_place() -> None:
    points = [(float(at), 60.0) for at in range(17_280)]
    points[9_000] = (9_000.0, 188.0)
    found = buckets(points, 0, 17_280, 720)
    assert len(found) == 720
    assert max(one.high for one in found) == 188
    assert {one.middle for one in found} == {60}


def test_a_pause_breaks_the_line_and_a_lone_reading_is_seen() -> None:
    assert line_path([(0, 5), (1, 6), (50, 7)], gap=10) == "M0 5L1 6M50 7h.1"
    assert line_path([], gap=1) == ""
    assert usual_step([0, 5, 10, 400]) == 5


def test_a_scale_has_round_steps_and_room_for_every_value() -> None:
    scale = Scale.around([61.8, 64.9])
    assert [tick.label for tick in scale.ticks()] == ["65", "64", "63", "62", "61"]
    assert Scale.around([54.0]).ticks()[0].y == 0
    assert Scale.around([3.0, 9.0], from_zero=True).low == 0
    assert [tick.label for tick in Scale.around([0.1, 0.42]).ticks()] == ["0.5", "0.4", "0.3", "0.2", "0.1"]


def test_the_mean_of_seven_days_looks_back_only() -> None:
    assert rolling_mean([(1, 10), (2, 20), (9, 60)], 7) == [(1, 10), (2, 15), (9, 60)]


def test_a_day_nobody_knows_of_has_no_bar_and_is_not_nothing() -> None:
    chart = bars("Steps", "steps", [("1 Nov", None), ("2 Nov", 0), ("3 Nov", 8)])
    assert [bar.words for bar in chart.bars] == ["2 Nov: 0 steps", "3 Nov: 8 steps"]
    assert chart.rows[0] == ("1 Nov", None)


def test_a_night_is_told_by_stage_from_awake_down_to_deep() -> None:
    stages = [(0, 3_600_000, "light"), (3_600_000, 7_200_000, "deep")]
    night = hypnogram(stages, {0: "23:00", 3_600_000: "00:00", 7_200_000: "01:00"})
    assert night is not None
    assert [row.title for row in night.rows] == ["Awake", "REM", "Light", "Deep"]
    assert night.summary.endswith("Light 1 h 0 min, Deep 1 h 0 min")
    assert [(bar.x, bar.width) for bar in night.bars] == [(0, 50), (50, 50)]
    assert hypnogram([], {}) is None


def test_lanes_show_what_counted_in_part_and_not_at_all() -> None:
    watch = Share(1, kept=10, pieces=[(Amount(0, 500, 10.0), 10.0)])
    phone = Share(2, kept=5, pieces=[(Amount(400, 600, 10.0), 5.0)])
    ring = Share(3, pieces=[(Amount(0, 100, 4.0), 0.0), (Amount(100, 200, 0.0), 0.0)])
    drawn = lanes([watch, phone, ring], DAY)
    assert drawn[0].counted == "M0 0H500V20H0Z"
    assert (drawn[1].counted, drawn[1].partly) == ("", "M400 0H600V20H400Z")
    assert drawn[2].left_out == "M0 0H100V20H0Z"


def test_lanes_of_a_mean_give_each_time_to_the_first_who_speaks_for_it() -> None:
    watch, ring, total = Share(1, spoken=[(0, 500)]), Share(2, spoken=[(400, 700)]), Share(3, kept=1, is_total=True)
    drawn = lanes([watch, ring, total], DAY)
    assert drawn[1].counted == "M500 0H700V20H500Z"
    assert drawn[1].left_out == "M400 0H500V20H400Z"
    assert drawn[2].is_empty
