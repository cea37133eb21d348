"""Our own scores of days over HTTP: computed by the worker, kept in step with what they rest on."""

from datetime import UTC, date, datetime, timedelta

import pytest

from healthdata.figures import scores
from healthdata.figures.scores import seasons
from healthdata.models import DueDay, Stream
from healthdata.records import DailyRecord, Sample
from healthdata.store import retract_range, store
from healthdata.tasks import compute_figures
from tests import moments
from tests.healthdata.reading import HOUR, MINUTE, RING, WATCH, at, day, end_user, put, stages

pytestmark = pytest.mark.django_db

NIGHT = [("light", 60), ("deep", 90), ("awake", 10), ("rem", 80), ("light", 120), ("rem", 60)]  # 410 min asleep
FIRST = date(2026, 4, 1)
RATES = (53, 57)
HRVS = (45.0, 55.0)


@pytest.fixture(autouse=True)
def in_april():
    """Scores go up to today."""
    with moments.at(datetime(2026, 4, 15, 21, tzinfo=UTC)):
        yield


def lived(number: int, *, rate: float | None = None, hrv: float | None = None, run: int = 0) -> list:
    """Return a day: a night with HRV by the half hour, a resting heart rate, and a heart rate every five minutes.

    `run`: minutes at 150 from 18:00 on.
    """
    on = FIRST + timedelta(days=number)
    midnight = at(f"{on}T00:00:00Z")
    value = HRVS[number % 2] if hrv is None else hrv
    rows: list = stages(f"{on - timedelta(days=1)}T23:00:00Z", NIGHT)
    rows += [Sample(WATCH, "heart_rate_variability_rmssd", midnight + half * HOUR // 2, value) for half in range(10)]
    resting = float(RATES[number % 2] if rate is None else rate)
    rows.append(DailyRecord(WATCH, "resting_heart_rate", on, resting))
    for five in range(288):
        moment = midnight + five * 5 * MINUTE
        running = 0 <= moment - midnight - 18 * HOUR < run * MINUTE
        rows.append(Sample(WATCH, "heart_rate", moment, 150.0 if running else 60.0))
    return rows


def settle(case):
    compute_figures(case.end_user.key)


def own(case, category, on="2026-04-15"):
    """Our score of a day."""
    found = case.get("health-scores", provider="wearlink", category=category, start_date=on, end_date=on)["data"]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.fixture
def fortnight(jane):
    """Fourteen usual days, and the fifteenth of April."""
    for number in range(15):
        put(jane, *lived(number))
    settle(jane)
    return jane


def test_a_usual_day_has_all_four_with_their_account(fortnight):
    recovery = own(fortnight, "recovery")
    assert set(recovery["components"]) == {"hrv", "resting_heart_rate", "sleep"}
    assert recovery["components"]["sleep"] == own(fortnight, "sleep")["score"]
    assert (recovery["missing"], recovery["confidence"], recovery["reason"]) == ([], 1, None)
    assert (recovery["algorithm"], recovery["version"]) == ("wearlink-recovery", "1.0")
    assert recovery["citations"]
    assert recovery["inputs"]["earlier_hrv_days"] == 14
    strain, readiness = own(fortnight, "strain"), own(fortnight, "readiness")
    assert (strain["score"], strain["components"]["vigorous"]) == (0, 0)
    assert readiness["components"] == {"recovery": recovery["score"], "load_balance": 70, "rest": 100}
    assert own(fortnight, "stress") is None  # a vendor's, or none


def test_the_figures_are_those_of_a_calculation_by_hand(jane):
    for number in range(14):
        put(jane, *lived(number))
    # 14 days of 53 and 57: mean 55, squares 14 * 4 = 56, over 13 = 4.31, root 2.075
    put(jane, *lived(14, rate=58.0, hrv=60.0, run=60))
    settle(jane)
    recovery = own(jane, "recovery")
    assert recovery["components"]["resting_heart_rate"] == 14  # 50 - 25 * 3 / 2.075 = 13.9
    # ln 45 and ln 55: mean 3.9070, half of their distance 0.1003, times root (14 / 13) = 0.1041; ln 60 = 4.0943
    assert recovery["components"]["hrv"] == 95  # 50 + 25 * 1.799
    strain = own(jane, "strain")
    assert strain["inputs"]["vigorous_minutes"] == 60
    # reserve (150 - 58) / (180 - 58) = 0.7541; weight (2.723 + 3.030) / 2 = 2.876; load 130.1; score 58
    assert strain["score"] == 58
    assert strain["inputs"]["load"] == pytest.approx(130.1, abs=0.1)


def test_a_day_without_its_inputs_is_null_with_the_reason(jane):
    put(jane, *lived(14))
    settle(jane)
    recovery, readiness = own(jane, "recovery"), own(jane, "readiness")
    assert (recovery["score"], recovery["components"]) == (None, {})
    assert recovery["reason"].startswith("Fewer than 7")
    assert (readiness["score"], readiness["missing"]) == (None, ["recovery", "load_balance", "rest"])
    put(jane, Sample(WATCH, "heart_rate", at("2026-04-03T08:00:00Z"), 70.0))
    settle(jane)
    assert own(jane, "strain", "2026-04-03")["reason"].startswith("Heart rate is known of fewer than 600")
    assert own(jane, "recovery", "2026-04-03") is None  # nothing at all is known of it


def test_steps_alone_make_no_score_and_no_null(jane):
    put(jane, Sample(WATCH, "steps", at("2026-04-14T08:00:00Z"), 100.0, MINUTE))
    settle(jane)
    assert jane.get("health-scores")["data"] == []


def test_a_late_correction_moves_the_days_that_look_back_at_it(fortnight):
    before = own(fortnight, "recovery")
    put(fortnight, DailyRecord(WATCH, "resting_heart_rate", FIRST, 75.0))
    settle(fortnight)
    after = own(fortnight, "recovery")
    assert after["id"] == before["id"]
    assert after["inputs"]["usual_resting_heart_rate_bpm"] > before["inputs"]["usual_resting_heart_rate_bpm"]


def test_the_vendors_score_stays_beside_ours(fortnight):
    from_ring = DailyRecord(RING, "resting_heart_rate", day("2026-04-15"), 40.0)
    put(fortnight, from_ring)
    settle(fortnight)
    assert own(fortnight, "recovery") is not None


def test_what_another_provider_measures_is_no_baseline(jane):
    for number in range(14):
        put(jane, *lived(number))
    put(jane, *stages("2026-04-14T23:00:00Z", NIGHT, source=RING))
    put(jane, Sample(RING, "heart_rate_variability_rmssd", at("2026-04-15T02:00:00Z"), 90.0))
    settle(jane)
    recovery = own(jane, "recovery")
    assert (recovery["score"], recovery["inputs"]["earlier_hrv_days"]) == (None, 0)


def test_the_order_in_which_days_come_changes_nothing(organization, fortnight):
    sam = end_user(organization)
    for number in reversed(range(15)):
        put(sam, *reversed(lived(number)))
        if number % 5 == 0:
            settle(sam)
    for number in (3, 3, 9):
        put(sam, *lived(number))
    settle(sam)
    mine, theirs = (
        [{**row, "id": None} for row in case.get("health-scores", limit=200)["data"]] for case in (fortnight, sam)
    )
    key = lambda row: (row["date"], row["category"])  # noqa: E731
    assert sorted(mine, key=key) == sorted(theirs, key=key)
    assert len(mine) == 60


def test_data_that_are_gone_take_their_scores_with_them(fortnight):
    key = fortnight.end_user.key
    for stream in Stream.objects.filter(user_key=key, series="heart_rate"):
        retract_range(key, stream.pk, at("2026-04-15T00:00:00Z"), at("2026-04-16T00:00:00Z"))
    settle(fortnight)
    assert own(fortnight, "strain") is None
    assert own(fortnight, "strain", "2026-04-14") is not None


def test_a_day_of_work_takes_no_more_queries_with_a_longer_history(fortnight, django_assert_max_num_queries):
    put(fortnight, *lived(14, rate=54.0))
    with django_assert_max_num_queries(56):
        settle(fortnight)
    assert not DueDay.objects.filter(user_key=fortnight.end_user.key).exists()


def test_nothing_is_written_where_nothing_changed(fortnight, django_assert_max_num_queries):
    key = fortnight.end_user.key
    before = fortnight.get("health-scores", limit=200)["data"]
    (result,) = store(key, [lived(14)])
    assert (result.inserted, result.updated) == (0, 0)
    assert scores.work_off(key) is False
    assert fortnight.get("health-scores", limit=200)["data"] == before


def test_days_and_those_that_look_back_at_them_are_taken_by_the_season():
    first, last = date(2025, 1, 1), date(2026, 4, 15)
    assert list(seasons([last], last)) == [(last, last)]
    found = list(seasons([first, date(2026, 4, 1)], last))
    assert found == [
        (first, date(2025, 4, 30)),
        (date(2025, 5, 1), date(2025, 6, 30)),
        (date(2026, 4, 1), last),
    ]
    assert sum((b - a).days + 1 for a, b in seasons([first + timedelta(days=n) for n in range(470)], last)) == 470
