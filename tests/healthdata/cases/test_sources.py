"""Sources: apps on one phone, sources that fill one another's gaps, typed values, totals of a day."""

from typing import Any

import pytest

from tests.healthdata.cases.phone import (
    AUTOSLEEP,
    GARMIN,
    IPHONE,
    NEW_IPHONE,
    PIXEL,
    WATCH,
    CasePhone,
    amounts,
    stages,
    steps,
)
from tests.healthdata.reading import MINUTE, EndUserCase

pytestmark = pytest.mark.django_db

FIT, SHEALTH = ({**PIXEL, "appId": app} for app in ("com.google.android.apps.fitness", "com.sec.android.app.shealth"))


class TestAppsOnOnePhone:
    """1. Steps, distance and energy of several apps do not add up."""

    @pytest.mark.parametrize(("phone", "app", "hours", "expected"), [(500, 750, 12, 9000), (310, 95, 9, 855)])
    def test_on_an_iphone_the_app_of_a_watch_goes_before_the_phone(
        self, iphone: CasePhone, phone: int, app: int, hours: int, expected: int
    ) -> None:
        iphone.sync(*steps(IPHONE, "15T08:00", [phone] * hours), *steps(GARMIN, "15T08:00", [app] * hours))
        assert iphone.day()["steps"] == expected
        assert {one["device"] for one in iphone.case.get("sources")["data"]} == {"iPhone", "Garmin Connect"}

    @pytest.mark.parametrize(("fit", "shealth"), [(500, 510), (1200, 640)])
    def test_on_an_android_phone_one_of_two_equal_apps_counts(self, jane: EndUserCase, fit: int, shealth: int) -> None:
        pixel = CasePhone(jane, "google")
        both = [(FIT, fit), (SHEALTH, shealth)]
        for source, value in both:
            pixel.sync(*(one | {"type": "STEP_COUNT"} for one in steps(source, "15T08:00", [value] * 12)))
        assert pixel.day()["steps"] in (12 * fit, 12 * shealth)

    @pytest.mark.parametrize(("first", "second"), [(6000, 120), (80, 4700)])
    def test_two_apps_that_begin_in_the_same_second_do_not_replace_each_other(
        self, jane: EndUserCase, first: int, second: int
    ) -> None:
        pixel = CasePhone(jane, "google")
        for source, value in ((FIT, first), (SHEALTH, second)):
            pixel.sync(*(one | {"type": "STEP_COUNT"} for one in steps(source, "15T08:00", [value])))
        assert sorted(row["value"] for row in pixel.rows("steps")) == sorted((first, second))

    @pytest.mark.parametrize(("kind", "unit", "name"), [
        ("DistanceWalkingRunning", "m", "distance_meters"), ("ActiveEnergyBurned", "kcal", "active_calories_kcal"),
    ])  # fmt: skip
    def test_nor_do_distance_and_energy(self, iphone: CasePhone, kind: str, unit: str, name: str) -> None:
        iphone.sync(
            *amounts(kind, IPHONE, "15T09:00", [40] * 8, unit=unit),
            *amounts(kind, GARMIN, "15T09:00", [55] * 8, unit=unit),
        )
        assert iphone.day()[name] == 440

    def test_two_sleep_apps_are_two_nights_of_one_night(self, iphone: CasePhone) -> None:
        iphone.sync(sleep=[
            *stages(AUTOSLEEP, "14T23:00", [("light", 200), ("awake", 40), ("deep", 180)]),
            *stages(IPHONE, "14T22:50", [("in_bed", 450)]),
        ])  # fmt: skip
        assert [row["source"]["device"] for row in iphone.nights(primary="true")] == ["AutoSleep"]
        assert iphone.night()["sleep_duration_seconds"] == 380 * 60
        assert iphone.night()["stages"]["awake_minutes"] == 40


