"""Reading the data of somebody with 1,000,000 dense samples and 200 days of everything."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from tests.bench import load
from tests.bench.cast import BenchReader, reader, reading, tenant
from tests.bench.figures import BenchFigure, at_most, benchmark
from tests.bench.ground import Ground
from wearlink.lib.clock import rfc3339

DAY = 86_400_000


def timeseries(one: BenchReader, start: int, end: int, **more: str | int) -> str:
    """Return the path of a page of heart rates in [start, end)."""
    query = {"start_time": rfc3339(start), "end_time": rfc3339(end - 1), "types": "heart_rate", "limit": 100, **more}
    return f"{one.path}/timeseries?{urlencode(query)}"


def days_of(one: BenchReader) -> list[tuple[int, int]]:
    """Return every whole UTC day of the dense watch."""
    first, last = one.first // DAY + 1, one.last // DAY
    return [(day * DAY, (day + 1) * DAY) for day in range(first, last)]


@benchmark("timeseries", order=30)
def pages(ground: Ground) -> Iterator[BenchFigure]:
    """Yield pages of one day and of the whole range, a day by the minute."""
    one, times = reader(ground), ground.size(200, 10)
    daily = [timeseries(one, start, end) for start, end in days_of(one)]
    found = reading(ground, daily, times)
    yield BenchFigure(
        "page of 100 of one day, 1,000,000 samples: p50", found.p50_ms, "ms", at_most(5), "23 ms", found.cpu_ms
    )
    whole = [timeseries(one, one.first + shift * 60_000, one.last + 1) for shift in range(20)]
    found = reading(ground, whole, times)
    yield BenchFigure(
        "page of 100 of all 1,000,000, with total_count: p50", found.p50_ms, "ms", at_most(7), "495 ms", found.cpu_ms
    )
    fives = [timeseries(one, one.first + shift * 300_000, one.last + 1, resolution="5min") for shift in range(20)]
    found = reading(ground, fives, ground.size(100, 5))
    yield BenchFigure(
        "first page in 5 min of all 1,000,000, with total: p50", found.p50_ms, "ms", at_most(10), "", found.cpu_ms
    )
    minutes = [timeseries(one, start, end, resolution="1min", limit=1440) for start, end in days_of(one)]
    found = reading(ground, minutes, ground.size(100, 5))
    yield BenchFigure("a day at 1 min, one call: p50", found.p50_ms, "ms", at_most(15), "3.65 s", found.cpu_ms)


@benchmark("cursor", order=31)
def cursor(ground: Ground) -> Iterator[BenchFigure]:
    """100 pages of 100, one after the other."""
    one, number = reader(ground), ground.size(100, 10)
    head = load.head("GET", timeseries(one, one.first, one.last + 1), tenant().credentials)
    outcome = load.play([load.ClientJob(ground.web(), [(head, None)], pages=number)])
    yield BenchFigure(f"{number} pages by cursor over all 1,000,000", outcome.seconds, "s", at_most(1), "52.6 s")


@benchmark("summaries", order=32)
def summaries(ground: Ground) -> Iterator[BenchFigure]:
    """Yield summaries and events by days, and what is stored."""
    one, times = reader(ground), ground.size(60, 5)

    def days(number: int, back: int) -> str:
        last = one.today - timedelta(days=back)
        return urlencode({"start_date": last - timedelta(days=number - 1), "end_date": last})

    activity = f"{one.path}/summaries/activity?"
    found = reading(ground, [activity + days(30, back) for back in range(10)], times)
    yield BenchFigure("summaries/activity, 30 days: p50", found.p50_ms, "ms", at_most(8), "133 ms", found.cpu_ms)
    found = reading(ground, [activity + days(200, 0)], times)
    yield BenchFigure("summaries/activity, 200 days: p50", found.p50_ms, "ms", at_most(25), "705 ms", found.cpu_ms)
    nights = [f"{one.path}/events/sleep?{days(30, back)}" for back in range(10)]
    found = reading(ground, nights, times)
    yield BenchFigure("events/sleep, 30 days: p50", found.p50_ms, "ms", at_most(8), "25 ms", found.cpu_ms)
    found = reading(ground, [f"{one.path}/summaries/data"], times)
    yield BenchFigure("summaries/data: p50", found.p50_ms, "ms", at_most(8), "144 ms", found.cpu_ms)
