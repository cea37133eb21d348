"""Every change in REST emits an event: deletions, joined and split nights, scores, summaries, users."""

import json
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from accounts.audit import SYSTEM
from accounts.deletion import erasing
from accounts.models import Developer, EndUser
from accounts.webhooks import event_types, events
from accounts.webhooks.models import Message
from healthdata.figures import due
from healthdata.ingest import ingest
from healthdata.models import SummaryUpdate
from healthdata.records import Score, StageRecord, WorkoutRecord
from healthdata.webhooks import summary_updates
from tests import factories
from tests.healthdata.reading import HOUR, RING, WATCH, amount, at, day, stages
from tests.webhooks import making
from tests.webhooks.conftest import AdvancedClock

pytestmark = pytest.mark.django_db
EVENING = "2026-04-14T22:00:00Z"


@pytest.fixture
def jane(alice: Developer) -> EndUser:
    making.endpoint(alice.organization, "http://127.0.0.1:9/hook")
    return factories.end_user(alice.organization, time_zone="UTC")


def emitted(*types: str) -> list[dict[str, Any]]:
    """Return the data of the messages of these types, each as its published schema has it."""
    rows = [json.loads(events.body_of(row)) for row in Message.objects.order_by("key")]
    for one in rows:
        kind = event_types.find(one["type"])
        assert kind is not None
        jsonschema.validate(one["data"], kind.schema)
    return [one["data"] for one in rows if one["type"] in types]


def named(night: list[StageRecord], name: str) -> list[StageRecord]:
    """Return the rows as parts of a vendor's document."""
    return [
        StageRecord(source=one.source, start=one.start, end=one.end, stage=one.stage, external_id=name) for one in night
    ]


def test_a_workout_that_its_vendor_deletes_is_told(jane: EndUser) -> None:
    start = at("2026-04-15T06:00:00Z")
    ingest(jane.key, [[WorkoutRecord(WATCH, "running", start, start + HOUR, zone=0, external_id="run-1")]])
    (created,) = emitted("workout.created")
    ingest(jane.key, [], documents={"apple": {"run-1": set()}})
    (deleted,) = emitted("workout.deleted")
    assert deleted == {
        "user_id": str(jane.id), "id": created["id"], "date": "2026-04-15", "provider": "apple",
        "start_time": created["start_time"], "end_time": created["end_time"],
    }  # fmt: skip


def test_two_pieces_of_a_night_that_are_joined_tell_which_is_left(jane: EndUser) -> None:
    first = stages(EVENING, [("light", 120), ("deep", 60)])
    later = stages("2026-04-15T05:00:00Z", [("light", 150)])
    ingest(jane.key, [first])
    ingest(jane.key, [later])
    evening, morning = emitted("sleep.created")
    between = stages("2026-04-15T01:00:00Z", [("rem", 240)])
    ingest(jane.key, [between])
    (deleted,) = emitted("sleep.deleted")
    updated = emitted("sleep.updated")[-1]
    assert {updated["id"], deleted["id"]} == {evening["id"], morning["id"]}
    assert (updated["replaces"], deleted["replaced_by"]) == ([deleted["id"]], updated["id"])


def test_a_night_that_is_split_tells_what_the_new_piece_was_part_of(jane: EndUser) -> None:
    night = stages(EVENING, [("light", 180)])
    middle = named(stages("2026-04-15T01:00:00Z", [("rem", 240)], source=RING), "middle")
    rest = stages("2026-04-15T05:00:00Z", [("light", 120)], source=RING)
    night = [StageRecord(source=RING, start=one.start, end=one.end, stage=one.stage) for one in night]
    ingest(jane.key, [[*night, *middle, *rest]])
    (whole,) = emitted("sleep.created")
    ingest(jane.key, [], documents={"oura": {"middle": set()}})
    _, piece = emitted("sleep.created")
    (shorter,) = emitted("sleep.updated")
    assert (shorter["id"], piece["split_from"]) == (whole["id"], whole["id"])
    assert piece["id"] != whole["id"]


def test_a_night_that_its_vendor_deletes_takes_its_score_along(jane: EndUser) -> None:
    night = stages(EVENING, [("light", 120), ("deep", 90), ("rem", 60), ("awake", 10), ("light", 100)], source=RING)
    ingest(jane.key, [named(night, "night")])
    (session,), (score,) = emitted("sleep.created"), emitted("health_score.created")
    ingest(jane.key, [], documents={"oura": {"night": set()}})
    (deleted,), (scored,) = emitted("sleep.deleted"), emitted("health_score.deleted")
    assert (deleted["id"], deleted["replaced_by"]) == (session["id"], None)
    assert (scored["id"], scored["category"], scored["provider"]) == (score["id"], "sleep", "wearlink")


