"""Rows that store() leaves in the tables, seen through queries."""

from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import UserZone
from healthdata import queries
from healthdata.models import HealthScore, Origin, SampleChunk, SleepSession, Source, Stream, Workout
from healthdata.records import DailyRecord, Record, Sample, Score, SourceInfo, StageRecord, WorkoutRecord
from healthdata.store import retract, retract_range, store
from tests.healthdata.reading import HOUR, MINUTE, PHONE, WATCH, at, every

pytestmark = pytest.mark.django_db

USER = 7
PIXEL = SourceInfo(provider="google", model="Pixel 9", device_type="phone")
NIGHT = "2026-04-14T22:00:00Z"


def values(series: str, user: int = USER) -> list[tuple[int, float]]:
    page = queries.page(user, series=[series], start=0, end=at("2100-01-01T00:00:00Z"), after=None, limit=1000)
    return [(row.timestamp, row.value) for row in page.rows]


def counts(result: Any) -> tuple[int, int, int]:
    return result.inserted, result.updated, result.unchanged


def steps(start: str, value: float, **more: Any) -> Sample:
    return Sample(source=PIXEL, series="steps", start=at(start), value=value, duration=15 * MINUTE, **more)


def night(*stages: tuple[int, int, str], source: SourceInfo = WATCH, first: str = NIGHT) -> list[StageRecord]:
    """Stage rows given in minutes after `first`."""
    base = at(first)
    return [StageRecord(source, base + a * MINUTE, base + b * MINUTE, stage, zone=120) for a, b, stage in stages]


def test_every_batch_is_counted_for_itself() -> None:
    batch = every(MINUTE, NIGHT, 10, source=WATCH, series="heart_rate", value=60.0)
    first, again, half = store(
        USER, [batch, batch, every(MINUTE, NIGHT, 20, source=WATCH, series="heart_rate", value=60.0)]
    )
    assert [counts(first), counts(again), counts(half)] == [(10, 0, 0), (0, 0, 10), (10, 0, 10)]


def test_what_changed_is_told_and_nothing_else() -> None:
    batch = every(MINUTE, NIGHT, 3, source=WATCH, series="heart_rate", value=60.0)
    store(USER, [batch])
    corrected = [*batch[:2], Sample(WATCH, "heart_rate", batch[2].start, 64.0)]
    (result,) = store(USER, [corrected])
    (change,) = result.changes.samples
    assert counts(result) == (0, 1, 2)
    assert [change.start + offset for offset in change.columns.offsets] == [batch[2].start]


def test_phone_and_watch_are_two_sources_and_one_watch_under_two_apps_is_one() -> None:
    by_app = [SourceInfo("apple", model="Watch6,3", name="Apple Watch", app=app) for app in ("health", "gym")]
    store(USER, [[Sample(source, "steps", at(NIGHT), 1.0, MINUTE) for source in (*by_app, PHONE)]])
    assert Source.objects.filter(user_key=USER).count() == 2
    assert Source.objects.get(model="Watch6,3").apps == ["health", "gym"]


def test_a_device_without_a_model_is_known_by_its_name_however_it_is_spelt() -> None:
    names = ("Jane’s Apple\u00a0Watch", "jane’s  Apple Watch")
    store(USER, [[Sample(SourceInfo("apple", name=name), "heart_rate", at(NIGHT), 60.0) for name in names]])
    assert Source.objects.filter(user_key=USER).count() == 1


def test_dense_streams_get_hours_and_sparse_ones_days() -> None:
    store(USER, [every(5_000, NIGHT, 2000, source=WATCH, series="heart_rate", value=60.0)])
    store(USER, [every(HOUR, NIGHT, 48, source=WATCH, series="spo2", value=97.0)])
    spans = dict(Stream.objects.values_list("series", "span"))
    assert spans == {"heart_rate": 1, "spo2": 24}
    assert len(values("spo2")) == 48


def test_a_stream_that_turns_dense_is_laid_out_anew_and_loses_nothing() -> None:
    store(USER, [every(HOUR, "2026-04-01T00:00:00Z", 24 * 30, source=WATCH, series="heart_rate", value=60.0)])
    store(USER, [every(5_000, NIGHT, 3000, source=WATCH, series="heart_rate", value=70.0)])
    stream = Stream.objects.get(series="heart_rate")
    assert stream.span == 1
    total = queries.count(USER)[0].n
    assert total == 24 * 30 + 3000 - 5  # five of the hourly readings lie at instants of the dense ones
    assert SampleChunk.objects.filter(n=0).count() == 0


