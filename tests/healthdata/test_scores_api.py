"""GET /users/{id}/health-scores."""

from datetime import timedelta

import pytest

from healthdata.records import Score, SourceInfo
from tests.healthdata.reading import RING, day, put, stages

pytestmark = pytest.mark.django_db

STRAP = SourceInfo(provider="strava", name="WHOOP 4.0", device_type="fitness_band")
NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]


def scored(
    on: str, category: str = "sleep", score: float = 80.0, source: SourceInfo = RING, top: float = 100.0
) -> Score:
    return Score(source=source, day=day(on), category=category, score=score, range_min=0.0, range_max=top)


def test_a_vendors_score_keeps_its_own_range(jane):
    put(jane, scored("2026-04-15", "recovery", 14.7, STRAP, 21.0))
    [row] = jane.get("health-scores")["data"]
    assert (row["score"], row["range_min"], row["range_max"], row["provider"]) == (14.7, 0, 21, "strava")
    assert (row["algorithm"], row["version"], row["confidence"], row["missing"]) == (None, None, None, [])


def test_our_own_score_says_how_it_came_about(jane):
    put(jane, *stages("2026-04-14T22:00:00Z", NIGHT))
    [row] = jane.get("health-scores", provider="wearlink")["data"]
    assert (row["date"], row["category"], row["range_min"], row["range_max"]) == ("2026-04-15", "sleep", 0, 100)
    assert row["algorithm"]
    assert row["version"]
    assert 0 < row["confidence"] <= 1
    assert row["components"]
    assert isinstance(row["missing"], list)


def test_scores_come_newest_first(jane):
    put(jane, *(scored(f"2026-04-{number}") for number in (15, 17, 16)))
    assert [row["date"][-2:] for row in jane.get("health-scores")["data"]] == ["17", "16", "15"]


def test_either_end_of_the_range_may_be_left_open(jane):
    put(jane, *(scored(f"2026-04-{number}") for number in (14, 15, 16)))
    assert len(jane.get("health-scores", start_date="2026-04-15")["data"]) == 2
    assert len(jane.get("health-scores", end_date="2026-04-14")["data"]) == 1
    assert len(jane.get("health-scores", start_date="2026-04-15", end_date="2026-04-15")["data"]) == 1


def test_category_and_provider_filter(jane):
    put(jane, scored("2026-04-15"), scored("2026-04-15", "readiness"), scored("2026-04-15", "recovery", source=STRAP))
    assert [row["category"] for row in jane.get("health-scores", category="readiness")["data"]] == ["readiness"]
    assert [row["category"] for row in jane.get("health-scores", provider="strava")["data"]] == ["recovery"]


def test_pages_by_offset_give_every_score_once(jane):
    put(jane, *(scored((day("2026-01-01") + timedelta(days=number)).isoformat()) for number in range(25)))
    seen, offset = [], 0
    while True:
        answer = jane.get("health-scores", limit=10, offset=offset)
        seen += [row["id"] for row in answer["data"]]
        assert answer["pagination"]["total_count"] == 25
        if not answer["pagination"]["has_more"]:
            break
        offset += 10
    assert (len(seen), len(set(seen))) == (25, 25)


def test_a_page_beyond_the_end_is_empty_and_still_counts(jane):
    put(jane, scored("2026-04-15"))
    assert jane.get("health-scores", offset=10) == {"data": [], "pagination": {"total_count": 1, "has_more": False}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", 0), ("limit", 1001), ("offset", -1), ("offset", "x"), ("category", "mood"), ("start_date", "soon"),
        ("provider", "Oura Ring"), ("cursor", "eyJ"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(jane, name, value):
    assert name in jane.refused("health-scores", **{name: value})


def test_the_end_may_not_be_before_the_start(jane):
    assert "end_date" in jane.refused("health-scores", start_date="2026-04-15", end_date="2026-04-14")


def test_charlie_does_not_see_the_user(seen_by_charlie):
    assert seen_by_charlie.ask("health-scores").status_code == 404


def test_a_page_takes_two_queries_and_three_behind_the_last_one(jane, django_assert_num_queries):
    put(jane, *(scored((day("2026-01-01") + timedelta(days=number)).isoformat()) for number in range(25)))
    jane.get("health-scores")
    with django_assert_num_queries(2):
        whole = jane.get("health-scores")
    with django_assert_num_queries(2):
        page = jane.get("health-scores", limit=10)
    with django_assert_num_queries(3):
        beyond = jane.get("health-scores", limit=10, offset=30)
    assert [len(one["data"]) for one in (whole, page, beyond)] == [25, 10, 0]
    assert [one["pagination"]["total_count"] for one in (whole, page, beyond)] == [25, 25, 25]
