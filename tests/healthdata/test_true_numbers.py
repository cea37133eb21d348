"""Kinds of wrong figure that other platforms are blamed for, each as a phone or a vendor would bring it about."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.models import EndUser
from healthdata.store import store
from providers.payloads.process import drain
from tests import factories
from tests.healthdata.reading import HOUR, MINUTE, RING, WATCH, EndUserCase, every, key_of, total
from tests.providers.sync_bodies import record, sync
from wearlink.lib.clock import rfc3339, to_ms

pytestmark = pytest.mark.django_db

DAY = {"start_date": "2026-04-15", "end_date": "2026-04-15"}
IPHONE = {"deviceModel": "iPhone14,2", "deviceType": "phone", "deviceName": "iPhone"}
SYSTEM_PHONE = {**IPHONE, "appId": "com.apple.health.4E0C"}
SYSTEM_WATCH = {"appId": "com.apple.health.77", "deviceModel": "Watch6,3", "deviceName": "Apple Watch"}
GARMIN = {**IPHONE, "appId": "com.garmin.connect.mobile"}
PIXEL = {"deviceModel": "Pixel 9", "deviceType": "phone"}


def steps(source: dict[str, Any], values: Sequence[float], first: int, *, minutes: int = 60, **more: Any) -> list[Any]:
    """Return one record an hour from `first` on."""
    found = []
    for number, value in enumerate(values):
        start = datetime(2026, 4, 15, tzinfo=UTC) + timedelta(hours=first + number)
        end = start + timedelta(minutes=minutes)
        times = {"startDate": rfc3339(to_ms(start)), "endDate": rfc3339(to_ms(end))}
        kind = {"type": "HKQuantityTypeIdentifierStepCount", "unit": "count"}
        found.append(
            record(id=f"{source.get('appId')}-{first + number}", value=value, source=source, **kind, **times) | more
        )
    return found


def post(case: EndUserCase, provider: str, *records: Any) -> None:
    """Post as the SDK does, and wait until it is stored."""
    user = EndUser.objects.get(pk=case.end_user.key)
    path = f"/api/v1/sdk/users/{user.id}/sync"
    body = sync(provider, records=list(records))
    answer = factories.sdk_client(user).post(path, data=body, content_type="application/json")
    assert answer.status_code == 202, answer.content
    drain(user.pk)


def the_day(case: EndUserCase) -> dict[str, Any]:
    [shown] = case.get("summaries/activity", **DAY)["data"]
    found: dict[str, Any] = shown
    return found


def test_two_apps_on_one_iphone_do_not_add_up(jane: EndUserCase) -> None:
    post(jane, "apple", *steps(SYSTEM_PHONE, [500] * 12, 8), *steps(GARMIN, [750] * 12, 8))
    assert the_day(jane)["steps"] == 9000
    assert {one["device"] for one in jane.get("sources")["data"]} == {"iPhone", "Garmin Connect"}


def test_two_apps_on_one_android_phone_do_not_add_up_nor_replace_each_other(jane: EndUserCase) -> None:
    fit, samsung = (
        {**PIXEL, "appId": app} for app in ("com.google.android.apps.fitness", "com.sec.android.app.shealth")
    )
    kind = {"type": "STEP_COUNT"}
    post(jane, "google", *steps(fit, [500] * 12, 8, **kind), *steps(samsung, [10] * 12, 8, **kind))
    assert the_day(jane)["steps"] == 6000


def test_the_phone_counts_on_when_the_watch_is_taken_off(jane: EndUserCase) -> None:
    post(jane, "apple", *steps(SYSTEM_PHONE, [1000] * 12, 8), *steps(SYSTEM_WATCH, [1050] * 4, 8))
    assert the_day(jane)["steps"] == 4200 + 8000


def test_five_minutes_of_a_watch_do_not_hide_a_day_of_the_phone(jane: EndUserCase) -> None:
    post(jane, "apple", *steps(SYSTEM_PHONE, [1000] * 12, 8), *steps(SYSTEM_WATCH, [120], 8, minutes=5))
    shown = the_day(jane)
    assert 11_900 <= shown["steps"] <= 12_120
    assert shown["figures"]["steps"]["is_partial"] is False


def test_a_new_phone_at_noon_goes_on_where_the_old_one_ended(jane: EndUserCase) -> None:
    new = {**SYSTEM_PHONE, "deviceModel": "iPhone17,1"}
    post(jane, "apple", *steps(SYSTEM_PHONE, [1000] * 5, 8), *steps(new, [1000] * 7, 13))
    assert the_day(jane)["steps"] == 12_000


def test_an_entry_typed_in_or_an_app_without_a_device_replaces_nothing(jane: EndUserCase) -> None:
    bike = {"appId": "com.onepeloton.callisto"}
    typed = {**SYSTEM_PHONE, "appId": "com.apple.Health"}
    post(
        jane,
        "apple",
        *steps(SYSTEM_PHONE, [1000] * 12, 8),
        *steps(bike, [12], 9),
        *steps(typed, [30_000], 10, metadata={"HKWasUserEntered": "1"}),
    )
    assert the_day(jane)["steps"] == 12_000


def test_a_vendors_daily_total_does_not_beat_a_watch_that_was_worn_all_day(jane: EndUserCase) -> None:
    worn = every(5 * MINUTE, "2026-04-15T00:00:00Z", 276, source=WATCH, series="heart_rate", value=60.0)
    walked = every(HOUR, "2026-04-15T00:00:00Z", 23, source=WATCH, series="steps", value=600.0, duration=HOUR)
    active = every(HOUR, "2026-04-15T00:00:00Z", 23, source=WATCH, series="active_calories", value=30.0, duration=HOUR)
    ring = [total("steps", 4100.0, RING), total("active_calories", 210.0, RING), total("basal_calories", 1740.0, RING)]
    store(jane.end_user.key, [[*worn, *walked, *active, *ring]])
    shown = the_day(jane)
    assert (shown["steps"], shown["active_calories_kcal"]) == (13_800, 690)
    assert shown["total_calories_kcal"] == shown["active_calories_kcal"] + shown["basal_calories_kcal"] == 2430


def test_the_morning_of_a_ring_is_a_part_of_a_day_and_says_so(jane: EndUserCase) -> None:
    store(jane.end_user.key, [[total("steps", 900.0, RING), total("wear_time", 180.0, RING)]])
    shown = the_day(jane)
    assert (shown["steps"], shown["figures"]["steps"]["coverage_minutes"]) == (900, 180)
    assert shown["figures"]["steps"]["is_partial"] is True
    post(jane, "apple", *steps(SYSTEM_PHONE, [1000] * 12, 8))
    assert the_day(jane)["steps"] == 12_000
    [explained] = jane.get("summaries/activity", explain="1", **DAY)["data"]
    by_device = {one["device"]: one for one in explained["explain"]["steps"]["sources"]}
    assert [why["reason"] for why in by_device["Oura Ring Gen3"]["reasons"]] == ["not_worn"]


def test_a_run_read_every_five_seconds_does_not_make_the_day(jane: EndUserCase) -> None:
    rest = every(5 * MINUTE, "2026-04-15T00:00:00Z", 276, source=WATCH, series="heart_rate", value=58.0)
    run = every(5_000, "2026-04-15T23:00:00Z", 720, source=WATCH, series="heart_rate", value=155.0)
    store(jane.end_user.key, [[*rest, *run]])
    shown = the_day(jane)
    assert shown["avg_heart_rate_bpm"] == pytest.approx(62, abs=0.5)
    assert (shown["min_heart_rate_bpm"], shown["max_heart_rate_bpm"]) == (58, 155)


def test_a_utc_offset_states_no_zone(organization: Any) -> None:
    case = EndUserCase(
        factories.end_user(organization, time_zone="America/Los_Angeles", zone_known=True),
        key_of(organization),
        factories.key_client(organization),
    )
    post(case, "apple", *steps(SYSTEM_PHONE, [7000], 24, zoneOffset="+00:00"))  # midnight UTC: five in the afternoon
    days = case.get("summaries/activity", start_date="2026-04-14", end_date="2026-04-17")["data"]
    assert [(one["date"], one["steps"]) for one in days] == [("2026-04-15", 7000)]


def test_two_eggs_at_eight_are_two_eggs_and_one_record_sent_twice_is_one(jane: EndUserCase) -> None:
    egg = {
        "type": "HKQuantityTypeIdentifierDietaryEnergyConsumed", "unit": "kcal", "value": 78, "source": SYSTEM_PHONE,
        "startDate": "2026-04-15T08:00:00Z", "endDate": "2026-04-15T08:00:00Z",
    }  # fmt: skip
    for _ in range(2):
        post(jane, "apple", record(**egg, id="a"), record(**egg, id="b"), record(**egg, id="a"))
    span = {"start_time": "2026-04-15T00:00:00Z", "end_time": "2026-04-16T00:00:00Z"}
    rows = jane.get("timeseries", types="dietary_energy_consumed", **span)["data"]
    assert [row["value"] for row in rows] == [78, 78]
    assert len({row["id"] for row in rows}) == 2


def test_a_condensed_hour_does_not_add_to_its_minutes(jane: EndUserCase) -> None:
    fine = every(MINUTE, "2026-04-15T08:00:00Z", 60, source=WATCH, series="active_calories", value=5.0, duration=MINUTE)
    coarse = every(HOUR, "2026-04-15T08:00:00Z", 1, source=WATCH, series="active_calories", value=300.0, duration=HOUR)
    store(jane.end_user.key, [fine[1:], coarse])
    assert the_day(jane)["active_calories_kcal"] == 300
