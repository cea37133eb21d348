"""Recovery, strain and readiness against values computed by hand."""

import math

import pytest

from healthdata.scores import recovery, strain
from healthdata.scores.baseline import baseline
from healthdata.scores.readiness import balance_points, load_ratio, readiness_score
from healthdata.scores.recovery import RecoveryInputs, recovery_score
from healthdata.scores.strain import StrainInputs, maximum, peak, strain_score, weight

MINUTE = 60_000
#: Mean 55, sample standard deviation 2.
RATES = [53.0, 57.0, 53.0, 57.0, 53.0, 57.0, 55.0]  # squares 4 * 6 = 24, over 6 = 4, root 2
#: The same in logarithms: mean ln 50, deviation 0.2.
HRV = [50 * math.exp(shift) for shift in (-0.2, 0.2, -0.2, 0.2, -0.2, 0.2, 0.0)]


def inputs(**changes):
    usual = {
        "hrv": 50.0,
        "earlier_hrv": HRV,
        "resting_rate": 55.0,
        "earlier_resting_rates": RATES,
        "sleep_score": 80,
    }
    return RecoveryInputs(**(usual | changes))


class TestBaseline:
    def test_mean_and_spread_are_those_of_the_earlier_days(self):
        usual = baseline(RATES, least_spread=1.0)
        assert (usual.mean, usual.spread, usual.days) == (55, pytest.approx(2), 7)
        assert usual.deviation(58) == pytest.approx(1.5)

    def test_six_days_are_no_baseline(self):
        assert baseline(RATES[:6], least_spread=1.0) is None

    def test_days_that_are_all_the_same_do_not_make_a_beat_a_catastrophe(self):
        assert baseline([55.0] * 20, least_spread=1.0).deviation(56) == 1


class TestRecovery:
    def test_a_usual_day_is_half_of_each_and_the_sleep_as_it_was(self):
        score = recovery_score(inputs())
        assert score.components == {"hrv": 50, "resting_heart_rate": 50, "sleep": 80}
        assert score.score == 58  # (50 * 50 + 25 * 50 + 25 * 80) / 100 = 57.5, halves up
        assert (score.missing, score.confidence, score.reason) == ((), 1.0, "")
        assert (score.algorithm, score.version) == (recovery.ALGORITHM, recovery.VERSION)

    @pytest.mark.parametrize(
        ("hrv", "points"),
        [
            (50 * math.exp(0.2), 75),  # one deviation above
            (50 * math.exp(-0.08), 40),  # two fifths of one below
            (50 * math.exp(0.5), 100),  # two and a half
            (50 * math.exp(-0.9), 0),
        ],
    )
    def test_a_deviation_of_hrv_is_worth_25_points(self, hrv, points):
        assert recovery_score(inputs(hrv=hrv)).components["hrv"] == points

    @pytest.mark.parametrize(("rate", "points"), [(57, 25), (53, 75), (59, 0), (56, 38)])
    def test_a_deviation_of_the_resting_rate_costs_25(self, rate, points):
        assert recovery_score(inputs(resting_rate=rate)).components["resting_heart_rate"] == points

    def test_what_is_missing_is_named_and_the_others_weigh_more(self):
        score = recovery_score(inputs(hrv=None))
        assert (score.score, score.missing, score.confidence) == (65, ("hrv",), 0.5)  # (25 * 50 + 25 * 80) / 50
        score = recovery_score(inputs(sleep_score=None, resting_rate=57.0))
        assert (score.score, score.missing, score.confidence) == (42, ("sleep",), 0.75)  # (2500 + 625) / 75 = 41.7

    def test_sleep_alone_is_no_recovery(self):
        score = recovery_score(inputs(hrv=None, resting_rate=None))
        assert (score.score, score.confidence, score.components) == (None, None, {})
        assert "No HRV of the night" in score.reason

    def test_without_days_to_compare_with_the_reason_says_so(self):
        score = recovery_score(inputs(earlier_hrv=HRV[:6], earlier_resting_rates=[]))
        assert score.score is None
        assert "Fewer than 7" in score.reason
        assert score.inputs["earlier_hrv_days"] == 6

    def test_the_inputs_let_anybody_compute_it_again(self):
        score = recovery_score(inputs(hrv=60.0))
        score_inputs = score.inputs
        deviation = (
            math.log(score_inputs["hrv_ms"] / score_inputs["usual_hrv_ms"]) / score_inputs["usual_hrv_log_deviation"]
        )
        assert round(50 + 25 * deviation) == score.components["hrv"] == 73  # ln 1.2 = 0.1823, over 0.2 = 0.91


def day(*stretches: tuple[int, float], **changes):
    """A day of (rate, minutes)."""
    usual = {"resting_rate": 60.0, "earlier_resting_rates": [], "peaks": [180, 190]}
    return StrainInputs(time_at={rate: minutes * MINUTE for rate, minutes in stretches}, **(usual | changes))


