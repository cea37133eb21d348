"""The sample payloads of the three phones, through the whole road into the tables."""

import json
import random
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import EndUser
from healthdata import queries
from healthdata.models import DailyValue, HealthScore, SleepSession, SleepStage, Workout
from providers.models import Payload
from providers.payloads import receive
from providers.payloads.process import drain
from tests.providers.sync_bodies import sample_sync

pytestmark = pytest.mark.django_db
FUTURE = 4_000_000_000_000


def bring(user: EndUser, provider: str, *bodies: bytes) -> None:
    for body in bodies:
        receive.receive(receive.IncomingPayload(user.key, user.organization_id, provider, body, items=50))
    drain(user.key)


def values(user: EndUser, series: str) -> list[float]:
    page = queries.page(user.key, series=[series], start=0, end=FUTURE, after=None, limit=100)
    return [row.value for row in page.rows]


def rows(user: EndUser) -> dict[str, Any]:
    """Return everything stored that the order of arrival must not change."""
    samples = {}
    for count in queries.count(user.key):
        page = queries.page(user.key, series=[count.series], start=0, end=FUTURE, after=None, limit=1000)
        samples[count.series] = sorted((row.timestamp, row.value, row.duration or 0) for row in page.rows)
    mine = {"user_key": user.key}
    nights = SleepSession.objects.filter(**mine).order_by("start", "source__key")
    return {
        "samples": samples,
        "daily": sorted(DailyValue.objects.filter(**mine).values_list("stream__series", "day", "value")),
        "stages": sorted(SleepStage.objects.filter(**mine).values_list("source__key", "start_ms", "end_ms", "stage")),
        "nights": list(nights.values_list("start", "end", "day", "sleep_seconds", "is_nap", "source__key")),
        "workouts": sorted(Workout.objects.filter(**mine).values_list("external_id", "type", "start", "calories_kcal")),
        "scores": sorted(
            HealthScore.objects.filter(**mine).exclude(provider="wearlink").values_list("category", "day", "score")
        ),
    }


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ("heart_rate", [72.0]),
        ("spo2", [97.2]),
        ("active_calories", [96.4]),
        ("distance_walking_running", [pytest.approx(1496.69, abs=0.005)]),
        ("blood_glucose", [pytest.approx(93.68, abs=0.005)]),
        ("weight", [pytest.approx(74.979, abs=0.0005)]),
        ("body_fat_percentage", [18.5]),
        ("height", [180.0]),
        ("body_temperature", [pytest.approx(36.889, abs=0.0005)]),
        ("mindful_minutes", [10.0]),
        ("blood_pressure_systolic", [122.0]),
    ],
)
def test_apples_sample_gives_the_expected_values(jane: EndUser, series: str, expected: list[Any]) -> None:
    bring(jane, "apple", sample_sync("apple"))
    assert values(jane, series) == expected


def test_apples_sample_counts_its_unknown_type_and_keeps_watch_and_phone_apart(jane: EndUser) -> None:
    bring(jane, "apple", sample_sync("apple"))
    payload = Payload.objects.get()
    assert payload.rejected == {"unknown_type": 1}
    assert sorted(values(jane, "steps")) == [1164.0, 1180.0]


def test_apples_night_is_the_documented_one_and_its_nap_another(jane: EndUser) -> None:
    bring(jane, "apple", sample_sync("apple"))
    night, nap = SleepSession.objects.filter(user_key=jane.key, source__key="Watch6,3").order_by("start")
    assert (night.duration_seconds, night.sleep_seconds, night.efficiency_percent) == (29_700, 27_900, 93.9)
    seconds = [night.awake_seconds, night.light_seconds, night.deep_seconds, night.rem_seconds]
    assert seconds == [60 * minutes for minutes in (30, 108, 180, 147)]
    assert (nap.duration_seconds, nap.is_nap, night.is_nap) == (2400, True, False)


