"""True numbers: figures of a simulated year against the truth, and what merging, explaining and previewing cost."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from accounts.end_users import users
from accounts.models import UserZone
from healthdata.figures.explain import explain
from healthdata.figures.keep import refresh
from healthdata.figures.preview import preview
from healthdata.merge.preferences import Priority
from healthdata.records import Record
from healthdata.store import store
from healthdata.summaries import Reader, activity, sleep
from tests.bench.cast import reading, tenant, vacuum
from tests.bench.figures import BenchFigure, at_least, at_most, benchmark, median
from tests.bench.ground import Ground
from tests.healthdata.world.devices import FIELDS
from tests.healthdata.world.errors import SIMPLER, Figures, distribution, reported
from tests.healthdata.world.life import Life, live
from tests.healthdata.world.nights import all_added, errors_of_sleep, reported_nights
from wearlink.lib import clock


@benchmark("numbers", order=35)
def numbers(ground: Ground) -> Iterator[BenchFigure]:
    """Yield a year of watch, phone, ring and a copying app, through the store; then what figures of it cost."""
    days = ground.size(365, 20)
    today = clock.now().date()
    life = live(today - timedelta(days=days + 1), days)
    user = users.create(tenant().organization, {})
    UserZone.objects.filter(user_key=user.key).delete()
    UserZone.objects.bulk_create(
        UserZone(user_key=user.key, valid_from=at, zone=zone) for at, zone in life.zones.entries
    )
    sent = reported(life)
    for at in range(0, days, 10):
        store(user.key, [found for _, found in sent[at : at + 10]])
    priority = Priority.cascade()
    begin = time.perf_counter()
    refresh(user.key, [day for day, _ in sent], priority)
    yield BenchFigure(
        "figures of a year computed: a day", (time.perf_counter() - begin) / days * 1000, "ms", at_most(10)
    )
    vacuum()
    shown = figures_of(Reader(user.key, priority), life)
    yield from errors(life, shown, sent)
    yield from sleep_errors(user.key, life)
    last = life.days[-1].day
    yield BenchFigure("cold day computed: p50", timed(lambda: refresh(user.key, [last], priority)), "ms", at_most(10))
    one = timed(lambda: explain(user.key, priority, first=last, last=last))
    yield BenchFigure("explain of a day: p50", one, "ms", at_most(10))
    proposed = Priority.cascade(None, {"*": ["phone"]})
    yield BenchFigure(
        "preview of 30 days: p50", timed(lambda: preview(user.key, priority, proposed), 5), "ms", at_most(400)
    )
    for span, bound in ((30, 9), (200, 28)):
        query = urlencode({"start_date": last - timedelta(days=min(span, days) - 1), "end_date": last})
        found = reading(ground, [f"/api/v1/users/{user.id}/summaries/activity?{query}"], ground.size(60, 5))
        name = f"summaries/activity, two devices, {span} days: p50"
        yield BenchFigure(name, found.p50_ms, "ms", at_most(bound), "", found.cpu_ms)


def figures_of(reader: Reader, life: Life) -> Figures:
    """Return what the summary tells of every day."""
    found = activity(reader, first=life.days[0].day, last=life.days[-1].day)
    return {day.day: {field: day.value_of(field) or 0.0 for field in FIELDS} for day in found}


def errors(life: Life, shown: Figures, sent: Sequence[tuple[date, list[Record]]]) -> Iterator[BenchFigure]:
    """Yield how far each field is from the truth, beside two simpler rules."""
    for field in FIELDS:
        ours = distribution(life, shown, field)
        yield BenchFigure(f"{field}: days within 3 % of the truth", 100 * ours.close, "%", at_least(95))
        yield BenchFigure(f"  {field}: error at 50 % of days", 100 * ours.at(0.5), "%")
        yield BenchFigure(f"  {field}: error at 95 % of days", 100 * ours.at(0.95), "%")
        yield BenchFigure(f"  {field}: furthest above the truth", 100 * ours.largest, "%")
    for name, rule in SIMPLER.items():
        simple = distribution(life, rule(sent), "steps")
        yield BenchFigure(f"  steps by '{name}': days within 3 %", 100 * simple.close, "%")
        yield BenchFigure(f"  steps by '{name}': furthest above", 100 * simple.largest, "%")


def sleep_errors(user_key: int, life: Life) -> Iterator[BenchFigure]:
    """Yield how far the summary's sleep is from the truth."""
    nights = reported_nights(life)
    for night in nights:
        store(user_key, night.batches)
    days = sleep(Reader(user_key, Priority.cascade()), first=life.days[0].day, last=life.days[-1].day)
    shown = {
        day.day: sum(one.sleep_seconds or 0 for one in (*(day.night.parts if day.night else ()), *day.others)) / 60
        for day in days
    }
    for name, found in (("sleep", shown), ("  sleep by 'add all'", all_added(nights))):
        errors = errors_of_sleep(nights, found)
        target = at_least(95) if name == "sleep" else None
        yield BenchFigure(f"{name}: days within 3 % of the truth", 100 * errors.close, "%", target)
        yield BenchFigure(f"  {name.strip()}: furthest above the truth", 100 * errors.largest, "%")


def timed(work: Callable[[], object], times: int = 20) -> float:
    """Middle time of some runs in ms."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return median(found) * 1000