def test_a_score_that_is_computed_anew_is_told(jane: EndUser) -> None:
    night = [("light", 120), ("deep", 90), ("rem", 60), ("awake", 10), ("light", 100)]
    ingest(jane.key, [stages(EVENING, night)])
    ingest(jane.key, [stages("2026-04-15T04:20:00Z", [("awake", 40), ("light", 60)])])
    (created,), updated = emitted("health_score.created"), emitted("health_score.updated")
    assert [one["id"] for one in updated] == [created["id"]]
    assert updated[0]["score"] != created["score"]
    ingest(jane.key, [[Score(RING, day("2026-04-15"), "readiness", 81, 0, 100)]])
    ingest(jane.key, [[Score(RING, day("2026-04-15"), "readiness", 83, 0, 100)]])
    assert emitted("health_score.updated")[-1]["score"] == 83


def test_what_is_created_and_deleted_in_one_call_is_not_told_at_all(jane: EndUser) -> None:
    start = at("2026-04-15T06:00:00Z")
    run = WorkoutRecord(WATCH, "running", start, start + HOUR, zone=0, external_id="run-1")
    ingest(jane.key, [[run]], documents={"apple": {"run-1": set()}})
    assert emitted("workout.created", "workout.deleted") == []


def test_changed_figures_of_days_are_told_once_in_five_minutes(jane: EndUser, time_machine: AdvancedClock) -> None:
    def walk(minute: int) -> None:
        ingest(jane.key, [[amount("steps", f"2026-04-15T06:{minute:02}:00Z", 80)]])
        due.work_off(jane.key)

    for minute in range(3):
        walk(minute)
    assert summary_updates.emit_due() == 0
    time_machine.forward(seconds=11)
    assert summary_updates.emit_due() == 1
    (first,) = emitted("daily_summary.updated")
    assert [(one["date"], "steps" in one["metrics"]) for one in first["days"]] == [("2026-04-15", True)]
    walk(10)
    time_machine.forward(seconds=60)
    assert summary_updates.emit_due() == 0
    time_machine.forward(minutes=4)
    assert summary_updates.emit_due() == 1
    second = emitted("daily_summary.updated")[-1]
    assert second["days"][0]["revision"] > first["days"][0]["revision"]
    time_machine.forward(minutes=10)
    assert summary_updates.emit_due() == 0


def test_a_long_history_tells_its_newest_days_and_that_there_are_more(
    jane: EndUser, time_machine: AdvancedClock
) -> None:
    first = day("2026-01-01")
    changes = {first + timedelta(days=number): summary_updates.DayChange(1, {"steps"}) for number in range(150)}
    summary_updates.note(jane.key, changes)
    time_machine.forward(minutes=1)
    summary_updates.emit_due()
    (event,) = emitted("daily_summary.updated")
    assert (len(event["days"]), event["days"][-1]["date"], event["days_omitted"]) == (100, "2026-05-30", True)


def test_without_a_subscriber_no_changed_day_is_kept(alice: Developer) -> None:
    bob = factories.end_user(alice.organization, time_zone="UTC")
    ingest(bob.key, [[amount("steps", "2026-04-15T06:00:00Z", 80)]])
    due.work_off(bob.key)
    assert not SummaryUpdate.objects.exists()


def test_an_erased_user_is_told_and_nothing_else_of_them_is_left(jane: EndUser) -> None:
    ingest(jane.key, [[amount("steps", "2026-04-15T06:00:00Z", 80)], stages(EVENING, [("light", 120)])])
    due.work_off(jane.key)
    assert Message.objects.filter(user_id=jane.id).exists()
    identity = str(jane.id)
    erasing.erase(jane, SYSTEM)
    (deleted,) = emitted("user.deleted")
    assert deleted["user_id"] == identity
    assert Message.objects.count() == 1
    assert not SummaryUpdate.objects.exists()


def test_pieces_of_a_batch_say_that_they_belong_together(jane: EndUser) -> None:
    ingest(jane.key, [[amount("steps", f"2026-04-15T06:{minute:02}:00Z", 80) for minute in range(3)]])
    (steps,) = emitted("steps.created")
    assert (steps["part"], steps["parts"], len(steps["batch_id"])) == (1, 1, 36)
    assert steps["samples"][0]["timestamp"] == "2026-04-15T06:00:00Z"