def test_apples_run_has_its_figures(jane: EndUser) -> None:
    bring(jane, "apple", sample_sync("apple"))
    run = Workout.objects.get(user_key=jane.key)
    assert (run.type, run.duration_seconds, run.distance_meters, run.calories_kcal) == ("running", 2100, 5200, 342)
    assert run.details["weather_humidity_percent"] == 66.0


def test_samsungs_sample_gives_the_expected_values(jane: EndUser) -> None:
    bring(jane, "samsung", sample_sync("samsung"))
    score = HealthScore.objects.get(user_key=jane.key, provider="samsung")
    ride, run = Workout.objects.filter(user_key=jane.key).order_by("type")
    assert (score.score, score.day) == (82.0, date(2026, 4, 15))
    assert (ride.type, ride.duration_seconds, ride.calories_kcal) == ("cycling", 2400.0, None)
    assert ride.details == {"total_calories_kcal": 210.0}
    assert (run.type, run.duration_seconds) == ("running", 2640.0)
    assert sorted(values(jane, "heart_rate")) == [66.0, 71.0, 110.0]


def test_samsungs_steps_under_a_new_random_id_are_the_same_steps(jane: EndUser) -> None:
    body = sample_sync("samsung")
    bring(jane, "samsung", body, body.replace(b"2b0d1c1e-random-each-sync", b"another-random-id"))
    assert values(jane, "steps") == [3120.0]


def test_googles_traps_are_told_apart(jane: EndUser) -> None:
    bring(jane, "google", sample_sync("google"))
    energy = {series: values(jane, series) for series in ("active_calories", "total_calories", "basal_metabolic_rate")}
    assert energy == {"active_calories": [38.2], "total_calories": [57.9], "basal_metabolic_rate": [1650.0]}
    assert values(jane, "heart_rate") == [61.0, 63.0, 62.0]
    ride = Workout.objects.get(user_key=jane.key)
    assert (ride.type, ride.source.key) == ("indoor_cycling", "peloton")
    assert len(ride.laps) == len(ride.segments) == 1


def test_an_edited_google_record_moves_instead_of_doubling(jane: EndUser) -> None:
    body = json.loads(sample_sync("google"))
    (steps,) = [item for item in body["data"]["records"] if item["id"] == "st-1"]
    steps.update(startDate="2026-04-15T15:05:00Z", value=700)
    bring(jane, "google", sample_sync("google"), json.dumps(body).encode())
    assert values(jane, "steps") == [700.0]


@pytest.mark.parametrize("provider", ["apple", "samsung", "google"])
def test_twice_is_the_same_as_once(jane: EndUser, provider: str) -> None:
    body = sample_sync(provider)
    bring(jane, provider, body)
    once = rows(jane)
    bring(jane, provider, body + b" ")  # other bytes, so that the digest does not spare us the work
    again = Payload.objects.latest("id")
    assert rows(jane) == once
    assert (again.inserted, again.updated) == (0, 0)


def pieces(provider: str, shuffle: random.Random) -> list[bytes]:
    """Return the sample in several bodies: shuffled, some items twice, split anywhere."""
    body = json.loads(sample_sync(provider))
    items = [(name, item) for name in ("records", "sleep", "workouts") for item in body["data"].get(name, [])]
    items += shuffle.sample(items, len(items) // 3)
    shuffle.shuffle(items)
    cuts = sorted(shuffle.sample(range(1, len(items)), 3))
    bodies = []
    for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True):
        data: dict[str, list[Any]] = {}
        for name, item in items[start:end]:
            data.setdefault(name, []).append(item)
        bodies.append(json.dumps({**body, "data": data}).encode())
    return bodies


@pytest.mark.parametrize("provider", ["apple", "samsung", "google"])
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_shuffled_split_and_doubled_delivery_leaves_the_same_rows(jane: EndUser, provider: str, seed: int) -> None:
    found = []
    for bodies in ([sample_sync(provider)], pieces(provider, random.Random(seed))):
        with transaction.atomic():
            bring(jane, provider, *bodies)
            found.append(rows(jane))
            transaction.set_rollback(True)
    assert found[0] == found[1]
