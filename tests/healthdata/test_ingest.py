"""Ingestion really tells: once what is new, again what changed, in the data's transaction, in the shapes of REST."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase

from accounts import usage
from accounts.models import Developer, EndUser
from accounts.webhooks import events
from accounts.webhooks.models import Message
from healthdata.ingest import ingest
from healthdata.models import Workout as StoredWorkout
from healthdata.records import Score, WorkoutRecord
from providers.models import Payload
from providers.payloads import receive, renormalise
from providers.payloads.process import drain
from tests import factories
from tests.healthdata.reading import HOUR, MINUTE, RING, WATCH, at, day, every
from tests.providers.sync_bodies import heart_rates, record, stage, sync, workout
from tests.webhooks import making
from wearlink.lib.work.task_queue import WakeUp
from wearlink.lib.work.turns import TaskLine

pytestmark = pytest.mark.django_db

NIGHT = [
    stage("light", "2026-04-14T22:30:00Z", "2026-04-15T01:30:00Z"),
    stage("deep", "2026-04-15T01:30:00Z", "2026-04-15T03:00:00Z"),
    stage("rem", "2026-04-15T03:00:00Z", "2026-04-15T05:30:00Z"),
]


@pytest.fixture
def alice(db: None) -> Developer:
    return factories.alice()


@pytest.fixture
def jane(alice: Developer) -> EndUser:
    """An end user of an organization that listens to everything that need not be named."""
    making.endpoint(alice.organization, "http://127.0.0.1:9/hook")
    return factories.end_user(alice.organization)


def emitted(*types: str) -> list[dict[str, Any]]:
    """Return the data of the messages of these types, in order."""
    rows = Message.objects.filter(type__in=types).order_by("key")
    return [json.loads(events.body_of(row))["data"] for row in rows]


def names() -> list[str]:
    return sorted(Message.objects.values_list("type", flat=True))


def post(jane: EndUser, **data: Any) -> None:
    """Post as a phone does, and wait until it is stored."""
    path = f"/api/v1/sdk/users/{jane.id}/sync"
    answer = factories.sdk_client(jane).post(path, data=sync(**data), content_type="application/json")
    assert answer.status_code == 202
    drain(jane.key)
    assert not Payload.objects.waiting().exists()


def rest(jane: EndUser, path: str) -> Any:
    """Return the data of a GET about Jane."""
    client = factories.key_client(jane.organization)
    return client.get(f"/api/v1/users/{jane.id}/{path}").json()["data"]


def test_a_sync_tells_each_object_as_rest_shows_it_with_the_user(jane: EndUser) -> None:
    post(jane, records=heart_rates(60), sleep=NIGHT, workouts=[workout(values=[])])
    user, dates = {"user_id": str(jane.id)}, "start_date=2026-04-14&end_date=2026-04-16"
    assert names() == ["health_score.created", "heart_rate.created", "sleep.created", "workout.created"]
    assert emitted("workout.created") == [user | one for one in rest(jane, f"events/workouts?{dates}")]
    nights = [user | one | {"split_from": None} for one in rest(jane, f"events/sleep?{dates}")]
    assert emitted("sleep.created") == nights
    assert emitted("health_score.created") == [user | one for one in rest(jane, "health-scores")]
    (heart,) = emitted("heart_rate.created")
    shown = rest(jane, "timeseries?start_time=2026-04-14T00:00:00Z&end_time=2026-04-16T00:00:00Z&limit=100")
    assert heart["samples"] == shown
    assert heart | user == heart


def test_what_comes_again_is_told_once(jane: EndUser) -> None:
    body = {"records": heart_rates(5), "sleep": NIGHT, "workouts": [workout()]}
    post(jane, **body)
    before = names()
    post(jane, **body)
    post(jane, **body, other=[])  # other bytes, so that it is read again
    assert names() == before


def test_only_what_changed_is_told_again(jane: EndUser) -> None:
    post(jane, records=heart_rates(5), sleep=NIGHT, workouts=[workout()])
    Message.objects.all().delete()
    later = stage("light", "2026-04-15T05:30:00Z", "2026-04-15T06:30:00Z")
    changed = [*heart_rates(4), record(id="hr-4", startDate="2026-04-15T00:04:00Z", endDate="2026-04-15T00:04:00Z")]
    post(jane, records=changed, sleep=[later], workouts=[workout(endDate="2026-04-15T06:40:00Z")])
    (heart,) = emitted("heart_rate.created")
    assert [one["value"] for one in heart["samples"]] == [72]
    assert [one["end_time"] for one in emitted("workout.updated")] == ["2026-04-15T06:40:00Z"]
    assert [one["end_time"] for one in emitted("sleep.updated")] == ["2026-04-15T06:30:00Z"]
    assert emitted("workout.created", "sleep.created") == []


def test_several_payloads_of_one_drain_make_one_batch(jane: EndUser) -> None:
    for first in (0, 5):
        body = sync(records=heart_rates(5, first=first))
        receive.receive(receive.IncomingPayload(jane.key, jane.organization_id, "apple", body, items=5))
    drain(jane.key)
    (heart,) = emitted("heart_rate.created")
    assert heart["sample_count"] == 10


def run(begin: str = "2026-04-15T06:00:00Z", **more: Any) -> WorkoutRecord:
    start = at(begin)
    return WorkoutRecord(WATCH, "running", start, start + 35 * MINUTE, zone=120, **{"external_id": "run-1", **more})


def test_what_is_rolled_back_was_never_told(jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    for kind in (WakeUp, TaskLine):
        monkeypatch.setattr(kind, "_request", lambda self, *_: calls.append(self.task))
    with TestCase.captureOnCommitCallbacks(execute=True) as callbacks, transaction.atomic():
        ingest(jane.key, [[run(), *every(MINUTE, "2026-04-15T12:00:00Z", 3, source=WATCH, series="spo2", value=97.0)]])
        assert names() == ["spo2.created", "workout.created"]
        transaction.set_rollback(True)
    assert (names(), callbacks, calls) == ([], [], [])
    assert not StoredWorkout.objects.exists()
    with TestCase.captureOnCommitCallbacks(execute=True):
        ingest(jane.key, [[run()]])
    assert sorted(calls) == ["accounts.webhooks.tasks.deliver", "healthdata.tasks.compute_figures"]


def test_a_message_that_cannot_be_written_takes_the_data_along(jane: EndUser, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(events, "emit_many", broken)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ingest(jane.key, [[run()]])
    assert not StoredWorkout.objects.exists()


def test_what_a_vendor_takes_back_in_the_same_call_is_not_told(jane: EndUser) -> None:
    ingest(jane.key, [[run(external_id="a")], [run("2026-04-15T09:00:00Z", external_id="b")]])
    Message.objects.all().delete()
    other = run("2026-04-15T12:00:00Z", external_id="c")
    ingest(jane.key, [[other], [run("2026-04-15T15:00:00Z", external_id="d")]], documents={"apple": {"c": set()}})
    assert StoredWorkout.objects.filter(user_key=jane.key).count() == 3
    assert [one["start_time"] for one in emitted("workout.created")] == ["2026-04-15T15:00:00Z"]


def test_without_samples_only_sessions_and_scores_are_told(jane: EndUser) -> None:
    samples = every(HOUR, "2026-04-15T12:00:00Z", 3, source=WATCH, series="heart_rate", value=61.0)
    score = Score(RING, day("2026-04-15"), "readiness", 81, 0, 100)
    (result,) = ingest(jane.key, [[run(), *samples, score]], samples=False)
    assert result.inserted == 5
    assert names() == ["health_score.created", "workout.created"]


@pytest.mark.parametrize("apply", [False, True])
def test_reading_payloads_again_tells_what_changed_and_nothing_in_a_dry_run(
    jane: EndUser, monkeypatch: pytest.MonkeyPatch, apply: bool
) -> None:
    post(jane, records=heart_rates(3), workouts=[workout()])
    Message.objects.all().delete()
    monkeypatch.setattr(
        "providers.payloads.process.body_of", lambda _: sync(records=heart_rates(5), workouts=[workout(type="cycling")])
    )
    with TestCase.captureOnCommitCallbacks() as callbacks:
        (outcome,) = renormalise.renormalise(renormalise.selection(), apply=apply)
    assert outcome.inserted >= 2
    if not apply:
        assert (names(), callbacks) == ([], [])
        return
    assert "heart_rate.created" in names()
    assert emitted("heart_rate.created")[0]["sample_count"] == 2
    assert len(callbacks) > 0


def test_another_tenants_endpoint_hears_nothing(jane: EndUser) -> None:
    charlie = factories.charlie()
    making.endpoint(charlie.organization, "http://127.0.0.1:9/charlie")
    post(jane, workouts=[workout()])
    assert names() == ["workout.created"]
    assert Message.objects.get().organization_id == jane.organization_id


def test_new_records_are_counted_for_the_organization_and_known_ones_are_not(jane: EndUser) -> None:
    body = {"records": heart_rates(5), "workouts": [workout()]}
    post(jane, **body)
    assert usage.used(jane.organization_id, usage.SAMPLES_STORED) == 6
    post(jane, **body, other=[])
    assert usage.used(jane.organization_id, usage.SAMPLES_STORED) == 6
