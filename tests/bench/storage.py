"""Bytes a sample, indexes and dead rows included, after data has arrived in the pieces a phone sends."""

import random
from collections.abc import Iterator

from django.db import connection

from healthdata.records import Sample, SourceInfo
from healthdata.store import store
from tests.bench.cast import DENSE_STEP, dense, people, vacuum
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground

HOUR, DAY = 3_600_000, 86_400_000
START = 1_750_000_000_000 // DAY * DAY
PHONE = SourceInfo("apple", model="iPhone16,1", name="iPhone", device_type="phone")
#: 12 series as a phone without a watch has them: code, lowest value, spread, decimals, an interval?
SPARSE = (
    ("steps", 4, 900, 0, True),
    ("distance_walking_running", 3, 700, 1, True),
    ("active_calories", 1, 60, 1, True),
    ("basal_calories", 50, 20, 1, True),
    ("flights_climbed", 1, 4, 0, True),
    ("walking_speed", 1, 0.6, 2, False),
    ("walking_step_length", 60, 20, 1, False),
    ("walking_asymmetry_percentage", 0, 8, 1, False),
    ("walking_double_support_percentage", 25, 8, 1, False),
    ("headphone_audio_exposure", 50, 30, 1, False),
    ("environmental_audio_exposure", 40, 40, 1, False),
    ("heart_rate", 55, 80, 0, False),
)


@benchmark("storage", order=1)
def storage(ground: Ground) -> Iterator[BenchFigure]:
    """Yield runs first, so that no room left by others makes the tables look small."""
    yield measured("bytes a sample: dense watch", list(_dense(ground.size(600_000, 20_000))), 14)
    yield measured("bytes a sample: sparse phone, 12 series", list(_sparse(ground.size(365, 30))), 60)


def measured(name: str, slices: list[list[Sample]], target: float) -> BenchFigure:
    """Growth of the sample table by these slices, over their samples."""
    (user,) = people(1)
    before = table_size()
    for one in slices:
        store(user.key, [one])
    vacuum()
    number = sum(len(one) for one in slices)
    return BenchFigure(name, (table_size() - before) / number, "B", at_most(target), "264–285 B")


def table_size() -> int:
    """Return bytes of the chunks with their indexes and overlong rows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('healthdata_samplechunk')")
        size: int = cursor.fetchone()[0]
        return size


def _dense(number: int) -> Iterator[list[Sample]]:
    """In syncs of 5,000, so that most hours are written twice."""
    for first in range(0, number, 5_000):
        yield list(dense(START + first * DENSE_STEP, START + (first + 5_000) * DENSE_STEP))


def _sparse(days: int) -> Iterator[list[Sample]]:
    """In syncs of a quarter of a day; 1 to 4 samples an hour and series."""
    chance = random.Random(12)
    for start in range(START, START + days * DAY, DAY // 4):
        yield [sample for hour in range(6) for sample in _hour(start + hour * HOUR, chance)]


def _hour(start: int, chance: random.Random) -> Iterator[Sample]:
    for series, low, spread, decimals, interval in SPARSE:
        for second in sorted(chance.sample(range(3_000), chance.randint(1, 4))):
            value = round(low + spread * chance.random(), decimals)
            duration = chance.randint(30, 600) * 1000 if interval else None
            yield Sample(PHONE, series, start + second * 1000, value, duration, 120)
