"""Sources: the hardware and the app that wrote, the same by every way, with typed values apart."""

import json
from typing import Any

import pytest

from healthdata.records import SourceInfo
from providers.adapters.apple.export.devices import source_of
from providers.adapters.apple.normalise import DIALECT as APPLE
from providers.adapters.google.normalise import DIALECT as GOOGLE
from providers.sdk.dialect import Dialect
from providers.sdk.sources import SdkSources, parse

IPHONE = "<<HKDevice: 0x1>, name:iPhone, manufacturer:Apple Inc., model:iPhone, hardware:iPhone14,2, software:17.4.1>"
WATCH = "<<HKDevice: 0x2>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,3, software:10.3>"


def sdk(dialect: Dialect = APPLE, **fields: Any) -> SourceInfo:
    return parse(json.dumps(fields).encode(), dialect)


def on_iphone(app_id: str, **fields: Any) -> SourceInfo:
    """Return it as the iOS SDK sends it: with the model of the phone, whoever measured."""
    return sdk(appId=app_id, deviceModel="iPhone14,2", deviceType="phone", **fields)


def test_two_apps_on_one_phone_are_two_sources_and_neither_is_the_phone() -> None:
    keys = {on_iphone(app).key for app in ("com.apple.health.4E0C", "com.garmin.connect.mobile", "com.example.steps")}
    assert keys == {"iPhone14,2", "garmin connect", "com.example.steps"}


def test_an_app_stays_one_source_when_its_user_buys_a_new_phone() -> None:
    old, new = (sdk(appId="com.strava.stravaride", deviceModel=model) for model in ("iPhone12,1", "iPhone17,1"))
    assert old.key == new.key == "strava"


@pytest.mark.parametrize(
    ("app_id", "name"),
    [
        ("com.garmin.connect.mobile", "Connect"),
        ("com.ouraring.oura", "Oura"),
        ("com.withings.wiScaleNG", "Health Mate"),
    ],
)
def test_a_sync_and_an_export_say_the_same_of_an_app(app_id: str, name: str) -> None:
    by_sync, by_export = on_iphone(app_id), source_of(name, None)
    assert by_sync.key == by_export.key
    assert by_sync.device_type == by_export.device_type
    assert by_sync.name == by_export.name


def test_a_sync_and_an_export_say_the_same_of_the_phone_and_the_watch_themselves() -> None:
    phone, watch = on_iphone("com.apple.health.4E0C"), sdk(appId="com.apple.health.9", deviceModel="Watch6,3")
    assert (phone.key, watch.key) == ("iPhone14,2", "Watch6,3")
    assert source_of("Jane’s iPhone", IPHONE, "17.4.1").key == phone.key
    assert source_of("Jane’s Apple Watch", WATCH, "10.3").key == watch.key


def test_an_app_of_an_export_is_known_by_a_version_that_is_not_the_systems() -> None:
    assert source_of("Pedometer", IPHONE, "5.2.1").key == "pedometer"
    assert source_of("Gym", WATCH, "3.0").key == "Watch6,3|gym"
    assert source_of("Gym", WATCH, "3.0").device_type == "watch"


def test_the_device_behind_a_well_known_app_is_its_type_and_of_others_nobody_knows() -> None:
    types = [on_iphone(app).device_type for app in ("com.garmin.connect.mobile", "com.ouraring.oura", "com.example.x")]
    assert types == ["watch", "ring", None]


def test_on_android_the_model_is_the_device_that_measured() -> None:
    fit = sdk(GOOGLE, appId="com.google.android.apps.fitness", deviceModel="Pixel 9", deviceType="phone")
    samsung = sdk(GOOGLE, appId="com.sec.android.app.shealth", deviceModel="Pixel 9", deviceType="phone")
    system = sdk(GOOGLE, appId="android", deviceModel="Pixel 9", deviceType="phone")
    assert [one.key for one in (fit, samsung, system)] == ["Pixel 9|google fit", "Pixel 9|samsung health", "Pixel 9"]
    assert {one.device_type for one in (fit, samsung, system)} == {"phone"}


@pytest.mark.parametrize(("model", "device_type"), [("Watch6,3", "watch"), ("iPhone14,2", "phone"), ("X1", None)])
def test_a_device_that_does_not_say_its_type_is_known_by_its_model(model: str, device_type: str | None) -> None:
    assert sdk(appId="com.apple.health.1", productType=model).device_type == device_type


def test_what_was_typed_in_is_a_source_of_its_own() -> None:
    sources = SdkSources(APPLE)
    raw = json.dumps({"appId": "com.apple.Health", "deviceModel": "iPhone14,2", "deviceType": "phone"}).encode()
    typed = [
        sources.of(raw, json.dumps(metadata).encode())
        for metadata in ({"HKWasUserEntered": "1"}, [{"key": "HKWasUserEntered", "value": True}])
    ]
    measured = sources.of(raw, b'{"HKWasUserEntered": "0"}')
    assert {(one.key, one.device_type) for one in typed} == {("manual", "manual")}
    assert (measured.key, measured.device_type) == ("iPhone14,2", "phone")
    assert source_of("Health", IPHONE, "17.4.1", manual=True).key == "manual"
    assert sdk(GOOGLE, appId="com.strava", deviceModel="Pixel 9", recordingMethod="manual").key == "strava|manual"
