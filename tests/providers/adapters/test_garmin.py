"""Garmin's rules: summaries, pushes and pings, who may call."""

import json
import mmap
import tempfile
from typing import Any

import msgspec
import pytest

from healthdata.catalogue import WORKOUT_TYPES
from healthdata.records import DailyRecord, Rejected, Sample, Score, StageRecord, WorkoutRecord
from providers import registry
from providers.adapters.garmin.normalise import READINGS
from providers.adapters.garmin.normalise.fields import KNOWN
from providers.adapters.garmin.normalise.sleep import VALIDATIONS
from providers.adapters.garmin.normalise.sports import SPORTS, workout_type
from providers.adapters.garmin.pieces import LONG_ACTIVITY, PIECE_BYTES, SAMPLES
from providers.adapters.garmin.provider import Garmin
from providers.contract import (
    AnomalousPayload,
    BadAnswer,
    BadWebhookSignature,
    Credentials,
    GrantedScopes,
    GrantLost,
    InboundRequest,
    Notification,
    RawDocument,
    Retraction,
    UnsupportedEvent,
)
from tests.providers import sync_bodies
from tests.providers.adapters.client import TableClient, inbound
from tests.providers.suite import CloudSuite, fixtures

GARMIN = Garmin()
USER = "0b5e7f3a94c84d1fb6a2c0de91f47a33"
OTHER_USER = "1c5e7f3a94c84d1fb6a2c0de91f47a44"
START = 1_773_270_000  # 2026-03-11T23:00Z, midnight in Brussels
OURS = Credentials("client", "secret", "address-secret")
API = "https://vendor.example"


def read(kind: str, *rows: Any) -> list[Any]:
    return sync_bodies.normalise(json.dumps(rows).encode(), "garmin", kind=kind)


def day(**more: Any) -> dict[str, Any]:
    return {
        "userId": USER, "summaryId": "x-1", "calendarDate": "2026-03-12", "startTimeInSeconds": START,
        "startTimeOffsetInSeconds": 3600, "durationInSeconds": 86_400, **more,
    }  # fmt: skip


def pushed(body: Any) -> list[Notification]:
    return list(GARMIN.notifications(inbound(body)))


class TestGarmin(CloudSuite):
    slug = "garmin"
    good = (InboundRequest("POST", {}, {"garmin-client-id": "client"}, b"{}", 0, "address-secret"), OURS)

    def test_fields_nobody_knows_change_nothing(self, provider: Any) -> None:
        """Count unknown fields and keep the records."""
        for path in fixtures("garmin"):
            rows = json.loads(path.read_bytes())
            more = [{**row, "aFieldOfTomorrow": {"deep": [1]}} if isinstance(row, dict) else row for row in rows]
            kind = path.stem.partition("-")[0]
            records = [one for one in self.read(provider, kind, json.dumps(more).encode()) if type(one) is not Rejected]
            assert records == [one for one in self.read(provider, kind, path.read_bytes()) if type(one) is not Rejected]

    def test_a_signature_proves_and_a_forgery_does_not(self, provider: Any) -> None:
        """The address proves, whatever the body says."""
        call, known = self.good
        assert provider.signature.check(call, known) is True
        for other in ("", "address-secre", "address-secret2"):
            changed = msgspec.structs.replace(call, path_secret=other)
            if other:
                with pytest.raises(BadWebhookSignature):
                    provider.signature.check(changed, known)
            else:
                assert provider.signature.check(changed, known) is False


# --- summaries ---


def test_every_kind_has_a_reading_its_fields_and_a_fixture() -> None:
    kinds = {path.stem.partition("-")[0] for path in fixtures("garmin")}
    assert set(READINGS) == set(KNOWN) == kinds
    assert len(kinds) == 17


def test_activity_types_lead_to_types_of_the_catalogue() -> None:
    assert set(SPORTS.values()) <= set(WORKOUT_TYPES)
    assert workout_type("resort_snowboarding_ws") == "snowboarding"
    assert workout_type("CYCLING_V2") == "cycling"
    assert workout_type("QUIDDITCH") is None


