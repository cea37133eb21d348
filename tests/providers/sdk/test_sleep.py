"""data.sleep: stages, and the score some phones repeat on every one of them."""

from datetime import date

import pytest

from healthdata.records import Rejected, Score, StageRecord
from tests.providers.sync_bodies import normalise, stage, sync

EVENING, MIDNIGHT, MORNING = "2026-04-14T22:30:00Z", "2026-04-15T00:00:00Z", "2026-04-15T06:45:00Z"


@pytest.mark.parametrize(
    ("provider", "name", "canonical"),
    [
        ("apple", "in_bed", "in_bed"),
        ("apple", "inBed", "in_bed"),
        ("apple", "sleeping", "sleeping"),
        ("apple", "asleep_light", "light"),
        ("apple", "asleep_core", "light"),
        ("apple", "HKCategoryValueSleepAnalysisAsleepREM", "rem"),
        ("apple", 4, "deep"),
        ("apple", "2", "awake"),
        ("samsung", "AWAKE", "awake"),
        ("samsung", "rem", "rem"),
        ("google", "out_of_bed", "awake"),
        ("google", "LIGHT", "light"),
        ("google", "unknown", "unknown"),
    ],
)
def test_stages_are_read_in_every_platforms_words(provider: str, name: object, canonical: str) -> None:
    (found,) = normalise(sync(provider, sleep=[stage(name, EVENING, MIDNIGHT)]), provider)
    assert isinstance(found, StageRecord)
    assert found.stage == canonical


def test_only_google_stages_carry_their_id() -> None:
    ids = []
    for provider in ("apple", "samsung", "google"):
        (found,) = normalise(sync(provider, sleep=[stage("rem", EVENING, MIDNIGHT)]), provider)
        assert isinstance(found, StageRecord)
        ids.append(found.external_id)
    assert ids == [None, None, f"rem-{EVENING}"]


@pytest.mark.parametrize(
    ("fields", "blame"),
    [
        ({"stage": "dreaming"}, ("stage", "unknown_stage")),
        ({"stage": None}, ("stage", "missing_field")),
        ({"stage": {"a": 1}}, ("stage", "unknown_stage")),
        ({"startDate": "night"}, ("startDate", "bad_date")),
        ({"endDate": "2026-04-14T22:00:00Z"}, ("endDate", "end_before_start")),
    ],
)
def test_a_bad_stage_is_refused_and_the_next_one_taken(fields: dict[str, object], blame: tuple[str, str]) -> None:
    bad = {**stage("rem", EVENING, MIDNIGHT), **fields}
    found = normalise(sync(sleep=[bad, stage("deep", MIDNIGHT, MORNING)]))
    (refused,) = [item for item in found if isinstance(item, Rejected)]
    assert (refused.collection, refused.index, refused.field, refused.reason) == ("sleep", 0, *blame)
    assert [item.stage for item in found if isinstance(item, StageRecord)] == ["deep"]


def scored(start: str, end: str, score: float, night: str = "slp-1") -> dict[str, object]:
    figure = {"type": "sleepScore", "value": score, "unit": "score"}
    return stage("light", start, end, parentId=night, zoneOffset="+05:30", values=[figure])


def test_samsungs_score_comes_once_a_night_on_the_day_of_waking() -> None:
    body = sync("samsung", sleep=[scored(MIDNIGHT, MORNING, 82), scored("2026-04-14T17:00:00Z", MIDNIGHT, 82)])
    (score,) = [item for item in normalise(body, "samsung") if isinstance(item, Score)]
    assert (score.category, score.score, score.range_min, score.range_max) == ("sleep", 82.0, 0.0, 100.0)
    assert (score.day, score.external_id) == (date(2026, 4, 15), "slp-1")


@pytest.mark.parametrize(
    ("start", "end", "day"),
    [
        ("2026-04-14T15:30:00Z", "2026-04-14T17:00:00Z", 15),  # 21:00 to 22:30: the night goes on elsewhere
        ("2026-04-14T17:00:00Z", "2026-04-14T23:30:00Z", 15),  # 22:30 to 05:00
        ("2026-04-15T00:30:00Z", "2026-04-15T03:30:00Z", 15),  # 06:00 to 09:00
        ("2026-04-15T07:30:00Z", "2026-04-15T14:30:00Z", 15),  # 13:00 to 20:00: who works at night
    ],
)
def test_a_piece_of_a_night_knows_its_day(start: str, end: str, day: int) -> None:
    found = normalise(sync("samsung", sleep=[scored(start, end, 82)]), "samsung")
    assert [item.day for item in found if isinstance(item, Score)] == [date(2026, 4, day)]


def test_two_nights_have_two_scores_and_an_impossible_one_is_refused() -> None:
    body = sync(
        "samsung",
        sleep=[
            scored("2026-04-13T17:00:00Z", "2026-04-14T00:00:00Z", 70, "slp-0"),
            scored(MIDNIGHT, MORNING, 82),
            scored("2026-04-15T17:00:00Z", "2026-04-16T00:00:00Z", 182, "slp-2"),
        ],
    )
    found = normalise(body, "samsung")
    assert [item.score for item in found if isinstance(item, Score)] == [70.0, 82.0]
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["out_of_range"]


def test_the_scores_of_other_platforms_figures_are_ignored() -> None:
    body = sync("google", sleep=[scored(MIDNIGHT, MORNING, 82)])
    assert [type(item) for item in normalise(body, "google")] == [StageRecord]
