"""The same days by both roads: the phone's sync and an export are one set of rows, whichever comes first."""

import json
from typing import Any

import pytest

from accounts.models import EndUser
from healthdata.models import DailyValue, SampleChunk, SleepSession, SleepStage, Source, Stream, Workout
from providers.models import ImportJob, Payload
from providers.payloads import receive
from providers.payloads.process import drain
from tests import factories
from tests.providers import exports, sync_bodies

pytestmark = pytest.mark.django_db

MINUTES = 90
NIGHT = [("asleep_light", 0, 30), ("asleep_deep", 30, 90), ("awake", 90, 95)]  # minutes after 22:00 UTC
STAGES = {"asleep_light": "AsleepCore", "asleep_deep": "AsleepDeep", "awake": "Awake"}


def clock(minutes: int, zone: str = "Z") -> str:
    """Return a time of the night from 22:00 UTC on, for a sync and (with an offset of +0200) for an export."""
    shifted = 22 * 60 + minutes + (120 if zone != "Z" else 0)
    day, minute = 14 + shifted // 1440, shifted % 1440
    text = f"2026-04-{day:02} {minute // 60:02}:{minute % 60:02}:00"
    return f"{text} +0200" if zone != "Z" else f"{text.replace(' ', 'T')}Z"


def by_phone() -> bytes:
    """Return heart rates, steps, a night and a run as the SDK sends them, with the phone's zone."""
    common: dict[str, Any] = {"zoneOffset": "+02:00"}
    steps = sync_bodies.record(
        id="s-1", type="HKQuantityTypeIdentifierStepCount", unit="count", value=1180, **common,
        startDate="2026-04-15T06:00:00Z", endDate="2026-04-15T06:10:00Z",
    )  # fmt: skip
    rates = [{**row, **common} for row in sync_bodies.heart_rates(MINUTES)]
    night = [sync_bodies.stage(stage, clock(start), clock(end), **common) for stage, start, end in NIGHT]
    run = {
        "id": "w-1", "type": "running", "startDate": "2026-04-15T06:00:00Z", "endDate": "2026-04-15T06:35:00Z",
        "source": sync_bodies.WATCH, **common,
        "values": [
            {"type": "duration", "value": 2010, "unit": "s"}, {"type": "distance", "value": 5200, "unit": "m"},
            {"type": "activeEnergyBurned", "value": 342, "unit": "kcal"},
        ],
        "laps": [{"startDate": "2026-04-15T06:00:00Z", "endDate": "2026-04-15T06:05:00Z", "distanceM": 900}],
    }  # fmt: skip
    return sync_bodies.sync("apple", records=[*rates, steps], sleep=night, workouts=[run])


def by_export() -> bytes:
    """Return the same as the Health app exports it."""
    steps = exports.record(
        type="HKQuantityTypeIdentifierStepCount", unit="count", value=1180, endDate="2026-04-15 08:10:00 +0200",
        startDate="2026-04-15 08:00:00 +0200",
    )  # fmt: skip
    night = [
        exports.record(
            type=exports.SLEEP, unit=None, value=f"HKCategoryValueSleepAnalysis{STAGES[stage]}",
            startDate=clock(start, "+"), endDate=clock(end, "+"),
        )
        for stage, start, end in NIGHT
    ]  # fmt: skip
    distance = exports.element(
        "WorkoutStatistics", type="HKQuantityTypeIdentifierDistanceWalkingRunning", sum="5.2", unit="km"
    )
    energy = exports.element(
        "WorkoutStatistics", type="HKQuantityTypeIdentifierActiveEnergyBurned", sum="342", unit="Cal"
    )
    return exports.export(exports.heart_rates(MINUTES), steps, *night, exports.workout(distance + energy))


def sync(user: EndUser) -> Payload:
    batch = receive.receive(receive.IncomingPayload(user.key, user.organization_id, "apple", by_phone(), items=100))
    drain(user.key)
    return Payload.objects.get(batch_id=batch)


def rows(user: EndUser) -> dict[str, Any]:
    """Return everything the tables hold of a person, but for internal ids."""
    chunks = SampleChunk.objects.filter(user_key=user.key).order_by("stream__series", "hour")
    stages = SleepStage.objects.filter(user_key=user.key)
    return {
        "sources": list(Source.objects.filter(user_key=user.key).values_list("provider", "key", "device_type")),
        "streams": sorted(Stream.objects.filter(user_key=user.key).values_list("series", "grain")),
        "chunks": list(chunks.values_list("stream__series", "hour", "n", "zone", "zones", "offsets", "vals")),
        "daily": list(DailyValue.objects.filter(user_key=user.key).values_list("day", "value")),
        "stages": sorted(stages.values_list("start_ms", "end_ms", "stage", "zone")),
        "nights": list(SleepSession.objects.filter(user_key=user.key).values_list("start", "end", "day")),
        "workouts": list(
            Workout.objects.filter(user_key=user.key).values_list("start", "type", "distance_meters", "zone", "laps")
        ),
    }  # fmt: skip


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "Asia/Kolkata"])
def test_an_export_after_the_phone_changes_nothing(zone: str) -> None:
    jane = factories.end_user(factories.alice().organization, time_zone=zone)
    sync(jane)
    before = rows(jane)
    assert len(before["sources"]) == 1
    job = exports.imported(jane, by_export())
    assert (job.state, job.inserted, job.updated) == (ImportJob.State.DONE, 0, 0)
    assert job.unchanged == MINUTES + 1 + len(NIGHT) + 1
    assert rows(jane) == before


def test_the_phone_after_an_export_doubles_nothing() -> None:
    jane = factories.end_user(factories.alice().organization, time_zone="Europe/Warsaw")
    job = exports.imported(jane, by_export())
    assert job.inserted == MINUTES + 1 + len(NIGHT) + 1
    payload = sync(jane)
    assert payload.inserted == 0
    both = rows(jane)
    assert len(both["sources"]) == 1
    assert sum(chunk[2] for chunk in both["chunks"]) == MINUTES + 1
    assert (len(both["stages"]), len(both["nights"]), len(both["workouts"])) == (len(NIGHT), 1, 1)
    again = exports.imported(jane, by_export())
    assert (again.inserted, again.updated) == (0, 0)
    assert rows(jane) == both


def test_the_sample_sync_and_the_sample_export_share_their_watch(jane: EndUser) -> None:
    body = json.dumps(json.loads(exports.fixture("apple_sync.json"))).encode()
    receive.receive(receive.IncomingPayload(jane.key, jane.organization_id, "apple", body, items=100))
    drain(jane.key)
    exports.imported(jane, exports.fixture("export_mini.xml"))
    watches = Source.objects.filter(user_key=jane.key, model="Watch6,3")
    assert watches.count() == 1


def test_the_same_export_twice_changes_nothing(jane: EndUser) -> None:
    exports.imported(jane, exports.fixture("export_es.zip"))
    before = rows(jane)
    job = exports.imported(jane, exports.fixture("export_es.zip"))
    assert (job.inserted, job.updated) == (0, 0)
    assert rows(jane) == before
