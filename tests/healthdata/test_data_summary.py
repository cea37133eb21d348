"""GET /users/{id}/summaries/data, and erasing what it counts."""

import pytest
from django.apps import apps

from accounts.audit import Actor
from accounts.deletion.erasing import erase
from healthdata import erasure
from healthdata.records import DailyRecord, Sample, Score, WorkoutRecord
from tests.healthdata.reading import HOUR, MINUTE, RING, WATCH, EndUserCase, at, day, end_user, every, put, stages

pytestmark = pytest.mark.django_db

EMPTY = {"samples": 0, "workouts": 0, "sleep_sessions": 0, "health_scores": 0}


def fill(case: EndUserCase) -> None:
    put(
        case,
        *every(HOUR, "2026-04-15T00:00:00Z", 24, source=WATCH, series="heart_rate", value=60.0),
        *every(HOUR, "2026-04-15T00:00:00Z", 3, source=RING, series="heart_rate", value=60.0),
        Sample(source=WATCH, series="steps", start=at("2026-04-15T10:00:00Z"), value=9.0, external_id="s-1"),
        DailyRecord(source=RING, series="resting_heart_rate", day=day("2026-04-15"), value=52.0),
        *stages("2026-04-14T22:00:00Z", [("light", 300), ("deep", 60)]),
        WorkoutRecord(
            source=WATCH, type="yoga", start=at("2026-04-15T06:00:00Z"), end=at("2026-04-15T06:00:00Z") + 30 * MINUTE
        ),
        Score(source=RING, day=day("2026-04-15"), category="sleep", score=83.0, range_min=0.0, range_max=100.0),
    )


def rows_of(user_key: int) -> dict[str, int]:
    """Return rows of each table of the app that belong to a user."""
    models = apps.get_app_config("healthdata").get_models()
    counted = {model.__name__: model._default_manager.filter(user_key=user_key).count() for model in models}
    return {name: count for name, count in counted.items() if count}


def test_everything_is_counted_by_kind_and_provider(jane):
    fill(jane)
    summary = jane.get("summaries/data")
    assert summary["user_id"] == str(jane.end_user.id)
    assert summary["totals"] == {"samples": 29, "workouts": 1, "sleep_sessions": 1, "health_scores": 2}
    assert [(row["series_type"], row["provider"], row["count"]) for row in summary["series"]] == [
        ("heart_rate", "apple", 24),
        ("heart_rate", "oura", 3),
        ("resting_heart_rate", "oura", 1),
        ("steps", "apple", 1),
    ]
    assert summary["workouts"] == [
        {"provider": "apple", "count": 1, "first_date": "2026-04-15", "last_date": "2026-04-15"}
    ]
    assert [row["provider"] for row in summary["health_scores"]] == ["oura", "wearlink"]


def test_the_samples_lie_between_the_instants_told(jane):
    fill(jane)
    [hearts] = [row for row in jane.get("summaries/data")["series"] if row["count"] == 24]
    assert hearts["first_at"] <= "2026-04-15T00:00:00Z"
    assert hearts["last_at"] >= "2026-04-15T23:00:00Z"


def test_a_user_without_data_has_zeros(jane):
    summary = jane.get("summaries/data")
    assert summary["totals"] == EMPTY
    assert [summary[name] for name in ("series", "workouts", "sleep_sessions", "health_scores")] == [[], [], [], []]


def test_it_takes_three_queries(jane, django_assert_num_queries):
    fill(jane)
    first = jane.get("summaries/data")
    with django_assert_num_queries(3):
        again = jane.get("summaries/data")
    assert again == first
    assert again["series"]


def test_erasing_a_person_leaves_no_row_and_nobody_elses_goes(jane, organization):
    other = end_user(organization)
    fill(jane)
    fill(other)
    before = rows_of(other.end_user.key)
    assert {"SampleChunk", "DailyValue", "Stream", "Source", "Origin", "SleepStage"} <= set(before)
    assert rows_of(jane.end_user.key) == before
    removed = erase(jane.end_user, Actor("developer", "alice"))
    assert {name: n for name, n in removed.rows.items() if n and name.startswith("healthdata.")} == {
        f"healthdata.{name}": n for name, n in before.items()
    }
    assert rows_of(jane.end_user.key) == {}
    assert rows_of(other.end_user.key) == before


def test_a_persons_summary_counts_the_same(jane):
    fill(jane)
    assert erasure.summary(jane.end_user.key) == {
        "samples": {"apple.heart_rate": 24, "oura.heart_rate": 3, "oura.resting_heart_rate": 1, "apple.steps": 1},
        "workouts": {"apple": 1},
        "sleep_sessions": {"apple": 1},
        "health_scores": {"oura": 1, "wearlink": 1},
    }
