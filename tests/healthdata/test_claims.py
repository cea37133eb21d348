"""Documents that write the same rows: what one of them takes along when it is edited or deleted."""

from datetime import date
from typing import Any

import pytest

from healthdata import queries
from healthdata.models import DailyValue, HealthScore, Origin, SleepSession, SleepStage
from healthdata.queries import events
from healthdata.records import DailyRecord, Record, Sample, Score, SourceInfo, StageRecord
from healthdata.store import retract, store
from tests.healthdata.reading import HOUR, MINUTE, at

pytestmark = pytest.mark.django_db

USER = 7
RING = SourceInfo("oura", name="Oura Ring", device_type="ring")
PIXEL = SourceInfo("google", model="Pixel 9", device_type="phone")
STRAVA = SourceInfo("strava", name="Strava", app="Strava")
NIGHT = "2026-04-14T22:00:00Z"
DAY = date(2026, 4, 15)


def night(document: str) -> list[Record]:
    stages = (("light", 0, 240), ("deep", 240, 340), ("rem", 340, 450))
    return [
        StageRecord(RING, at(NIGHT) + a * MINUTE, at(NIGHT) + b * MINUTE, stage, 120, False, f"{document}#{a}")
        for stage, a, b in stages
    ]


def steps(document: str, value: float, **more: Any) -> DailyRecord:
    return DailyRecord(RING, "steps", DAY, value, None, f"{document}#steps", **more)


def ids(document: str) -> list[str]:
    found = Origin.objects.filter(external_id__startswith=document).values_list("external_id", flat=True)
    return sorted({*found})


def daily() -> list[float]:
    return list(DailyValue.objects.filter(user_key=USER).values_list("value", flat=True))