def test_chunk_heads_describe_their_samples() -> None:
    store(USER, [[Sample(WATCH, "heart_rate", at(NIGHT) + k, v) for k, v in ((0, 61.0), (5, 75.0), (9, 58.0))]])
    chunk = SampleChunk.objects.get()
    assert (chunk.n, chunk.lo, chunk.hi, chunk.total, chunk.final) == (3, 58.0, 75.0, 194.0, 58.0)


def test_an_edit_by_id_moves_the_sample() -> None:
    store(USER, [[steps("2026-04-15T10:00:00Z", 100.0, external_id="st-1")]])
    (result,) = store(USER, [[steps("2026-04-17T11:30:00Z", 90.0, external_id="st-1")]])
    assert counts(result) == (0, 1, 0)
    assert values("steps") == [(at("2026-04-17T11:30:00Z"), 90.0)]


def test_an_edit_within_one_call_moves_it_too() -> None:
    batches = [
        [steps("2026-04-15T10:00:00Z", 100.0, external_id="st-1")],
        [steps("2026-04-15T10:05:00Z", 100.0, external_id="st-1")],
    ]
    store(USER, batches)
    assert values("steps") == [(at("2026-04-15T10:05:00Z"), 100.0)]
    assert Origin.objects.count() == 1


def test_an_edit_does_not_take_a_neighbours_row_away() -> None:
    store(USER, [[steps("2026-04-15T10:00:00Z", 100.0, external_id="a")]])
    store(USER, [[steps("2026-04-15T10:00:00Z", 70.0, external_id="b")]])
    store(USER, [[steps("2026-04-15T12:00:00Z", 50.0, external_id="a")]])
    assert values("steps") == [(at("2026-04-15T10:00:00Z"), 70.0), (at("2026-04-15T12:00:00Z"), 50.0)]


def test_an_older_version_is_ignored() -> None:
    store(USER, [[steps("2026-04-15T10:00:00Z", 100.0, external_id="a", version=5)]])
    (late,) = store(USER, [[steps("2026-04-15T10:00:00Z", 80.0, external_id="a", version=4)]])
    assert counts(late) == (0, 0, 1)
    assert values("steps") == [(at("2026-04-15T10:00:00Z"), 100.0)]


def test_a_deletion_by_id_takes_everything_that_came_under_it() -> None:
    day = DailyRecord(PIXEL, "resting_heart_rate", date(2026, 4, 15), 52.0, external_id="doc")
    workout = WorkoutRecord(PIXEL, "running", at(NIGHT), at(NIGHT) + HOUR, external_id="doc")
    stage = StageRecord(PIXEL, at(NIGHT), at(NIGHT) + 8 * HOUR, "sleeping", external_id="doc")
    score = Score(PIXEL, date(2026, 4, 15), "sleep", 80, 0, 100, external_id="doc")
    store(USER, [[steps(NIGHT, 10.0, external_id="doc"), day, workout, stage, score]])
    assert SleepSession.objects.count() == 1
    assert retract(USER, "google", ["doc"]) == 5
    assert queries.count(USER) == []
    left = [model.objects.filter(user_key=USER).count() for model in (Workout, SleepSession, HealthScore, Origin)]
    assert left == [0, 0, 0, 0]


def test_an_unknown_id_deletes_nothing() -> None:
    store(USER, [[steps(NIGHT, 10.0, external_id="doc")]])
    assert retract(USER, "google", ["other"]) == 0
    assert retract(USER, "samsung", ["doc"]) == 0
    assert len(values("steps")) == 1


def test_a_range_is_deleted_without_its_end() -> None:
    store(USER, [every(MINUTE, NIGHT, 5, source=WATCH, series="heart_rate", value=60.0)])
    stream = Stream.objects.get()
    assert retract_range(USER, stream.id, at(NIGHT) + MINUTE, at(NIGHT) + 3 * MINUTE) == 2
    assert [at_ - at(NIGHT) for at_, _ in values("heart_rate")] == [0, 3 * MINUTE, 4 * MINUTE]


