"""Records that look like one another: two eggs, condensed hours, the same post again."""

import pytest

from tests.healthdata.cases.phone import IPHONE, WATCH, CasePhone, amounts, item, moment
from tests.healthdata.reading import HOUR, MINUTE

pytestmark = pytest.mark.django_db


class TestTwins:
    """18. Two records of one value at one instant are two, and one that is sent twice is one."""

    @pytest.mark.parametrize(("kind", "unit", "series", "value"), [
        ("DietaryEnergyConsumed", "kcal", "dietary_energy_consumed", 78), ("InhalerUsage", "count", "inhaler_usage", 1),
        ("DietaryWater", "mL", "hydration", 250),
    ])  # fmt: skip
    def test_two_at_once_are_two_however_often_they_come(
        self, iphone: CasePhone, kind: str, unit: str, series: str, value: float
    ) -> None:
        both = [item(kind, unit, IPHONE, moment("15T08:00"), 0, value) | {"id": name} for name in ("a", "b")]
        for records in (both, [*both, both[0]], both[::-1]):
            iphone.sync(*records)
        rows = iphone.rows(series)
        assert [row["value"] for row in rows] == [value, value]
        assert len({row["id"] for row in rows}) == 2


class TestCondensed:
    """19. A long record of an hour and the short ones it was made of do not add up, whichever comes first."""

    @pytest.mark.parametrize("coarse_first", [False, True])
    @pytest.mark.parametrize(("kind", "unit", "name", "value", "offset"), [
        ("ActiveEnergyBurned", "kcal", "active_calories_kcal", 5, 0), ("StepCount", "count", "steps", 80, 30),
        ("DistanceWalkingRunning", "m", "distance_meters", 60, 17),
    ])  # fmt: skip
    def test_the_minutes_count_and_the_hour_fills_what_they_leave(
        self, iphone: CasePhone, kind: str, unit: str, name: str, value: float, offset: int, *, coarse_first: bool
    ) -> None:
        fine = amounts(kind, WATCH, f"15T08:{offset % 60:02}", [value] * 60, unit=unit, step=MINUTE)
        begin = moment(f"15T08:{offset % 60:02}") - 7_000
        coarse = [item(kind, unit, WATCH, begin, HOUR, 60 * value)]
        for records in (coarse, fine) if coarse_first else (fine, coarse):
            iphone.sync(*records)
        assert iphone.day()[name] == pytest.approx(60 * value, rel=0.005)

    def test_the_account_says_what_was_condensed(self, iphone: CasePhone) -> None:
        fine = amounts("ActiveEnergyBurned", WATCH, "15T08:00", [5] * 60, unit="kcal", step=MINUTE)
        coarse = item("ActiveEnergyBurned", "kcal", WATCH, moment("15T07:59"), HOUR + MINUTE, 305)
        iphone.sync(*fine, coarse)
        account = iphone.day(explain=1)["explain"]["active_calories_kcal"]
        [share] = account["sources"]
        assert {one["reason"] for one in share["reasons"]} == {"condensed"}
        assert share["kept"] == pytest.approx(account["value"])
        assert share["kept"] + share["left_out"] == pytest.approx(605, abs=0.01)

    @pytest.mark.parametrize("resolution", ["1hour", "15min", "1min"])
    def test_buckets_of_time_count_them_once_too(self, iphone: CasePhone, resolution: str) -> None:
        fine = amounts("ActiveEnergyBurned", WATCH, "15T08:00", [5] * 45, unit="kcal", step=MINUTE)
        coarse = item("ActiveEnergyBurned", "kcal", WATCH, moment("15T07:50"), 2 * HOUR, 480)
        iphone.sync(*fine, coarse)
        rows = iphone.rows("active_calories", resolution=resolution, limit=1440)
        assert sum(row["value"] for row in rows) == pytest.approx(45 * 5 + 75 * 4, abs=0.1)
        day = iphone.rows("active_calories", "15T08:00", "15T09:00", resolution=resolution, limit=1440)
        assert sum(row["value"] for row in day) == pytest.approx(45 * 5 + 15 * 4, abs=0.1)
