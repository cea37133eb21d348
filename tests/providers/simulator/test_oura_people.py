"""The simulated Oura people live: nights scatter, days add up, a run's energy and pulse are those of a run."""

from datetime import date, timedelta
from statistics import stdev
from typing import Any

import pytest

from providers.adapters.oura.simulated import days
from providers.adapters.oura.simulated.nights import OuraNight, local
from providers.adapters.oura.simulated.vendor import SimulatedOura
from providers.adapters.oura.simulated.workouts import KILOGRAMS, SimulatedExercise, exercise

FIRST = date(2026, 2, 1)
DATES = [FIRST + timedelta(days=ahead) for ahead in range(60)]


@pytest.fixture(params=list(SimulatedOura.people))
def account(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def trained(account: str, kind: str = "") -> list[SimulatedExercise]:
    found = [exercise(account, day) for day in DATES]
    return [one for one in found if one is not None and kind in ("", one.kind)]


def test_nights_scatter_as_nights_do(account: str) -> None:
    nights = [OuraNight(account, day).document() for day in DATES]
    scores = [OuraNight(account, day).score() for day in DATES]
    hours = [one["total_sleep_duration"] / 3600 for one in nights]
    assert stdev(scores) >= 5
    assert sum(score >= 90 for score in scores) < len(scores) / 3
    assert 6 <= sum(hours) / len(hours) <= 8
    assert stdev(hours) >= 0.5
    assert len({one["latency"] for one in nights}) > 3
    assert len({one["awake_time"] for one in nights}) > 5


def test_stages_and_waking_make_up_the_night(account: str) -> None:
    for day in DATES:
        night = OuraNight(account, day).document()
        stages = sum(night[f"{stage}_sleep_duration"] for stage in ("deep", "light", "rem"))
        assert stages == night["total_sleep_duration"]
        assert stages + night["awake_time"] == night["time_in_bed"]
        assert 0.7 <= stages / night["time_in_bed"] <= 0.99
        assert night["deep_sleep_duration"] < night["light_sleep_duration"]


def test_a_days_times_by_intensity_make_up_the_day(account: str) -> None:
    parts = ("high_activity_time", "medium_activity_time", "low_activity_time", "sedentary_time", "resting_time")
    seen: dict[str, set[int]] = {part: set() for part in parts}
    for day in DATES:
        activity: dict[str, Any] = days.activity(account, day, local(day + timedelta(days=2), 0))
        assert sum(activity[part] for part in parts) == 86_400
        assert min(activity[part] for part in parts) >= 0
        for part in parts:
            seen[part].add(activity[part])
    assert all(len(values) > 5 for values in seen.values())


def test_a_run_costs_what_a_run_costs_and_is_seen_in_the_pulse(account: str) -> None:
    runs = trained(account, "running")
    assert runs
    for run in runs:
        assert run.meters is not None
        assert 0.8 <= run.kcal / KILOGRAMS / (run.meters / 1000) <= 1.25  # about one kcal a kilogram and kilometre
        during = [one["bpm"] for one in days.heart_rates(account, run.start, run.end)]
        assert max(during) > 125
        assert run.pulse(run.end) < 185


def test_the_highest_pulse_of_a_day_is_not_always_the_same(account: str) -> None:
    highest = {max(one["bpm"] for one in days.heart_rates(account, local(day, 300), local(day, 1320))) for day in DATES}
    assert len(highest) > 10