def test_a_vendors_daily_value_is_replaced_not_added() -> None:
    def day(value: float) -> list[DailyRecord]:
        return [DailyRecord(WATCH, "resting_heart_rate", date(2026, 4, 15), value, zone=120)]

    first, again, other = store(USER, [day(52.0), day(52.0), day(50.0)])
    assert [counts(first), counts(again), counts(other)] == [(1, 0, 0), (0, 0, 1), (0, 1, 0)]
    assert values("resting_heart_rate") == [(at("2026-04-14T22:00:00Z"), 50.0)]


def test_a_workout_seen_with_and_without_an_id_is_one() -> None:
    start = at(NIGHT)
    with_id = WorkoutRecord(WATCH, "running", start, start + HOUR, external_id="hk-1", distance_meters=5200.0)
    without_id = WorkoutRecord(WATCH, "running", start + 400, start + HOUR, distance_meters=5200.0)
    store(USER, [[without_id]])
    known = Workout.objects.get().id
    store(USER, [[with_id], [without_id]])
    assert Workout.objects.get().id == known
    assert Workout.objects.get().external_id == "hk-1"


def test_a_workout_known_by_its_id_gets_only_its_gaps_filled_by_one_without() -> None:
    start, end = at("2026-04-15T06:00:00Z"), at("2026-04-15T06:35:00Z")
    known = WorkoutRecord(WATCH, "running", start + 400, end, 120, "w-1", distance_meters=5200.0, laps=[{"n": 1}])
    poorer = WorkoutRecord(WATCH, "other", start, end, distance_meters=5000.0, calories_kcal=342.0)
    results = [store(USER, [[record]])[0] for record in (known, poorer, poorer)]
    assert [counts(result) for result in results] == [(1, 0, 0), (0, 1, 0), (0, 0, 1)]
    row = Workout.objects.get(user_key=USER)
    assert (row.type, row.distance_meters, row.calories_kcal, row.zone, row.laps) == (
        "running", 5200.0, 342.0, 120, [{"n": 1}],
    )  # fmt: skip


def test_a_stage_and_a_day_without_a_zone_do_not_take_the_known_one_away() -> None:
    stage = StageRecord(WATCH, at(NIGHT), at(NIGHT) + HOUR, "deep", zone=120)
    day = DailyRecord(WATCH, "resting_heart_rate", date(2026, 4, 15), 52.0, zone=120)
    bare = [StageRecord(WATCH, stage.start, stage.end, "deep"), DailyRecord(WATCH, day.series, day.day, 52.0)]
    results = [store(USER, [records])[0] for records in ([stage, day], bare)]
    assert [counts(result) for result in results] == [(2, 0, 0), (0, 0, 2)]


def test_a_workout_sent_again_is_unchanged() -> None:
    workout = WorkoutRecord(WATCH, "running", at(NIGHT), at(NIGHT) + HOUR, external_id="hk-1", details={"a": 1.5})
    first, again = store(USER, [[workout], [workout]])
    (third,) = store(USER, [[workout]])
    assert [counts(first), counts(again), counts(third)] == [(1, 0, 0), (0, 0, 1), (0, 0, 1)]


def test_a_night_keeps_its_id_while_it_grows_and_when_two_parts_join() -> None:
    store(USER, [night((0, 60, "light"), (60, 120, "deep"))])
    known = SleepSession.objects.get().id
    store(USER, [night((300, 360, "rem"))])
    assert SleepSession.objects.count() == 2
    (joined,) = store(USER, [night((120, 300, "light"))])
    session = SleepSession.objects.get()
    assert session.id == known
    assert session.sleep_seconds == 360 * 60
    assert joined.changes.sleep_updated == [session.key]


def test_a_nights_averages_follow_samples_that_come_later_and_go_again() -> None:
    store(USER, [night((0, 480, "sleeping"))])
    store(USER, [every(MINUTE, NIGHT, 60, source=WATCH, series="heart_rate", value=50.0)])
    store(USER, [[Sample(PHONE, "spo2", at(NIGHT) + HOUR, 97.0), Sample(PIXEL, "spo2", at(NIGHT) + HOUR, 80.0)]])
    session = SleepSession.objects.get()
    assert (session.avg_heart_rate_bpm, session.avg_spo2_percent) == (50.0, 97.0)
    stream = Stream.objects.get(series="heart_rate")
    retract_range(USER, stream.id, at(NIGHT), at(NIGHT) + HOUR)
    assert SleepSession.objects.get().avg_heart_rate_bpm is None


