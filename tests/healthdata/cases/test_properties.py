"""Properties of any day, however it is made: cut, shuffled, doubled and sent again it has the same figures; another
source never lowers coverage; ranges that meet add up; every figure's explanation adds up by hand.
"""

import random
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest

from healthdata.metrics import METRICS
from tests.healthdata.cases.phone import (
    GARMIN,
    IPHONE,
    WATCH,
    CasePhone,
    Item,
    amounts,
    moment,
    rates,
    reading,
    stages,
    steps,
    workout,
)
from tests.healthdata.reading import HOUR, MINUTE, end_user
from tests.healthdata.test_sources import send
from wearlink.lib.clock import rfc3339

pytestmark = pytest.mark.django_db

UNSTABLE = {"id", "sleep_id", "sleep_ids", "same_as", "revision", "revised_at"}
Post = dict[str, list[Item]]


def whole_day(seed: int) -> Post:
    """Return two devices and an app over a day: overlaps, gaps, an interval over midnight, a night, a
    run and its copy.
    """
    dice = random.Random(seed)
    worn = sorted(dice.sample(range(24), 15))
    records = [
        *steps(IPHONE, "15T07:00", [dice.randrange(50, 900) for _ in range(14)]),
        *[
            one
            for hour in worn
            for one in steps(WATCH, f"15T{hour:02}:00", [dice.randrange(40, 1000)], length=55 * MINUTE)
        ],
        *[one for hour in worn for one in rates(WATCH, f"15T{hour:02}:02", 11, dice.randrange(50, 120))],
        *steps(GARMIN, "15T16:30", [dice.randrange(500, 2500)]),
        *steps(WATCH, "15T23:40", [dice.randrange(60, 400)], length=40 * MINUTE),
        *amounts("ActiveEnergyBurned", WATCH, "15T06:00", [dice.randrange(5, 60) for _ in range(16)], unit="kcal"),
        *amounts("BasalEnergyBurned", WATCH, "15T00:00", [70 + dice.random() for _ in range(24)], unit="kcal"),
        *amounts("DistanceWalkingRunning", IPHONE, "15T07:00", [dice.randrange(40, 700) for _ in range(14)], unit="m"),
        *amounts("FlightsClimbed", IPHONE, "15T07:30", [dice.randrange(0, 4) for _ in range(10)]),
        reading("RestingHeartRate", "count/min", WATCH, "15T09:00", dice.randrange(48, 66)),
    ]  # fmt: skip
    night = [(stage, dice.randrange(10, 80)) for stage in ("light", "deep", "rem", "awake", "light", "rem", "light")]
    sleep = [*stages(WATCH, "14T23:10", night), *stages(IPHONE, "14T22:50", [("in_bed", 460)])]
    run = {"distance": (5200.0, "m"), "activeEnergyBurned": (342.0, "kcal")}
    runs = [workout(WATCH, "15T17:00", 34, "w", **run), workout(GARMIN, "15T17:01", 33, "g", **run)]
    return {"records": records, "sleep": sleep, "workouts": runs}


def post(phone: CasePhone, items: Post) -> None:
    phone.sync(*items["records"], sleep=items["sleep"], workouts=items["workouts"])


def pieces(items: Post, count: int, dice: random.Random) -> list[Post]:
    """Return every item once, each in one of `count` posts."""
    found: list[Post] = [{"records": [], "sleep": [], "workouts": []} for _ in range(count)]
    for name in ("records", "sleep", "workouts"):
        for one in items[name]:
            dice.choice(found)[name].append(one)
    return found


def shown(phone: CasePhone) -> dict[str, Any]:
    """Return all that a day is told by, but for ids and revisions."""
    case, day = phone.case, {"start_date": "2026-04-15", "end_date": "2026-04-16"}
    return {
        "activity": stable(case.get("summaries/activity", explain=1, **day)["data"]),
        "sleep": stable(case.get("summaries/sleep", **day)["data"]),
        "body": stable(case.get("summaries/body", **day)),
        "nights": stable(case.get("events/sleep", primary="true", **day)["data"]),
        "workouts": stable(case.get("events/workouts", primary="true", **day)["data"]),
        "scores": sorted(map(repr, stable(case.get("health-scores", **day)["data"]))),
        "samples": sorted(map(repr, stable(phone.rows("steps", limit=1000)))),
    }


