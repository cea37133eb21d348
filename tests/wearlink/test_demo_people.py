"""The demo's people could live: what 60 days of them say keeps within the bounds of bodies, devices and calendars."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, pstdev
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import EndUser
from providers.payloads.process import drain
from wearlink.demo import cloud, effort, filling, movement, nights, tenant, training, wire
from wearlink.demo.day import HOUR, MINUTE, DemoDay, day_of
from wearlink.demo.demo_users import ANNA, DEMO_USERS, ILSE, PRIYA, DemoUser
from wearlink.demo.tenant import KnownSecrets

LAST = date(2026, 4, 15)  # spring's change of clocks lies within the 60 days before
DAYS = [LAST - timedelta(days=back) for back in reversed(range(filling.DAYS))]
BASE = "http://127.0.0.1:8000"


@dataclass
class Lived:
    """60 days of a demo user, as the API tells them."""

    demo_user: DemoUser
    days: list[dict[str, Any]]
    nights: list[dict[str, Any]]
    workouts: list[dict[str, Any]]
    scores: list[float]
    hours: dict[str, dict[str, float]]  # the watch's steps and metres by the hour

    def figures(self, name: str) -> list[float]:
        """Return the values of all days that have the figure."""
        return [one[name] for one in self.days if one[name] is not None]

    def whole(self, name: str) -> list[float]:
        """Return the values of days that were measured nearly from end to end."""
        return [
            one[name]
            for one in self.days
            if one[name] is not None and (one["figures"][name]["coverage_minutes"] or 0) > 18 * 60
        ]


def live(client: APIClient, demo_user: DemoUser, user: EndUser) -> Lived:
    """Send all days as the phone does, and read them again."""
    for day in (DemoDay(demo_user, one) for one in DAYS):
        if not day.is_silent:
            sync = f"/api/v1/sdk/users/{user.id}/sync"
            body = wire.body(cloud.with_reports(day), day.end)
            assert client.generic("POST", sync, body, content_type="application/json").status_code == 202
    while drain(user.key):
        continue
    url, span = f"/api/v1/users/{user.id}", f"start_date={DAYS[0]}&end_date={LAST}"
    times = f"start_time={DAYS[40]}T00:00:00Z&end_time={DAYS[54]}T00:00:00Z"  # two weeks
    rows = client.get(f"{url}/timeseries?{times}&types=steps,distance&resolution=1hour&limit=1440").json()["data"]
    hours: dict[str, dict[str, float]] = {}
    for row in rows:
        if "Watch" in row["source"]["device"]:
            hours.setdefault(row["timestamp"], {})[row["series_type"].partition("_")[0]] = row["value"]
    return Lived(
        demo_user,
        client.get(f"{url}/summaries/activity?{span}").json()["data"],
        client.get(f"{url}/events/sleep?{span}&limit=100&primary=true").json()["data"],
        client.get(f"{url}/events/workouts?{span}&limit=100&primary=true").json()["data"],
        [
            one["score"]
            for one in client.get(f"{url}/health-scores?{span}&provider=wearlink&category=sleep&limit=100").json()[
                "data"
            ]
        ],
        hours,
    )


def outside(values: list[float], low: float, high: float) -> list[float]:
    return [round(value, 2) for value in values if not low <= value <= high]


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("demo_user", DEMO_USERS, ids=lambda one: one.first_name)
def test_sixty_days_keep_within_bounds(demo_user: DemoUser) -> None:
    made = tenant.make(KnownSecrets(), "admin@example.com", [demo_user], BASE)
    client = APIClient(headers={"X-WearLink-API-Key": made.api_key})
    lived = live(client, demo_user, made.demo_users[0][1])
    body = demo_user.body
    mifflin = effort.basal_kcal(body, LAST.year, body.weight_kg)

    assert len(lived.days) >= filling.DAYS - len(demo_user.habits.silent) - 1
    strides = [one["distance_meters"] / one["steps"] for one in lived.days if (one["steps"] or 0) > 500]
    assert outside(strides, 0.6, 1.3) == []
    assert pstdev(strides) > 0.01  # not one constant for all days
    assert outside(lived.figures("steps"), 300, 48_000) == []
    assert outside(lived.whole("avg_heart_rate_bpm"), 50, 85) == []
    assert outside(lived.figures("max_heart_rate_bpm"), 75, body.top_bpm + 6) == []
    assert outside(lived.figures("min_heart_rate_bpm"), body.resting_bpm - 9, body.resting_bpm + 12) == []
    assert outside(lived.whole("basal_calories_kcal"), mifflin * 0.9, mifflin * 1.1) == []
    assert outside(lived.whole("active_calories_kcal"), 120, 3_000) == []
    assert outside(lived.whole("total_calories_kcal"), mifflin * 1.05, mifflin * 3) == []

    asleep = [one["sleep_duration_seconds"] / 3600 for one in lived.nights if not one["is_nap"]]
    assert outside(asleep, 2.5, 11) == []
    assert 6 <= fmean(asleep) <= 8.2
    assert len(lived.scores) >= 50
    assert pstdev(lived.scores) >= 8
    assert outside(lived.scores, 5, 100) == []
    assert sum(score >= 97 for score in lived.scores) < len(lived.scores) / 4
    for workout in lived.workouts:
        run_agrees_with_its_hours(lived, workout)


def run_agrees_with_its_hours(lived: Lived, workout: dict[str, Any]) -> None:
    """The hours that a run lies in count its steps and metres, and not more than a stroll besides."""
    if workout["type"] != "running" or not workout["distance_meters"]:
        return
    begin, end = workout["start_time"][:13], workout["end_time"][:13]
    inside = [one for at, one in lived.hours.items() if begin <= at[:13] <= end]
    if len(inside) < int(end[-2:]) - int(begin[-2:]) + 1:
        return  # beyond the two weeks that were read
    meters = sum(one["distance"] for one in inside)
    assert workout["distance_meters"] * 0.97 <= meters <= workout["distance_meters"] + 5_500
    assert 0.6 <= meters / sum(one["steps"] for one in inside) <= 1.3
    kilometers, weight = workout["distance_meters"] / 1000, lived.demo_user.body.weight_kg
    assert 0.75 <= workout["calories_kcal"] / kilometers / weight <= 1.25


def test_anna_wears_three_devices_that_tell_of_the_same_hours() -> None:
    kinds = Counter(one.device.kind for one in movement.readings(DemoDay(ANNA, LAST)) if one.what == "steps")
    assert set(kinds) == {"watch", "phone", "ring"}
    night = [one.device.kind for one in nights.nights(DemoDay(ANNA, LAST))]
    assert night[:2] == ["watch", "ring"]


def test_ilse_runs_what_her_vendor_tells_more_every_week_and_never_twice_a_day() -> None:
    weeks = []
    for begin in range(0, 56, 7):
        runs = [one for day in DAYS[begin : begin + 7] for one in cloud.with_reports(DemoDay(ILSE, day)).reported or ()]
        assert len({one.start // (24 * HOUR) for one in runs}) == len(runs) == 4
        weeks.append(sum(one.meters for one in runs) / 1000)
        assert outside([one.meters / ((one.end - one.start) / 1000) for one in runs], 2.2, 3.8) == []
    assert outside(weeks, 30, 62) == []
    assert pstdev(weeks) > 2


def test_a_told_run_is_the_watchs_run_to_the_second() -> None:
    day = next(one for one in (cloud.with_reports(DemoDay(ILSE, date)) for date in DAYS) if one.reported)
    (report,) = day.reported or ()
    run = next(one for one in training.sessions(day) if one.is_running)
    assert (run.start, run.end, run.meters, run.kcal) == (report.start, report.end, report.meters, report.kcal)
    beats = [bpm for _, bpm in training.readings(run)]
    assert abs(fmean(beats) - report.pulse) < 2


def test_priya_travels_naps_and_leaves_gaps() -> None:
    days = [DemoDay(PRIYA, one) for one in DAYS]
    assert {day.time_zone for day in days} == {"Asia/Kolkata", "Europe/London", "Asia/Singapore"}
    lengths = {round((day.end - day.start) / HOUR, 1) for day in days}
    assert min(lengths) < 24 < max(lengths)
    assert sum(day.is_silent for day in days) == 3
    naps = [one for day in days for one in nights.nights(day) if one.id.endswith("nap")]
    assert len(naps) >= 10


@pytest.mark.parametrize("demo_user", DEMO_USERS, ids=lambda one: one.first_name)
def test_days_follow_each_other_without_gap_or_overlap_wherever_they_are(demo_user: DemoUser) -> None:
    for date_ in DAYS:
        day = DemoDay(demo_user, date_)
        assert day.end == day.next.start
        for at in (day.start, day.start + 7 * HOUR, day.end - MINUTE):
            assert day_of(demo_user, at).date == date_


def test_a_forgotten_watch_has_no_pulse_of_the_night() -> None:
    day = next(one for one in (DemoDay(PRIYA, date_) for date_ in DAYS) if nights.is_charging(one))
    bed, wake = nights.bed_times(day)
    beats = [one.start for one in wire.vitals.readings(day) if one.what == "heart_rate" and bed <= one.start < wake]
    assert beats == []