def test_our_own_score_comes_and_goes_with_the_night() -> None:
    stages = night((0, 240, "light"), (240, 340, "deep"), (340, 450, "rem"), source=PIXEL)
    rows = [StageRecord(r.source, r.start, r.end, r.stage, zone=120, external_id=f"s{i}") for i, r in enumerate(stages)]
    (result,) = store(USER, [rows])
    score = HealthScore.objects.get(provider="wearlink")
    assert (score.category, score.day, score.algorithm) == ("sleep", date(2026, 4, 15), "wearlink-sleep")
    assert result.changes.scores_created == [score.key]
    for number in range(3):
        retract(USER, "google", [f"s{number}"])
    assert not HealthScore.objects.exists()
    assert not SleepSession.objects.exists()


def test_an_edited_stage_leaves_its_old_place() -> None:
    def row(end: int) -> list[StageRecord]:
        return [StageRecord(PIXEL, at(NIGHT), at(NIGHT) + end * MINUTE, "sleeping", external_id="ss-2")]

    store(USER, [row(300)])
    (result,) = store(USER, [row(240)])
    assert counts(result) == (0, 1, 0)
    assert SleepSession.objects.get().sleep_seconds == 240 * 60


@pytest.mark.parametrize("split", [1, 3])
def test_days_follow_the_rows_own_zone_else_the_users(split: int) -> None:
    """India's half hour: 18:29Z is still the 14th, 18:30Z the 15th, whatever chunk they lie in."""
    UserZone.objects.create(user_key=USER, valid_from=0, zone="Asia/Kolkata")
    samples = [
        Sample(WATCH, "steps", at("2026-04-14T18:29:00Z"), 10.0, MINUTE),
        Sample(WATCH, "steps", at("2026-04-14T18:30:00Z"), 100.0, MINUTE),
        Sample(WATCH, "steps", at("2026-04-14T18:31:00Z"), 1000.0, MINUTE, zone=0),
    ]
    store(USER, [samples[:split], samples[split:]])
    figures = queries.day_figures(USER, series=["steps"], first=date(2026, 4, 14), last=date(2026, 4, 15))
    assert {day.day: figure[0].value for (_, day), figure in figures.items()} == {14: 1010.0, 15: 100.0}


def test_a_day_of_23_hours_has_what_fell_into_it() -> None:
    """Berlin, 29 March 2026: the day begins at 23:00Z and ends at 22:00Z."""
    UserZone.objects.create(user_key=USER, valid_from=0, zone="Europe/Berlin")
    store(USER, [every(30 * MINUTE, "2026-03-28T20:00:00Z", 60, source=WATCH, series="steps", value=1.0)])
    figures = queries.day_figures(USER, series=["steps"], first=date(2026, 3, 28), last=date(2026, 3, 30))
    assert {day.day: figure[0].value for (_, day), figure in figures.items()} == {28: 6.0, 29: 46.0, 30: 8.0}


def test_dense_hours_add_up_to_the_same_day_as_sparse_ones() -> None:
    UserZone.objects.create(user_key=USER, valid_from=0, zone="Asia/Kolkata")
    store(USER, [every(30_000, "2026-04-14T12:00:00Z", 2880, source=WATCH, series="steps", value=1.0)])
    figures = queries.day_figures(USER, series=["steps"], first=date(2026, 4, 14), last=date(2026, 4, 15))
    found = {day.day: (figure[0].value, figure[0].last) for (_, day), figure in figures.items()}
    assert found == {14: (780.0, 1.0), 15: (2100.0, 1.0)}


# --- order, pieces and repeats ----------------------------------------------------------------------------------------


