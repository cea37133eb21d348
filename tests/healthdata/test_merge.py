"""The rules by which several sources make one figure of a day, checked by hand and by properties."""

import random

import pytest

from healthdata.merge import (
    Amount,
    LeftOutReason,
    Readings,
    SourceDay,
    condense,
    mean_by_time,
    merge_amounts,
    merge_readings,
    time_at_rates,
    wear,
    within,
)

MINUTE, HOUR = 60_000, 3_600_000
DAY = (0, 24 * HOUR)
WATCH, PHONE, RING = 1, 2, 3


def hourly(value: float, first: int, last: int) -> list[Amount]:
    """Return the same amount in each hour [first, last)."""
    return [Amount(hour * HOUR, (hour + 1) * HOUR, value) for hour in range(first, last)]


def test_the_phone_counts_what_the_watch_on_its_charger_did_not_see() -> None:
    watch, phone = SourceDay(WATCH, hourly(1050, 8, 12)), SourceDay(PHONE, hourly(1000, 8, 20))
    figure = merge_amounts([watch, phone], DAY)
    assert figure.value == 4 * 1050 + 8 * 1000
    assert [(share.kept, share.left_out) for share in figure.shares] == [(4200, 0), (8000, 4000)]
    assert figure.shares[1].reasons == {LeftOutReason.COVERED: 4000}
    assert figure.coverage_minutes == 12 * 60


def test_a_still_wrist_is_no_gap_while_the_watch_reads_the_heart() -> None:
    worn = wear([minute * 10 * MINUTE for minute in range(6 * 8, 6 * 20 + 1)], DAY)
    watch = SourceDay(WATCH, hourly(500, 9, 10), worn)
    assert merge_amounts([watch, SourceDay(PHONE, hourly(300, 8, 20))], DAY).value == pytest.approx(500, abs=0.001)


def test_gaps_of_five_minutes_are_closed_and_longer_ones_are_not() -> None:
    watch = SourceDay(
        WATCH,
        [Amount(0, MINUTE, 1), Amount(6 * MINUTE, 7 * MINUTE, 1), Amount(13 * MINUTE, 14 * MINUTE, 1)],
    )
    phone = SourceDay(PHONE, [Amount(minute * MINUTE, (minute + 1) * MINUTE, 10) for minute in range(14)])
    assert merge_amounts([watch, phone], DAY).value == 3 + 6 * 10  # minutes 7 to 12 are the phone's


def test_an_interval_counts_by_the_share_that_nobody_above_covers() -> None:
    watch = SourceDay(WATCH, [Amount(0, 45 * MINUTE, 90)])
    figure = merge_amounts([watch, SourceDay(PHONE, [Amount(0, HOUR, 100)])], DAY)
    assert figure.value == 90 + 10  # a quarter of the hour is free, and 10 of the hour's 100 are not counted yet
    assert figure.shares[1].pieces == [(Amount(0, HOUR, 100), 10)]
    idle = SourceDay(WATCH, [Amount(0, 45 * MINUTE, 10)])
    assert merge_amounts([idle, SourceDay(PHONE, [Amount(0, HOUR, 100)])], DAY).value == 10 + 25


def test_an_hour_of_an_app_that_copies_the_phone_fills_no_pause_of_the_phone() -> None:
    phone = SourceDay(PHONE, [Amount(10 * MINUTE, 20 * MINUTE, 1000)])
    assert merge_amounts([phone, SourceDay(RING, [Amount(0, HOUR, 1000)])], DAY).value == 1000


def test_an_interval_over_midnight_belongs_to_both_days_by_its_time() -> None:
    evening = within(23 * HOUR + 45 * MINUTE, HOUR, 6000, DAY)
    morning = within(23 * HOUR + 45 * MINUTE, HOUR, 6000, (24 * HOUR, 48 * HOUR))
    assert (evening, morning) == (
        Amount(23 * HOUR + 45 * MINUTE, 24 * HOUR, 1500),
        Amount(24 * HOUR, 24 * HOUR + 45 * MINUTE, 4500),
    )