def samples(series: str) -> list[tuple[int, float]]:
    page = queries.page(USER, series=[series], start=0, end=at("2100-01-01T00:00:00Z"), after=None, limit=1000)
    return [((row.timestamp - at(NIGHT)) // MINUTE, row.value) for row in page.rows]


def pulse(document: str, minutes: range, value: float) -> list[Record]:
    return [Sample(STRAVA, "heart_rate", at(NIGHT) + m * MINUTE, value, external_id=document) for m in minutes]


def test_a_night_sent_again_under_another_id_outlives_the_first() -> None:
    store(USER, [night("old"), night("new")])
    retract(USER, "oura", ids("old"))
    assert SleepSession.objects.count() == 1
    assert SleepStage.objects.count() == 3
    retract(USER, "oura", ids("new"))
    assert not SleepSession.objects.exists()
    assert not SleepStage.objects.exists()


def test_a_figure_of_a_day_outlives_the_document_it_replaced_and_comes_back_when_its_own_goes() -> None:
    store(USER, [[steps("old", 1111)], [steps("new", 2222)]])
    retract(USER, "oura", ["old#steps"])
    assert daily() == [2222]
    store(USER, [[steps("newest", 3333)]])
    retract(USER, "oura", ["newest#steps"])
    assert daily() == [2222]
    retract(USER, "oura", ["new#steps"])
    assert daily() == []


@pytest.mark.parametrize("first", [True, False])
def test_the_highest_rank_stands_in_whatever_order_documents_come(first: bool) -> None:
    figures = [[steps("night", 51, rank=27_000)], [steps("nap", 40, rank=11_880)]]
    for batch in figures if first else reversed(figures):
        store(USER, [batch])
    assert daily() == [51]
    retract(USER, "oura", ["night#steps"])
    assert daily() == [40]


def test_a_document_sent_again_as_it_was_does_not_become_the_newest() -> None:
    store(USER, [[steps("old", 1111)], [steps("new", 2222)]])
    store(USER, [[steps("old", 1111)]])
    assert daily() == [2222]


def test_a_document_that_moves_to_another_day_leaves_its_old_one() -> None:
    store(USER, [[steps("a", 1000)], [steps("b", 900)]])
    moved = DailyRecord(RING, "steps", date(2026, 4, 16), 900, None, "b#steps")
    store(USER, [[moved]])
    assert dict(DailyValue.objects.values_list("day", "value")) == {DAY: 1000, date(2026, 4, 16): 900}


def test_a_figure_written_since_by_somebody_without_a_document_stays() -> None:
    store(USER, [[steps("a", 1000)], [DailyRecord(RING, "steps", DAY, 1500)]])
    retract(USER, "oura", ["a#steps"])
    assert daily() == [1500]


def test_two_activities_of_one_hour_keep_what_the_other_also_measured() -> None:
    store(USER, [pulse("1", range(60), 120.0), pulse("2", range(30, 90), 140.0)])
    retract(USER, "strava", ["1"])
    assert samples("heart_rate") == [(minute, 140.0) for minute in range(30, 90)]
    store(USER, [pulse("1", range(60), 120.0)])
    retract(USER, "strava", ["1"])
    assert samples("heart_rate") == [(minute, 140.0) for minute in range(30, 90)]


def test_readings_between_those_of_a_document_are_not_its_own() -> None:
    store(USER, [pulse("1", range(0, 60, 2), 120.0)])
    store(USER, [[Sample(STRAVA, "heart_rate", at(NIGHT) + 31 * MINUTE, 99.0)]])
    retract(USER, "strava", ["1"])
    assert samples("heart_rate") == [(31, 99.0)]


def test_a_shorter_version_of_an_activity_leaves_the_other_activity_alone() -> None:
    store(USER, [pulse("1", range(60), 120.0), pulse("2", range(30, 60), 140.0)])
    store(USER, [pulse("1", range(10), 120.0)])
    assert samples("heart_rate") == [(m, 120.0) for m in range(10)] + [(m, 140.0) for m in range(30, 60)]


def amount(external_id: str, minute: int, value: float, series: str = "steps") -> Sample:
    return Sample(PIXEL, series, at(NIGHT) + minute * MINUTE, value, 15 * MINUTE, external_id=external_id)


def test_an_edit_that_moves_leaves_what_another_record_wrote_in_its_place() -> None:
    store(USER, [[amount("a", 0, 100.0)], [amount("b", 0, 100.0)]])
    store(USER, [[amount("a", 60, 100.0)]])
    assert samples("steps") == [(0, 100.0), (60, 100.0)]
    retract(USER, "google", ["b"])
    assert samples("steps") == [(60, 100.0)]


def test_a_deleted_record_gives_its_place_back_to_the_one_it_hid() -> None:
    store(USER, [[amount("a", 0, 100.0)], [amount("b", 0, 70.0)]])
    retract(USER, "google", ["b"])
    assert samples("steps") == [(0, 100.0)]


def test_one_of_two_equal_foods_goes_and_the_other_stays() -> None:
    store(USER, [[amount("a", 0, 10.0, "dietary_protein"), amount("b", 0, 10.0, "dietary_protein")]])
    retract(USER, "google", ["a"])
    assert samples("dietary_protein") == [(0, 10.0)]


def test_a_stage_that_moves_leaves_the_same_stage_of_another_document() -> None:
    def row(document: str, end: int) -> list[Record]:
        return [StageRecord(PIXEL, at(NIGHT), at(NIGHT) + end * HOUR, "sleeping", external_id=document)]

    store(USER, [row("a", 8), row("b", 8)])
    store(USER, [row("a", 7)])
    assert SleepStage.objects.count() == 2
    retract(USER, "google", ["a"])
    assert list(SleepStage.objects.values_list("end_ms", flat=True)) == [at(NIGHT) + 8 * HOUR]


def score(document: str, value: float, rank: int = 0) -> list[Record]:
    return [Score(RING, DAY, "activity", value, 0, 100, external_id=document, rank=rank)]


def shown() -> list[float]:
    found, total = events.scores(USER, category="activity", limit=10)
    assert total == len(found)
    return [row.score for row in found]


def test_of_two_scores_of_a_day_one_is_shown_and_the_other_comes_back() -> None:
    (_, second) = store(USER, [score("old", 70), score("new", 82)])
    assert shown() == [82]
    assert second.changes.scores_created == [HealthScore.objects.get(external_id="new").pk]
    retract(USER, "oura", ["new"])
    assert shown() == [70]


@pytest.mark.parametrize("first", [True, False])
def test_the_score_of_the_main_sleep_stands_in_whatever_order_they_come(first: bool) -> None:
    batches = [score("night", 80, 27_000), score("nap", 55, 3_600)]
    for batch in batches if first else reversed(batches):
        store(USER, [batch])
    assert shown() == [80]