def test_the_mean_of_seven_days_is_nowhere_stored_as_the_days() -> None:
    found = read("dailies", day(averageHeartRateInBeatsPerMinute=61))
    assert found == []


def test_a_zero_is_a_figure_and_a_missing_field_none() -> None:
    found = read("dailies", day(steps=0, floorsClimbed=None))
    assert [(one.series, one.value) for one in found] == [("steps", 0.0)]


def test_negative_stress_is_a_state_and_never_a_value() -> None:
    values = {str(180 * index): level for index, level in enumerate((-1, -2, -3, -4, -5, 0, 7))}
    found = read("stressDetails", day(timeOffsetStressLevelValues=values, timeOffsetBodyBatteryValues={"0": -1}))
    assert [(one.series, one.value) for one in found] == [("stress", 0.0), ("stress", 7.0)]
    assert read("dailies", day(averageStressLevel=-1, maxStressLevel=-1)) == []


def test_records_of_one_quarter_of_an_hour_add_up() -> None:
    kinds = (("SEDENTARY", 0, 0.0, 600, 1.0), ("WALKING", 120, 90.5, 200, 3.0), ("RUNNING", 200, 210.0, 100, 9.0))
    fields = ("activityType", "steps", "distanceInMeters", "activeTimeInSeconds", "met")
    rows = [day(durationInSeconds=900, **dict(zip(fields, values, strict=True))) for values in kinds]
    found = {one.series: (one.value, one.duration) for one in read("epochs", *rows)}
    assert found == {
        "steps": (320.0, 900_000),
        "distance_unspecified": (300.5, 900_000),
        "average_met": (round((600 + 600 + 900) / 900, 4), 900_000),
    }