def test_condensed_and_fine_records_of_one_hour_do_not_add_up() -> None:
    fine = [Amount(minute * MINUTE, (minute + 1) * MINUTE, 5) for minute in range(60)]
    assert condense([*fine, Amount(0, HOUR, 300)]) == (fine, 300)
    half, left = condense([*fine[:30], Amount(0, HOUR, 300)])
    assert sum(amount.value for amount in half) == 150 + 150
    assert left == 150


def test_a_total_of_another_device_does_not_add_to_stretches_that_cover_the_day() -> None:
    watch = SourceDay(WATCH, hourly(600, 0, 23))
    figure = merge_amounts([watch, SourceDay(RING, total=4100)], DAY)
    assert figure.value == 13_800
    assert figure.shares[1].reasons == {LeftOutReason.DAILY_TOTAL: 4100}


def test_a_total_of_the_whole_day_replaces_five_minutes_of_a_watch() -> None:
    watch = SourceDay(WATCH, [Amount(8 * HOUR, 8 * HOUR + 5 * MINUTE, 120)])
    figure = merge_amounts([watch, SourceDay(RING, total=9000)], DAY)
    assert (figure.value, figure.coverage_minutes) == (9000, None)
    assert figure.shares[0].reasons == {LeftOutReason.DAILY_TOTAL: 120}


def test_a_source_that_an_order_names_is_not_replaced_by_a_total_below_it() -> None:
    phone = SourceDay(PHONE, hourly(500, 9, 11), named=True)
    assert merge_amounts([phone, SourceDay(RING, total=9000)], DAY).value == 1000


def test_a_total_of_a_device_in_a_drawer_does_not_hide_what_the_phone_counted() -> None:
    figure = merge_amounts([SourceDay(RING, total=120), SourceDay(PHONE, hourly(1000, 8, 20))], DAY)
    assert figure.value == 12_000
    assert figure.shares[0].reasons == {LeftOutReason.DAILY_TOTAL: 120}


def test_a_total_says_less_the_less_its_device_was_worn() -> None:
    phone = SourceDay(PHONE, hourly(1000, 8, 20))
    morning = merge_amounts([phone, SourceDay(RING, total=900, wear_minutes=180)], DAY)
    assert (morning.value, morning.coverage_minutes) == (12_000, 720)
    assert morning.shares[1].reasons == {LeftOutReason.NOT_WORN: 900}
    alone = merge_amounts([SourceDay(RING, total=900, wear_minutes=180)], DAY)
    assert (alone.value, alone.coverage_minutes) == (900, 180)


def test_typed_values_do_not_hide_a_total_of_the_day() -> None:
    typed = SourceDay(PHONE, hourly(30_000, 8, 9), is_device=False)
    assert merge_amounts([SourceDay(RING, total=9000), typed], DAY).value == 9000


def test_a_vendors_total_outdoes_its_own_parts_and_the_phone_fills_when_it_was_not_worn() -> None:
    watch = SourceDay(WATCH, hourly(900, 8, 12), total=4000)
    figure = merge_amounts([watch, SourceDay(PHONE, hourly(500, 11, 14))], DAY)
    assert figure.value == 4000 + 2 * 500


def test_heart_rate_is_a_mean_of_time_not_of_readings() -> None:
    rest = [(minute * 5 * MINUTE, 58.0) for minute in range(23 * 12)]
    run = [(23 * HOUR + second * 5000, 155.0) for second in range(720)]
    moments, values = zip(*rest, *run, strict=True)
    figure = merge_readings([Readings(WATCH, moments, values)], DAY)
    assert figure.value == pytest.approx(62, abs=0.3)
    assert (figure.low, figure.high, figure.coverage_minutes) == (58, 155, 1440)


def test_readings_of_a_lower_source_count_where_the_upper_has_none() -> None:
    upper = Readings(WATCH, [minute * 5 * MINUTE for minute in range(12)], [60.0] * 12)
    lower = Readings(RING, [minute * 5 * MINUTE for minute in range(24)], [80.0] * 24)
    figure = merge_readings([upper, lower], DAY)
    assert figure.value == pytest.approx(70, abs=0.5)
    assert figure.coverage_minutes == 120