def everything() -> list[Record]:
    """Return one of each kind, without two values for one place."""
    heart = every(7 * MINUTE, "2026-04-14T20:00:00Z", 80, source=WATCH, series="heart_rate", value=55.0)
    walked = every(
        15 * MINUTE, "2026-04-14T18:00:00Z", 60, source=PHONE, series="steps", value=120.0, duration=15 * MINUTE
    )
    stages = night((0, 54, "light"), (54, 144, "deep"), (144, 154, "awake"), (154, 214, "rem"), (214, 300, "sleeping"))
    nap = night((840, 880, "light"))
    overlapping = night((20, 70, "sleeping"), (0, 320, "in_bed"), (54, 60, "awake"))
    return [
        *heart,
        *walked,
        *stages,
        *nap,
        *overlapping,
        DailyRecord(WATCH, "resting_heart_rate", date(2026, 4, 15), 52.0, zone=120),
        WorkoutRecord(WATCH, "running", at(NIGHT), at(NIGHT) + HOUR, external_id="hk-1", distance_meters=5200.0),
        Score(WATCH, date(2026, 4, 15), "sleep", 82, 0, 100),
    ]


def state(user: int) -> list[object]:
    """Return everything a reader could see, but ids and times of writing."""
    sessions = SleepSession.objects.filter(user_key=user).order_by("start")
    fields = ("start", "end", "day", "is_nap", "sleep_seconds", "efficiency_percent", "avg_heart_rate_bpm", "stages")
    scores = HealthScore.objects.filter(user_key=user).order_by("provider", "day")
    return [
        values("heart_rate", user),
        values("steps", user),
        values("resting_heart_rate", user),
        list(sessions.values_list(*fields)),
        list(scores.values_list("provider", "day", "score", "components")),
        list(Workout.objects.filter(user_key=user).values_list("type", "start", "distance_meters")),
    ]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_shuffled_split_and_doubled_delivery_ends_the_same(random: Any, sizes: list[int]) -> None:
    user = 1000 + random.randrange(10**9)
    records = everything()
    store(1, [records])
    delivered = [*records, *random.sample(records, len(records) // 2)]
    random.shuffle(delivered)
    while delivered:
        batches = []
        for size in sizes:
            batches.append(delivered[:size])
            delivered = delivered[size:]
        store(user, batches)
    assert state(user) == state(1)


def test_counts_name_the_first_and_last_instant() -> None:
    store(USER, [every(30 * MINUTE, NIGHT, 100, source=WATCH, series="spo2", value=97.0)])
    (found,) = queries.count(USER)
    assert (found.n, found.first_ms, found.last_ms) == (100, at(NIGHT), at(NIGHT) + 99 * 30 * MINUTE)


def document(*minutes: int, value: float = 120.0, version: int | None = None) -> list[Sample]:
    """Return the heart rate of one activity: many samples under one id."""
    return [
        Sample(PIXEL, "heart_rate", at(NIGHT) + minute * MINUTE, value, external_id="act-1", version=version)
        for minute in minutes
    ]


def test_a_document_of_many_samples_leaves_one_origin_and_is_deleted_by_its_id() -> None:
    store(USER, [document(*range(600)), [Sample(PIXEL, "heart_rate", at(NIGHT) + 700 * MINUTE, 60.0)]])
    assert Origin.objects.count() == 1
    assert retract(USER, "google", ["act-1"]) == 600
    assert values("heart_rate") == [(at(NIGHT) + 700 * MINUTE, 60.0)]
    assert not Origin.objects.exists()


def test_a_new_version_of_a_document_replaces_all_of_the_old() -> None:
    store(USER, [document(*range(10), version=1)])
    store(USER, [document(2, 3, 12, version=2)])
    assert [(moment - at(NIGHT)) // MINUTE for moment, _ in values("heart_rate")] == [2, 3, 12]
    (again,) = store(USER, [document(2, 3, 12, version=2)])
    assert counts(again) == (0, 0, 3)
    (stale,) = store(USER, [document(*range(10), version=1)])
    assert counts(stale) == (0, 0, 10)
    assert len(values("heart_rate")) == 3


def test_a_document_that_shrinks_to_one_sample_leaves_only_that() -> None:
    store(USER, [document(*range(10))])
    store(USER, [document(4)])
    assert [(moment - at(NIGHT)) // MINUTE for moment, _ in values("heart_rate")] == [4]
    assert retract(USER, "google", ["act-1"]) == 1