class TestGaps:
    """2. What the better device did not see is filled by the other."""

    @pytest.mark.parametrize(("phone", "watch", "worn", "expected"), [(1000, 1050, 4, 12_200), (700, 730, 7, 8610)])
    def test_the_phone_goes_on_when_the_watch_is_taken_off(
        self, iphone: CasePhone, phone: int, watch: int, worn: int, expected: int
    ) -> None:
        iphone.sync(*steps(IPHONE, "15T08:00", [phone] * 12), *steps(WATCH, "15T08:00", [watch] * worn))
        assert iphone.day()["steps"] == expected == watch * worn + phone * (12 - worn)

    @pytest.mark.parametrize(("per_hour", "minutes", "on_watch"), [(1000, 5, 120), (900, 10, 160)])
    def test_minutes_of_a_watch_do_not_hide_a_day_of_the_phone(
        self, iphone: CasePhone, per_hour: int, minutes: int, on_watch: int
    ) -> None:
        iphone.sync(
            *steps(IPHONE, "15T08:00", [per_hour] * 12), *steps(WATCH, "15T08:00", [on_watch], length=minutes * MINUTE)
        )
        shown = iphone.day()
        assert 0.99 * 12 * per_hour <= shown["steps"] <= 12 * per_hour + on_watch
        assert shown["figures"]["steps"]["is_partial"] is False

    def test_an_hour_and_a_half_of_two_devices_is_a_part_of_a_day_and_says_so(self, iphone: CasePhone) -> None:
        iphone.sync(*steps(IPHONE, "15T08:00", [400]), *steps(WATCH, "15T09:00", [100], length=30 * MINUTE))
        figure = iphone.day()["figures"]["steps"]
        assert (figure["value"], figure["coverage_minutes"], figure["is_partial"]) == (500, 90, True)

    @pytest.mark.parametrize(("before", "after"), [(5, 7), (3, 9)])
    def test_a_new_phone_at_noon(self, iphone: CasePhone, before: int, after: int) -> None:
        iphone.sync(*steps(IPHONE, "15T08:00", [1000] * before))
        iphone.sync(*steps(NEW_IPHONE, f"15T{8 + before:02}:00", [1000] * after))
        assert iphone.day()["steps"] == 12_000


class TestTypedValues:
    """3. Somebody's word and apps without a device come last."""

    @pytest.mark.parametrize("value", [12, 900])
    def test_an_app_that_names_no_device_replaces_no_day(self, iphone: CasePhone, value: int) -> None:
        bike = {"appId": "com.onepeloton.callisto"}
        iphone.sync(*steps(bike, "15T09:00", [value]), *steps(IPHONE, "15T08:00", [1000] * 12))
        assert iphone.day()["steps"] == 12_000

    @pytest.mark.parametrize("mark", [
        {"metadata": {"HKWasUserEntered": "1"}}, {"metadata": {"HKWasUserEntered": True}},
        {"source": {**IPHONE, "recordingMethod": "manual"}},
    ])  # fmt: skip
    def test_what_is_typed_in_fills_what_nobody_measured_and_can_be_left_out(
        self, iphone: CasePhone, mark: dict[str, Any]
    ) -> None:
        typed = [one | mark for one in steps(IPHONE, "15T07:00", [300, 9000])]
        iphone.sync(*steps(IPHONE, "15T08:00", [1000] * 3), *typed)
        assert iphone.day()["steps"] == 3300
        kinds = {one["device_type"] for one in iphone.case.get("sources")["data"]}
        assert kinds == {"phone", "manual"}
        headers = {"X-WearLink-API-Key": iphone.case.key}
        changed = iphone.case.client.patch(
            iphone.case.url("").rstrip("/"), {"source_priority": {"steps": ["-manual"]}},
            content_type="application/json", headers=headers,
        )  # fmt: skip
        assert changed.status_code == 200, changed.content
        assert iphone.day()["steps"] == 3000

    def test_the_model_of_an_older_client_tells_that_it_is_a_watch(self, iphone: CasePhone) -> None:
        iphone.sync(*steps(WATCH, "15T08:00", [10]))
        assert [one["device_type"] for one in iphone.case.get("sources")["data"]] == ["watch"]