def test_the_length_of_a_sleep_is_the_time_asleep() -> None:
    found = read("sleeps", day(durationInSeconds=25_200, awakeDurationInSeconds=1200, sleepLevelsMap={}))
    stages = [(one.stage, (one.end - one.start) // 1000) for one in found if isinstance(one, StageRecord)]
    assert stages == [("sleeping", 25_200), ("awake", 1200)]


def test_naps_are_sessions_of_their_own_with_ids_of_their_own() -> None:
    naps = [{"napDurationInSeconds": 1200, "napStartTimeInSeconds": START + 50_000 + 9000 * n} for n in range(2)]
    found = [one for one in read("sleeps", day(naps=naps)) if isinstance(one, StageRecord) and one.nap]
    assert len({one.external_id for one in found}) == len({one.start for one in found}) == 2


def test_a_better_validation_has_a_higher_version() -> None:
    versions = [read("sleeps", day(validation=name))[0].version for name in VALIDATIONS]
    assert versions == sorted(versions)
    assert versions[-1] == max(versions)
    assert VALIDATIONS[-1] == "ENHANCED_FINAL"


def test_an_edited_activity_is_the_same_workout() -> None:
    row = {
        "userId": USER, "summaryId": "77001", "activityId": 77001, "activityType": "RUNNING", "durationInSeconds": 600,
        "startTimeInSeconds": START, "startTimeOffsetInSeconds": 0, "activityName": "First",
    }  # fmt: skip
    (first,) = read("activities", {**row, "manual": False})
    (edited,) = read("manuallyUpdatedActivities", {**row, "activityName": "Renamed", "manual": True})
    assert isinstance(first, WorkoutRecord)
    assert (first.external_id, first.zone) == (edited.external_id, edited.zone) == ("77001", 0)
    assert (edited.title, edited.details["edited"], first.details["manual_entry"]) == ("Renamed", True, False)


@pytest.mark.parametrize("name", ["77001-detail", "77001-file", "77001"])
def test_an_activity_is_known_by_its_number_whatever_the_summary_adds(name: str) -> None:
    summary = {"activityType": "RUNNING", "startTimeInSeconds": START, "durationInSeconds": 60}
    (found,) = read("activityDetails", {"summaryId": name, "summary": summary, "samples": []})
    assert found.external_id == "77001"


def test_what_somebody_typed_in_has_a_source_of_its_own() -> None:
    row = {"measurementTimeInSeconds": START, "systolic": 120, "diastolic": 80}
    found = read("bloodPressures", {**row, "sourceType": "MANUAL"}, {**row, "sourceType": "DEVICE"})
    assert [one.source.device_type for one in found] == ["manual", "manual", "watch", "watch"]


def test_only_days_of_a_period_that_have_come_are_stored() -> None:
    cycle = {"periodStartDate": "2026-03-02", "periodLength": 5, "dayInCycle": 3, "lastUpdatedTimeInSeconds": START}
    found = read("mct", cycle)
    assert found[0] == Retraction("cycle-2026-03-02", START)
    assert [one.day.day for one in found if isinstance(one, DailyRecord)] == [2, 3, 4]
    assert len(read("mct", {**cycle, "isPredictedCycle": True})) == 1


@pytest.mark.parametrize("kind", sorted(READINGS))
def test_a_number_beyond_all_numbers_costs_its_field_only(kind: str) -> None:
    row = dict.fromkeys(KNOWN[kind], 10**400) | {"summaryId": "1", "calendarDate": "2026-03-12"}
    found = read(kind, row, day(activityId=1, measurementTimeInSeconds=START, periodStartDate="2026-03-02"))
    assert kind == "moveIQActivities" or any(isinstance(one, Rejected) for one in found)


# --- pushes and pings ---


def test_a_body_may_hold_many_kinds_and_end_users() -> None:
    body = {
        "dailies": [day(steps=1), day(userId=OTHER_USER, steps=2), day(steps=3)],
        "pulseOx": [day(timeOffsetSpo2Values={"0": 97})],
        "deregistrations": [{"userId": USER, "userAccessToken": "legacy"}],
        "userPermissionsChange": [{"userId": USER, "permissions": {"MCT_EXPORT": True}, "changeTimeInSeconds": START}],
    }
    found = [(one.account, one.kind, one.body is not None, one.deauthorised) for one in pushed(body)]
    assert found == [
        (USER, "dailies", True, False),
        (OTHER_USER, "dailies", True, False),
        (USER, "pulseox", True, False),
        (USER, "deregistrations", False, True),
        (USER, "userPermissionsChange", False, False),
    ]


def test_what_is_pushed_and_what_is_announced_is_decided_item_by_item() -> None:
    link = f"{API}/dailies?uploadStartTimeInSeconds=1&uploadEndTimeInSeconds=2&token=t"
    found = pushed({"dailies": [{"userId": USER, "callbackURL": link}, day(steps=1)]})
    assert [(one.link, one.body is None) for one in found] == [(link, True), ("", False)]
    assert found[0].event_id == link


def test_items_stay_the_bytes_they_were() -> None:
    item = b'{ "userId" : "%s",  "steps":1.50 }' % USER.encode()
    (found,) = GARMIN.notifications(inbound(b'{"dailies":[%s]}' % item))
    assert found.body == b"[%s]" % item


def test_large_bodies_are_cut_into_pieces_that_can_be_read_alone() -> None:
    offsets = {str(15 * number): 60 + number % 30 for number in range(5760)}
    rows = [day(calendarDate=f"2026-03-{number:02}", timeOffsetHeartRateSamples=offsets) for number in range(1, 29)]
    found = pushed({"dailies": rows})
    assert len(found) > 3
    assert all(len(one.body or b"") < PIECE_BYTES + 100_000 for one in found)
    samples = [r for one in found for r in sync_bodies.normalise(one.body or b"", "garmin", kind="dailies")]
    assert sum(isinstance(one, Sample) for one in samples) == 28 * 5760
    assert all(5760 < one.items < 60_000 for one in found)


def test_the_seconds_of_a_long_activity_are_cut_up_and_its_workout_comes_once() -> None:
    count = 12_000
    summary = {"activityType": "CYCLING", "startTimeInSeconds": START, "durationInSeconds": count}
    samples = [
        {"startTimeInSeconds": START + number, "heartRate": 120, "speedMetersPerSecond": 7.5, "bikeCadenceInRPM": 88.0}
        for number in range(count)
    ]
    item = {"userId": USER, "summaryId": "9-detail", "activityId": 9, "summary": summary, "samples": samples}
    assert len(json.dumps(item)) > LONG_ACTIVITY
    found = pushed({"activityDetails": [item]})
    assert len(found) == count // SAMPLES
    records = [r for one in found for r in sync_bodies.normalise(one.body or b"", "garmin", kind="activityDetails")]
    assert sum(isinstance(one, WorkoutRecord) for one in records) == 1
    assert sum(isinstance(one, Sample) for one in records) == 3 * count
    assert not any(isinstance(one, Rejected) for one in records)


def test_a_body_is_read_from_disk_as_well() -> None:
    raw = json.dumps({"dailies": [day(steps=1)]}).encode()
    with tempfile.TemporaryFile() as file:
        file.write(raw)
        file.flush()
        mapped = mmap.mmap(file.fileno(), len(raw), access=mmap.ACCESS_READ)
    (found,) = GARMIN.notifications(InboundRequest("POST", {}, {}, mapped, 0))
    assert found.account == USER


@pytest.mark.parametrize("body", [{"weather": [day()]}, {}, {"dailies": [{"summaryId": "x"}]}, {"dailies": [7]}])
def test_what_nothing_is_made_of_is_counted_and_its_neighbours_are_taken(body: dict[str, Any]) -> None:
    found: list[Notification] = []
    with pytest.raises(UnsupportedEvent):
        found.extend(GARMIN.notifications(inbound({**body, "epochs": [day(steps=1)]} if body else body)))
    taken = []
    try:
        for one in GARMIN.notifications(inbound({**body, "epochs": [day(steps=1)]})):
            taken.append(one.kind)
    except UnsupportedEvent:
        pass
    assert taken == ["epochs"]


@pytest.mark.parametrize("body", [b"", b"[]", b'{"dailies": {}}', b'{"dailies": [{"userId":', b"<html>", b"\xff"])
def test_bodies_garmin_would_not_send_are_anomalies(body: bytes) -> None:
    with pytest.raises(AnomalousPayload):
        list(GARMIN.notifications(inbound(body)))


@pytest.mark.parametrize("kind", ["TCX", "GPX"])
def test_files_of_other_formats_are_counted(kind: str) -> None:
    item = {"userId": USER, "activityId": 5, "fileType": kind, "callbackURL": f"{API}/activityFile?id=5"}
    with pytest.raises(UnsupportedEvent, match=kind):
        pushed({"activityFiles": [item]})


# --- what was announced ---


def announced(link: str, kind: str = "dailies", **more: Any) -> Notification:
    return Notification(USER, kind, link=link, **more)


def test_a_ping_is_fetched_where_it_says_and_cut_up_like_a_push() -> None:
    link = f"{API}/dailies?uploadStartTimeInSeconds=1&token=a%2Fb"
    client = TableClient({link: [[{"summaryId": "x", "calendarDate": "2026-03-12", "steps": 7}]]})
    (found,) = GARMIN.resolve(client, announced(link))
    assert isinstance(found, RawDocument)
    assert client.asked[0][1] == link
    (record,) = [one for one in sync_bodies.normalise(found.body, "garmin", kind="dailies") if type(one) is DailyRecord]
    assert record.value == 7


@pytest.mark.parametrize(
    "link",
    [
        "http://vendor.example/dailies", "https://vendor.example.evil.example/d", "https://evil.example/dailies",
        "https://vendor.example@evil.example/d", "https://vendor.example:8443/d", "//vendor.example/d", "/dailies",
        "https://vendor.example\\@evil.example/", "https://vendor.example/d\nHost: x", "https://[::1/d", "file:///etc/passwd",
        "", "https://vendor.exämple/d",
    ],
)  # fmt: skip
def test_the_token_is_sent_to_the_vendors_host_only(link: str) -> None:
    client = TableClient({link: []})
    with pytest.raises(AnomalousPayload):
        list(GARMIN.resolve(client, announced(link)))
    assert client.asked == []


def test_an_answer_that_is_no_list_is_a_bad_answer() -> None:
    link = f"{API}/dailies?token=t"
    with pytest.raises(BadAnswer):
        list(GARMIN.resolve(TableClient({link: {"errorMessage": "InvalidPullTokenException"}}), announced(link)))


def test_a_file_is_kept_behind_a_line_that_says_whose_it_is() -> None:
    link = f"{API}/activityFile?id=5&token=t"
    ping = announced(link, "activityFiles", object_id="5", details={"deviceName": "Edge"})
    (found,) = GARMIN.resolve(TableClient({link: b".FIT bytes\n\x00"}), ping)
    assert isinstance(found, RawDocument)
    assert found.body == b'{"activityId":"5","deviceName":"Edge"}\n.FIT bytes\n\x00'


def test_permissions_are_asked_for_and_a_deregistration_nobody_proved_is_looked_into() -> None:
    client = TableClient({"/user/permissions": [["HEALTH_EXPORT", "ACTIVITY_EXPORT"]], "/user/id": GrantLost("gone")})
    assert list(GARMIN.resolve(client, Notification(USER, "userPermissionsChange"))) == [
        GrantedScopes(("ACTIVITY_EXPORT", "HEALTH_EXPORT"))
    ]
    with pytest.raises(GrantLost):
        list(GARMIN.resolve(client, Notification(USER, "deregistrations", deauthorised=True)))


@pytest.mark.parametrize("answer", [["B", "A"], {"permissions": ["B", "A"]}])
def test_permissions_come_in_two_forms(answer: Any) -> None:
    assert GARMIN.permissions(TableClient({"/user/permissions": [answer]})) == ("A", "B")
    with pytest.raises(BadAnswer):
        GARMIN.permissions(TableClient({"/user/permissions": {"permissions": "A"}}))


def test_the_account_is_the_user_id_of_webhooks() -> None:
    assert GARMIN.account_id(TableClient({"/user/id": {"userId": USER}})) == USER
    with pytest.raises(BadAnswer):
        GARMIN.account_id(TableClient({"/user/id": {"id": 5}}))


# --- who calls ---


@pytest.mark.parametrize("headers", [{}, {"garmin-client-id": ""}, {"garmin-client-id": "another"}])
def test_a_call_to_the_plain_address_must_name_the_app_and_proves_nothing(headers: dict[str, str]) -> None:
    with pytest.raises(BadWebhookSignature):
        GARMIN.signature.check(InboundRequest("POST", {}, headers, b"{}", 0), OURS)
    named = InboundRequest("POST", {}, {"garmin-client-id": "client"}, b"{}", 0)
    assert GARMIN.signature.check(named, OURS) is False


def test_at_the_secret_address_the_header_may_be_missing_but_not_another_apps() -> None:
    call = InboundRequest("POST", {}, {}, b"{}", 0, "address-secret")
    assert GARMIN.signature.check(call, OURS) is True
    with pytest.raises(BadWebhookSignature):
        GARMIN.signature.check(msgspec.structs.replace(call, headers={"garmin-client-id": "another"}), OURS)
    with pytest.raises(BadWebhookSignature):
        GARMIN.signature.check(call, msgspec.structs.replace(OURS, verification_token=""))


def test_it_is_discovered_and_covers_what_wearables_of_garmin_measure() -> None:
    found = registry.get("garmin")
    assert isinstance(found, Garmin)
    assert len(found.coverage.series) >= 60
    assert {"steps", "body_battery", "running_vertical_oscillation", "rr_interval"} <= set(found.coverage.series)
    assert isinstance(read("sleeps", day(overallSleepScore={"value": 80}))[-1], Score)