def stable(value: Any) -> Any:
    """Return it without what belongs to this user or this moment."""
    if isinstance(value, dict):
        return {name: stable(one) for name, one in value.items() if name not in UNSTABLE and name != "samples"}
    return [stable(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", [3, 14, 159])
def test_splitting_shuffling_doubling_and_sending_again_change_no_figure(organization: Any, seed: int) -> None:
    items, dice = whole_day(seed), random.Random(seed)
    at_once, in_pieces = CasePhone(end_user(organization)), CasePhone(end_user(organization))
    post(at_once, items)
    expected = shown(at_once)
    assert expected["activity"][0]["steps"] > 1000
    posts = pieces(items, 5, dice)
    dice.shuffle(posts)
    for one in (*posts, dice.choice(posts), items):
        for name in ("records", "sleep", "workouts"):
            dice.shuffle(one[name])
        post(in_pieces, {**one, "records": one["records"] + one["records"][:3]})
    assert shown(in_pieces) == expected


@pytest.mark.parametrize("seed", [2, 71])
def test_another_source_never_lowers_coverage_or_takes_a_figure_away(iphone: CasePhone, seed: int) -> None:
    items, dice = whole_day(seed), random.Random(seed)
    by_source: dict[str, list[Item]] = {}
    for one in items["records"]:
        by_source.setdefault(str(one["source"]), []).append(one)
    order = sorted(by_source)
    dice.shuffle(order)
    before: dict[str, int] = {}
    for source in order:
        iphone.sync(*by_source[source])
        figures = iphone.day()["figures"]
        now = {name: one["coverage_minutes"] or 0 for name, one in figures.items()}
        assert before.keys() <= now.keys()
        assert all(now[name] >= minutes for name, minutes in before.items()), (source, before, now)
        before = now


@pytest.mark.parametrize("seed", [5, 8])
def test_ranges_that_meet_add_up_to_the_whole(iphone: CasePhone, seed: int) -> None:
    post(iphone, whole_day(seed))
    dice = random.Random(seed)
    start, end = moment("15T00:00"), moment("16T12:00")
    cuts = [start, *sorted(dice.sample(range(start, end), 6)), end]
    asked = {"types": "steps,active_calories,heart_rate", "limit": 1000}

    def ids(first: int, last: int) -> list[str]:
        rows = iphone.case.get("timeseries", start_time=rfc3339(first), end_time=rfc3339(last), **asked)["data"]
        return [row["id"] for row in rows]

    parts = [one for first, last in pairwise(cuts) for one in ids(first, last)]
    assert sorted(parts) == sorted(ids(start, end))
    assert len(parts) == len(set(parts))


@pytest.mark.parametrize("seed", [6])
def test_days_and_hours_add_up_to_the_whole_by_the_minute(iphone: CasePhone, seed: int) -> None:
    post(iphone, whole_day(seed))

    def total(resolution: str, start: str, end: str) -> float:
        rows = iphone.rows("steps", start, end, resolution=resolution, limit=1440)
        return sum(row["value"] for row in rows if row["source"]["device"] == "Apple Watch")

    whole = total("1hour", "15T00:00", "16T12:00")
    assert total("1min", "15T00:00", "15T13:00") + total("1min", "15T13:00", "16T12:00") == pytest.approx(whole)
    assert total("15min", "15T00:00", "15T20:15") + total("15min", "15T20:15", "16T12:00") == pytest.approx(whole)
    alone = CasePhone(iphone.case)
    send(alone.case, "patch", "", {"source_priority": {"steps": ["watch", "-phone", "-unknown"]}})
    days = alone.case.get("summaries/activity", start_date="2026-04-15", end_date="2026-04-16", explain=1)["data"]
    kept = [one["kept"] for day in days for one in day["explain"]["steps"]["sources"] if one["device"] == "Apple Watch"]
    assert sum(kept) == pytest.approx(whole, abs=0.01)


def check_that_it_adds_up(name: str, day: dict[str, Any]) -> None:
    """The parts of a figure's account, added by hand, are the figure; what came in is kept or left out for a reason."""
    account, figure = day["explain"][name], day["figures"].get(name)
    sources = account["sources"]
    assert [one["place"] for one in sources] == list(range(1, len(sources) + 1))
    for one in sources:
        assert sum(reason["amount"] for reason in one["reasons"]) == pytest.approx(one["left_out"], abs=0.01), (
            name,
            one,
        )
        assert all(reason["detail"] for reason in one["reasons"])
    if not account["is_shown"]:
        assert figure is None
        return
    digits = {metric.field: metric.digits for metric in METRICS}[name]
    assert day[name] == pytest.approx(account["value"], abs=0.6 * 10**-digits)
    kept = sum(one["kept"] for one in sources)
    expected = account["value"] if account["unit_of_shares"] == "value" else account["coverage_minutes"]
    assert kept == pytest.approx(expected, abs=0.6), name
    if figure["coverage_minutes"] is not None and account["rule"] == "sum":
        assert sum(one["minutes"] for one in sources) == pytest.approx(figure["coverage_minutes"], abs=1.5), name


@pytest.mark.parametrize("seed", [1, 11])
def test_every_figure_of_a_day_of_three_sources_adds_up_by_hand(iphone: CasePhone, seed: int) -> None:
    post(iphone, whole_day(seed))
    days = iphone.case.get("summaries/activity", explain=1, **iphone.span)["data"]
    assert any(day["explain"] for day in days)
    for day in days:
        for name in day["explain"]:
            check_that_it_adds_up(name, day)


def test_the_mean_is_that_of_the_samples_behind_it(iphone: CasePhone) -> None:
    iphone.sync(*rates(WATCH, "15T08:00", 12, 60), *rates(GARMIN, "15T08:30", 18, 90))
    account = iphone.day(explain=1)["explain"]["avg_heart_rate_bpm"]
    by_hand = 0.0
    for one in account["sources"]:
        rows = iphone.case.client.get(one["samples"], headers={"X-WearLink-API-Key": iphone.case.key}).json()["data"]
        [value] = {row["value"] for row in rows}
        by_hand += one["kept"] * value
    assert by_hand / account["coverage_minutes"] == pytest.approx(account["value"], abs=0.2)


def test_days_in_a_row_share_an_hour_over_midnight_and_nothing_else(iphone: CasePhone) -> None:
    days = [date(2026, 4, 14) + timedelta(days=n) for n in range(3)]
    values = [100 + n for n in range(71)]
    iphone.sync(*steps(WATCH, "14T00:30", values, step=HOUR))
    found = iphone.days("steps")
    assert sum(found.values()) == pytest.approx(sum(values), abs=1)
    assert set(found) == {day.isoformat() for day in days}