@pytest.mark.parametrize("seed", range(10))
def test_the_times_at_each_rate_are_those_behind_the_mean(seed: int) -> None:
    dice = random.Random(seed)
    sources = []
    for number in range(dice.randrange(1, 4)):
        moments = sorted(dice.sample(range(0, DAY[1], 1000), dice.randrange(2, 400)))
        lengths = [dice.randrange(1, 5) * 1000 for _ in moments] if dice.random() < 0.3 else None
        if lengths:
            moments = [at * 6000 for at in range(len(moments))]
        sources.append(Readings(number, moments, [float(dice.randrange(50, 180)) for _ in moments], lengths))
    rates = time_at_rates(sources, DAY)
    figure = merge_readings(sources, DAY)
    assert sum(rate * ms for rate, ms in rates.items()) / sum(rates.values()) == pytest.approx(figure.value, rel=1e-6)
    assert sum(rates.values()) / MINUTE == pytest.approx(sum(share.minutes for share in figure.shares), rel=1e-6)


def test_levels_over_a_time_weigh_by_it() -> None:
    levels = Readings(WATCH, [0, 50 * MINUTE], [1.0, 4.0], [50 * MINUTE, 10 * MINUTE])
    assert merge_readings([levels], DAY).value == pytest.approx(1.5)


@pytest.mark.parametrize("timed", [False, True])
def test_the_mean_of_a_source_alone_is_that_of_the_merge(timed: bool) -> None:
    chance = random.Random(7)
    for count in (1, 2, 5, 60) * 25:
        moments = sorted(chance.sample(range(DAY[0] - HOUR, DAY[1] + HOUR, MINUTE), count))
        values = [chance.uniform(40, 180) for _ in moments]
        durations = [chance.choice((0, MINUTE, 30 * MINUTE)) for _ in moments] if timed else None
        readings = Readings(WATCH, moments, values, durations)
        assert mean_by_time(readings, DAY) == merge_readings([readings], DAY).value
    assert mean_by_time(Readings(WATCH, [], []), DAY) is None


def some_amounts(dice: random.Random) -> list[Amount]:
    found, at = [], 0
    while at < DAY[1] - 2 * HOUR:
        at += dice.randrange(0, 90) * MINUTE
        end = at + dice.randrange(1, 90) * MINUTE
        found.append(Amount(at, end, float(dice.randrange(1, 500))))
        at = end
    return [amount for amount in found if amount.end <= DAY[1]]


@pytest.mark.parametrize("seed", range(20))
def test_shuffling_and_doubling_change_no_figure(seed: int) -> None:
    dice = random.Random(seed)
    upper, lower = some_amounts(dice), some_amounts(dice)
    plain = merge_amounts([SourceDay(WATCH, upper), SourceDay(PHONE, lower)], DAY)
    doubled = [*upper, *upper]
    dice.shuffle(doubled)
    others = [*lower, *lower[::2]]
    again = merge_amounts([SourceDay(WATCH, condense(doubled)[0]), SourceDay(PHONE, condense(others)[0])], DAY)
    assert again.value == pytest.approx(plain.value)
    assert again.covered == plain.covered


@pytest.mark.parametrize("seed", range(20))
def test_adding_a_source_never_lowers_coverage_and_every_amount_is_accounted_for(seed: int) -> None:
    dice = random.Random(seed)
    sources = [SourceDay(number, some_amounts(dice)) for number in range(3)]
    for count in range(1, 4):
        figure = merge_amounts(sources[:count], DAY)
        fewer = merge_amounts(sources[: count - 1], DAY)
        assert (figure.coverage_minutes or 0) >= (fewer.coverage_minutes or 0)
        for source, share in zip(sources, figure.shares, strict=False):
            assert share.kept + share.left_out == pytest.approx(sum(one.value for one in source.amounts))
        assert figure.value == pytest.approx(sum(share.kept for share in figure.shares))


def test_on_a_journey_a_reading_of_the_date_counts_outside_the_day_of_the_zone() -> None:
    day = (10 * HOUR, 34 * HOUR)
    early = Readings(1, [9 * HOUR + n * 5 * MINUTE for n in range(24)], [60.0] * 12 + [90.0] * 12)
    figure = merge_readings([early], day)
    assert figure.value == pytest.approx(75, abs=1)
    assert figure.shares[0].kept == pytest.approx(figure.coverage_minutes or 0, abs=1) == pytest.approx(120, abs=1)
    assert sum(time_at_rates([early], day).values()) == pytest.approx(120 * MINUTE, abs=MINUTE)
