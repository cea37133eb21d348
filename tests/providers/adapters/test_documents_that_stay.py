"""Documents of Oura and Strava through the inbox: what another document says outlives a deletion."""

import itertools
from typing import Any

import msgspec
import pytest

from accounts.models import EndUser
from healthdata.models import DailyValue, HealthScore, SampleChunk, SleepSession
from providers.payloads import receive
from providers.payloads.process import DELETIONS, drain

MAIN = {"total_sleep_duration": 27_000, "lowest_heart_rate": 48, "average_heart_rate": 53.0, "average_hrv": 51}
SECOND = {"total_sleep_duration": 11_880, "lowest_heart_rate": 40, "average_heart_rate": 45.0, "average_hrv": 99}
NIGHTLY = {"resting_heart_rate": 48, "lowest_heart_rate": 48, "sleeping_heart_rate_average": 53}


def give(user: EndUser, provider: str, kind: str, body: Any) -> None:
    raw = msgspec.json.encode(body)
    receive.receive(receive.IncomingPayload(user.key, user.organization_id, provider, raw, 1, kind))
    drain(user.key)


def sleep(document: str, begin: str, end: str, phases: str, **more: Any) -> dict[str, Any]:
    return {
        "id": document, "day": "2026-03-12", "type": "long_sleep", "bedtime_start": f"2026-03-{begin}+02:00",
        "bedtime_end": f"2026-03-{end}+02:00", "sleep_phase_5_min": phases, **more,
    }  # fmt: skip


def night(document: str = "night") -> dict[str, Any]:
    return sleep(document, "11T22:30:00", "12T06:00:00", "2" * 60 + "1" * 20 + "3" * 10, **MAIN)


def doze() -> dict[str, Any]:
    return sleep("doze", "12T09:00:00", "12T12:18:00", "2" * 39, **SECOND)


def figures(user: EndUser) -> dict[str, float]:
    rows = DailyValue.objects.filter(user_key=user.key).select_related("stream")
    return {row.stream.series: row.value for row in rows}


def test_a_night_issued_again_outlives_the_deletion_of_its_first_id(jane: EndUser) -> None:
    give(jane, "oura", "sleep", night("first"))
    give(jane, "oura", "sleep", night("again"))
    give(jane, "oura", DELETIONS, ["first"])
    session = SleepSession.objects.get(user_key=jane.key)
    assert session.sleep_seconds == 27_000
    assert NIGHTLY.items() <= figures(jane).items()
    give(jane, "oura", DELETIONS, ["again"])
    assert not SleepSession.objects.filter(user_key=jane.key).exists()
    assert figures(jane) == {}


def test_a_day_issued_again_outlives_the_deletion_of_its_first_id(jane: EndUser) -> None:
    for document, steps, score in (("first", 1111, 60), ("again", 2222, 80)):
        give(jane, "oura", "daily_activity", {"id": document, "day": "2026-03-12", "steps": steps, "score": score})
    shown = HealthScore.objects.filter(user_key=jane.key, category="activity", superseded=False)
    assert [row.score for row in shown] == [80]
    give(jane, "oura", DELETIONS, ["first"])
    assert figures(jane)["steps"] == 2222
    assert [row.score for row in shown.all()] == [80]


@pytest.mark.parametrize("order", list(itertools.permutations(("night", "doze", "page", "page backwards"))))
def test_the_main_sleep_gives_the_days_figures_in_whatever_order_documents_come(
    jane: EndUser, order: tuple[str, ...]
) -> None:
    bodies = {
        "night": night(), "doze": doze(), "page": {"data": [night(), doze()], "next_token": None},
        "page backwards": {"data": [doze(), night()], "next_token": None},
    }  # fmt: skip
    for name in order:
        give(jane, "oura", "sleep", bodies[name])
    assert NIGHTLY.items() <= figures(jane).items()
    assert figures(jane)["heart_rate_variability_rmssd"] == 51


def ride(document: int, begin: str, pulse: int) -> dict[str, Any]:
    activity = {
        "id": document, "start_date": begin, "elapsed_time": 120, "moving_time": 120, "sport_type": "Ride",
        "resource_state": 3, "utc_offset": 0,
    }  # fmt: skip
    streams = {"time": {"data": list(range(120))}, "heartrate": {"data": [pulse] * 120}}
    return {"activity": activity, "streams": streams, "zones": None}


def test_a_ride_recorded_twice_outlives_the_deletion_of_one(jane: EndUser) -> None:
    give(jane, "strava", "activity", ride(1, "2026-03-12T10:00:00Z", 120))
    give(jane, "strava", "activity", ride(2, "2026-03-12T10:01:00Z", 140))
    give(jane, "strava", DELETIONS, ["1"])
    chunks = SampleChunk.objects.filter(user_key=jane.key, stream__series="heart_rate")
    assert [value for chunk in chunks for value in chunk.vals] == [140] * 120
    give(jane, "strava", "activity", ride(1, "2026-03-12T10:00:00Z", 121) | {"zones": []})
    give(jane, "strava", DELETIONS, ["2"])
    assert [value for chunk in chunks.all() for value in chunk.vals] == [121] * 120