class TestStrain:
    def test_an_hour_at_three_quarters_of_the_reserve(self):
        score = strain_score(day((60, 900), (150, 60)))
        # reserve (150 - 60) / (180 - 60) = 0.75; weights 0.64 e^1.44 = 2.7012 and 0.86 e^1.2525 = 3.0091, mean 2.8552;
        # load 60 * 0.75 * 2.8552 = 128.5; 100 * (1 - e^(-128.5 / 150)) = 57.5
        assert score.inputs["load"] == pytest.approx(128.5, abs=0.05)
        assert score.score == 58
        assert score.components == {"light": 0, "moderate": 0, "vigorous": 58, "near_maximal": 0}
        assert (score.missing, score.confidence) == ((), 1.0)
        assert score.inputs["vigorous_minutes"] == 60

    def test_a_day_at_rest_strains_nothing(self):
        score = strain_score(day((60, 800), (95, 200)))  # 29 % of the reserve is no exercise
        assert (score.score, score.inputs["load"]) == (0, 0)
        assert sum(score.components.values()) == 0

    def test_intensities_add_up_to_the_score(self):
        score = strain_score(day((60, 700), (100, 90), (120, 45), (150, 20), (175, 5)))
        assert sum(score.components.values()) == score.score
        assert [score.inputs[f"{name}_minutes"] for name, _ in strain.INTENSITIES] == [90, 45, 20, 5]

    def test_weights_are_banisters(self):
        assert weight(0.5) == pytest.approx((1.671 + 1.982) / 2, abs=0.001)

    @pytest.mark.parametrize(
        ("peaks", "expected"),
        [([196, 188, 120], 188), ([230, 130, 128], None), ([200], None), ([], None), ([180, 180], 180)],
    )
    def test_the_maximum_is_what_two_days_reached(self, peaks, expected):
        assert maximum(peaks) == expected

    def test_who_never_showed_a_maximum_gets_the_mean_of_forty_year_olds_and_is_told(self):
        score = strain_score(day((60, 900), (150, 60), peaks=[150, 140]))
        assert score.score == 58
        assert (score.missing, score.inputs["maximum_heart_rate_bpm"]) == (("maximum_heart_rate",), 180)
        assert score.confidence < 1

    def test_the_peak_of_a_day_is_a_rate_held_for_a_minute(self):
        assert peak({60: 800 * MINUTE, 170: 40_000, 190: 20_000}) == 170
        assert peak({60: 800 * MINUTE, 170: 39_000, 190: 20_000}) == 60
        assert peak({60: 10_000}) == 0

    def test_ten_hours_of_heart_rate_are_needed(self):
        assert strain_score(day((60, 540), (150, 60))).score == 58
        short = strain_score(day((60, 539), (150, 60)))
        assert (short.score, short.missing) == (None, ("heart_rate",))
        assert "600 minutes" in short.reason

    def test_the_usual_resting_rate_stands_in_for_that_of_the_day(self):
        stand_in = strain_score(day((60, 900), (150, 60), resting_rate=None, earlier_resting_rates=[58, 60, 71]))
        assert stand_in.score == 58
        nothing = strain_score(day((60, 900), (150, 60), resting_rate=None))
        assert (nothing.score, nothing.missing) == (None, ("resting_heart_rate",))


def month(recent: float, before: float, days: int = 28) -> dict[int, float]:
    """Loads by days back: `recent` for a week, `before` for the rest."""
    return {back: recent if back <= 7 else before for back in range(1, days + 1)}


class TestReadiness:
    def test_the_parts_are_recovery_balance_and_rest(self):
        score = readiness_score(70, 40, month(60, 60))
        assert score.components == {"recovery": 70, "load_balance": 100, "rest": 60}
        assert score.score == 76  # 42 + 25 + 9
        assert score.inputs["load_ratio"] == 1

    def test_a_week_twice_as_hard_as_the_month_costs_the_balance(self):
        loads = month(120, 40)  # means 120 and 60
        assert load_ratio(loads) == 2
        score = readiness_score(70, 40, loads)
        assert (score.components["load_balance"], score.score) == (0, 51)

    @pytest.mark.parametrize(
        ("ratio", "points"), [(1.0, 100), (0.8, 100), (1.3, 100), (1.65, 50), (2.4, 0), (0.4, 85), (0.0, 70)]
    )
    def test_the_balance_is_flat_around_one(self, ratio, points):
        assert balance_points(ratio) == points

    def test_days_without_a_score_are_unknown_and_not_idle(self):
        loads = {back: load for back, load in month(60, 60).items() if back % 2}
        assert load_ratio(loads) == 1  # 4 of 7, 14 of 28
        del loads[1]
        assert load_ratio(loads) is None

    def test_a_month_of_rest_makes_a_walk_no_infinity(self):
        assert load_ratio(month(0.5, 0)) == 0.5

    def test_no_recovery_no_readiness(self):
        score = readiness_score(None, 40, month(60, 60))
        assert (score.score, score.missing) == (None, ("recovery",))
        assert "recovery" in score.reason

    def test_recovery_alone_is_no_readiness(self):
        score = readiness_score(70, None, {})
        assert (score.score, score.missing) == (None, ("load_balance", "rest"))
        assert "strain" in score.reason

    def test_one_of_both_is_enough_and_the_other_is_named(self):
        score = readiness_score(70, 40, {})
        assert (score.score, score.missing, score.confidence) == (68, ("load_balance",), 0.75)  # (4200 + 900) / 75
